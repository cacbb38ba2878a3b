//! Randomness and the secrets of the server. None of them prints itself, and all are wiped when dropped.

use std::fmt;

use rand_core_06::{OsRng, RngCore};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// 32 secret bytes: a session's token, or the key that signs URLs.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    pub fn random() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(&mut *bytes);
        Self(bytes)
    }

    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// What the database keeps of a token.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.expose()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// 16 random bytes that name something for a while.
pub fn random_id() -> [u8; 16] {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    bytes
}
