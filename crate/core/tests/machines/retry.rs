//! Files that fail and are tried again within the run: by themselves when they changed, and by a person's word at any moment.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use strongroom_core::{Backup, BackupOptions, Code, Part, Steer};

use crate::{
    host::{Deaths, End, Host, Path, Thing, Things, file, noise, path},
    schedule::seeds,
    vaults::{TestVault, options},
};

/// Small files and large ones, in folders within folders, beside some that stay.
fn source() -> Things {
    let mut source: Things = (0..40).map(|n| (path(&format!("a/{}/small {n}", n % 5)), file(noise(n, 50_000), 1))).collect();
    source.extend((0..2).map(|n| (path(&format!("b/large {n}")), file(noise(100 + n, 11 << 20), 1))));
    source.insert(path("at the root"), file(noise(200, 70_000), 1));
    source.insert(path("a/empty"), file("", 1));
    source.insert(path("c"), Thing::Folder { mtime: Some(5) });
    source
}

fn is_bad(name: &Path) -> bool {
    let name = String::from_utf8(name.concat()).expect("plain names");
    name.ends_with('7') || name.ends_with("large 1") || name == "at the root"
}

/// Runs to its end; at that answer everything can be read again, and is tried again.
fn run(host: &mut Host, backup: &mut Backup, moment: usize) -> (strongroom_core::BackupReport, bool) {
    let (mut pending, mut in_time) = (vec![], false);
    let report = loop {
        if let Some(end) = host.turn(backup, &mut pending, false) {
            break end.ok();
        }
        if host.answered == moment {
            host.faults.unreadable.clear();
            in_time = !backup.is_past_cancelling();
            let failed = backup.settled(Part::Failed, 0, 100);
            assert_eq!(failed.entries.len() as u64, failed.total);
            assert!(failed.entries.iter().all(|entry| entry.retriable));
            assert_eq!(backup.try_again(None), if in_time { failed.entries.len() } else { 0 });
            assert_eq!(backup.settled(Part::Failed, 0, 100).total == 0, in_time || failed.total == 0);
        }
    };
    (report, in_time)
}

#[test]
fn what_failed_is_read_in_the_same_run_whenever_a_person_says_so_and_its_snapshot_is_whole() {
    let source = source();
    let (mut in_time, mut late, mut most) = (0, 0, 400);
    for seed in 0..seeds(12) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut vault = TestVault::create(1);
        let (host, handle) = vault.open(2);
        let mut host = host.shuffled(seed);
        host.set_source(&source);
        host.faults.unreadable = source.keys().filter(|name| is_bad(name)).cloned().collect();
        host.faults.deaths = Deaths::new(seed, (seed % 3) as usize, 20);
        let moment = host.answered + 1 + rng.next_u32() as usize % most;
        let often = BackupOptions { checkpoint_packs: 1, ..options(2) };
        let (report, was_in_time) = run(&mut host, &mut Backup::new(&handle, often, [3; 32]), moment);
        // Moments after the end of one run are too late for the next.
        most = most.min(host.answered);
        assert_eq!(host.held(), 0);
        vault.storage = host.storage;
        vault.no_blob_twice();
        assert_eq!(vault.verify(true).damaged, []);
        let (restored, host) = vault.restore(report.snapshot, &[""]);
        assert_eq!(restored.damaged, []);
        let left: Vec<Path> = report.left.iter().map(|left| path(&left.path)).collect();
        assert!(!was_in_time || left.is_empty(), "seed {seed}: {left:?}");
        assert_eq!(handle.snapshots()[0].left, left.len() as u64);
        assert_eq!(report.files as usize + left.len(), 44, "seed {seed}");
        for (name, thing) in &source {
            assert!(left.contains(name) != (host.sink.get(name) == Some(thing)), "seed {seed}: {name:?}");
        }
        if was_in_time { in_time += 1 } else { late += 1 }
    }
    println!("{in_time} in time, {late} too late");
    assert!(in_time > late, "{in_time} in time, {late} too late");
}

