//! `strongroom verify`

use serde_json::json;
use strongroom_core::{Error, Verify as Machine, VerifyOptions};

use crate::{
    Ending,
    args::Verify,
    show::{count, left, left_json, size},
    vault::{World, open},
    watch,
};

pub fn run(args: &Verify, json: bool) -> Result<Ending, Error> {
    let opened = open(&args.vault, &args.secret, World::Nothing)?;
    let mut machine = Machine::new(&opened.vault, VerifyOptions { data: args.data, lanes: opened.host.lanes() });
    let report = watch::run(&opened.host, &mut machine, json)?;
    left("damaged", &report.damaged, report.damaged_count);
    if json {
        let report = json!({
            "data": args.data, "snapshots": report.snapshots, "indexes": report.indexes, "packs": report.packs,
            "blobs": report.blobs, "bytes": report.bytes,
            "damaged": left_json(&report.damaged), "damagedCount": report.damaged_count,
        });
        println!("{report}");
    } else {
        let (snapshots, packs, blobs) = (count(report.snapshots), count(report.packs), count(report.blobs));
        println!("Checked {snapshots} snapshots, {packs} packs ({}), {blobs} blobs.", size(report.bytes));
        match report.damaged_count {
            0 if args.data => println!("Every byte is what was written."),
            0 => println!("Everything that the snapshots need is there. `--data` checks every byte too."),
            damaged => println!("{} damaged or missing; each is named above.", count(damaged)),
        }
    }
    Ok(if report.damaged_count == 0 { Ending::Whole } else { Ending::Partial })
}
