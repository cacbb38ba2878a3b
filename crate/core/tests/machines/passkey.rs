//! Passkeys: added, used, named and removed, with a broker and without one.

use strongroom_core::{
    Access, ChangePasskeys, Code, Create, CreateAccess, CreateOptions, Passkey, PasskeyChange, PasskeySecret, Passkeys, RecoveryPhrase,
    ReplacePassphrase, Scope, Secret, SignIn, Unlock, UnlockSecret, VaultHandle,
};

use crate::{
    broker::Broker,
    host::{End, Host, Storage},
    vaults::{PASSPHRASE, TestVault},
};

const NAME: &str = "my-vault";

/// What the passkey of that slot gives.
fn passkey(id: u8) -> PasskeySecret {
    PasskeySecret::new([id; 16], Secret::new([id; 32]))
}

fn add(id: u8, label: &str) -> PasskeyChange {
    PasskeyChange::Add { secret: passkey(id), label: label.into() }
}

/// A host at a broker with a vault.
fn at_a_broker() -> (Host, VaultHandle, RecoveryPhrase) {
    let mut host = Host::new(Storage::default(), 1);
    host.broker = Some(Broker::new());
    let access = CreateAccess::Broker { name: NAME.into() };
    let made = host.run(&mut Create::new(CreateOptions { access, passphrase: PASSPHRASE.into(), chunk_log2: 18 }, [1; 32])).ok();
    (host, made.vault, made.phrase)
}

/// The broker writes the slots to the storage, and erases them there.
fn settle(host: &mut Host) {
    host.storage.objects.retain(|name, _| !name.starts_with("slot/"));
    let slots = host.broker.as_ref().expect("a broker").slots(NAME);
    host.storage.objects.extend(slots);
}

fn sign_in(host: &mut Host, scope: Scope) {
    host.run(&mut SignIn::new(NAME.into(), &UnlockSecret::Passphrase(PASSPHRASE.into()), scope, [5; 32])).ok();
}

fn change(host: &mut Host, vault: &VaultHandle, name: Option<&str>, change: PasskeyChange) -> End<()> {
    // As random as a host's.
    let seed = [host.storage.puts.len() as u8; 32];
    let end = host.run(&mut ChangePasskeys::new(vault, name.map(String::from), change, seed));
    if host.broker.is_some() {
        settle(host);
    }
    end
}

fn labels(passkeys: &[Passkey]) -> Vec<(u8, &str, bool)> {
    passkeys.iter().map(|passkey| (passkey.slot[0], passkey.label.as_str(), passkey.present)).collect()
}

#[test]
fn a_passkey_that_is_added_opens_the_vault_there_and_anywhere_until_it_is_removed() {
    let (mut host, vault, phrase) = at_a_broker();
    let there = || Access::Broker { name: NAME.into() };
    let here = || Access::Local { vault: vault.id() };
    sign_in(&mut host, Scope::Usual);
    assert_eq!(change(&mut host, &vault, Some(NAME), add(7, "laptop")).code(), Code::Denied, "a session that is not fresh is enough");
    sign_in(&mut host, Scope::Delete);
    change(&mut host, &vault, Some(NAME), add(7, "laptop")).ok();
    change(&mut host, &vault, Some(NAME), add(8, "phone")).ok();
    assert_eq!(change(&mut host, &vault, Some(NAME), add(8, "again")).code(), Code::BadRequest);

    let unlock =
        |host: &mut Host, access, secret: PasskeySecret| host.run(&mut Unlock::new(access, UnlockSecret::Passkey(secret), [2; 32]));
    for access in [there(), here()] {
        for id in [7, 8] {
            let opened = unlock(&mut host, access.clone(), passkey(id)).ok();
            assert_eq!((opened.id(), opened.heads()), (vault.id(), vault.heads()));
        }
        // One that gives other bytes, one of another slot, one that was never added.
        let wrong = [PasskeySecret::new([7; 16], Secret::new([1; 32])), PasskeySecret::new([7; 16], Secret::new([8; 32])), passkey(9)];
        for secret in wrong {
            assert_eq!(unlock(&mut host, access.clone(), secret).code(), Code::WrongSecret);
        }
    }

    sign_in(&mut host, Scope::Usual);
    assert_eq!(change(&mut host, &vault, Some(NAME), PasskeyChange::Remove { slot: [7; 16] }).code(), Code::Denied);
    change(&mut host, &vault, Some(NAME), PasskeyChange::Rename { slot: [8; 16], label: "the new phone".into() }).ok();
    // A passkey is a secret like the others: it makes a session fresh.
    host.run(&mut SignIn::new(NAME.into(), &UnlockSecret::Passkey(passkey(8)), Scope::Delete, [5; 32])).ok();
    change(&mut host, &vault, Some(NAME), PasskeyChange::Remove { slot: [7; 16] }).ok();
    for access in [there(), here()] {
        assert_eq!(unlock(&mut host, access.clone(), passkey(7)).code(), Code::WrongSecret);
        unlock(&mut host, access.clone(), passkey(8)).ok();
        host.run(&mut Unlock::new(access, UnlockSecret::Recovery(phrase.clone()), [2; 32])).ok();
    }
    let handle = unlock(&mut host, there(), passkey(8)).ok();
    assert_eq!(labels(&host.run(&mut Passkeys::new(&handle)).ok()), [(8, "the new phone", true)]);
    assert_eq!((handle.heads().len(), handle.damaged()), (1, vec![]));
}