#[test]
fn at_every_moment_of_a_run_a_second_try_makes_it_whole_or_comes_too_late() {
    let source: Things = [("one", 1), ("two", 2), ("in/three", 3), ("in/four", 4)]
        .into_iter()
        .map(|(name, seed)| (path(name), file(noise(seed, 30_000), 1)))
        .collect();
    let (mut moment, mut too_late) = (1, 0);
    loop {
        let vault = TestVault::create(1);
        let (mut host, handle) = vault.open(1);
        host.set_source(&source);
        host.faults.unreadable = [path("two"), path("in/four")].into();
        let begun = host.answered;
        let (report, in_time) = run(&mut host, &mut Backup::new(&handle, options(1), [3; 32]), begun + moment);
        if host.answered < begun + moment {
            break;
        }
        assert_eq!((report.left_count, report.files), if in_time { (0, 4) } else { (2, 2) }, "moment {moment}");
        too_late += u32::from(!in_time);
        moment += 1;
    }
    assert!(too_late <= 2, "{too_late} of {moment} moments are too late");
}

#[test]
fn a_file_that_changed_since_the_walk_is_read_as_it_is_then_and_what_is_gone_is_looked_for_once() {
    let mut vault = TestVault::create(1);
    let mut source: Things = (0..3).map(|n| (path(&format!("{n}")), file(noise(n, 10_000), 1))).collect();
    source.insert(path("cut off"), file(noise(4, 9 << 20), 1));
    source.insert(path("emptied"), file("not empty", 1));
    source.insert(path("gone"), file("here", 1));
    let (mut host, handle) = vault.open(2);
    host.set_source(&source);
    for (name, thing) in [("1", file("short", 7)), ("cut off", file(noise(4, 5 << 20), 8)), ("emptied", file("", 9))] {
        source.insert(path(name), thing.clone());
        host.source.insert(path(name), thing);
    }
    source.remove(&path("gone"));
    host.source.remove(&path("gone"));
    let report = host.run(&mut Backup::new(&handle, options(2), [3; 32])).ok();
    let left: Vec<_> = report.left.iter().map(|left| (left.path.as_str(), left.code)).collect();
    assert_eq!(left, [("gone", Code::SourceGone)]);
    assert_eq!(host.reads.iter().filter(|(name, ..)| *name == path("gone")).count(), 1);
    vault.storage = host.storage;
    let (_, host) = vault.restore(report.snapshot, &[""]);
    assert!(host.sink == source, "what came back is not what is there now");
}

#[test]
fn only_the_file_that_is_named_is_tried_again_and_one_that_fails_again_is_named_again() {
    let source: Things = ["one", "two", "three"].into_iter().map(|name| (path(name), file(name, 1))).collect();
    let vault = TestVault::create(1);
    let (mut host, handle) = vault.open(1);
    host.set_source(&source);
    host.faults.unreadable = source.keys().cloned().collect();
    let mut backup = Backup::new(&handle, options(1), [3; 32]);
    let (mut pending, mut tried) = (vec![], 0);
    let report = loop {
        match host.turn(&mut backup, &mut pending, false) {
            Some(End::Done(result)) => break result.expect("a snapshot"),
            Some(End::Stopped) => unreachable!("nobody stops it"),
            None => {}
        }
        let failed = backup.settled(Part::Failed, 0, 10).total;
        if failed == 3 && tried == 0 && host.reads.len() == 3 {
            host.faults.unreadable.remove(&path("one"));
            assert_eq!(backup.try_again(Some(&["one".into(), "two".into(), "no such".into()])), 2);
            assert_eq!(backup.settled(Part::Failed, 0, 10).total, 1);
            tried += 1;
        }
    };
    assert_eq!(tried, 1);
    let mut left: Vec<_> = report.left.iter().map(|left| left.path.as_str()).collect();
    left.sort_unstable();
    assert_eq!((left, report.files), (vec!["three", "two"], 1));
}
