//! Lanes that die in mid-run: the run goes on, and what comes out is what would have come out.

use strongroom_core::{Backup, BackupOptions, Code, Restore, RestoreOptions, Verify, VerifyOptions};

use crate::{
    host::{Deaths, Faults, Thing, Things, file, noise, path},
    schedule::seeds,
    vaults::{TestVault, options},
};

/// Small files, large ones of several slices, the same bytes in several places, and what compresses well.
fn source() -> Things {
    let mut source: Things = (0..120).map(|n| (path(&format!("small/{n}")), file(noise(n % 100, 90_000), 1))).collect();
    source.insert(path("small"), Thing::Folder { mtime: Some(5) });
    source.extend((0..3).map(|n| (path(&format!("big {n}")), file(noise(100 + n % 2, 19 << 20), 1))));
    source.insert(path("zeros"), file(vec![0; 10 << 20], 1));
    source
}

fn often() -> BackupOptions {
    BackupOptions { checkpoint_packs: 2, ..options(3) }
}

fn die(seed: u64, left: usize, odds: u32) -> Faults {
    Faults { deaths: Deaths::new(seed, left, odds), ..Faults::default() }
}

/// How many of the three that [`die`] wants have died: chance may spare one to the end of a run.
fn deaths(faults: &Faults) -> u64 {
    faults.deaths.as_ref().map_or(0, |deaths| 3 - deaths.left as u64)
}

#[test]
fn a_backup_whose_lanes_die_stores_everything_and_nothing_twice() {
    let source = source();
    let mut died = 0;
    for seed in 0..seeds(3) {
        let mut vault = TestVault::create(1);
        let (host, handle) = vault.open(3);
        let mut host = host.shuffled(seed);
        host.set_source(&source);
        host.faults = die(seed, 3, 12);
        let report = host.run(&mut Backup::new(&handle, often(), [3; 32])).ok();
        died += deaths(&host.faults);
        assert_eq!((report.left.len(), report.files, host.held()), (0, 124, 0));
        let new: usize = [100 * 90_000, 2 * (19 << 20)].iter().sum();
        assert!(report.bytes_new >= new as u64 && report.bytes_new < (new + (3 << 20)) as u64, "{} bytes are new", report.bytes_new);
        vault.storage = host.storage;
        vault.no_blob_twice();
        assert_eq!(vault.verify(true).damaged, []);
        assert!(vault.restore(report.snapshot, &[""]).1.sink == source, "seed {seed}");
    }
    assert!(died >= seeds(3), "{died} lanes died");
}

#[test]
fn a_restore_and_a_verify_whose_lanes_die_miss_nothing() {
    let source = source();
    let mut vault = TestVault::create(1);
    let (report, _) = vault.back_up(&source, 2);
    let mut died = 0;
    for seed in 0..seeds(3) {
        let (host, handle) = vault.open(3);
        let mut host = host.shuffled(seed);
        host.faults = die(seed, 3, 6);
        let options = RestoreOptions { lanes: 3, parallel: 4, window: 24 << 20, ..RestoreOptions::default() };
        let restored = host.run(&mut Restore::new(&handle, report.snapshot, vec![vec![]], options, [7; 32])).ok();
        assert_eq!((restored.damaged, host.held()), (vec![], 0));
        died += deaths(&host.faults);
        assert!(host.sink == source, "seed {seed}");
        host.faults = die(seed, 3, 2);
        let verified = host.run(&mut Verify::new(&handle, VerifyOptions { data: true, lanes: 3 })).ok();
        assert_eq!((verified.damaged, host.held()), (vec![], 0));
    }
    assert!(died >= seeds(3), "{died} lanes died");
}

#[test]
fn packs_that_a_dead_run_left_are_found_again_though_lanes_die() {
    let source = source();
    for seed in 0..seeds(3) {
        let mut vault = TestVault::create(1);
        let (mut host, handle) = vault.open(2);
        host.set_source(&source);
        host.faults.lose_put = Some(2);
        host.run(&mut Backup::new(&handle, options(2), [3; 32]));
        vault.storage = host.storage;
        let stored = vault.storage.names("pack/").len();
        assert!(stored >= 2, "{stored} packs were left");
        let (host, handle) = vault.open(3);
        let mut host = host.shuffled(seed);
        host.set_source(&source);
        host.faults = die(seed, 3, 3);
        let report = host.run(&mut Backup::new(&handle, options(3), [4; 32])).ok();
        vault.storage = host.storage;
        vault.no_blob_twice();
        assert!(vault.restore(report.snapshot, &[""]).1.sink == source);
    }
}

#[test]
fn a_lane_that_dies_whenever_it_works_ends_the_run_and_the_next_run_goes_on() {
    let source = source();
    let mut vault = TestVault::create(1);
    let (mut host, handle) = vault.open(1);
    host.set_source(&source);
    host.faults = die(1, usize::MAX, 1);
    assert_eq!(host.run(&mut Backup::new(&handle, options(1), [3; 32])).code(), Code::LaneLost);
    vault.storage = host.storage;
    let (report, _) = vault.back_up(&source, 4);
    let (mut host, handle) = vault.open(1);
    host.faults = die(1, usize::MAX, 1);
    let options = RestoreOptions { lanes: 1, ..RestoreOptions::default() };
    assert_eq!(host.run(&mut Restore::new(&handle, report.snapshot, vec![vec![]], options, [7; 32])).code(), Code::LaneLost);
    assert_eq!(host.run(&mut Verify::new(&handle, VerifyOptions { data: true, lanes: 1 })).code(), Code::LaneLost);
    assert!(vault.restore(report.snapshot, &[""]).1.sink == source);
}

#[test]
fn a_file_that_is_gone_when_it_is_read_again_is_left_out_and_nothing_points_at_what_died_with_the_lane() {
    let source = source();
    let mut reread = 0;
    for seed in 0..seeds(2) {
        let mut vault = TestVault::create(1);
        let (host, handle) = vault.open(2);
        let mut host = host.shuffled(seed);
        host.set_source(&source);
        host.faults = die(seed, 1, 20);
        if let Some(deaths) = &mut host.faults.deaths {
            deaths.then_gone =
                source.keys().filter(|name| name.concat().ends_with(b"0") || name.concat().ends_with(b"1")).cloned().collect();
        }
        let report = host.run(&mut Backup::new(&handle, options(2), [3; 32])).ok();
        vault.storage = host.storage;
        assert_eq!(vault.verify(true).damaged, []);
        let (restored, host) = vault.restore(report.snapshot, &[""]);
        assert_eq!(restored.damaged, []);
        let left: Vec<_> = report.left.iter().map(|left| path(&left.path)).collect();
        reread += left.len();
        assert!(source.iter().all(|(name, thing)| left.contains(name) != (host.sink.get(name) == Some(thing))));
    }
    assert!(reread > 0, "some files were to be read again");
}
