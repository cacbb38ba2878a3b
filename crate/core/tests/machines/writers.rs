//! Two writers, remembered heads, and the same objects from the same seed.

use strongroom_core::{Backup, Code, Forget, Forgotten, Refresh, Rollback};

use crate::{
    host::{Things, file, noise, path},
    round_trip::tree,
    vaults::{TestVault, options},
};

#[test]
fn two_writers_make_two_heads_both_restore_and_the_next_run_merges_them() {
    let mut vault = TestVault::create(1);
    let (mine, yours) = (Things::from([(path("a"), file("mine", 1))]), Things::from([(path("b"), file("yours", 2))]));
    let (mut first_host, first) = vault.open(1);
    let (mut second_host, second) = vault.open(1);
    first_host.set_source(&mine);
    second_host.set_source(&yours);
    let first_report = first_host.run(&mut Backup::new(&first, options(1), [2; 32])).ok();
    let second_report = second_host.run(&mut Backup::new(&second, options(1), [3; 32])).ok();
    vault.storage = first_host.storage;
    vault.storage.objects.extend(second_host.storage.objects);
    let (_, both) = vault.open(1);
    assert_eq!(both.heads().len(), 2);
    for (report, source) in [(&first_report, &mine), (&second_report, &yours)] {
        assert!(vault.restore(report.snapshot, &[""]).1.sink == *source);
    }
    let (merged, _) = vault.back_up(&mine, 4);
    let (_, handle) = vault.open(1);
    assert_eq!(handle.heads(), [merged.snapshot]);
    assert_eq!(vault.verify(true).damaged, []);
}

#[test]
fn a_head_that_is_remembered_and_gone_is_a_rollback_and_is_named_by_its_time_and_words() {
    let mut vault = TestVault::create(1);
    vault.back_up(&Things::from([(path("a"), file("1", 1))]), 2);
    let before = vault.storage.clone();
    vault.back_up(&Things::from([(path("a"), file("22", 2))]), 3);
    let (_, handle) = vault.open(1);
    let seen = handle.heads_with_times();
    let memory = handle.memory(None, [5; 32]).expect("it seals");
    assert_eq!((handle.check_memory(&memory), handle.lost(&memory)), (Ok(()), Ok(vec![])));
    let other = TestVault::create(2).open(1).1;
    assert_eq!(other.check_memory(&memory).map_err(|error| error.code), Err(Code::Damaged));
    vault.storage = before;
    let (_, handle) = vault.open(1);
    assert_eq!(handle.lost(&memory), Ok(seen.clone()));
    let error = handle.check_memory(&memory).expect_err("it is gone");
    assert_eq!(error.code, Code::RolledBack);
    let words = seen[0].words();
    assert!(error.message.contains(&words) && words.split(' ').count() == 4, "{}", error.message);
    assert_ne!(handle.heads_with_times()[0].words(), words);
}

#[test]
fn a_storage_that_goes_back_while_a_vault_is_open_stops_whatever_would_write_until_that_is_accepted_on_purpose() {
    let mut vault = TestVault::create(1);
    let (old, new) = (Things::from([(path("a"), file(noise(1, 90_000), 1))]), Things::from([(path("a"), file(noise(2, 90_000), 2))]));
    vault.back_up(&old, 2);
    let before = vault.storage.clone();
    let shown = vault.open(1).1.heads_with_times();
    let (mut host, handle) = vault.open(1);
    host.set_source(&new);
    host.run(&mut Backup::new(&handle, options(1), [3; 32])).ok();
    let (newest, seen) = (host.storage.clone(), handle.heads_with_times());
    assert_eq!((host.run(&mut Refresh::new(&handle)).ok(), handle.rollback()), ((), None));

    host.storage.objects = before.objects.clone();
    host.set_source(&new);
    let refused = [
        host.run(&mut Refresh::new(&handle)).code(),
        host.run(&mut Backup::new(&handle, options(1), [4; 32])).code(),
        host.run(&mut Forget::new(&handle, Forgotten::Named(handle.heads()), false, [6; 32])).code(),
    ];
    assert_eq!(refused, [Code::RolledBack; 3]);
    assert!(host.storage.objects == before.objects, "nothing was written into the older state");
    assert_eq!(handle.rollback(), Some(Rollback { lost: seen.clone(), heads: shown.clone() }));

    // The newest copy is back: nothing was ever wrong.
    host.storage.objects = newest.objects;
    assert_eq!((host.run(&mut Refresh::new(&handle)).ok(), handle.rollback(), handle.heads_with_times()), ((), None, seen));

    // Accepted, nothing is counted on that was lost: the same source is stored anew.
    host.storage.objects = before.objects;
    assert_eq!(host.run(&mut Refresh::accepting(&handle)).ok(), ());
    assert_eq!((handle.rollback(), handle.heads_with_times()), (None, shown));
    host.set_source(&new);
    let report = host.run(&mut Backup::new(&handle, options(1), [5; 32])).ok();
    vault.storage = host.storage;
    assert_eq!(vault.verify(true).damaged, []);
    assert!(vault.restore(report.snapshot, &[""]).1.sink == new);
}

