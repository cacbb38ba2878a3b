//! The real program over real folders: what goes in comes out.

use std::{
    ffi::OsStr,
    fs::{self, File},
    os::unix::{ffi::OsStrExt, fs::symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::bench::{Bench, Ended, Tree, flip, noise, set_time, tree};

/// Files and folders of every sort that a folder can hold.
fn furnish(source: &Path) {
    fs::create_dir_all(source.join("empty/inside")).expect("made");
    fs::create_dir_all(source.join("names")).expect("made");
    let long = "n".repeat(200);
    let names: [&[u8]; 6] =
        ["caf\u{e9}".as_bytes(), "cafe\u{301}".as_bytes(), "🗝 key".as_bytes(), b"\xff\xfe\x01", b" spaces ", long.as_bytes()];
    for (number, name) in names.into_iter().enumerate() {
        let path = source.join("names").join(OsStr::from_bytes(name));
        fs::write(&path, format!("file {number}")).expect("written");
        set_time(&path, 1_600_000_000_001 + number as i64);
    }
    fs::write(source.join("nothing"), b"").expect("written");
    fs::write(source.join("zeros"), vec![0; 5 << 20]).expect("written");
    fs::write(source.join("big"), noise(1, 20 << 20)).expect("written");
    fs::write(source.join("copy of big"), noise(1, 20 << 20)).expect("written");
    fs::write(source.join("text"), "the same line over and over\n".repeat(40_000)).expect("written");
    for number in 0..600 {
        fs::write(source.join(format!("names/small {number}")), noise(number + 2, 100)).expect("written");
    }
    set_time(&source.join("nothing"), -1_500);
    set_time(&source.join("empty/inside"), 1_000_000_000_000);
    set_time(&source.join("empty"), 999);
}

/// The tree as it lies in a snapshot: below the source's own name.
fn below(name: &str, tree: Tree) -> Tree {
    tree.into_iter().map(|(path, entry)| ([name.as_bytes(), b"/", &path].concat(), entry)).collect()
}

/// Everything but the folder that holds it.
fn without(mut tree: Tree, name: &str) -> Tree {
    tree.remove(name.as_bytes());
    tree
}

#[test]
fn what_was_backed_up_is_restored_bit_for_bit_with_names_and_times() {
    let bench = Bench::new();
    let source = bench.path("source");
    furnish(&source);
    let first = bench.back_up();
    let before = below("source", tree(&source));
    assert_eq!(first["files"], 611);
    assert!(first["bytesNew"].as_u64() < Some(26 << 20), "duplicates and zeros are new once: {first}");
    assert!(first["bytesStored"].as_u64() < Some((26 + 32) << 20), "only tails are padded: {first}");

    let again = bench.back_up();
    assert_eq!((&again["filesRead"], &again["unchangedFiles"]), (&0.into(), &611.into()));

    let mut changed = fs::read(source.join("big")).expect("there");
    changed.splice(0..0, *b"in front of everything");
    fs::write(source.join("big"), changed).expect("written");
    fs::remove_file(source.join("zeros")).expect("removed");
    fs::rename(source.join("text"), source.join("renamed")).expect("renamed");
    fs::write(source.join("names/new"), noise(99, 1_000)).expect("written");
    let third = bench.back_up();
    let after = below("source", tree(&source));
    assert_eq!(third["filesRead"], 3);
    assert!(third["bytesNew"].as_u64() < Some(3 << 20), "an insertion at the front costs a few chunks: {third}");

    let (restored, ended) = bench.restore("latest", []);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(without(restored, "source") == after, "the latest snapshot is not what was backed up");
    let id = first["snapshot"].as_str().expect("an id");
    let (restored, ended) = bench.restore("first", ["--snapshot", &id[..16]]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(without(restored, "source") == before, "the first snapshot is not what was backed up");

    let listed = bench.run(["snapshots"]).json;
    let times: Vec<_> = listed["snapshots"].as_array().expect("a list").iter().map(|snapshot| snapshot["time"].as_i64()).collect();
    assert!(times.len() == 3 && times.is_sorted_by(|a, b| a >= b), "newest first: {listed}");
    let verified = bench.run(["verify", "--data"]);
    assert_eq!((verified.code, &verified.json["snapshots"]), (0, &3.into()), "{verified:?}");
}

#[test]
fn the_recovery_phrase_opens_the_vault_too() {
    let bench = Bench::new();
    fs::create_dir(bench.path("source")).expect("made");
    fs::write(bench.path("source/file"), "hello").expect("written");
    bench.back_up();
    let (restored, ended) = bench.restore("out", ["--recovery-phrase-file", &bench.shown("phrase")]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(restored[b"source/file".as_slice()].0.as_deref(), Some(b"hello".as_slice()));
}

#[test]
fn a_folder_of_a_snapshot_is_listed_and_a_part_of_it_restored() {
    let bench = Bench::new();
    fs::create_dir_all(bench.path("source/a/b")).expect("made");
    fs::write(bench.path("source/a/b/one"), "1").expect("written");
    fs::write(bench.path("source/a/two"), "22").expect("written");
    fs::write(bench.path("source/three"), "333").expect("written");
    bench.back_up();
    let listed = bench.run(["ls", "source/a"]).json;
    let shown = |entry: &serde_json::Value| (entry["name"].clone(), entry["folder"].clone(), entry["size"].clone());
    let entries: Vec<_> = listed["entries"].as_array().expect("a list").iter().map(shown).collect();
    assert_eq!(entries, [("b".into(), true.into(), 1.into()), ("two".into(), false.into(), 2.into())]);
    let (restored, ended) = bench.restore("out", ["source/a/b", "source/three"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let files: Vec<_> = restored.iter().filter(|(_, (content, _))| content.is_some()).map(|(name, _)| name.as_slice()).collect();
    assert_eq!(files, [b"source/a/b/one".as_slice(), b"source/three"]);
    assert_eq!(bench.run(["ls", "source/none"]).code, 1);
    let (_, ended) = bench.restore("nowhere", ["source/none"]);
    assert_eq!((ended.code, &ended.json["damaged"][0]["code"]), (3, &"no_such_path".into()), "{ended:?}");
}

#[test]
fn what_is_no_file_is_named_and_the_vault_itself_is_skipped() {
    let bench = Bench::new();
    fs::write(bench.path("file"), "hello").expect("written");
    symlink("/etc/passwd", bench.path("link")).expect("linked");
    let all = bench.path("");
    let ended = bench.run(["backup", all.to_str().expect("plain")]);
    assert_eq!((ended.code, &ended.json["leftCount"]), (3, &1.into()), "{ended:?}");
    assert!(ended.errors.contains("link: It is a symbolic link"), "{ended:?}");
    let (restored, _) = bench.restore("out", []);
    let names: Vec<_> = restored.keys().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    let ends: Vec<_> = names.iter().filter_map(|name| name.split_once('/')).map(|(_, rest)| rest).collect();
    assert_eq!(ends, ["file", "passphrase", "phrase", "vault"]);
}

#[test]
fn restore_replaces_nothing_unless_asked_and_follows_no_link() {
    let bench = Bench::new();
    fs::create_dir_all(bench.path("source/folder")).expect("made");
    fs::write(bench.path("source/folder/inside"), "new").expect("written");
    fs::write(bench.path("source/mine"), "new").expect("written");
    bench.back_up();
    for folder in ["out/source", "outside"] {
        fs::create_dir_all(bench.path(folder)).expect("made");
    }
    fs::write(bench.path("out/source/mine"), "old").expect("written");
    symlink(bench.path("outside"), bench.path("out/source/folder")).expect("linked");
    let (restored, ended) = bench.restore("out", []);
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.errors.contains("links are not followed") && ended.errors.contains("--overwrite"), "{ended:?}");
    assert_eq!(restored[b"source/mine".as_slice()].0.as_deref(), Some(b"old".as_slice()));
    let (restored, _) = bench.restore("out", ["--overwrite"]);
    assert_eq!(restored[b"source/mine".as_slice()].0.as_deref(), Some(b"new".as_slice()));
    assert!(tree(&bench.path("outside")).is_empty());
}

#[test]
fn ctrl_c_ends_a_backup_in_order_and_the_next_one_goes_on() {
    let bench = Bench::new();
    fs::create_dir(bench.path("source")).expect("made");
    fs::write(bench.path("source/big"), noise(1, 160 << 20)).expect("written");
    let mut child = bench.command(["backup", "--json", &bench.shown("source")]);
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    while bench.objects("pack").is_empty() && child.try_wait().expect("a child").is_none() {
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill starts").success());
    let ended = Ended::of(child.wait_with_output().expect("waited for"));
    assert_eq!((ended.code, &ended.json["error"]["code"]), (1, &"cancelled".into()), "{ended:?}");
    assert!(!bench.objects("index").is_empty(), "what is stored is indexed");
    let stored = bench.back_up()["bytesStored"].as_u64();
    assert!(stored < Some(160 << 20), "{stored:?} stored again");
}

#[test]
fn a_killed_backup_loses_nothing_and_sends_nothing_twice() {
    let bench = Bench::new();
    let source = bench.path("source");
    fs::create_dir(&source).expect("made");
    fs::write(source.join("kept"), "hello").expect("written");
    bench.back_up();
    let total = 160 << 20;
    for number in 0..4 {
        fs::write(source.join(format!("big {number}")), noise(number + 1, total / 4)).expect("written");
    }
    for round in 1..=2 {
        let mut child =
            bench.command(["backup", &bench.shown("source")]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        let packs = bench.objects("pack").len();
        while bench.objects("pack").len() < packs + round && child.try_wait().expect("a child").is_none() {
            std::thread::yield_now();
        }
        child.kill().expect("killed or ended");
        child.wait().expect("waited for");
    }
    let before = bench.objects("pack");
    let report = bench.back_up();
    let (stored, there) = (report["bytesStored"].as_u64().expect("a number"), before.len() as u64 * (16 << 20));
    assert!(stored + there < total as u64 + (48 << 20), "{stored} bytes were sent though {there} were there");
    assert!(before.iter().all(|pack| pack.exists()));
    let verified = bench.run(["verify", "--data"]);
    assert_eq!((verified.code, &verified.json["snapshots"]), (0, &2.into()), "{verified:?}");
    let (restored, ended) = bench.restore("out", []);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(without(restored, "source") == below("source", tree(&source)));
}

/// What is fetched shows by the packs: those of the files that were there are gone when it goes on. A pipe in the place of a pack keeps who
/// reads it waiting, in the middle of the restore.
#[test]
fn a_restore_that_was_killed_goes_on_and_fetches_nothing_that_is_there_and_right() {
    let bench = Bench::new();
    let source = bench.path("source");
    fs::create_dir_all(source.join("a")).expect("made");
    // Nearly as much as is fetched ahead: else what is blocked could keep all of it out.
    let files = 53;
    for number in 0..files {
        fs::write(source.join(format!("a/{number:02}")), noise(number + 1, 300_000)).expect("written");
    }
    fs::write(source.join("a/empty"), "").expect("written");
    set_time(&source.join("a/07"), 1_234_567_890_123);
    bench.back_up();
    let first = bench.objects("pack");
    fs::write(source.join("b"), noise(100, 40 << 20)).expect("written");
    fs::write(source.join("c"), "the last").expect("written");
    bench.back_up();
    // Whole packs hold no trees.
    let is_full = |pack: &PathBuf| pack.metadata().expect("there").len() == 16 << 20;
    let blocked: Vec<_> = bench.objects("pack").into_iter().filter(|pack| is_full(pack) && !first.contains(pack)).collect();
    assert!(!blocked.is_empty());
    let aside = |pack: &PathBuf| bench.path(&format!("aside {}", pack.file_name().expect("a name").to_str().expect("hex")));
    for pack in &blocked {
        fs::rename(pack, aside(pack)).expect("moved");
        assert!(Command::new("mkfifo").arg(pack).status().expect("mkfifo starts").success());
    }
    let restore = || bench.command(["restore", "--json", "--to", &bench.shown("out")]);
    let mut child = restore().stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    let folder = bench.path("out/source/a");
    let there = || {
        fs::read_dir(&folder).map_or(0, |entries| {
            entries.filter(|entry| !entry.as_ref().expect("readable").file_name().as_bytes().starts_with(b".")).count()
        })
    };
    while there() <= files as usize && child.try_wait().expect("a child").is_none() {
        std::thread::yield_now();
    }
    child.kill().expect("killed");
    child.wait().expect("waited for");
    assert!(!bench.path("out/source/b").exists());
    for pack in &blocked {
        fs::rename(aside(pack), pack).expect("moved back");
    }

    // One byte is another, which neither size nor time tells: it is fetched, and put in its place only where that is allowed.
    let spoilt = folder.join("03");
    let time = fs::metadata(&spoilt).and_then(|metadata| metadata.modified()).expect("a time");
    flip(&spoilt);
    File::open(&spoilt).and_then(|file| file.set_modified(time)).expect("a time can be set");
    let (_, ended) = bench.restore("out", ["source/a"]);
    assert_eq!((ended.code, &ended.json["thereFiles"], &ended.json["damagedCount"]), (3, &files.into(), &1.into()), "{ended:?}");
    let (_, ended) = bench.restore("out", ["--overwrite", "source/a"]);
    assert_eq!((ended.code, &ended.json["thereFiles"], &ended.json["files"]), (0, &files.into(), &1.into()), "{ended:?}");

    let gone = first.iter().max_by_key(|pack| pack.metadata().expect("there").len()).expect("a pack");
    fs::rename(gone, aside(gone)).expect("moved");
    let (restored, ended) = bench.restore("out", []);
    assert_eq!((ended.code, &ended.json["files"]), (0, &2.into()), "{ended:?}");
    assert_eq!((&ended.json["thereFiles"], &ended.json["thereBytes"]), (&(files + 1).into(), &(files * 300_000).into()));
    assert!(without(restored, "source") == below("source", tree(&source)));
}
