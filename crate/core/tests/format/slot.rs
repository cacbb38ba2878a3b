use strongroom_core::{
    Code, RecoveryPhrase, SlotKind,
    key::{Ring, Secret},
    slot::{Argon2id, Kdf, PREAMBLE, Preamble, open_slot, seal_slot},
};

use crate::support::{ring, rng};

fn recovery(ring: &Ring, secret: &[u8]) -> Vec<u8> {
    let preamble = Preamble::new(SlotKind::Recovery, Kdf::None, ring.vault, [5; 32]);
    seal_slot(ring, &preamble, &preamble.slot_key(secret), [6; 32]).unwrap()
}

fn passphrase(ring: &Ring, kdf: Kdf, secret: &[u8]) -> Vec<u8> {
    let preamble = Preamble::new(SlotKind::Passphrase, kdf, ring.vault, [5; 32]);
    seal_slot(ring, &preamble, &preamble.slot_key(secret), [6; 32]).unwrap()
}

#[test]
fn a_recovery_phrase_opens_its_slot() {
    let (ring, phrase) = (ring(1), RecoveryPhrase::generate(&mut rng(2)));
    let slot = recovery(&ring, phrase.entropy().expose());
    assert_eq!(slot.len(), 4096);
    assert_eq!(Preamble::read(&slot, ring.vault).unwrap().kdf, Kdf::None);
    assert_eq!(open_slot(&slot, ring.vault, phrase.entropy().expose()), Ok(ring));
}

#[test]
fn a_stretched_passphrase_opens_its_slot_and_another_does_not() {
    let ring = ring(1);
    let stretch = |text: &str| Argon2id::WRITER.stretch(text.as_bytes(), &[5; 32]).unwrap();
    let slot = passphrase(&ring, Kdf::Argon2id(Argon2id::WRITER), stretch("correct horse").expose());
    assert_eq!(open_slot(&slot, ring.vault, stretch("correct horsf").expose()).unwrap_err().code, Code::WrongSecret);
    assert_eq!(open_slot(&slot, ring.vault, stretch("correct horse").expose()), Ok(ring));
}

#[test]
fn an_export_key_opens_its_slot() {
    let ring = ring(1);
    let slot = passphrase(&ring, Kdf::Opaque, &[9; 64]);
    assert_eq!(open_slot(&slot, ring.vault, &[8; 64]).unwrap_err().code, Code::WrongSecret);
    assert_eq!(open_slot(&slot, ring.vault, &[9; 64]), Ok(ring));
}

#[test]
fn what_a_passkey_gives_opens_its_slot_and_no_other() {
    let ring = ring(1);
    let slot = |id: u8| {
        let preamble = Preamble::new(SlotKind::Passkey([id; 16]), Kdf::None, ring.vault, [5; 32]);
        seal_slot(&ring, &preamble, &preamble.slot_key(&[9; 32]), [6; 32]).unwrap()
    };
    assert_eq!(open_slot(&slot(7), ring.vault, &[9; 32]), Ok(ring.clone()));
    assert_eq!(open_slot(&slot(7), ring.vault, &[8; 32]).unwrap_err().code, Code::WrongSecret);
    assert_eq!(Preamble::read(&slot(7), ring.vault).unwrap().kind, SlotKind::Passkey([7; 16]));
    let mut renamed = slot(7);
    renamed[8..24].fill(8);
    assert_eq!(open_slot(&renamed, ring.vault, &[9; 32]).unwrap_err().code, Code::WrongSecret, "under another id");
    let recovery = recovery(&ring, &[9; 32]);
    for (at, byte) in [(5, 3), (23, 9)] {
        let mut changed = recovery.clone();
        changed[at] = byte;
        assert_eq!(
            open_slot(&changed, ring.vault, &[9; 32]).unwrap_err().code,
            Code::WrongSecret,
            "a recovery slot that says it is a passkey's"
        );
    }
}

#[test]
fn every_flipped_bit_of_a_slot_gives_the_one_code() {
    let ring = ring(1);
    let slot = recovery(&ring, &[1; 32]);
    for position in 0..slot.len() {
        let mut changed = slot.clone();
        changed[position] ^= 1 << (position % 8);
        assert_eq!(open_slot(&changed, ring.vault, &[1; 32]).unwrap_err().code, Code::WrongSecret, "byte {position}");
    }
}

