//! `strongroom backup`

use serde_json::json;
use strongroom_core::{Backup as Machine, BackupOptions, Baseline, Error, Rules};

use crate::{
    Ending,
    args::Backup,
    memory,
    show::{count, left, left_json, size},
    vault::{World, open},
    watch,
};

pub fn run(args: &Backup, json: bool) -> Result<Ending, Error> {
    // Before a secret is asked for.
    let rules = Rules::parse(&args.exclude, &args.include)?;
    let opened = open(&args.vault, &args.secret, World::Source(args.paths.clone()))?;
    if let Some(error) = &opened.rolled_back
        && !args.accept_rollback
    {
        return Err(Error { message: format!("{} If it was set back on purpose, add --accept-rollback.", error.message), ..error.clone() });
    }
    let options = BackupOptions {
        label: args.label.clone(),
        writer: writer(),
        baseline: if args.reread { Baseline::None } else { Baseline::Latest },
        rules,
        lanes: opened.host.lanes(),
        ..BackupOptions::default()
    };
    let mut machine = Machine::new(&opened.vault, options, crate::host::seed()?);
    let report = watch::run(&opened.host, &mut machine, json)?;
    memory::keep(&opened.vault, opened.rolled_back.is_some())?;
    left("left out", &report.left, report.left_count);
    if json {
        let report = json!({
            "snapshot": report.snapshot.to_string(),
            "milliseconds": report.finished - report.started,
            "files": report.files, "folders": report.folders, "bytes": report.bytes,
            "unchangedFiles": report.unchanged_files, "unchangedBytes": report.unchanged_bytes,
            "filesRead": report.files_read, "bytesRead": report.bytes_read,
            "bytesNew": report.bytes_new, "bytesStored": report.bytes_stored,
            "excludedFiles": report.excluded_files, "excludedBytes": report.excluded_bytes,
            "left": left_json(&report.left), "leftCount": report.left_count,
        });
        println!("{report}");
    } else {
        let snapshot = report.snapshot.to_string();
        println!("Snapshot {}: {} files, {}.", &snapshot[..12], count(report.files), size(report.bytes));
        let (unchanged, read) = (count(report.unchanged_files), count(report.files_read));
        println!(
            "{unchanged} files unchanged, {read} read ({}); {} new, {} stored.",
            size(report.bytes_read),
            size(report.bytes_new),
            size(report.bytes_stored)
        );
        if report.excluded_files > 0 {
            println!("{} files left out by rules ({}).", count(report.excluded_files), size(report.excluded_bytes));
        }
    }
    Ok(if report.left_count == 0 { Ending::Whole } else { Ending::Partial })
}

/// This program on this computer.
fn writer() -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("strongroom {} on {host}", env!("CARGO_PKG_VERSION"))
}
