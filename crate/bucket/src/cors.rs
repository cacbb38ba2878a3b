//! Whether a bucket lets a page of some origin in: asked as a browser asks.

use crate::{Place, Request, Wire, advice::HEADERS};

/// What the bucket would answer a browser's question before a PUT and a GET from `origin`: what is wrong, a sentence each.
///
/// # Errors
/// A sentence: no answer came.
pub async fn check<W: Wire>(wire: &W, place: &Place, origin: &str) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for method in ["PUT", "GET"] {
        let key = place.key("probe/cors");
        let url = wire.presign(&Request { method, key: &key, query: vec![], headers: vec![] });
        let asked = if method == "PUT" { HEADERS.join(",") } else { "range".to_owned() };
        let headers = [
            ("origin", origin.to_owned()),
            ("access-control-request-method", method.to_owned()),
            ("access-control-request-headers", asked.clone()),
        ];
        let answer = wire.send("OPTIONS", &url, &headers, &[]).await?;
        let allows = |name: &str, wanted: &str| {
            let given = answer.header(name).unwrap_or_default();
            given.split(',').any(|one| one.trim() == "*" || one.trim().eq_ignore_ascii_case(wanted))
        };
        if !answer.is_success() || !allows("access-control-allow-origin", origin) {
            wrong.push(format!("It lets no page of {origin} do a {method} ({}).", answer.reason()));
            continue;
        }
        if !allows("access-control-allow-methods", method) {
            wrong.push(format!("It does not name {method} among what pages of {origin} may do."));
        }
        let missing: Vec<&str> = asked.split(',').filter(|name| !allows("access-control-allow-headers", name)).collect();
        if !missing.is_empty() {
            wrong.push(format!("It lets pages of {origin} send no {} with a {method}.", missing.join(", ")));
        }
    }
    Ok(wrong)
}
