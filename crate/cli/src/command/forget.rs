//! `strongroom forget`

use serde_json::json;
use strongroom_core::{Code, Error, Forget as Machine, Forgotten, KeepRules, Kept, Verdict};

use crate::{
    Ending,
    args::{Forget, KeepArgs},
    ask,
    host::seed,
    memory,
    show::{name, size, time},
    vault::{Opened, World, open},
};

pub fn run(args: &Forget, json: bool) -> Result<Ending, Error> {
    let opened = open(&args.vault, &args.secret, World::Nothing)?;
    ask::not_rolled_back(&opened)?;
    let what = what(args, &opened)?;
    let shown = forget(&opened, what.clone(), true)?.verdicts;
    let gone = shown.iter().filter(|verdict| verdict.kept.is_empty()).count();
    if !json {
        shown.iter().for_each(show);
    }
    let mut node = None;
    if !args.dry_run && gone > 0 {
        ask::sure(&format!("Forget {gone} snapshots? They are erased by a later prune, after its delay."), args.yes)?;
        // By name: what is forgotten is what was shown.
        let names = shown.iter().filter(|verdict| verdict.kept.is_empty()).map(|verdict| verdict.snapshot.id).collect();
        node = forget(&opened, Forgotten::Named(names), false)?.node;
        memory::keep(&opened.vault, false)?;
    }
    if json {
        let verdict = |verdict: &Verdict| {
            let snapshot = &verdict.snapshot;
            json!({ "id": snapshot.id.to_string(), "time": snapshot.time, "label": snapshot.label, "kept": verdict.kept })
        };
        let snapshots: Vec<_> = shown.iter().map(verdict).collect();
        println!("{}", json!({ "snapshots": snapshots, "forgotten": gone, "node": node.map(|node| node.to_string()) }));
    } else {
        let done = if node.is_some() { "forgotten. `strongroom prune` frees what only they needed" } else { "would be forgotten" };
        println!("{gone} of {} snapshots {done}.", shown.len());
    }
    Ok(Ending::Whole)
}

fn forget(opened: &Opened, what: Forgotten, dry_run: bool) -> Result<strongroom_core::ForgetReport, Error> {
    opened.host.run(&mut Machine::new(&opened.vault, what, dry_run, seed()?), |_| {})
}

fn what(args: &Forget, opened: &Opened) -> Result<Forgotten, Error> {
    let rules = rules(&args.keep);
    if args.snapshots.is_empty() && rules.is_empty() {
        let message = "Say which snapshots to forget, or which to keep, such as --keep-daily 14 --keep-monthly 12.";
        return Err(Error::new(Code::BadRequest, message));
    }
    if args.snapshots.is_empty() {
        return Ok(Forgotten::Rules(rules));
    }
    let names = args.snapshots.iter().map(|wanted| opened.snapshot(wanted).map(|snapshot| snapshot.id));
    Ok(Forgotten::Named(names.collect::<Result<_, _>>()?))
}

fn rules(keep: &KeepArgs) -> KeepRules {
    KeepRules {
        last: keep.keep_last,
        hourly: keep.keep_hourly,
        daily: keep.keep_daily,
        weekly: keep.keep_weekly,
        monthly: keep.keep_monthly,
        yearly: keep.keep_yearly,
        within: keep.keep_within,
        tags: keep.keep_tag.clone(),
    }
}

fn show(verdict: &Verdict) {
    let snapshot = &verdict.snapshot;
    let why = |kept: &Kept| match kept {
        Kept::Last => "last",
        Kept::Hourly => "hourly",
        Kept::Daily => "daily",
        Kept::Weekly => "weekly",
        Kept::Monthly => "monthly",
        Kept::Yearly => "yearly",
        Kept::Within => "within",
        Kept::Tag => "tag",
    };
    let why: Vec<&str> = verdict.kept.iter().map(why).collect();
    let verdict = if why.is_empty() { "forget".to_owned() } else { format!("keep ({})", why.join(", ")) };
    let id = snapshot.id.to_string();
    println!("{}  {}  {:>12}  {verdict:<24}  {}", &id[..12], time(snapshot.time), size(snapshot.bytes), name(snapshot.label.as_bytes()));
}
