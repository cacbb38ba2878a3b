//! `strongroom snapshots`

use serde_json::json;
use strongroom_core::Error;

use crate::{
    Ending,
    args::Snapshots,
    show::{count, damage, left, left_json, name, size, time},
    vault::{World, open},
};

pub fn run(args: &Snapshots, json: bool) -> Result<Ending, Error> {
    let opened = open(&args.vault, &args.secret, World::Nothing)?;
    let damaged = damage(opened.vault.damaged());
    left("damaged", &damaged, damaged.len() as u64);
    let snapshots = opened.vault.snapshots();
    if json {
        let snapshots = snapshots.iter().map(|snapshot| {
            json!({
                "id": snapshot.id.to_string(), "time": snapshot.time, "label": snapshot.label, "writer": snapshot.writer,
                "files": snapshot.files, "folders": snapshot.folders, "bytes": snapshot.bytes, "left": snapshot.left,
                "head": snapshot.head,
            })
        });
        let snapshots: Vec<_> = snapshots.collect();
        println!("{}", json!({ "vault": opened.vault.id().to_string(), "snapshots": snapshots, "damaged": left_json(&damaged) }));
    } else {
        for snapshot in &snapshots {
            let left = if snapshot.left == 0 { String::new() } else { format!("  {} left out", count(snapshot.left)) };
            let (id, files) = (snapshot.id.to_string(), count(snapshot.files));
            println!(
                "{}  {}  {files:>10} files  {:>12}{left}  {}",
                &id[..12],
                time(snapshot.time),
                size(snapshot.bytes),
                name(snapshot.label.as_bytes())
            );
        }
        if snapshots.is_empty() {
            println!("This vault holds no snapshot yet.");
        }
    }
    Ok(if damaged.is_empty() { Ending::Whole } else { Ending::Partial })
}
