//! Finding: names over a snapshot, a part at a time, and the versions of one file over all snapshots.

use strongroom_core::{Backup, Found, List, Name, Search, Version, Versions, Wanted};

use crate::{
    host::{Host, Path, Thing, Things, file, path},
    round_trip::tree,
    vaults::{TestVault, options},
};

fn contains(text: &'static str) -> Wanted {
    Box::new(|name| text.is_empty() || name.windows(text.len()).any(|window| window == text.as_bytes()))
}

/// Every find of a whole search in parts of `most` names, and how many names that were.
fn search(vault: &TestVault, snapshot: Name, text: &'static str, most: u64) -> (Vec<Path>, u64, u64) {
    let (mut host, handle) = vault.open(1);
    let (mut finds, mut looked, mut unread, mut after) = (vec![], 0, 0, vec![]);
    loop {
        let found: Found = host.run(&mut Search::new(&handle, snapshot, contains(text), after, most)).ok();
        assert!(found.looked <= most, "{} names at one time", found.looked);
        finds.extend(found.finds.into_iter().map(|find| [find.folder, vec![find.entry.name]].concat()));
        looked += found.looked;
        unread += found.unread;
        match found.next {
            Some(next) => after = next,
            None => return (finds, looked, unread),
        }
    }
}

#[test]
fn a_search_finds_every_name_once_in_order_however_small_its_parts_are() {
    let mut vault = TestVault::create(1);
    let source = tree();
    let (report, _) = vault.back_up(&source, 2);
    for text in ["e", "letter", "nothing has this name", ""] {
        let expected: Vec<Path> = source.keys().filter(|path| contains(text)(path.last().expect("a name"))).cloned().collect();
        for most in [1, 2, 7, 1_000] {
            let (finds, looked, unread) = search(&vault, report.snapshot, text, most);
            assert_eq!(finds, expected, "{text:?} in parts of {most}");
            assert_eq!((looked, unread), (source.len() as u64, 0));
        }
    }
}

#[test]
fn a_search_goes_through_a_folder_of_many_parts() {
    let mut vault = TestVault::create(1);
    let names = 20_000;
    let source: Things = (0..names).map(|number| (path(&format!("many/{number:05} x")), file("", number))).collect();
    let (report, _) = vault.back_up(&source, 2);
    let (finds, looked, _) = search(&vault, report.snapshot, "77 x", 3_333);
    assert_eq!(looked, source.len() as u64 + 1);
    assert_eq!(finds, source.keys().filter(|path| contains("77 x")(&path[1])).cloned().collect::<Vec<_>>());
}

#[test]
fn a_search_that_goes_on_after_a_name_that_is_not_there_begins_behind_it() {
    let mut vault = TestVault::create(1);
    let source: Things = ["a/1", "a/3", "b/1", "c"].map(|name| (path(name), file(name, 1))).into();
    let (report, _) = vault.back_up(&source, 2);
    let (mut host, handle) = vault.open(1);
    let mut rest = |after: &str| -> Vec<String> {
        let found = host.run(&mut Search::new(&handle, report.snapshot, contains(""), path(after), 100)).ok();
        let text = |path: Path| path.into_iter().map(|name| String::from_utf8(name).expect("text")).collect::<Vec<_>>().join("/");
        found.finds.into_iter().map(|find| text([find.folder, vec![find.entry.name]].concat())).collect()
    };
    assert_eq!(rest("a/2"), ["a/3", "b", "b/1", "c"]);
    assert_eq!(rest("a/1/below a file"), ["a/3", "b", "b/1", "c"]);
    assert_eq!(rest("aa/1"), ["b", "b/1", "c"]);
    assert_eq!(rest("c"), [""; 0]);
}

#[test]
fn a_search_counts_the_folders_that_it_cannot_read_and_goes_on() {
    let mut vault = TestVault::create(1);
    let (report, _) = vault.back_up(&tree(), 2);
    let pack = vault.storage.names("pack/").into_iter().find(|name| vault.kind_of_pack(name) == strongroom_core::BlobKind::Tree);
    let pack = pack.expect("a pack of trees");
    vault.storage.objects.get_mut(&pack).expect("it is there")[200] ^= 1;
    let (finds, looked, unread) = search(&vault, report.snapshot, "", 100);
    assert_eq!((finds.len(), looked, unread), (0, 0, 1));
}

