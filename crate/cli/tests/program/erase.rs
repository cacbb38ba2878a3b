//! Forget, prune and erasures: what would go is said first, nothing goes before the delay, and what is called off comes back.

use std::fs;

use crate::bench::{Bench, noise};

/// Two snapshots of which the second has one file less, and of which the first is forgotten.
fn forgotten(bench: &Bench) -> String {
    fs::create_dir(bench.path("source")).expect("made");
    for number in 0..8 {
        fs::write(bench.path("source").join(format!("{number}")), noise(number, 300_000)).expect("written");
    }
    let first = bench.back_up()["snapshot"].as_str().expect("an id").to_owned();
    for number in 2..8 {
        fs::remove_file(bench.path("source").join(format!("{number}"))).expect("removed");
    }
    bench.back_up();
    let asked = bench.run(["forget", "--keep-last", "1"]);
    assert_eq!((asked.code, &asked.json["error"]["code"]), (1, &"cancelled".into()), "nobody is there to say yes: {asked:?}");
    let dry = bench.run(["forget", "--keep-last", "1", "--dry-run"]);
    assert_eq!((dry.code, &dry.json["forgotten"], &dry.json["node"]), (0, &1.into(), &serde_json::Value::Null), "{dry:?}");
    assert_eq!(bench.run(["snapshots"]).json["snapshots"].as_array().map(Vec::len), Some(2));
    let done = bench.run(["forget", "--keep-last", "1", "--yes"]);
    assert_eq!((done.code, &done.json["snapshots"][1]["id"]), (0, &first.clone().into()), "{done:?}");
    assert_eq!(bench.run(["snapshots"]).json["snapshots"].as_array().map(Vec::len), Some(1));
    first
}

fn bytes(bench: &Bench) -> u64 {
    fn below(folder: &std::path::Path) -> u64 {
        let size = |entry: fs::DirEntry| if entry.path().is_dir() { below(&entry.path()) } else { entry.metadata().expect("there").len() };
        fs::read_dir(folder).expect("a folder").map(|entry| size(entry.expect("readable"))).sum()
    }
    below(&bench.path("vault"))
}

#[test]
fn what_was_forgotten_is_shown_then_doomed_then_erased_after_the_delay() {
    let bench = Bench::new();
    forgotten(&bench);
    let before = bytes(&bench);
    let dry = bench.run(["prune", "--dry-run"]);
    assert_eq!(dry.code, 0, "{dry:?}");
    assert!(dry.json["plan"]["bytesFreed"].as_u64() > Some(1_000_000), "{dry:?}");
    assert_eq!(bytes(&bench), before);
    assert_eq!(bench.run(["prune"]).json["error"]["code"], "cancelled");
    let pruned = bench.run(["prune", "--yes"]);
    assert_eq!((pruned.code, pruned.json["tombstone"].is_string()), (0, true), "{pruned:?}");
    assert_eq!(pruned.json["plan"], dry.json["plan"]);
    let again = bench.run(["prune", "--yes"]);
    assert_eq!((&again.json["erased"]["objects"], again.json["waiting"].as_array().map(Vec::len)), (&0.into(), Some(1)), "{again:?}");
    assert!(bytes(&bench) >= before, "nothing is erased before the delay");
    let erased = bench.run(["prune", "--erase-delay", "0s", "--yes"]);
    assert!(erased.code == 0 && erased.json["erased"]["bytes"].as_u64() > Some(1_000_000), "{erased:?}");
    assert!(bytes(&bench) * 2 < before);
    let verified = bench.run(["verify", "--data"]);
    assert_eq!((verified.code, &verified.json["damagedCount"]), (0, &0.into()), "{verified:?}");
    let (restored, ended) = bench.restore("restored", []);
    assert_eq!((ended.code, restored.contains_key(&b"source/1"[..])), (0, true), "{ended:?}");
}

#[test]
fn an_erasure_is_listed_and_called_off_and_the_snapshot_is_back() {
    let bench = Bench::new();
    let first = forgotten(&bench);
    let tombstone = bench.run(["prune", "--yes"]).json["tombstone"].as_str().expect("one").to_owned();
    let listed = bench.run(["erasures"]);
    assert_eq!(
        (&listed.json["erasures"][0]["tombstone"], &listed.json["erasures"][0]["nodes"]),
        (&tombstone.clone().into(), &1.into()),
        "{listed:?}"
    );
    assert_eq!(bench.run(["erasures", "--cancel", "zz"]).json["error"]["code"], "bad_request");
    let cancelled = bench.run(["erasures", "--cancel", &tombstone[..12]]);
    assert_eq!((cancelled.code, &cancelled.json["erasures"]), (0, &serde_json::json!([])), "{cancelled:?}");
    assert_eq!(bench.run(["prune", "--erase-delay", "0s", "--yes"]).json["erased"]["objects"], 0);
    let (restored, ended) = bench.restore("restored", ["--snapshot", &first[..16]]);
    assert_eq!((ended.code, restored.contains_key(&b"source/7"[..])), (0, true), "{ended:?}");
}
