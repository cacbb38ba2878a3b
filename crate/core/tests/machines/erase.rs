//! Forget, prune and erase, one after the other: what goes, what stays, and what can be called off.

use strongroom_core::{
    CancelErasure, Code, Erase, EraseReport, Erasure, Erasures, Forget, ForgetReport, Forgotten, KeepRules, Keeper, Name, Prune,
    PruneOptions, PruneReport, Refresh,
};

use crate::{
    eraser::{DAY, DELAY},
    host::{Thing, Things, file, noise, path},
    vaults::TestVault,
};

const CLIENT: Keeper = Keeper::Client { delay: DELAY };

impl TestVault {
    pub fn forget(&mut self, what: Forgotten) -> ForgetReport {
        let (mut host, handle) = self.open(1);
        let report = host.run(&mut Forget::new(&handle, what, false, [41; 32])).ok();
        self.storage = host.storage;
        report
    }

    pub fn prune(&mut self, keeper: Keeper) -> PruneReport {
        self.prune_with(PruneOptions::new(keeper))
    }

    fn prune_with(&mut self, options: PruneOptions) -> PruneReport {
        let (mut host, handle) = self.open(1);
        let report = host.run(&mut Prune::new(&handle, options, [42; 32])).ok();
        assert_eq!(host.held(), 0, "nothing stays held");
        self.storage = host.storage;
        report
    }

    pub fn erase(&mut self, keeper: Keeper) -> EraseReport {
        let (mut host, handle) = self.open(1);
        let report = host.run(&mut Erase::new(&handle, keeper, None, [43; 32])).ok();
        self.storage = host.storage;
        report
    }

    fn erasures(&self, keeper: Keeper) -> Vec<Erasure> {
        let (mut host, handle) = self.open(1);
        host.run(&mut Erasures::new(&handle, keeper)).ok()
    }

    fn cancel_erasure(&mut self, tombstone: Name, keeper: Keeper) {
        let (mut host, handle) = self.open(1);
        host.run(&mut CancelErasure::new(&handle, tombstone, keeper, [44; 32])).ok();
        self.storage = host.storage;
    }
}

fn keep_last(last: u32) -> Forgotten {
    Forgotten::Rules(KeepRules { last, ..KeepRules::default() })
}

/// Two snapshots that share half of their files.
fn half_shared() -> (TestVault, [Things; 2], [Name; 2]) {
    let mut vault = TestVault::create(1);
    let first: Things = (0..40).map(|n| (path(&format!("f{n}")), file(noise(n, 30_000), 1))).collect();
    // A quarter stays: what is left of the packs is little.
    let second: Things = first
        .iter()
        .take(10)
        .map(|(path, thing)| (path.clone(), thing.clone()))
        .chain([(path("new"), file(noise(99, 9_000), 2))])
        .collect();
    let names = [vault.back_up(&first, 2).0.snapshot, vault.back_up(&second, 3).0.snapshot];
    (vault, [first, second], names)
}