/// Backs up at its own time, and gives the snapshot.
fn back_up(vault: &mut TestVault, source: &Things, seed: u8) -> Name {
    vault.storage.now += 3_600_000;
    let (mut host, handle) = vault.open(1);
    host.set_source(source);
    let report = host.run(&mut Backup::new(&handle, options(1), [seed; 32])).ok();
    vault.storage = host.storage;
    report.snapshot
}

fn versions(vault: &TestVault, of: &str, open: impl Fn(Host) -> Host) -> Vec<Version> {
    let (host, handle) = vault.open(1);
    open(host).run(&mut Versions::new(&handle, path(of))).ok()
}

#[test]
fn the_versions_of_a_file_are_one_for_each_change_of_its_content_newest_first() {
    let mut vault = TestVault::create(1);
    let mut source: Things =
        [("a/b/letter", file("one", 1)), ("a/other", file("other", 1))].map(|(name, thing)| (path(name), thing)).into();
    let first = back_up(&mut vault, &source, 1);
    source.insert(path("a/other"), file("changed", 2));
    let second = back_up(&mut vault, &source, 2);
    source.insert(path("a/b/letter"), file("four", 3));
    let third = back_up(&mut vault, &source, 3);
    source.remove(&path("a/b/letter"));
    source.insert(path("a/b"), Thing::Folder { mtime: None });
    back_up(&mut vault, &source, 4);
    // Touched only, but it was away meanwhile: the same version.
    source.insert(path("a/b/letter"), file("four", 4));
    let fifth = back_up(&mut vault, &source, 5);

    for seed in 0..5 {
        let found = versions(&vault, "a/b/letter", |host| host.shuffled(seed));
        let seen: Vec<_> = found.iter().map(|version| (version.snapshot, version.snapshots, version.size, version.mtime)).collect();
        assert_eq!(seen, [(fifth, 2, 4, Some(4)), (second, 2, 3, Some(1))]);
        let (host, handle) = vault.open(1);
        drop(host);
        let time = |name: Name| handle.snapshots().into_iter().find(|snapshot| snapshot.id == name).expect("a snapshot").time;
        assert_eq!(
            found.iter().map(|version| (version.time, version.since)).collect::<Vec<_>>(),
            [(time(fifth), time(third)), (time(second), time(first))]
        );
    }
    assert_eq!(versions(&vault, "a/b", |host| host), [], "a folder has no versions");
    assert_eq!(versions(&vault, "a/other/letter", |host| host), []);
    assert_eq!(versions(&vault, "", |host| host), []);
}

#[test]
fn a_folder_that_snapshots_share_is_read_once_and_a_file_of_a_huge_folder_is_found() {
    let mut vault = TestVault::create(1);
    let mut source: Things = (0..20_000).map(|number| (path(&format!("many/{number:05}")), file("", number))).collect();
    for seed in 1..6 {
        source.insert(path(&format!("added {seed}")), file("x", 1));
        back_up(&mut vault, &source, seed);
    }
    let (mut host, handle) = vault.open(1);
    host.storage.gets.clear();
    let found = host.run(&mut Versions::new(&handle, path("many/15000"))).ok();
    assert_eq!(found.iter().map(|version| (version.snapshots, version.mtime)).collect::<Vec<_>>(), [(5, Some(15_000))]);
    let distinct: std::collections::BTreeSet<_> = host.storage.gets.iter().collect();
    assert_eq!(distinct.len(), host.storage.gets.len(), "nothing is fetched twice");
}

#[test]
fn a_page_of_a_huge_folder_knows_how_many_entries_the_folder_has() {
    let mut vault = TestVault::create(1);
    let source: Things = (0..20_000).map(|number| (path(&format!("{number:05}")), file("", number))).collect();
    let (report, _) = vault.back_up(&source, 1);
    let (mut host, handle) = vault.open(1);
    for after in ["", "14999", "19999", "x"] {
        let page = host.run(&mut List::new(&handle, report.snapshot, vec![], Some(after.into()), 5)).ok();
        let expected = source.keys().map(|path| path[0].clone()).filter(|name| name.as_slice() > after.as_bytes()).take(5);
        assert_eq!(page.entries.iter().map(|entry| entry.name.clone()).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        assert_eq!(page.total, 20_000);
    }
}
