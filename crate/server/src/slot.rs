//! The shape of a key slot (FORMAT.md §6), as far as a server that cannot open it can check.

use serde::Deserialize;

use crate::{
    error::{Error, Result},
    name::{Kind, MIN_OBJECT, Object, VaultId, is_hex},
};

/// The longest slot object: a ring of 1,024 epochs (FORMAT.md §3) pads to 64 KiB.
pub const MAX_SLOT: u64 = 1 << 16;

/// The ways to sign in. Of the first two a vault has one each; of passkeys, any number up to the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum SlotKind {
    Passphrase,
    Recovery,
    /// The one whose slot has this id.
    Passkey([u8; 16]),
}

impl TryFrom<String> for SlotKind {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        Self::parse(&text).ok_or("a slot is `passphrase`, `recovery` or the id of a passkey's slot, 32 lower-case hex digits")
    }
}

impl SlotKind {
    /// The kind's byte in a preamble and in a client identity.
    pub fn byte(self) -> u8 {
        match self {
            Self::Passphrase => 1,
            Self::Recovery => 2,
            Self::Passkey(_) => 3,
        }
    }

    /// The kind in a word, the same for all passkeys.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Recovery => "recovery",
            Self::Passkey(_) => "passkey",
        }
    }

    /// What it is called in a request and in the database.
    pub fn text(self) -> String {
        match self {
            Self::Passkey(id) => hex::encode(id),
            fixed => fixed.word().into(),
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let fixed = [Self::Passphrase, Self::Recovery];
        if let Some(kind) = fixed.into_iter().find(|kind| kind.word() == text) {
            return Some(kind);
        }
        let mut id = [0; 16];
        let whole = is_hex(text, 32) && hex::decode_to_slice(text, &mut id).is_ok();
        (whole && !fixed.iter().any(|kind| kind.slot_id() == id)).then_some(Self::Passkey(id))
    }

    /// How a slot of this kind is opened where sign-in is OPAQUE: by the export key, or by the secret itself.
    fn kdf(self) -> u8 {
        match self {
            Self::Passphrase => 2,
            Self::Recovery | Self::Passkey(_) => 0,
        }
    }

    fn slot_id(self) -> [u8; 16] {
        if let Self::Passkey(id) = self {
            return id;
        }
        let mut id = [0; 16];
        id[15] = self.byte();
        id
    }

    /// Where the slot lies in the storage.
    pub fn object(self, vault: VaultId) -> Object {
        Object::new(vault, Kind::Slot, &hex::encode(self.slot_id())).expect("a slot id is 32 hex digits")
    }
}

/// Checks what stands in the clear: length, magic, version, kind, kdf, slot id, vault id.
///
/// # Errors
/// `bad_request`, naming what is wrong.
pub fn check(object: &[u8], kind: SlotKind, vault: &VaultId) -> Result<()> {
    let length = object.len() as u64;
    if !length.is_power_of_two() || !(MIN_OBJECT..=MAX_SLOT).contains(&length) {
        return Err(Error::bad("a slot object's length is a power of two from 4 KiB to 64 KiB."));
    }
    let mut expected = Vec::from(*b"SRSL");
    expected.extend([1, kind.byte(), kind.kdf(), 0]);
    expected.extend(kind.slot_id());
    expected.extend(vault.bytes());
    if object.starts_with(&expected) {
        Ok(())
    } else {
        Err(Error::bad(format!("the {} slot's object is not one of this kind and vault.", kind.word())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(kind: SlotKind, vault: &VaultId) -> Vec<u8> {
        let mut bytes = Vec::from(*b"SRSL");
        bytes.extend([1, kind.byte(), kind.kdf(), 0]);
        bytes.extend(kind.slot_id());
        bytes.extend(vault.bytes());
        bytes.resize(4096, 7);
        bytes
    }

    #[test]
    fn every_byte_that_says_what_a_slot_is_gets_checked() {
        let vault = VaultId::parse(&"5a".repeat(16)).unwrap();
        for kind in [SlotKind::Passphrase, SlotKind::Recovery, SlotKind::Passkey([0xab; 16])] {
            let good = object(kind, &vault);
            check(&good, kind, &vault).unwrap();
            for at in 0..40 {
                let mut bad = good.clone();
                bad[at] ^= 1;
                assert!(check(&bad, kind, &vault).is_err(), "byte {at}");
            }
        }
        assert!(check(&object(SlotKind::Passphrase, &vault), SlotKind::Recovery, &vault).is_err());
    }

    #[test]
    fn a_slot_is_one_of_two_words_or_the_id_of_a_passkeys_slot() {
        let passkey = "ab".repeat(16);
        for (text, kind) in [
            ("passphrase", Some(SlotKind::Passphrase)),
            ("recovery", Some(SlotKind::Recovery)),
            (passkey.as_str(), Some(SlotKind::Passkey([0xab; 16]))),
            ("passkey", None),
            ("", None),
            (&passkey.to_uppercase(), None),
            (&passkey[1..], None),
            (&format!("{:032x}", 1), None),
            (&format!("{:032x}", 2), None),
        ] {
            assert_eq!(SlotKind::parse(text), kind, "{text}");
            assert!(kind.is_none_or(|kind| kind.text() == text));
        }
    }

    #[test]
    fn only_padded_lengths_are_taken() {
        let vault = VaultId::parse(&"5a".repeat(16)).unwrap();
        for (length, good) in [(0, false), (39, false), (2048, false), (4096, true), (4097, false), (65536, true), (131_072, false)] {
            let mut bytes = object(SlotKind::Recovery, &vault);
            bytes.resize(length, 0);
            assert_eq!(check(&bytes, SlotKind::Recovery, &vault).is_ok(), good, "{length}");
        }
    }
}
