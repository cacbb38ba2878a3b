//! The second backup: reads only what changed, stores only what is new.

use strongroom_core::{Backup, BackupOptions, Baseline, Code, EntryKind, Plan, Stage, Steer};

use crate::{
    host::{End, Path, Thing, Things, file, noise, path},
    round_trip::tree,
    vaults::{TestVault, options},
};

#[test]
fn an_unchanged_source_is_not_read_and_stores_only_a_snapshot() {
    let mut vault = TestVault::create(1);
    let source = tree();
    let (first, _) = vault.back_up(&source, 2);
    let (second, host) = vault.back_up(&source, 3);
    // Of the file without a time nothing is known, so it alone is read.
    assert_eq!(host.reads.iter().map(|(read, ..)| read.clone()).collect::<Vec<_>>(), [path("docs/no time")]);
    assert_eq!(host.storage.puts, [format!("snap/{}", second.snapshot)]);
    assert_eq!((second.unchanged_files, second.bytes_new), (first.files - 1, 0));
    let (mut host, handle) = vault.open(1);
    let infos = handle.snapshots();
    assert_eq!(infos.iter().map(|info| (info.id, info.head)).collect::<Vec<_>>(), [(second.snapshot, true), (first.snapshot, false)]);
    assert_eq!(host.run(&mut strongroom_core::Refresh::new(&handle)).ok(), ());
}

#[test]
fn after_edits_only_changed_files_are_read_and_little_more_than_new_bytes_is_stored() {
    let mut vault = TestVault::create(1);
    let mut source = tree();
    vault.back_up(&source, 2);
    let mut big = noise(1, 19 << 20);
    big.splice(0..0, b"a new beginning".iter().copied());
    source.insert(path("big.bin"), file(big, 77));
    source.insert(path("docs/new.txt"), file("new", 5));
    source.remove(&path("docs/letter.txt"));
    let copy = source.remove(&path("same big.bin")).expect("it is there");
    source.insert(path("renamed big.bin"), copy);
    let (report, host) = vault.back_up(&source, 3);
    let mut read: Vec<Path> = host.reads.iter().map(|(path, ..)| path.clone()).collect();
    read.dedup();
    read.sort();
    read.dedup();
    assert_eq!(read, ["big.bin", "docs/new.txt", "docs/no time", "renamed big.bin"].map(path));
    assert!(report.bytes_new < 1 << 20, "{} new bytes", report.bytes_new);
    assert!(report.bytes_stored < 2 << 20, "{} bytes stored", report.bytes_stored);
    let (_, host) = vault.restore(report.snapshot, &[""]);
    assert!(host.sink == source);
}

#[test]
fn the_plan_waits_for_a_person_and_counts_new_changed_unchanged_removed_and_unreadable() {
    let mut vault = TestVault::create(1);
    let mut source = Things::new();
    for (name, data) in [("keep", "1"), ("change", "22"), ("remove", "333")] {
        source.insert(path(name), file(data, 1));
    }
    vault.back_up(&source, 2);
    source.remove(&path("remove"));
    source.insert(path("change"), file("4444", 2));
    source.insert(path("folder/new"), file("55555", 2));
    let (mut host, handle) = vault.open(1);
    host.set_source(&source);
    host.add_entry(path("link"), EntryKind::Unreadable { why: "It is a link.".into() });
    host.add_entry(vec![b"..".to_vec(), b"x".to_vec()], EntryKind::Folder { mtime: None });
    let mut backup = Backup::new(&handle, BackupOptions { confirm: true, ..options(1) }, [3; 32]);
    let mut plan = None;
    let report = host
        .run_while_stuck(&mut backup, |backup| {
            assert_eq!(backup.progress().stage, Stage::Planned);
            plan = backup.plan().copied();
            backup.proceed();
        })
        .ok();
    let expected = Plan {
        files: 3,
        folders: 1,
        bytes: 10,
        new_files: 1,
        new_bytes: 5,
        changed_files: 1,
        changed_bytes: 4,
        unchanged_files: 1,
        unchanged_bytes: 1,
        removed_files: 1,
        unreadable: 2,
        ..Plan::default()
    };
    assert_eq!(plan, Some(expected));
    assert_eq!(report.left.iter().map(|left| left.path.as_str()).collect::<Vec<_>>(), ["../x", "link"]);
    assert_eq!(handle.snapshots()[0].left, 2);
}