#[test]
fn what_was_forgotten_is_erased_after_the_delay_and_the_rest_restores() {
    for keeper in [Keeper::Broker, CLIENT] {
        let (mut vault, [_, second], [forgotten, kept]) = half_shared();
        let before: usize = vault.storage.objects.values().map(Vec::len).sum();
        assert_eq!(vault.forget(keep_last(1)).verdicts.iter().filter(|verdict| verdict.kept.is_empty()).count(), 1);
        let report = vault.prune(keeper);
        assert!(report.plan.packs_rewritten > 0 && report.plan.bytes_freed > 0 && report.plan.nodes == 1, "{report:?}");
        let objects = vault.storage.objects.clone();
        // Not a moment before.
        vault.storage.now += DELAY - DAY;
        assert_eq!(vault.erase(keeper), EraseReport { waiting: 1, ..EraseReport::default() });
        assert!(vault.storage.objects == objects, "nothing is erased before the delay");
        vault.storage.now += DAY;
        let erased = vault.erase(keeper);
        assert_eq!((erased.spared, erased.waiting), (0, 0));
        assert!(erased.bytes >= report.plan.bytes_freed);
        assert!(!vault.storage.objects.contains_key(&format!("snap/{forgotten}")));
        // The indexes that were superseded go the next time, and the tombstone.
        assert!(vault.prune(keeper).plan.indexes > 0);
        vault.storage.now += DELAY;
        vault.erase(keeper);
        let after: usize = vault.storage.objects.values().map(Vec::len).sum();
        assert!(after * 2 < before, "{before} bytes became {after}");
        assert_eq!(vault.verify(true).damaged, []);
        vault.no_blob_twice();
        assert!(vault.restore(kept, &[""]).1.sink == second);
        let again = vault.prune(keeper);
        assert_eq!((again.plan.packs_needless, again.plan.packs_rewritten, again.tombstone), (0, 0, None), "nothing is left to do");
        assert_eq!(vault.storage.eraser.0.len(), 0);
        // A backup counts only on what is there.
        vault.back_up(&half_shared().1[0], 9);
        assert_eq!(vault.verify(true).damaged, []);
    }
}

#[test]
fn a_vault_whose_every_snapshot_was_forgotten_becomes_empty_and_takes_new_ones() {
    let (mut vault, [first, _], names) = half_shared();
    let mut names = names.to_vec();
    names.sort();
    vault.forget(Forgotten::Named(names));
    vault.prune(CLIENT);
    vault.storage.now += DELAY;
    vault.erase(CLIENT);
    assert_eq!(vault.storage.names("pack/"), [""; 0]);
    assert_eq!(vault.verify(true).damaged, []);
    let report = vault.back_up(&first, 5).0;
    assert!(vault.restore(report.snapshot, &[""]).1.sink == first);
}

#[test]
fn a_dry_run_and_rules_that_keep_nothing_change_nothing() {
    let (mut vault, ..) = half_shared();
    vault.forget(keep_last(1));
    let before = vault.storage.objects.clone();
    let plan = vault.prune_with(PruneOptions { dry_run: true, ..PruneOptions::new(CLIENT) });
    assert!(plan.plan.bytes_freed > 0 && plan.tombstone.is_none());
    let (mut host, handle) = vault.open(1);
    assert!(!host.run(&mut Forget::new(&handle, keep_last(1), true, [1; 32])).ok().verdicts.is_empty());
    let nothing = Forgotten::Rules(KeepRules::default());
    assert_eq!(host.run(&mut Forget::new(&handle, nothing, false, [1; 32])).code(), Code::BadRequest);
    let unknown = Forgotten::Named(vec![Name([7; 32])]);
    assert_eq!(host.run(&mut Forget::new(&handle, unknown, false, [1; 32])).code(), Code::NoSnapshot);
    assert!(host.storage.objects == before);
    assert_eq!(vault.prune(CLIENT).plan, plan.plan, "a dry run says what is done then");
}

#[test]
fn an_erasure_that_is_called_off_brings_the_snapshots_back() {
    for keeper in [Keeper::Broker, CLIENT] {
        let (mut vault, [first, _], [forgotten, _]) = half_shared();
        vault.forget(keep_last(1));
        let tombstone = vault.prune(keeper).tombstone.expect("one");
        let [pending] = vault.erasures(keeper).try_into().expect("one");
        assert_eq!((pending.tombstone.clone(), pending.nodes), (tombstone.to_string(), 1));
        assert!(pending.bytes > 0 && pending.due.is_some_and(|due| due >= pending.made.expect("made here") + DELAY));
        vault.cancel_erasure(tombstone, keeper);
        assert_eq!(vault.erasures(keeper), []);
        vault.storage.now += 2 * DELAY;
        assert_eq!(vault.erase(keeper), EraseReport::default());
        assert!(vault.restore(forgotten, &[""]).1.sink == first);
        assert_eq!(vault.verify(true).damaged, []);
    }
}

