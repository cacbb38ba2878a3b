//! ChaCha20-Poly1305 (RFC 8439) in vectors of 128 bits: for wasm, where the `chacha20poly1305` crate has none.
//!
//! The same traits, so that one stands in for the other. ChaCha20 is made four blocks at a time; Poly1305 is computed
//! between its rounds, in words that a processor has beside its vectors.
//! Nothing depends on secrets but the values: there is no branch and no index that a key, a nonce or a byte of text decides.
//!
//! Where there is no `simd128`, the same steps run on arrays of four words. That is for tests, which hold them against the other crate.

#![no_std]

mod aead;
mod authenticator;
mod stream;
mod words;

pub use crate::aead::ChaCha20Poly1305;