#[test]
fn a_slot_of_another_vault_another_length_or_another_secret_gives_the_one_code() {
    let (mine, other) = (ring(1), ring(2));
    let slot = recovery(&mine, &[1; 32]);
    let longer = [&slot[..], &[0; 4096]].concat();
    for (object, vault, secret) in [
        (&slot[..], other.vault, [1; 32]),
        (&slot[..], mine.vault, [2; 32]),
        (&slot[..4095], mine.vault, [1; 32]),
        (&longer[..], mine.vault, [1; 32]),
        (&[], mine.vault, [1; 32]),
    ] {
        assert_eq!(open_slot(object, vault, &secret).unwrap_err().code, Code::WrongSecret);
    }
}

#[test]
fn a_ring_of_another_vault_inside_a_good_seal_is_refused() {
    let (mine, other) = (ring(1), ring(2));
    let preamble = Preamble::new(SlotKind::Recovery, Kdf::None, mine.vault, [5; 32]);
    let slot = seal_slot(&other, &preamble, &preamble.slot_key(&[1; 32]), [6; 32]).unwrap();
    assert_eq!(open_slot(&slot, mine.vault, &[1; 32]).unwrap_err().code, Code::WrongSecret);
}

#[test]
fn argon2id_beyond_the_floors_and_ceilings_is_refused_before_any_work() {
    let ring = ring(1);
    let slot = passphrase(&ring, Kdf::Argon2id(Argon2id::WRITER), &[1; 32]);
    let with = |memory: u32, passes: u32, lanes: u32| {
        let mut changed = slot.clone();
        changed[72..76].copy_from_slice(&memory.to_le_bytes());
        changed[76..80].copy_from_slice(&passes.to_le_bytes());
        changed[80..84].copy_from_slice(&lanes.to_le_bytes());
        Preamble::read(&changed, ring.vault).map_err(|error| error.code)
    };
    let (floor, ceiling) = (64 << 10, 1 << 20);
    for (memory, passes, lanes) in [(floor, 3, 1), (ceiling, 10, 16)] {
        assert_eq!(with(memory, passes, lanes).unwrap().kdf, Kdf::Argon2id(Argon2id::new(memory, passes, lanes).unwrap()));
    }
    let refused = [
        (8, 3, 4),
        (floor - 1, 3, 4),
        (ceiling + 1, 3, 4),
        (4 << 20, 3, 4),
        (floor, 2, 4),
        (floor, 11, 4),
        (floor, 3, 0),
        (floor, 3, 17),
        (0, 0, 0),
    ];
    for (memory, passes, lanes) in refused {
        assert_eq!(with(memory, passes, lanes), Err(Code::BadParameters), "{memory} {passes} {lanes}");
    }
}

#[test]
fn pairs_of_kind_and_kdf_that_the_format_does_not_know_are_refused() {
    let ring = ring(1);
    let slot = recovery(&ring, &[1; 32]);
    for (kind, kdf) in [(1, 0), (2, 1), (2, 2), (2, 3), (1, 3), (3, 1), (3, 2), (4, 0), (0, 0)] {
        let mut changed = slot.clone();
        (changed[5], changed[6], changed[23]) = (kind, kdf, kind);
        assert_eq!(Preamble::read(&changed, ring.vault).map_err(|error| error.code), Err(Code::WrongSecret), "{kind} {kdf}");
    }
    let mut costly = passphrase(&ring, Kdf::Opaque, &[9; 64]);
    costly[72] = 1;
    assert_eq!(Preamble::read(&costly, ring.vault).map_err(|error| error.code), Err(Code::WrongSecret), "parameters where none belong");
}

#[test]
fn the_public_half_of_a_slot_is_the_x25519_of_its_key() {
    let preamble = Preamble::new(SlotKind::Recovery, Kdf::None, ring(1).vault, [5; 32]);
    let one = preamble.x25519_public(&preamble.slot_key(&[1; 32]));
    assert_eq!(one, preamble.x25519_public(&preamble.slot_key(&[1; 32])));
    assert_ne!(one, preamble.x25519_public(&preamble.slot_key(&[2; 32])));
    assert_ne!(one, preamble.x25519_public(&Secret::new([1; 32])));
}

#[test]
fn the_fixed_slots_have_the_names_of_the_format() {
    assert_eq!(SlotKind::Passphrase.slot_name(), "00000000000000000000000000000001");
    assert_eq!(SlotKind::Recovery.slot_name(), "00000000000000000000000000000002");
    assert_eq!(PREAMBLE, 128);
}