#[test]
fn what_is_called_off_can_be_doomed_again_and_called_off_again() {
    for keeper in [Keeper::Broker, CLIENT] {
        let (mut vault, [first, _], [forgotten, _]) = half_shared();
        for round in 0..3 {
            vault.forget(keep_last(1));
            let report = vault.prune(keeper);
            assert_eq!(report.plan.snapshots, 1, "round {round}");
            let tombstone = report.tombstone.expect("one");
            assert_eq!(vault.erasures(keeper).len(), 1, "round {round}");
            vault.cancel_erasure(tombstone, keeper);
            assert_eq!(vault.erasures(keeper), [], "round {round}");
            assert!(vault.restore(forgotten, &[""]).1.sink == first, "round {round}");
        }
        vault.storage.now += 2 * DELAY;
        assert_eq!(vault.erase(keeper), EraseReport::default());
        assert_eq!(vault.verify(true).damaged, []);
        vault.forget(keep_last(1));
        vault.prune(keeper);
        vault.storage.now += DELAY;
        assert!(vault.erase(keeper).bytes > 0);
        assert_eq!(vault.verify(true).damaged, []);
    }
}

#[test]
fn a_snapshot_that_came_between_prune_and_erasure_spares_what_it_needs() {
    let (mut vault, [first, _], _) = half_shared();
    vault.forget(keep_last(1));
    // A writer that took its last look before the tombstone: its node comes after.
    let before = vault.clone();
    vault.prune(CLIENT);
    let (mut host, handle) = before.open(1);
    host.set_source(&first);
    let report = host.run(&mut strongroom_core::Backup::new(&handle, crate::vaults::options(1), [8; 32])).ok();
    vault.storage.objects.extend(host.storage.objects);
    vault.storage.now += DELAY;
    assert!(vault.erase(CLIENT).spared > 0);
    assert!(vault.restore(report.snapshot, &[""]).1.sink == first);
    assert_eq!(vault.verify(true).damaged, []);
}

#[test]
fn a_backup_that_finds_doomed_what_it_counts_on_stores_it_anew() {
    let (mut vault, [mut first, _], _) = half_shared();
    vault.forget(keep_last(1));
    let (mut host, handle) = vault.open(1);
    first.insert(path("more"), file("more", 1));
    host.set_source(&first);
    let mut backup = strongroom_core::Backup::new(&handle, crate::vaults::options(1), [8; 32]);
    let mut pending = vec![];
    // The prune comes when everything of the backup is stored, but for its snapshot.
    let indexes = vault.storage.names("index/").len();
    while host.storage.names("index/").len() == indexes {
        assert!(host.turn(&mut backup, &mut pending, false).is_none(), "it ended too early");
    }
    vault.storage = std::mem::take(&mut host.storage);
    vault.prune(CLIENT);
    host.storage = std::mem::take(&mut vault.storage);
    let report = loop {
        if let Some(end) = host.turn(&mut backup, &mut pending, false) {
            break end.ok();
        }
    };
    vault.storage = host.storage;
    vault.storage.now += DELAY;
    assert_eq!(vault.erase(CLIENT).spared, 0, "nothing doomed is counted on");
    assert!(vault.restore(report.snapshot, &[""]).1.sink == first);
    assert_eq!(vault.verify(true).damaged, []);
}

