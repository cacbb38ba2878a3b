//! The two put together (RFC 8439, section 2.8), under the traits of the `aead` crate.

use aead::{
    AeadCore, AeadInOut, Error, KeyInit, KeySizeUser, Nonce, Result, Tag, TagPosition,
    consts::{U12, U16, U32},
    inout::InOutBuf,
};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    authenticator::Authenticator,
    stream::{BLOCK, FOUR, Stream},
};

/// One key. At most 2^32 − 1 blocks (256 GiB) under one nonce.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ChaCha20Poly1305 {
    key: [u8; 32],
}

impl KeySizeUser for ChaCha20Poly1305 {
    type KeySize = U32;
}

impl KeyInit for ChaCha20Poly1305 {
    fn new(key: &aead::Key<Self>) -> Self {
        Self { key: (*key).into() }
    }
}

impl AeadCore for ChaCha20Poly1305 {
    type NonceSize = U12;
    type TagSize = U16;
    const TAG_POSITION: TagPosition = TagPosition::Postfix;
}

impl AeadInOut for ChaCha20Poly1305 {
    fn encrypt_inout_detached(&self, nonce: &Nonce<Self>, associated: &[u8], buffer: InOutBuf<'_, '_, u8>) -> Result<Tag<Self>> {
        let (stream, mut authenticator) = self.begin(nonce, associated, buffer.len())?;
        let bytes = buffer.into_out_with_copied_in();
        let length = bytes.len();
        let (fours, rest) = bytes.as_chunks_mut::<FOUR>();
        let mut counter = 1;
        // What is authenticated beside the key stream is the ciphertext before: this one is not made yet.
        let mut before: Option<&[u8; FOUR]> = None;
        for four in fours {
            match before {
                Some(before) => stream.four_beside(counter, |round| authenticator.blocks(eighth(before, round))).xor_into(four),
                None => stream.apply(counter, four),
            }
            counter += 4;
            before = Some(four);
        }
        authenticator.padded(before.map_or(&[], <[u8; FOUR]>::as_slice));
        stream.apply(counter, rest);
        authenticator.padded(rest);
        Ok(tag(authenticator, associated.len(), length))
    }

    /// What is not authentic stays as it was.
    fn decrypt_inout_detached(
        &self,
        nonce: &Nonce<Self>,
        associated: &[u8],
        buffer: InOutBuf<'_, '_, u8>,
        expected: &Tag<Self>,
    ) -> Result<()> {
        let (stream, mut authenticator) = self.begin(nonce, associated, buffer.len())?;
        let bytes = buffer.into_out_with_copied_in();
        let length = bytes.len();
        let (fours, rest) = bytes.as_chunks_mut::<FOUR>();
        let mut counter = 1;
        for four in fours {
            stream.four_beside(counter, |round| authenticator.blocks(eighth(four, round))).xor_into(four);
            counter += 4;
        }
        authenticator.padded(rest);
        stream.apply(counter, rest);
        if bool::from(tag(authenticator, associated.len(), length).ct_eq(expected)) {
            return Ok(());
        }
        stream.apply(1, bytes);
        Err(Error)
    }
}

impl ChaCha20Poly1305 {
    /// The key stream, and Poly1305 keyed with its first block, which has taken the associated data.
    fn begin(&self, nonce: &Nonce<Self>, associated: &[u8], length: usize) -> Result<(Stream, Authenticator)> {
        if length / BLOCK >= u32::MAX as usize {
            return Err(Error);
        }
        let stream = Stream::new(&self.key, &(*nonce).into());
        let mut first = [0; 32];
        stream.apply(0, &mut first);
        let mut authenticator = Authenticator::new(&first);
        first.zeroize();
        authenticator.padded(associated);
        Ok((stream, authenticator))
    }
}

/// Two of the sixteen blocks that Poly1305 takes of four blocks of ChaCha20; nothing after the eighth time.
#[inline(always)]
fn eighth(four: &[u8; FOUR], which: usize) -> &[[u8; 16]] {
    four.as_chunks().0.get(2 * which..2 * which + 2).unwrap_or_default()
}

/// Of all that was authenticated, and how long it was.
fn tag(mut authenticator: Authenticator, associated: usize, length: usize) -> Tag<ChaCha20Poly1305> {
    authenticator.blocks(&[(associated as u128 | (length as u128) << 64).to_le_bytes()]);
    authenticator.tag().into()
}
