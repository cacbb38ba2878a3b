//! Whatever happens to the objects of a vault is found, named, and costs no more than it must.

use std::fs;

use crate::bench::{Bench, Ended, flip, noise, tree};

/// Two backups of some files; the second after an edit.
fn vault() -> Bench {
    let bench = Bench::new();
    fs::create_dir(bench.path("source")).expect("made");
    for number in 0..40 {
        fs::write(bench.path(&format!("source/file {number}")), noise(number + 1, 600_000)).expect("written");
    }
    bench.back_up();
    fs::write(bench.path("source/file 0"), "changed").expect("written");
    bench.back_up();
    bench
}

/// Restores, and nothing that came back is wrong. Returns how many files did not.
fn lost(bench: &Bench, to: &str) -> (usize, Ended) {
    let source = tree(&bench.path("source"));
    let (restored, ended) = bench.restore(to, []);
    let (source, restored) = (files(source, ""), files(restored, "source/"));
    assert!(restored.iter().all(|(name, content)| source.get(name) == Some(content)), "something wrong was restored");
    (source.len() - restored.len(), ended)
}

fn files(tree: crate::bench::Tree, prefix: &str) -> std::collections::BTreeMap<Vec<u8>, Vec<u8>> {
    let name = |name: Vec<u8>| name.strip_prefix(prefix.as_bytes()).map(<[u8]>::to_vec);
    tree.into_iter().filter_map(|(path, (content, _))| Some((name(path)?, content?))).collect()
}

#[test]
fn a_flipped_byte_in_a_pack_is_named_and_the_other_files_are_restored() {
    let bench = vault();
    let pack = bench.objects("pack").into_iter().max_by_key(|path| path.metadata().expect("there").len()).expect("a pack");
    flip(&pack);
    let name = format!("pack/{}", pack.file_name().expect("a name").to_str().expect("hex"));
    let verified = bench.run(["verify", "--data"]);
    assert_eq!(verified.code, 3, "{verified:?}");
    assert!(verified.errors.contains(&name), "{verified:?}");
    let (lost, ended) = lost(&bench, "out");
    assert!(lost <= 4, "{lost} files lost to one byte");
    assert_eq!(ended.code, if lost == 0 { 0 } else { 3 }, "{ended:?}");
    assert_eq!(ended.json["damagedCount"], lost);
}

#[test]
fn a_missing_pack_is_named_and_verify_says_which_files_need_it() {
    let bench = vault();
    let pack = bench.objects("pack").into_iter().max_by_key(|path| path.metadata().expect("there").len()).expect("a pack");
    fs::remove_file(&pack).expect("removed");
    let name = format!("pack/{}", pack.file_name().expect("a name").to_str().expect("hex"));
    let verified = bench.run(["verify"]);
    assert_eq!(verified.code, 3, "{verified:?}");
    assert!(verified.errors.contains(&name), "{verified:?}");
    let (lost, ended) = lost(&bench, "out");
    assert_eq!((ended.code, &ended.json["damagedCount"]), (3, &lost.into()), "{ended:?}");
}

#[test]
fn a_flipped_byte_in_an_index_is_named_and_the_packs_tell_for_themselves() {
    let bench = vault();
    for index in bench.objects("index") {
        flip(&index);
        let name = format!("index/{}", index.file_name().expect("a name").to_str().expect("hex"));
        let verified = bench.run(["verify"]);
        assert_eq!(verified.code, 3, "{verified:?}");
        assert!(verified.errors.contains(&name), "{verified:?}");
    }
    let (lost, ended) = lost(&bench, "out");
    assert_eq!(lost, 0, "{ended:?}");
}

#[test]
fn a_flipped_byte_in_the_history_is_named_and_the_other_snapshots_stay() {
    let bench = vault();
    let listed = bench.run(["snapshots"]).json;
    let newest = listed["snapshots"][0]["id"].as_str().expect("an id").to_owned();
    let node = bench.objects("snap").into_iter().find(|path| path.ends_with(&newest)).expect("the node");
    flip(&node);
    let listed = bench.run(["snapshots"]);
    assert_eq!((listed.code, listed.json["snapshots"].as_array().map(Vec::len)), (3, Some(1)), "{listed:?}");
    assert!(listed.errors.contains(&format!("snap/{newest}")), "{listed:?}");
    assert_eq!(bench.restore("out", []).1.code, 0);
}

#[test]
fn a_damaged_slot_does_not_open_and_the_other_slot_does() {
    let bench = vault();
    flip(&bench.objects("slot")[0]);
    let refused = bench.run(["snapshots"]);
    assert!(matches!(refused.code, 1 | 4), "{refused:?}");
    assert_eq!(bench.run(["snapshots", "--recovery-phrase-file", &bench.shown("phrase")]).code, 0);
}

#[test]
fn an_object_that_was_cut_short_is_named() {
    let bench = vault();
    let index = bench.objects("index").remove(0);
    let bytes = fs::read(&index).expect("readable");
    fs::write(&index, &bytes[..bytes.len() / 2]).expect("written");
    let verified = bench.run(["verify"]);
    assert_eq!(verified.code, 3, "{verified:?}");
    assert!(verified.errors.contains("index/"), "{verified:?}");
}