#[test]
fn what_a_passkey_gives_never_goes_to_the_broker() {
    let (mut host, vault, _) = at_a_broker();
    sign_in(&mut host, Scope::Delete);
    change(&mut host, &vault, Some(NAME), add(7, "laptop")).ok();
    let access = Access::Broker { name: NAME.into() };
    host.run(&mut Unlock::new(access, UnlockSecret::Passkey(passkey(7)), [2; 32])).ok();
    let requests = &host.broker.as_ref().expect("a broker").requests;
    assert!(requests.iter().any(|request| request[1]["slot"] == hex::encode([7; 16])));
    let sent = serde_json::to_string(requests).expect("JSON");
    for secret in [[7; 32], *passkey(7).sign_in_password().expose()] {
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, secret);
        for spelled in [hex::encode(secret), base64[4..40].to_string(), "laptop".into()] {
            assert!(!sent.contains(&spelled));
        }
    }
}

#[test]
fn without_a_broker_a_passkey_is_added_and_removed_in_the_storage_alone() {
    let test = TestVault::create(1);
    let (mut host, vault) = test.open(1);
    change(&mut host, &vault, None, add(7, "laptop")).ok();
    let name = format!("slot/{}", hex::encode([7; 16]));
    assert_eq!(host.storage.puts.last().map(|last| last.starts_with("snap/")), Some(true), "the slot set comes last");
    let unlock =
        |host: &mut Host, id| host.run(&mut Unlock::new(Access::Local { vault: test.id }, UnlockSecret::Passkey(passkey(id)), [2; 32]));
    assert_eq!(unlock(&mut host, 7).ok().id(), test.id);
    let copy = host.storage.objects[&name].clone();
    change(&mut host, &vault, None, PasskeyChange::Remove { slot: [7; 16] }).ok();
    assert!(!host.storage.objects.contains_key(&name));
    assert_eq!(unlock(&mut host, 7).code(), Code::WrongSecret);
    // Put back, it opens (FORMAT.md §6), and is seen.
    host.storage.objects.insert(name, copy);
    assert_eq!(unlock(&mut host, 7).ok().id(), test.id);
    let found = host.run(&mut Passkeys::new(&vault)).ok();
    assert_eq!(labels(&found), [(7, "", true)]);
    assert_eq!(found[0].made, None);
    change(&mut host, &vault, None, PasskeyChange::Remove { slot: [7; 16] }).ok();
    assert_eq!(host.run(&mut Passkeys::new(&vault)).ok(), []);
}

