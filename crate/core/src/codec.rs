//! Compression of blobs: zstd, one frame each, no window across blobs (RFC 8878, FORMAT.md §7).

#[cfg(feature = "libzstd")]
mod libzstd;
mod pure;

use alloc::vec::Vec;

#[cfg(feature = "libzstd")]
pub use libzstd::{Encoder, Libzstd};
pub use pure::Pure;

use crate::{
    error::Code,
    limits::{BLOB_MAX, WINDOW_LOG_MAX},
    pack::Codec,
};

extern crate alloc;

const MAGIC: [u8; 4] = 0xFD2F_B528u32.to_le_bytes();

/// What decodes where nobody chooses.
#[cfg(feature = "libzstd")]
pub type Chosen = Libzstd;
#[cfg(not(feature = "libzstd"))]
pub type Chosen = Pure;

/// Compresses nothing: for what only reads, and has no libzstd.
#[cfg(not(feature = "libzstd"))]
#[derive(Default)]
pub struct Encoder;

#[cfg(not(feature = "libzstd"))]
impl Encoder {
    pub fn new() -> Self {
        Self
    }

    /// How to store a blob, and its stored bytes: raw.
    pub fn encode<'a>(&'a mut self, plain: &'a [u8]) -> (Codec, &'a [u8]) {
        (Codec::Raw, plain)
    }
}

/// Decodes frames of zstd.
pub trait Frames: Default {
    /// The whole of one frame, with nothing behind it, which fills `room`; its window and its stated length were checked.
    ///
    /// # Errors
    /// `Damaged` for anything else; `room` may then hold anything.
    fn decode(&mut self, frame: &[u8], room: &mut [u8]) -> Result<(), Code>;
}

/// Decompresses blobs that anyone may have written; one context for all.
#[derive(Default)]
pub struct Decoder<F = Chosen> {
    frames: F,
}

impl Decoder {
    pub fn new() -> Self {
        Self::default()
    }
}

impl<F: Frames> Decoder<F> {
    /// Appends the plaintext, of exactly `plain` bytes, at most 8 MiB; on failure nothing is appended.
    ///
    /// # Errors
    /// `Unsupported` for a window beyond 2^23, a dictionary or too long a blob; `Damaged` for anything but one whole frame
    /// of exactly that length.
    pub fn decode(&mut self, codec: Codec, stored: &[u8], plain: u32, out: &mut Vec<u8>) -> Result<(), Code> {
        if plain > BLOB_MAX {
            return Err(Code::Unsupported);
        }
        let length = plain as usize;
        if codec == Codec::Raw {
            if stored.len() != length {
                return Err(Code::Damaged);
            }
            out.extend_from_slice(stored);
            return Ok(());
        }
        check_frame(stored, plain)?;
        let start = out.len();
        out.resize(start + length, 0);
        let (_, room) = out.split_at_mut(start);
        self.frames.decode(stored, room).inspect_err(|_| out.truncate(start))
    }
}

/// The header of a frame of that length, its window within 2^23, no dictionary (RFC 8878 §3.1.1.1).
fn check_frame(stored: &[u8], plain: u32) -> Result<(), Code> {
    let mut reader = crate::bytes::Reader::new(stored);
    if reader.array()? != MAGIC {
        return Err(Code::Damaged);
    }
    let descriptor = reader.u8()?;
    let single_segment = descriptor & 0x20 != 0;
    if descriptor & 0x03 != 0 {
        return Err(Code::Unsupported);
    }
    let window = if single_segment {
        None
    } else {
        let window = reader.u8()?;
        let base = 1u64 << (10 + (window >> 3));
        Some(base + base / 8 * u64::from(window & 7))
    };
    let content = match (descriptor >> 6, single_segment) {
        (0, false) => None,
        (0, true) => Some(u64::from(reader.u8()?)),
        (1, _) => Some(u64::from(reader.u16()?) + 256),
        (2, _) => Some(u64::from(reader.u32()?)),
        _ => Some(reader.u64()?),
    };
    if content.is_some_and(|content| content != u64::from(plain)) {
        return Err(Code::Damaged);
    }
    if window.or(content).is_none_or(|window| window > 1 << WINDOW_LOG_MAX) {
        return Err(Code::Unsupported);
    }
    Ok(())
}