#[test]
fn a_list_that_is_late_is_no_rollback_and_neither_is_what_another_device_forgot_and_erased() {
    let mut vault = TestVault::create(1);
    vault.back_up(&Things::from([(path("a"), file("1", 1))]), 2);
    let (mut host, handle) = vault.open(1);
    let head = format!("snap/{}", handle.heads()[0]);
    host.unlisted.insert(head.clone());
    assert_eq!(host.run(&mut Refresh::new(&handle)).ok(), ());
    host.unlisted.clear();
    let (_, other) = vault.open(1);
    let mut theirs = crate::host::Host::new(host.storage.clone(), 1);
    theirs.run(&mut Forget::new(&other, Forgotten::Named(handle.heads()), false, [7; 32])).ok();
    host.storage.objects = theirs.storage.objects;
    host.storage.objects.remove(&head);
    assert_eq!((host.run(&mut Refresh::new(&handle)).ok(), handle.rollback()), ((), None));
}

#[test]
fn what_another_tab_has_seen_later_is_remembered_until_it_is_given_up_on_purpose() {
    let mut vault = TestVault::create(1);
    vault.back_up(&Things::from([(path("a"), file("1", 1))]), 2);
    let older = vault.open(1).1;
    vault.back_up(&Things::from([(path("a"), file("22", 2))]), 3);
    let newer = vault.open(1).1;
    let late = newer.memory(None, [5; 32]).expect("it seals");
    let kept = older.memory(Some(&late), [6; 32]).expect("it seals");
    assert_eq!(older.lost(&kept), Ok(newer.heads_with_times()));
    assert_eq!(newer.lost(&kept), Ok(vec![]));
    let anew = older.memory(None, [7; 32]).expect("it seals");
    assert_eq!(older.lost(&anew), Ok(vec![]));
    // What is no memory takes nothing along.
    assert_eq!(older.lost(&older.memory(Some(b"nonsense"), [8; 32]).expect("it seals")), Ok(vec![]));
}

#[test]
fn the_same_seeds_and_answers_in_order_make_the_same_objects() {
    let run = || {
        let mut vault = TestVault::create(5);
        vault.back_up(&tree(), 6);
        vault.storage.objects
    };
    assert!(run() == run());
}

#[test]
fn answers_in_any_order_make_a_vault_that_restores() {
    let source: Things = (0..300).map(|n| (path(&format!("{}/{n}", n % 7)), file(noise(n, (n as usize * 7919) % 300_000), 1))).collect();
    let mut expected = source.clone();
    for n in 0..7 {
        expected.insert(path(&format!("{n}")), crate::host::Thing::Folder { mtime: None });
    }
    for seed in 0..4 {
        let mut vault = TestVault::create(1);
        let (host, handle) = vault.open(3);
        let mut host = host.shuffled(seed);
        host.set_source(&source);
        let report = host.run(&mut Backup::new(&handle, options(3), [3; 32])).ok();
        vault.storage = host.storage;
        vault.no_blob_twice();
        let (host, handle) = vault.open(3);
        let mut host = host.shuffled(seed);
        let options = strongroom_core::RestoreOptions { lanes: 3, parallel: 4, window: 3 << 20, ..Default::default() };
        let restored = host.run(&mut strongroom_core::Restore::new(&handle, report.snapshot, vec![vec![]], options, [7; 32])).ok();
        assert_eq!(restored.damaged, []);
        assert!(host.sink == expected);
    }
}
