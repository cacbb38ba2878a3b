//! Seeded generators and data.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use strongroom_core::key::Ring;

pub fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

pub fn ring(seed: u8) -> Ring {
    Ring::generate(18, &mut rng(seed))
}

/// Bytes that no compressor makes smaller.
pub fn noise(seed: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rng(seed).fill_bytes(&mut bytes);
    bytes
}

/// Bytes that compress to about a third.
pub fn text(seed: u8, length: usize) -> Vec<u8> {
    let words = ["vault ", "snapshot ", "tree ", "node ", "chunk ", "blob ", "pack ", "index ", "slot ", "epoch "];
    let mut rng = rng(seed);
    let mut bytes = Vec::with_capacity(length + 16);
    while bytes.len() < length {
        bytes.extend_from_slice(words[rng.next_u32() as usize % words.len()].as_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// The generator as opaque-ke 4 wants it (rand_core 0.6).
pub struct Older(pub ChaCha20Rng);

impl opaque_ke::rand::RngCore for Older {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), opaque_ke::rand::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl opaque_ke::rand::CryptoRng for Older {}