#[test]
fn nothing_is_pruned_or_erased_of_a_vault_that_cannot_be_read_whole() {
    let (whole, ..) = half_shared();
    let mut pruned = whole.clone();
    pruned.forget(keep_last(1));
    pruned.prune(CLIENT);
    pruned.storage.now += DELAY;
    for kind in ["snap/", "index/", "pack/"] {
        let mut refused = 0;
        for vault in [&whole, &pruned] {
            for name in vault.storage.names(kind) {
                let mut vault = vault.clone();
                vault.storage.objects.remove(&name);
                let before = vault.storage.objects.clone();
                let (mut host, handle) = vault.open(1);
                // What nothing needs is not missed: a pack, if no file of it is named.
                if !vault.verify(false).damaged.iter().any(|left| !left.path.starts_with("pack/")) {
                    continue;
                }
                refused += 1;
                assert!(matches!(
                    host.run(&mut Prune::new(&handle, PruneOptions::new(CLIENT), [1; 32])).code(),
                    Code::Missing | Code::Damaged
                ));
                let _nothing_due_or_refused = host.run(&mut Erase::new(&handle, CLIENT, None, [1; 32]));
                let gone = before.keys().filter(|name| !host.storage.objects.contains_key(*name));
                assert_eq!(gone.count(), 0, "{name}");
            }
        }
        assert!(refused > 0, "{kind}");
    }
}

/// Adversarial test 16.
#[test]
fn a_thousand_snapshots_with_forged_dates_erase_nothing_before_the_delay_and_all_comes_back() {
    let (vault, [first, second], [older, newer]) = half_shared();
    let (mut host, handle) = vault.open(1);
    let now = host.storage.now;
    for number in 0..1_000_i64 {
        // Half of them decades ahead, half long ago.
        let years = if number % 2 == 0 { 30 } else { -30 };
        host.storage.now = now + years * 365 * DAY + number;
        host.set_source(&Things::from([(path("junk"), file("junk", 1))]));
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        host.run(&mut strongroom_core::Backup::new(&handle, crate::vaults::options(1), seed)).ok();
    }
    host.storage.now = now;
    let flooded = TestVault { storage: host.storage, ..vault };
    for keeper in [Keeper::Broker, CLIENT] {
        let mut vault = flooded.clone();
        // What is true is older than what comes from the future.
        let report = vault.forget(keep_last(3));
        assert!(report.verdicts.iter().any(|verdict| verdict.snapshot.id == newer && verdict.kept.is_empty()));
        let tombstone = vault.prune(keeper).tombstone.expect("one");
        let before = vault.storage.objects.clone();
        vault.storage.now += DELAY - 1_000_000;
        assert_eq!(vault.erase(keeper), EraseReport { waiting: 1, ..EraseReport::default() });
        assert!(before.iter().all(|(name, bytes)| vault.storage.objects.get(name) == Some(bytes)), "nothing is erased before the delay");
        let [pending] = vault.erasures(keeper).try_into().expect("one");
        assert_eq!((pending.tombstone, pending.objects > 900), (tombstone.to_string(), true), "everything pending is shown");
        vault.cancel_erasure(tombstone, keeper);
        let (mut host, handle) = vault.open(1);
        host.run(&mut Refresh::new(&handle)).ok();
        assert_eq!(handle.snapshots().len(), 1_002);
        vault.storage.now += 2 * DELAY;
        assert_eq!(vault.erase(keeper), EraseReport::default());
        for (snapshot, source) in [(older, &first), (newer, &second)] {
            assert!(vault.restore(snapshot, &[""]).1.sink == *source);
        }
    }
}

#[test]
fn what_is_rewritten_out_of_a_large_pack_keeps_every_byte() {
    // Packs of full length, of which little stays.
    let big = |n: u64| (path(&format!("big {n}")), file(noise(n, 9 << 20), 1));
    let all: Things = (0..5).map(big).collect();
    let few: Things = [big(0), (path("zeros"), Thing::File { data: vec![0; 3 << 20], mtime: Some(1) })].into();
    let mut vault = TestVault::create(1);
    vault.back_up(&all, 2);
    let report = vault.back_up(&few, 3).0;
    vault.forget(keep_last(1));
    let plan = vault.prune(CLIENT).plan;
    assert!(plan.packs_needless + plan.packs_rewritten > 1, "{plan:?}");
    vault.storage.now += DELAY;
    vault.erase(CLIENT);
    assert!(vault.restore(report.snapshot, &[""]).1.sink == few);
    assert_eq!(vault.verify(true).damaged, []);
    vault.no_blob_twice();
}
