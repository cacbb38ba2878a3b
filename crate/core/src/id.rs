//! Names of blobs and of objects (FORMAT.md §2, §3).

use core::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::error::Code;

/// The keyed hash of a blob's plaintext (FORMAT.md §3). Not secret, but never leaves a seal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Id(#[serde(with = "crate::fixed")] pub [u8; 32]);

/// SHA-256 of an object, its name in the storage (FORMAT.md §2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Name(#[serde(with = "crate::fixed")] pub [u8; 32]);

impl Name {
    /// `H(object)`.
    pub fn of(object: &[u8]) -> Self {
        Self(Sha256::digest(object).into())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id(")?;
        write_hex(&self.0, f)?;
        write!(f, ")")
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

/// 64 lower-case hex digits.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

/// Only what [`fmt::Display`] writes.
impl FromStr for Name {
    type Err = Code;

    fn from_str(text: &str) -> Result<Self, Code> {
        read_hex(text).map(Self)
    }
}

/// Lower-case hex digits.
pub(crate) fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Exactly `2·N` lower-case hex digits.
pub(crate) fn read_hex<const N: usize>(text: &str) -> Result<[u8; N], Code> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(Code::Damaged);
    }
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| Code::Damaged)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use super::*;

    extern crate alloc;

    #[test]
    fn a_name_is_the_sha256_of_the_object_in_lower_case_hex() {
        let name = Name::of(b"abc");
        assert_eq!(name.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(name.to_string().parse(), Ok(name));
    }

    #[test]
    fn a_name_in_upper_case_or_of_another_length_is_refused() {
        let text = Name::of(b"abc").to_string();
        assert_eq!(text.to_uppercase().parse::<Name>(), Err(Code::Damaged));
        assert_eq!(text[1..].parse::<Name>(), Err(Code::Damaged));
        assert_eq!(format!("{text}0").parse::<Name>(), Err(Code::Damaged));
    }
}