#[test]
fn a_file_that_is_gone_is_left_out_and_named_and_its_old_version_is_not_carried_over() {
    let mut vault = TestVault::create(1);
    let mut source = Things::new();
    source.insert(path("good"), file(noise(1, 100_000), 1));
    source.insert(path("bad"), file(noise(2, 9 << 20), 1));
    vault.back_up(&source, 2);
    source.insert(path("bad"), file(noise(3, 20 << 20), 2));
    let (mut host, handle) = vault.open(2);
    host.set_source(&source);
    host.faults.unreadable.insert(path("bad"));
    let report = host.run(&mut Backup::new(&handle, options(2), [3; 32])).ok();
    let left: Vec<_> = report.left.iter().map(|left| (left.path.as_str(), left.code)).collect();
    assert_eq!(left, [("bad", Code::SourceGone)]);
    vault.storage = host.storage;
    let (_, host) = vault.restore(report.snapshot, &[""]);
    assert_eq!(host.sink.keys().cloned().collect::<Vec<_>>(), [path("good")]);
}

#[test]
fn a_baseline_can_be_chosen_and_a_wrong_one_is_refused() {
    let mut vault = TestVault::create(1);
    let source = Things::from([(path("a"), file("a", 1))]);
    vault.back_up(&source, 2);
    let (mut host, handle) = vault.open(1);
    host.set_source(&source);
    let report = host.run(&mut Backup::new(&handle, BackupOptions { baseline: Baseline::None, ..options(1) }, [3; 32])).ok();
    assert_eq!((report.files_read, report.unchanged_files, report.bytes_new), (1, 0, 0));
    host.set_source(&source);
    let other = BackupOptions { label: "another set".into(), ..options(1) };
    assert_eq!(host.run(&mut Backup::new(&handle, other, [4; 32])).ok().unchanged_files, 0);
    let wrong = BackupOptions { baseline: Baseline::Snapshot(strongroom_core::Name([7; 32])), ..options(1) };
    assert_eq!(host.run(&mut Backup::new(&handle, wrong, [5; 32])).code(), Code::NoSnapshot);
}

#[test]
fn bytes_in_hand_stay_within_the_budget() {
    let mut vault = TestVault::create(1);
    let source: Things = (0..12).map(|n| (path(&format!("{n}")), file(noise(n, 7 << 20), 1))).collect();
    let (mut host, handle) = vault.open(2);
    host.set_source(&source);
    let small = BackupOptions { budget: 32 << 20, ..options(2) };
    let report = host.run(&mut Backup::new(&handle, small, [3; 32])).ok();
    // The host holds packs; the lanes hold slices and open packs beside them.
    assert!(host.most_held <= 64 << 20, "{} bytes were held", host.most_held);
    vault.storage = host.storage;
    let (_, host) = vault.restore(report.snapshot, &[""]);
    assert!(host.sink == source);
    assert!(host.most_held <= 80 << 20, "{} bytes were held", host.most_held);
}

#[test]
fn a_storage_that_never_answers_stops_the_reading_at_the_budget() {
    let vault = TestVault::create(1);
    let source: Things = (0..12).map(|n| (path(&format!("{n}")), file(noise(n, 8 << 20), 1))).collect();
    let (mut host, handle) = vault.open(1);
    host.set_source(&source);
    host.faults.silent_packs = true;
    let budget = 24 << 20;
    let mut backup = Backup::new(&handle, BackupOptions { budget, ..options(1) }, [3; 32]);
    assert!(matches!(host.run_steered(&mut backup, |_, _| {}, true), End::Stopped));
    let read: u64 = host.reads.iter().map(|(.., length)| u64::from(*length)).sum();
    // Two open packs are beside the budget.
    let open = 32 << 20;
    assert!((budget / 2..=budget + open).contains(&read), "{read} bytes were read");
    assert!(host.held() as u64 <= budget + open, "{} bytes are held", host.held());
}

