//! Names of vaults and objects, parsed strictly before they touch the database or the file system (FORMAT.md §2 and §14).

use std::fmt;

use crate::error::{Error, Result};

/// The least and the greatest length of an object, bytes (FORMAT.md §5).
pub const MIN_OBJECT: u64 = 1 << 12;
pub const MAX_OBJECT: u64 = 1 << 24;

/// Whether an object may have that length: a power of two from 4 KiB to 16 MiB (FORMAT.md §5).
pub fn is_object_length(length: u64) -> bool {
    length.is_power_of_two() && (MIN_OBJECT..=MAX_OBJECT).contains(&length)
}

/// A vault's name: 3 to 64 characters of `a–z 0–9 -` (FORMAT.md §14).
#[derive(Clone, PartialEq, Eq)]
pub struct VaultName(String);

impl VaultName {
    pub fn parse(text: &str) -> Result<Self> {
        let plain = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if plain && (3..=64).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(Error::BadName) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A vault's id: 32 lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VaultId(String);

impl VaultId {
    pub fn parse(text: &str) -> Option<Self> {
        is_hex(text, 32).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        hex::decode_to_slice(&self.0, &mut bytes).expect("parse lets only 32 hex digits in");
        bytes
    }
}

/// Which folder of a vault an object lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Pack,
    Index,
    Snap,
    Slot,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Pack, Self::Index, Self::Snap, Self::Slot];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pack => "pack",
            Self::Index => "index",
            Self::Snap => "snap",
            Self::Slot => "slot",
        }
    }

    /// Whether an object's name is the SHA-256 of its bytes.
    pub fn is_content_named(self) -> bool {
        self != Self::Slot
    }

    /// Whether `name` can name an object of this kind: 64 digits of SHA-256, or 32 of a slot id.
    pub fn takes(self, name: &str) -> bool {
        is_hex(name, if self.is_content_named() { 64 } else { 32 })
    }
}

/// `<kind>/<name>` inside one vault.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Object {
    pub vault: VaultId,
    pub kind: Kind,
    name: String,
}

impl Object {
    pub fn new(vault: VaultId, kind: Kind, name: &str) -> Option<Self> {
        kind.takes(name).then(|| Self { vault, kind, name: name.to_owned() })
    }

    /// Parses `<kind>/<name>`.
    pub fn parse(vault: VaultId, path: &str) -> Option<Self> {
        let (kind, name) = path.split_once('/')?;
        Self::new(vault, Kind::parse(kind)?, name)
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

/// `<kind>/<name>`.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.as_str(), self.name)
    }
}

/// `digits` lower-case hex digits, nothing else.
pub fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_vault_names() {
        for good in ["abc", "my-vault-7", "---", &"a".repeat(64)] {
            assert!(VaultName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "ab", "Abc", "a b", "ab/", "äbc", "abc\0", "../x", &"a".repeat(65)] {
            assert!(VaultName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_kind_and_hex_are_object_paths() {
        let vault = VaultId::parse(&"0f".repeat(16)).unwrap();
        let parse = |path: &str| Object::parse(vault.clone(), path);
        assert_eq!(parse(&format!("pack/{}", "ab".repeat(32))).unwrap().to_string(), format!("pack/{}", "ab".repeat(32)));
        assert!(parse(&format!("slot/{}", "00".repeat(16))).is_some());
        let long = "ab".repeat(32);
        for bad in [
            "",
            "pack",
            "pack/",
            "pack/..",
            "../pack",
            &format!("pack/{}", long.to_uppercase()),
            &format!("pack/{long}/"),
            &format!("slot/{long}"),
            &format!("pack/{long}\n"),
            &format!("/pack/{long}"),
            &format!("Pack/{long}"),
            &format!("pack/../{long}"),
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_powers_of_two_within_the_limits_are_object_lengths() {
        let good: Vec<u64> = (0..64).map(|bit| 1 << bit).filter(|l| is_object_length(*l)).collect();
        assert_eq!(good, (12..=24).map(|bit| 1u64 << bit).collect::<Vec<_>>());
        assert!(!is_object_length(0) && !is_object_length(4095) && !is_object_length(3 << 12));
    }
}
