//! The shape of a key slot (FORMAT.md §6), as far as a server that cannot open it can check.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    name::{Kind, MIN_OBJECT, Object, VaultId},
};

/// The longest slot object: a ring of 1,024 epochs (FORMAT.md §3) pads to 64 KiB.
pub const MAX_SLOT: u64 = 1 << 16;

/// The two ways to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SlotKind {
    Passphrase,
    Recovery,
}

impl SlotKind {
    /// The kind's byte in a preamble and in a client identity.
    pub fn byte(self) -> u8 {
        match self {
            Self::Passphrase => 1,
            Self::Recovery => 2,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Recovery => "recovery",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Passphrase, Self::Recovery].into_iter().find(|kind| kind.as_str() == text)
    }

    /// How a slot of this kind is opened where sign-in is OPAQUE: by the export key, or by the phrase itself.
    fn kdf(self) -> u8 {
        match self {
            Self::Passphrase => 2,
            Self::Recovery => 0,
        }
    }

    fn slot_id(self) -> [u8; 16] {
        let mut id = [0; 16];
        id[15] = self.byte();
        id
    }

    /// Where the slot of this kind lies in the storage.
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
        Err(Error::bad(format!("the {} slot's object is not one of this kind and vault.", kind.as_str())))
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
        for kind in [SlotKind::Passphrase, SlotKind::Recovery] {
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
    fn only_padded_lengths_are_taken() {
        let vault = VaultId::parse(&"5a".repeat(16)).unwrap();
        for (length, good) in [(0, false), (39, false), (2048, false), (4096, true), (4097, false), (65536, true), (131_072, false)] {
            let mut bytes = object(SlotKind::Recovery, &vault);
            bytes.resize(length, 0);
            assert_eq!(check(&bytes, SlotKind::Recovery, &vault).is_ok(), good, "{length}");
        }
    }
}
