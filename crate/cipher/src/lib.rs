//! ChaCha20-Poly1305 (RFC 8439) in place: what every byte of a vault passes through.
//!
//! A crate of its own, with nothing generic to its outside, so that it is compiled for speed while the core around it may be compiled
//! for size (Cargo.toml, `profile.wasm`). In wasm with vectors it is `strongroom-chacha`, else the `chacha20poly1305` crate.

#![no_std]

use aead::{AeadInOut, KeyInit, Tag};
#[cfg(not(all(feature = "vectors", target_arch = "wasm32", target_feature = "simd128")))]
use chacha20poly1305::ChaCha20Poly1305;
#[cfg(all(feature = "vectors", target_arch = "wasm32", target_feature = "simd128"))]
use strongroom_chacha::ChaCha20Poly1305;

/// One key.
pub struct Cipher(ChaCha20Poly1305);

impl Cipher {
    pub fn new(key: &[u8; 32]) -> Self {
        Self(ChaCha20Poly1305::new(key.into()))
    }

    /// `ciphertext ‖ tag = ChaCha20-Poly1305[key, nonce](bytes)`, no associated data; the ciphertext takes the plaintext's place.
    ///
    /// # Panics
    /// With 256 GiB or more.
    #[inline(never)]
    pub fn seal(&self, nonce: &[u8; 12], bytes: &mut [u8]) -> [u8; 16] {
        let tag = self.0.encrypt_inout_detached(nonce.into(), &[], bytes.into());
        tag.expect("fewer bytes than RFC 8439 allows").into()
    }

    /// The reverse of [`Cipher::seal`]; whether the tag fits. If not, the bytes are not plaintext: nobody may see them.
    #[inline(never)]
    #[must_use]
    pub fn open(&self, nonce: &[u8; 12], bytes: &mut [u8], tag: &[u8; 16]) -> bool {
        self.0.decrypt_inout_detached(nonce.into(), &[], bytes.into(), &Tag::<ChaCha20Poly1305>::from(*tag)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Cipher;

    #[test]
    fn what_was_sealed_opens_only_with_its_key_nonce_and_tag() {
        let (cipher, nonce, mut bytes) = (Cipher::new(&[7; 32]), [9; 12], *b"sixteen bytes of");
        let tag = cipher.seal(&nonce, &mut bytes);
        assert_ne!(&bytes, b"sixteen bytes of");
        assert!(!Cipher::new(&[8; 32]).open(&nonce, &mut bytes.clone(), &tag));
        assert!(!cipher.open(&[8; 12], &mut bytes.clone(), &tag));
        assert!(!cipher.open(&nonce, &mut bytes.clone(), &[0; 16]));
        assert!(cipher.open(&nonce, &mut bytes, &tag));
        assert_eq!(&bytes, b"sixteen bytes of");
    }
}
