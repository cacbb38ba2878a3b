//! Creating and unlocking without a broker.

use strongroom_core::{Access, Code, RecoveryPhrase, Unlock, UnlockSecret, VaultId};

use crate::{
    host::Host,
    vaults::{PASSPHRASE, TestVault},
};

fn unlock(host: &mut Host, vault: VaultId, secret: UnlockSecret) -> Result<VaultId, Code> {
    match host.run(&mut Unlock::new(Access::Local { vault }, secret, [1; 32])) {
        crate::host::End::Done(result) => result.map(|handle| handle.id()).map_err(|error| error.code),
        crate::host::End::Stopped => panic!("stopped"),
    }
}

#[test]
fn a_note_for_this_device_opens_in_its_vault_alone() {
    let (_, handle) = TestVault::create(1).open(1);
    let sealed = handle.seal_note(b"node_modules/", [4; 32]).expect("it is short");
    assert!(!sealed.windows(4).any(|part| part == b"node"));
    assert_eq!(handle.open_note(&sealed), Ok(b"node_modules/".to_vec()));
    let (_, other) = TestVault::create(2).open(1);
    assert_eq!(other.open_note(&sealed).map_err(|error| error.code), Err(Code::Damaged));
    assert_eq!(handle.open_note(b"").map_err(|error| error.code), Err(Code::Damaged));
}

#[test]
fn the_passphrase_and_the_recovery_phrase_open_a_vault_and_nothing_else_does() {
    let vault = TestVault::create(1);
    assert_eq!(vault.storage.objects.len(), 3);
    assert_eq!(vault.storage.puts.last().map(|name| name.starts_with("snap/")), Some(true), "the slot set comes last");
    let mut host = Host::new(vault.storage.clone(), 1);
    let other = TestVault::create(2);
    assert_eq!(unlock(&mut host, vault.id, UnlockSecret::Passphrase(PASSPHRASE.into())), Ok(vault.id));
    assert_eq!(unlock(&mut host, vault.id, UnlockSecret::Recovery(vault.phrase.clone())), Ok(vault.id));
    assert_eq!(unlock(&mut host, vault.id, UnlockSecret::Passphrase("wrong".into())), Err(Code::WrongSecret));
    assert_eq!(unlock(&mut host, vault.id, UnlockSecret::Recovery(other.phrase.clone())), Err(Code::WrongSecret));
    assert_eq!(unlock(&mut host, other.id, UnlockSecret::Recovery(other.phrase)), Err(Code::WrongSecret));
    host.storage.objects.clear();
    assert_eq!(unlock(&mut host, vault.id, UnlockSecret::Recovery(vault.phrase.clone())), Err(Code::NoVault));
    let words = vault.phrase.words();
    assert_eq!(RecoveryPhrase::parse(&words).map(|phrase| phrase == vault.phrase), Ok(true));
}

#[test]
fn a_flipped_byte_in_a_slot_is_an_error_that_opens_nothing() {
    let vault = TestVault::create(1);
    for name in vault.storage.names("slot/") {
        let recovery = name.ends_with('2');
        for at in [0, 4, 5, 6, 7, 8, 24, 40, 72, 76, 80, 84, 127, 128, 132, 140, 171, 200, 1000, 4095] {
            let mut host = Host::new(vault.storage.clone(), 1);
            host.storage.objects.get_mut(&name).expect("the slot")[at] ^= 0x41;
            let secret = if recovery { UnlockSecret::Recovery(vault.phrase.clone()) } else { UnlockSecret::Passphrase(PASSPHRASE.into()) };
            let code = unlock(&mut host, vault.id, secret).expect_err("nothing opens");
            let typed = matches!(code, Code::WrongSecret | Code::Damaged | Code::Unsupported | Code::BadParameters | Code::Denied);
            assert!(typed, "{name} at {at}: {code:?}");
        }
    }
}
