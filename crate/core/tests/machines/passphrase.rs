//! Another passphrase for a vault without a broker: whatever happens, one of the two opens it.

use strongroom_core::{Access, Code, RecoveryPhrase, ReplacePassphrase, Unlock, UnlockSecret, VaultHandle};

use crate::{
    host::{End, Faults, Host, Storage},
    vaults::{PASSPHRASE, TestVault},
};

const NEW: &str = "nine herons sleep beside Turku";

fn passphrase(text: &str) -> UnlockSecret {
    UnlockSecret::Passphrase(text.into())
}

fn phrase(vault: &TestVault) -> UnlockSecret {
    UnlockSecret::Recovery(vault.phrase.clone())
}

fn opens(vault: &TestVault, storage: &Storage, secret: UnlockSecret) -> Option<VaultHandle> {
    let mut host = Host::new(storage.clone(), 1);
    match host.run(&mut Unlock::new(Access::Local { vault: vault.id }, secret, [1; 32])) {
        End::Done(Ok(handle)) => Some(handle),
        End::Done(Err(error)) => {
            assert_eq!(error.code, Code::WrongSecret);
            None
        }
        End::Stopped => unreachable!("nothing stops it"),
    }
}

fn change(vault: &TestVault, secret: UnlockSecret, to: &str, faults: Faults) -> (End<()>, Storage, usize) {
    let (mut host, handle) = vault.open(1);
    host.storage.puts.clear();
    let begun = host.answered;
    host.faults = Faults { stop_at: faults.stop_at.map(|stop| begun + stop), ..faults };
    let end = host.run(&mut ReplacePassphrase::new(&handle, secret, to.into(), [7; 32]));
    (end, host.storage, host.answered - begun)
}

#[test]
fn another_passphrase_opens_the_vault_the_old_one_no_more_and_the_recovery_phrase_as_before() {
    for with_phrase in [false, true] {
        let vault = TestVault::create(1);
        let secret = if with_phrase { phrase(&vault) } else { passphrase(PASSPHRASE) };
        let (end, storage, _) = change(&vault, secret, NEW, Faults::default());
        assert_eq!(end.ok(), ());
        assert_eq!(storage.puts.len(), 2, "the slot, then the slot set");
        assert!(storage.puts[0].starts_with("slot/") && storage.puts[1].starts_with("snap/"));
        assert!(opens(&vault, &storage, passphrase(PASSPHRASE)).is_none());
        assert!(opens(&vault, &storage, phrase(&vault)).is_some());
        let handle = opens(&vault, &storage, passphrase(NEW)).expect("it opens");
        assert_eq!((handle.heads().len(), handle.damaged().len()), (1, 0));
        // And once more, with the new one.
        let changed = TestVault { storage, ..vault.clone() };
        let (end, storage, _) = change(&changed, passphrase(NEW), PASSPHRASE, Faults::default());
        assert_eq!(end.ok(), ());
        assert!(opens(&vault, &storage, passphrase(PASSPHRASE)).is_some() && opens(&vault, &storage, passphrase(NEW)).is_none());
    }
}

#[test]
fn without_the_present_secret_nothing_is_written() {
    let (vault, other) = (TestVault::create(1), TestVault::create(2));
    for (secret, to) in [(passphrase("wrong"), NEW), (phrase(&other), NEW), (passphrase(PASSPHRASE), "")] {
        let (end, storage, _) = change(&vault, secret, to, Faults::default());
        assert_eq!(end.code(), Code::WrongSecret);
        assert!(storage.puts.is_empty() && storage.objects == vault.storage.objects);
    }
}

#[test]
fn wherever_it_ends_early_one_of_the_two_passphrases_opens_the_vault_and_the_same_again_finishes_it() {
    let vault = TestVault::create(1);
    let (_, _, answers) = change(&vault, passphrase(PASSPHRASE), NEW, Faults::default());
    let (mut still_old, mut already_new) = (0, 0);
    let stops = (0..=answers).map(|stop| Faults { stop_at: Some(stop), ..Faults::default() });
    let losses = (0..2).map(|put| Faults { lose_put: Some(put), ..Faults::default() });
    let refusals = (0..2).map(|put| Faults { fail_put: Some(put), ..Faults::default() });
    for faults in stops.chain(losses).chain(refusals) {
        let (_, storage, _) = change(&vault, passphrase(PASSPHRASE), NEW, faults);
        let old = opens(&vault, &storage, passphrase(PASSPHRASE)).is_some();
        let new = opens(&vault, &storage, passphrase(NEW)).is_some();
        assert!(old != new, "one of the two, and never none");
        assert!(opens(&vault, &storage, phrase(&vault)).is_some());
        if old {
            still_old += 1
        } else {
            already_new += 1
        }
        let again = TestVault { storage, ..vault.clone() };
        let (end, storage, _) = change(&again, passphrase(if old { PASSPHRASE } else { NEW }), NEW, Faults::default());
        assert_eq!(end.ok(), ());
        assert!(opens(&vault, &storage, passphrase(NEW)).is_some());
    }
    assert!(still_old > 2 && already_new > 2, "{still_old} and {already_new}");
}

#[test]
fn who_lost_the_passphrases_slot_puts_a_new_one_in_its_place_with_the_recovery_phrase() {
    let mut vault = TestVault::create(1);
    let slot = vault.storage.names("slot/").into_iter().find(|name| name.ends_with('1')).expect("the passphrase's");
    vault.storage.objects.remove(&slot);
    assert_eq!(change(&vault, passphrase(PASSPHRASE), NEW, Faults::default()).0.code(), Code::Missing);
    let (end, storage, _) = change(&vault, phrase(&vault), NEW, Faults::default());
    assert_eq!(end.ok(), ());
    assert!(opens(&vault, &storage, passphrase(NEW)).is_some());
    assert!(RecoveryPhrase::parse(&vault.phrase.words()).is_ok());
}