#[test]
fn a_huge_folder_is_split_and_a_deep_one_is_walked() {
    let mut vault = TestVault::create(1);
    let mut source: Things = (0..9_000).map(|n| (path(&format!("many/file {n:05}")), file(format!("{n}"), n))).collect();
    source.insert(path("many"), Thing::Folder { mtime: None });
    let mut deep = vec![];
    for level in 0..1_000 {
        deep.push(vec![b'a' + (level % 26) as u8]);
        source.insert(deep.clone(), Thing::Folder { mtime: Some(level) });
    }
    let (report, _) = vault.back_up(&source, 2);
    let (restored, host) = vault.restore(report.snapshot, &[""]);
    assert_eq!(restored.damaged, []);
    assert!(host.sink == source);
    let (restored, host) = vault.restore(report.snapshot, &["many/file 04567", "many/file 99999", "many/a"]);
    assert_eq!((restored.files, restored.damaged_count), (1, 2));
    assert_eq!(host.sink.get(&path("many/file 04567")), source.get(&path("many/file 04567")));
    let (mut host, handle) = vault.open(1);
    let page = host.run(&mut strongroom_core::List::new(&handle, report.snapshot, path("many"), Some(b"file 04000".to_vec()), 3_000)).ok();
    assert_eq!(page.entries.len(), 3_000);
    assert_eq!(page.next.as_deref(), Some(&b"file 07000"[..]));
    source.insert(path("many/file 04567 and a half"), file("new", 1));
    let (second, _) = vault.back_up(&source, 3);
    assert!(second.bytes_stored < 1 << 20, "{} bytes stored", second.bytes_stored);
}

#[test]
fn a_paused_run_writes_an_index_rests_and_goes_on() {
    let vault = TestVault::create(1);
    let source: Things = (0..6).map(|n| (path(&format!("{n}")), file(noise(n, 8 << 20), 1))).collect();
    let (mut host, handle) = vault.open(1);
    host.set_source(&source);
    let mut backup = Backup::new(&handle, options(1), [3; 32]);
    let mut paused = false;
    let mut indexes = vec![];
    let storage_at_rest = |host: &crate::host::Host| host.storage.names("index/").len();
    let report = loop {
        let end = host.run_steered(
            &mut backup,
            |backup, _| {
                if !paused && backup.progress().bytes_read > 40 << 20 {
                    backup.pause();
                    paused = true;
                }
            },
            true,
        );
        match end {
            End::Stopped => {
                assert_eq!(backup.progress().stage, Stage::Paused);
                indexes.push(storage_at_rest(&host));
                backup.resume();
            }
            End::Done(_) => break end.ok(),
        }
    };
    assert_eq!(indexes, [1]);
    let mut vault = vault;
    vault.storage = host.storage;
    let (_, host) = vault.restore(report.snapshot, &[""]);
    assert!(host.sink == source);
}

#[test]
fn a_run_cancelled_twice_ends_at_once() {
    let vault = TestVault::create(1);
    let source: Things = (0..6).map(|n| (path(&format!("{n}")), file(noise(n, 8 << 20), 1))).collect();
    let (mut host, handle) = vault.open(1);
    host.set_source(&source);
    let mut backup = Backup::new(&handle, options(1), [3; 32]);
    let end = host.run_with(&mut backup, |backup, _| {
        if backup.progress().bytes_stored > 16 << 20 {
            backup.cancel();
            backup.cancel();
        }
    });
    assert_eq!(end.code(), Code::Cancelled);
    assert!(host.storage.names("index/").is_empty());
}

#[test]
fn a_cancelled_run_leaves_an_index_of_what_is_stored() {
    let vault = TestVault::create(1);
    let source: Things = (0..6).map(|n| (path(&format!("{n}")), file(noise(n, 8 << 20), 1))).collect();
    let (mut host, handle) = vault.open(1);
    host.set_source(&source);
    let mut backup = Backup::new(&handle, options(1), [3; 32]);
    let mut cancelled = false;
    let end = host.run_with(&mut backup, |backup, _| {
        if !cancelled && backup.progress().bytes_stored > 16 << 20 {
            backup.cancel();
            cancelled = true;
        }
    });
    assert_eq!(end.code(), Code::Cancelled);
    assert_eq!((host.storage.names("index/").len(), host.storage.names("snap/").len()), (1, 1));
}
