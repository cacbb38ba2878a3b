//! What `--exclude` and `--include` leave out and take is what the same patterns do on the page.

use std::fs;

use crate::bench::Bench;

/// The paths of the files in the newest snapshot.
fn restored(bench: &Bench, to: &str) -> Vec<String> {
    let (tree, ended) = bench.restore(to, []);
    assert_eq!(ended.code, 0, "{ended:?}");
    tree.into_iter().filter(|(_, (data, _))| data.is_some()).map(|(path, _)| String::from_utf8_lossy(&path).into_owned()).collect()
}

#[test]
fn patterns_leave_out_and_take_by_name_and_by_path_exclusion_wins_and_the_report_counts_what_is_left_out() {
    let bench = Bench::new();
    for file in ["keep.txt", "Disk.ISO", "node_modules/a.js", "inner/node_modules", "inner/tmp/x.txt", "tmp/kept.txt", "inner/b.txt"] {
        let path = bench.path("source").join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, file).expect("written");
    }
    let source = bench.shown("source");
    let ended = bench.run(["backup", "--exclude", "*.iso", "--exclude", "node_modules/", "--exclude", "/source/inner/tmp", &source]);
    assert_eq!((ended.code, &ended.json["excludedFiles"]), (0, &3.into()), "{ended:?}");
    // A file of that name is no folder, and a folder elsewhere is not at that path.
    assert_eq!(restored(&bench, "one"), ["source/inner/b.txt", "source/inner/node_modules", "source/keep.txt", "source/tmp/kept.txt"]);

    let ended = bench.run(["backup", "--include", "*.txt", "--exclude", "source/tmp/", &source]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(restored(&bench, "two"), ["source/inner/b.txt", "source/inner/tmp/x.txt", "source/keep.txt"]);
}

#[test]
fn a_pattern_that_is_none_is_refused_with_what_is_wrong_and_nothing_is_stored() {
    let bench = Bench::new();
    fs::create_dir(bench.path("source")).expect("made");
    let before = bench.objects("snap");
    let ended = bench.run(["backup", "--exclude", "", &bench.shown("source")]);
    assert_eq!((ended.code, &ended.json["error"]["code"]), (1, &"bad_request".into()), "{ended:?}");
    assert_eq!(bench.objects("snap"), before);
}
