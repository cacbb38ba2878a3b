//! Marking and erasing at a broker that wants a fresh unlock for it.

use strongroom_core::{
    Backup, Code, Create, CreateAccess, CreateOptions, Erase, Forget, Forgotten, FreshUnlock, KeepRules, Keeper, Millis, Prune,
    PruneOptions, UnlockSecret, VaultHandle,
};

use crate::{
    broker::Broker,
    eraser::DELAY,
    host::{Host, Storage, Things, file, noise, path},
    vaults::{PASSPHRASE, options},
};

const MINUTE: Millis = 60_000;

fn unlock(passphrase: &str) -> FreshUnlock {
    FreshUnlock::new("my-vault".into(), UnlockSecret::Passphrase(passphrase.into()))
}

fn asked(unlock: FreshUnlock) -> PruneOptions {
    PruneOptions { unlock: Some(unlock), ..PruneOptions::new(Keeper::Broker) }
}

/// A vault at a broker with two snapshots, of which the first is forgotten.
fn at_a_broker() -> (Host, VaultHandle) {
    let mut host = Host::new(Storage::default(), 1);
    host.broker = Some(Broker::new());
    let access = CreateAccess::Broker { name: "my-vault".into() };
    let vault = host.run(&mut Create::new(CreateOptions { access, passphrase: PASSPHRASE.into(), chunk_log2: 16 }, [1; 32])).ok().vault;
    host.set_up_lanes(&vault);
    let all: Things = (0..40).map(|n| (path(&format!("f{n}")), file(noise(n, 30_000), 1))).collect();
    let few: Things = all.iter().take(10).map(|(path, thing)| (path.clone(), thing.clone())).collect();
    for (seed, source) in [(2, &all), (3, &few)] {
        host.set_source(source);
        host.run(&mut Backup::new(&vault, options(1), [seed; 32])).ok();
    }
    let rules = KeepRules { last: 1, ..KeepRules::default() };
    host.run(&mut Forget::new(&vault, Forgotten::Rules(rules), false, [4; 32])).ok();
    (host, vault)
}

fn sign_ins(host: &Host) -> u32 {
    host.broker.as_ref().expect("a broker").signed_in.0
}

#[test]
fn a_prune_with_the_secret_marks_and_after_the_delay_erases_and_signs_in_once_for_both() {
    let (mut host, vault) = at_a_broker();
    let bytes = |host: &Host| host.storage.objects.values().map(Vec::len).sum::<usize>();
    let before = bytes(&host);
    let secret = unlock(PASSPHRASE);
    let erase = |unlock| Erase::new(&vault, Keeper::Broker, Some(unlock), [6; 32]);
    assert_eq!(host.run(&mut erase(secret.clone())).ok().objects, 0);
    let report = host.run(&mut Prune::new(&vault, asked(secret), [5; 32])).ok();
    assert!(report.tombstone.is_some() && report.plan.bytes_freed > 0 && report.plan.snapshots == 1, "{report:?}");
    assert_eq!(sign_ins(&host), 1);
    host.storage.now += DELAY;
    assert!(host.run(&mut erase(unlock(PASSPHRASE))).ok().objects > 0);
    assert!(bytes(&host) * 3 < before * 2, "{before} bytes became {}", bytes(&host));
}

#[test]
fn a_wrong_secret_is_told_before_anything_is_written_or_read() {
    let (mut host, vault) = at_a_broker();
    let objects = host.storage.objects.clone();
    assert_eq!(host.run(&mut Prune::new(&vault, asked(unlock("not it")), [5; 32])).code(), Code::WrongSecret);
    assert_eq!(host.run(&mut Erase::new(&vault, Keeper::Broker, Some(unlock("not it")), [5; 32])).code(), Code::WrongSecret);
    assert!(host.storage.objects == objects);
}

#[test]
fn a_prune_that_copies_for_longer_than_a_sign_in_is_fresh_signs_in_again_before_it_marks() {
    let (mut host, vault) = at_a_broker();
    let mut prune = Prune::new(&vault, asked(unlock(PASSPHRASE)), [5; 32]);
    let mut pending = vec![];
    let packs = host.storage.names("pack/").len();
    let report = loop {
        if let Some(end) = host.turn(&mut prune, &mut pending, false) {
            break end.ok();
        }
        // The new pack is stored: that took its time.
        if host.storage.names("pack/").len() > packs && sign_ins(&host) == 1 {
            host.storage.now += 20 * MINUTE;
        }
    };
    assert!(report.plan.packs_rewritten > 0, "{report:?}");
    assert_eq!((sign_ins(&host), host.storage.eraser.0.len()), (2, 1));
}

#[test]
fn without_a_fresh_unlock_nothing_is_marked_and_the_next_run_that_has_one_marks_it() {
    let (mut host, vault) = at_a_broker();
    let pruned = host.run(&mut Prune::new(&vault, PruneOptions::new(Keeper::Broker), [5; 32]));
    assert_eq!((pruned.code(), host.storage.eraser.0.len()), (Code::Denied, 0));
    let report = host.run(&mut Erase::new(&vault, Keeper::Broker, Some(unlock(PASSPHRASE)), [6; 32])).ok();
    assert_eq!((report.waiting, host.storage.eraser.0.len()), (1, 1));
}

#[test]
fn what_forgetting_some_more_would_free_is_said_without_forgetting_them() {
    let (mut host, vault) = at_a_broker();
    let before = host.storage.objects.clone();
    let newest = vault.snapshots().remove(0).id;
    let mut plan = |without: Vec<_>, dry_run| {
        let options = PruneOptions { dry_run, without, ..PruneOptions::new(Keeper::Broker) };
        host.run(&mut Prune::new(&vault, options, [5; 32])).ok().plan
    };
    let (now, then) = (plan(vec![], true), plan(vec![newest], true));
    assert!(then.bytes_freed > now.bytes_freed && then.packs_kept == 0 && then.snapshots == 2, "{now:?} {then:?}");
    assert_eq!(plan(vec![], true), now);
    assert!(host.storage.objects == before);
    assert!(vault.snapshots().iter().any(|snapshot| snapshot.id == newest));
}

#[test]
fn what_is_really_pruned_is_what_is_forgotten_and_no_more() {
    let (mut host, vault) = at_a_broker();
    let newest = vault.snapshots().remove(0).id;
    let mut prune = Prune::new(&vault, PruneOptions { without: vec![newest], ..asked(unlock(PASSPHRASE)) }, [5; 32]);
    let plan = host.run(&mut prune).ok().plan;
    assert_eq!((plan.snapshots, plan.packs_kept + plan.packs_rewritten > 0), (1, true), "{plan:?}");
}
