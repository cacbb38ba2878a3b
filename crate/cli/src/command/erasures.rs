//! `strongroom erasures`

use serde_json::json;
use strongroom_core::{CancelErasure, Code, Erasure, Erasures as Machine, Error};

use crate::{
    Ending,
    args::Erasures,
    host::{now, seed},
    memory,
    show::{count, size, time},
    vault::{World, open},
};

pub fn run(args: &Erasures, json: bool) -> Result<Ending, Error> {
    let opened = open(&args.vault, &args.secret, World::Nothing)?;
    let keeper = opened.keeper(&args.delay);
    let mut erasures = opened.host.run(&mut Machine::new(&opened.vault, keeper), |_| {})?;
    let mut cancelled = None;
    if let Some(wanted) = &args.cancel {
        let erasure = one(&erasures, wanted)?;
        let tombstone = erasure.tombstone.clone();
        let name = tombstone.parse().map_err(|_| none(wanted))?;
        opened.host.run(&mut CancelErasure::new(&opened.vault, name, keeper, seed()?), |_| {})?;
        memory::keep(&opened.vault, false)?;
        erasures.retain(|erasure| erasure.tombstone != tombstone);
        cancelled = Some(tombstone);
    }
    if json {
        println!("{}", json!({ "erasures": erasures, "cancelled": cancelled }));
        return Ok(Ending::Whole);
    }
    if let Some(tombstone) = cancelled {
        println!("{} is called off. Its snapshots are back.", &tombstone[..12]);
    }
    for erasure in &erasures {
        let due = match erasure.due {
            Some(due) if due <= now() => "due: the next prune erases it".to_owned(),
            Some(due) => format!("due {}", time(due)),
            None => "not marked yet".to_owned(),
        };
        let (objects, snapshots) = (count(erasure.objects), count(erasure.snapshots));
        println!("{}  {:>12}  {objects} objects, {snapshots} of them snapshots  {due}", &erasure.tombstone[..12], size(erasure.bytes));
    }
    if erasures.is_empty() {
        println!("Nothing is to be erased.");
    }
    Ok(Ending::Whole)
}

fn one<'a>(erasures: &'a [Erasure], wanted: &str) -> Result<&'a Erasure, Error> {
    let mut found = erasures.iter().filter(|erasure| erasure.tombstone.starts_with(wanted));
    match (found.next(), found.next()) {
        (Some(erasure), None) => Ok(erasure),
        (None, _) => Err(none(wanted)),
        (Some(_), Some(_)) => Err(Error::new(Code::BadRequest, format!("Several erasures begin with {wanted}. Give more digits."))),
    }
}

fn none(wanted: &str) -> Error {
    Error::new(Code::BadRequest, format!("No erasure begins with {wanted}. `erasures` lists them."))
}
