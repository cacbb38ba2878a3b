use crate::{Place, Request, Wire, list_query, parse_list};

/// More folders than this are not ours to go through.
const MOST: usize = 1000;

/// What lies directly under the prefix, as names without the slash: one small request for each.
///
/// # Errors
/// A sentence: it gives no list.
pub async fn folders<W: Wire>(wire: &W, place: &Place) -> Result<Vec<String>, String> {
    let mut found: Vec<String> = Vec::new();
    let mut after = None;
    while found.len() < MOST {
        let request = Request { method: "GET", key: "", query: list_query(place.prefix(), after.as_deref(), 1), headers: vec![] };
        let answer = wire.send(request.method, &wire.presign(&request), &request.headers, &[]).await?;
        if !answer.is_success() {
            return Err(format!("it does not give a list ({}): {}", answer.reason(), answer.remedy()));
        }
        let (page, _) = parse_list(&answer.body, place.prefix()).ok_or("its list is none")?;
        let Some(first) = page.into_iter().next() else { break };
        after = Some(match first.name.split_once('/') {
            // The character after the slash: past everything in that folder.
            Some((folder, _)) => {
                found.push(folder.to_owned());
                format!("{folder}0")
            }
            None => first.name,
        });
    }
    Ok(found)
}
