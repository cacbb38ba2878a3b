//! `strongroom restore`

use std::sync::Arc;

use serde_json::json;
use strongroom_core::{Error, Restore as Machine, RestoreOptions};

use crate::{
    Ending,
    args::Restore,
    failed,
    host::{Sink, seed},
    show::{count, left, left_json, names, size},
    vault::{World, open},
    watch,
};

pub fn run(args: &Restore, json: bool) -> Result<Ending, Error> {
    let sink = Arc::new(Sink::new(&args.to, args.overwrite).map_err(failed)?);
    let opened = open(&args.vault, &args.secret, World::Sink(Arc::clone(&sink)))?;
    let snapshot = opened.snapshot(&args.snapshot)?;
    let selection = if args.paths.is_empty() { vec![Vec::new()] } else { args.paths.iter().map(|path| names(path)).collect() };
    let options = RestoreOptions { lanes: opened.host.lanes(), resume: sink.resumes(), ..RestoreOptions::default() };
    let mut machine = Machine::new(&opened.vault, snapshot.id, selection, options, seed()?);
    let report = watch::run(&opened.host, &mut machine, json)?;
    let times = sink.finish().inspect_err(|error| eprintln!("time not set: {}", error.message));
    left("damaged", &report.damaged, report.damaged_count);
    let (files, place) = (count(report.files), args.to.display());
    if json {
        let report = json!({
            "snapshot": snapshot.id.to_string(), "to": args.to.to_string_lossy(),
            "files": report.files, "folders": report.folders, "bytes": report.bytes,
            "thereFiles": report.there_files, "thereBytes": report.there_bytes,
            "damaged": left_json(&report.damaged), "damagedCount": report.damaged_count,
        });
        println!("{report}");
    } else {
        println!("Restored {files} files, {}, of snapshot {} to {place}.", size(report.bytes), &snapshot.id.to_string()[..12]);
        if report.there_files > 0 {
            let (files, bytes) = (count(report.there_files), size(report.there_bytes));
            println!("{files} more, {bytes}, were there already, are what was backed up, and were left as they are.");
        }
        if report.damaged_count > 0 {
            println!("{} could not be restored; each is named above.", count(report.damaged_count));
        }
    }
    Ok(if report.damaged_count == 0 && times.is_ok() { Ending::Whole } else { Ending::Partial })
}