#[test]
fn a_change_that_breaks_off_is_seen_in_the_list_and_can_be_mended() {
    let test = TestVault::create(1);
    let (mut host, vault) = test.open(1);
    // The slot is there, its slot set is not.
    host.faults.fail_put = Some(1);
    let error = match change(&mut host, &vault, None, add(7, "laptop")) {
        End::Done(Err(error)) => error,
        end => panic!("{end:?}"),
    };
    assert_eq!(error.code, Code::StorageFull);
    assert!(error.message.starts_with("The passkey opens the vault, but"), "{}", error.message);
    assert_eq!(labels(&host.run(&mut Passkeys::new(&vault)).ok()), [(7, "", true)]);
    change(&mut host, &vault, None, PasskeyChange::Remove { slot: [7; 16] }).ok();
    assert_eq!(host.run(&mut Passkeys::new(&vault)).ok(), []);

    change(&mut host, &vault, None, add(8, "phone")).ok();
    host.storage.objects.remove(&format!("slot/{}", hex::encode([8; 16])));
    assert_eq!(labels(&host.run(&mut Passkeys::new(&vault)).ok()), [(8, "phone", false)]);
    change(&mut host, &vault, None, PasskeyChange::Remove { slot: [8; 16] }).ok();
    assert_eq!(host.run(&mut Passkeys::new(&vault)).ok(), []);
}

#[test]
fn the_slots_of_passphrase_and_recovery_phrase_are_no_passkeys_and_sixteen_slots_are_the_limit() {
    let test = TestVault::create(1);
    let (mut host, vault) = test.open(1);
    let fixed = |byte: u8| {
        let mut id = [0; 16];
        id[15] = byte;
        id
    };
    for slot in [fixed(1), fixed(2)] {
        for wish in [
            PasskeyChange::Remove { slot },
            PasskeyChange::Rename { slot, label: "mine".into() },
            PasskeyChange::Add { secret: PasskeySecret::new(slot, Secret::new([1; 32])), label: "mine".into() },
        ] {
            assert_eq!(change(&mut host, &vault, None, wish).code(), Code::BadRequest);
        }
    }
    assert_eq!(host.storage.names("slot/").len(), 2);
    for label in [String::new(), "x".repeat(256)] {
        assert_eq!(change(&mut host, &vault, None, add(7, &label)).code(), Code::BadRequest);
    }
    assert_eq!(change(&mut host, &vault, None, PasskeyChange::Rename { slot: [7; 16], label: "x".into() }).code(), Code::BadRequest);
    for id in 20..34 {
        change(&mut host, &vault, None, add(id, &"x".repeat(255))).ok();
    }
    assert_eq!(change(&mut host, &vault, None, add(34, "one too many")).code(), Code::BadRequest);
    assert_eq!(host.storage.names("slot/").len(), 16);
    assert_eq!(test.unlock(&mut host).damaged(), vec![]);
    assert_eq!(host.run(&mut Passkeys::new(&vault)).ok().len(), 14);
}

#[test]
fn a_passphrase_that_changes_after_two_devices_added_the_last_passkey_at_the_same_time_leaves_slots_that_can_be_read() {
    let test = TestVault::create(1);
    let (mut here, vault) = test.open(1);
    for id in 20..33 {
        change(&mut here, &vault, None, add(id, "a passkey")).ok();
    }
    let (mut there, elsewhere) = test.open(2);
    there.storage.objects.clone_from(&here.storage.objects);
    change(&mut here, &vault, None, add(40, "here")).ok();
    change(&mut there, &elsewhere, None, add(41, "there")).ok();
    here.storage.objects.extend(there.storage.objects);
    let passphrase = UnlockSecret::Passphrase(PASSPHRASE.into());
    here.run(&mut ReplacePassphrase::new(&vault, passphrase, "another passphrase".into(), [7; 32])).ok();

    let passphrase = UnlockSecret::Passphrase("another passphrase".into());
    let opened = here.run(&mut Unlock::new(Access::Local { vault: test.id }, passphrase, [2; 32])).ok();
    assert_eq!(here.run(&mut Passkeys::new(&opened)).ok().len(), 15, "all are listed, for one of them to be removed");
    assert_eq!(opened.damaged(), vec![]);
    change(&mut here, &opened, None, PasskeyChange::Remove { slot: [20; 16] }).ok();
    assert_eq!(here.run(&mut Passkeys::new(&opened)).ok().len(), 14);
}
