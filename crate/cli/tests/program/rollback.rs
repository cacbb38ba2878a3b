//! A storage that is set back to an older state is noticed by a computer that has seen a newer one, and by no other.

use std::{fs, path::Path};

use crate::bench::Bench;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

#[test]
fn a_vault_that_was_set_back_is_warned_of_read_all_the_same_and_backed_up_into_only_on_purpose() {
    let bench = Bench::new();
    fs::create_dir(bench.path("source")).expect("made");
    fs::write(bench.path("source/file"), "first").expect("written");
    bench.back_up();
    copy(&bench.path("vault"), &bench.path("older"));
    fs::write(bench.path("source/file"), "second").expect("written");
    let newer = bench.back_up();
    let lost = format!("snap/{}", newer["snapshot"].as_str().expect("a name"));
    assert!(!bench.run(["snapshots"]).errors.contains(&lost), "nothing is lost yet");

    fs::remove_dir_all(bench.path("vault")).expect("removed");
    fs::rename(bench.path("older"), bench.path("vault")).expect("moved");
    for _ in 0..2 {
        let listed = bench.run(["snapshots"]);
        assert!(listed.errors.contains(&lost), "{listed:?}");
        assert_eq!(listed.json["snapshots"].as_array().map(Vec::len), Some(1));
    }
    let (restored, ended) = bench.restore("restored", []);
    assert_eq!((ended.code, restored[&b"source/file"[..].to_vec()].0.as_deref()), (0, Some(&b"first"[..])), "{ended:?}");
    assert!(ended.errors.contains(&lost), "{ended:?}");
    let refused = bench.run(["backup", &bench.shown("source")]);
    assert_eq!((refused.code, &refused.json["error"]["code"]), (1, &"rolled_back".into()), "{refused:?}");
    assert!(refused.errors.contains("--accept-rollback"), "{refused:?}");

    let accepted = bench.run(["backup", "--accept-rollback", &bench.shown("source")]);
    assert_eq!(accepted.code, 0, "{accepted:?}");
    let listed = bench.run(["snapshots"]);
    assert_eq!((listed.code, listed.errors.contains(&lost)), (0, false), "{listed:?}");

    // A computer that never saw it has nothing to miss.
    fs::remove_dir_all(bench.state.path()).expect("removed");
    assert_eq!(bench.run(["snapshots"]).code, 0);
}
