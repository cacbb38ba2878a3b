//! Runs that die: what is stored is found again, earlier snapshots stay whole.

use strongroom_core::{Backup, BackupOptions, Code, Steer};

use crate::{
    host::{End, Faults, Host, Things, file, noise, path},
    schedule::seeds,
    vaults::{TestVault, options},
};

fn source() -> Things {
    let mut source: Things = (0..40).map(|n| (path(&format!("small {n}")), file(noise(n, 200_000), 1))).collect();
    source.extend((0..4).map(|n| (path(&format!("big {n}")), file(noise(100 + n, 11 << 20), 1))));
    source
}

fn often(lanes: u32) -> BackupOptions {
    BackupOptions { checkpoint_packs: 2, ..options(lanes) }
}

/// A vault with one snapshot, for a run that dies.
fn vault_with_a_snapshot() -> TestVault {
    let mut vault = TestVault::create(1);
    vault.back_up(&Things::from([(path("earlier"), file(noise(7, 300_000), 1))]), 9);
    vault
}

/// Kills a run with these faults, then runs again to the end; says how many answers the first got.
fn kill_and_run_again(vault: &TestVault, faults: Faults, seed: u64) -> End<usize> {
    let source = source();
    let mut vault = vault.clone();
    let (host, handle) = vault.open(2);
    let earlier = handle.snapshots()[0].id;
    let mut host = host.shuffled(seed);
    host.set_source(&source);
    host.faults = faults;
    let answered = match host.run(&mut Backup::new(&handle, often(2), [seed as u8; 32])) {
        End::Stopped => End::Stopped,
        End::Done(Ok(_)) => End::Done(Ok(host.answered)),
        End::Done(Err(error)) => End::Done(Err(error)),
    };
    vault.storage = host.storage;
    let (report, _) = vault.back_up(&source, 77);
    assert_eq!(report.left, []);
    vault.no_blob_twice();
    assert_eq!(vault.verify(true).damaged, []);
    assert!(vault.restore(report.snapshot, &[""]).1.sink == source);
    assert_eq!(vault.restore(earlier, &[""]).0.files, 1);
    answered
}

#[test]
fn a_run_killed_at_any_request_goes_on_without_storing_anything_twice() {
    let vault = vault_with_a_snapshot();
    let all = kill_and_run_again(&vault, Faults::default(), 0).ok();
    for step in 1..10 {
        let stop_at = Some(all * step / 10);
        assert!(matches!(kill_and_run_again(&vault, Faults { stop_at, ..Faults::default() }, step as u64), End::Stopped));
    }
}

#[test]
fn a_put_whose_answer_is_lost_is_found_and_not_sent_again() {
    let vault = vault_with_a_snapshot();
    for number in 0..6 {
        let faults = Faults { lose_put: Some(number), ..Faults::default() };
        assert!(matches!(kill_and_run_again(&vault, faults, number as u64), End::Stopped));
    }
}

#[test]
fn a_put_that_fails_ends_the_run_with_its_error_after_an_index_of_what_is_stored() {
    let vault = vault_with_a_snapshot();
    for number in 0..6 {
        let faults = Faults { fail_put: Some(number), ..Faults::default() };
        assert_eq!(kill_and_run_again(&vault, faults, number as u64).code(), Code::StorageFull);
    }
}

#[test]
fn the_same_open_vault_goes_on_after_a_failure() {
    let vault = vault_with_a_snapshot();
    let source = source();
    let (mut host, handle) = vault.open(1);
    host.set_source(&source);
    // Both the pack and the index that would name the others fail.
    host.faults.fail_put = Some(2);
    assert_eq!(host.run(&mut Backup::new(&handle, often(1), [1; 32])).code(), Code::StorageFull);
    host.faults = Faults::default();
    host.set_source(&source);
    let report = host.run(&mut Backup::new(&handle, often(1), [2; 32])).ok();
    let vault = TestVault { storage: host.storage, ..vault };
    vault.no_blob_twice();
    assert!(vault.restore(report.snapshot, &[""]).1.sink == source);
}

#[test]
fn a_creation_that_dies_leaves_no_vault_that_opens_half() {
    for number in 0..3 {
        let mut host = Host::new(Default::default(), 1);
        host.faults.fail_put = Some(number);
        assert_eq!(TestVault::create_in(&mut host, 1).code(), Code::StorageFull);
        assert!(host.storage.names("snap/").is_empty());
    }
}

#[test]
fn a_run_cancelled_at_any_answer_made_its_snapshot_if_and_only_if_it_says_so() {
    let source = Things::from([(path("a"), file(noise(1, 300_000), 1)), (path("b"), file(noise(2, 9 << 20), 1))]);
    let vault = TestVault::create(1);
    let earlier = vault.storage.names("snap/").len();
    for seed in 0..seeds(2) {
        let (mut finished, mut cancelled) = (0, 0);
        for at in 1.. {
            let (host, handle) = vault.open(2);
            let mut host = host.shuffled(seed);
            host.set_source(&source);
            host.faults.eager = true;
            let (opened, mut reached) = (host.answered, false);
            let ended = host.run_with(&mut Backup::new(&handle, options(2), [3; 32]), |backup, answered| {
                if answered == opened + at {
                    backup.cancel();
                    reached = true;
                }
            });
            let made = host.storage.names("snap/").len() - earlier;
            match ended {
                End::Done(Ok(_)) => {
                    finished += 1;
                    assert_eq!(made, 1, "seed {seed}, cancelled at {at}");
                }
                ended => {
                    cancelled += 1;
                    assert_eq!((ended.code(), made), (Code::Cancelled, 0), "seed {seed}, cancelled at {at}");
                }
            }
            if !reached {
                break;
            }
        }
        // The last run was not cancelled at all; one before it too late.
        assert!(finished >= 2 && cancelled > 3, "{finished} finished, {cancelled} were cancelled");
    }
}
