//! Compression of blobs: zstd, one frame each, no window across blobs (RFC 8878, FORMAT.md §7).

use alloc::vec::Vec;

use zstd::{
    bulk::{Compressor, Decompressor},
    zstd_safe,
};

use crate::{
    error::Code,
    limits::{BLOB_MAX, WINDOW_LOG_MAX},
    pack::Codec,
};

extern crate alloc;

/// zstd's level for every blob. Of other levels vault.wasm has nothing (.cargo/config.toml, crate/wasm/src/level.rs).
const LEVEL: i32 = 3;
const MAGIC: [u8; 4] = 0xFD2F_B528u32.to_le_bytes();

/// Compresses blobs, one context and one buffer for all.
pub struct Encoder {
    context: Compressor<'static>,
    buffer: Vec<u8>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    pub fn new() -> Self {
        Self { context: Compressor::new(LEVEL).expect("level 3 exists"), buffer: Vec::new() }
    }

    /// How to store a blob, and its stored bytes: raw when zstd makes it no smaller.
    pub fn encode<'a>(&'a mut self, plain: &'a [u8]) -> (Codec, &'a [u8]) {
        self.buffer.clear();
        self.buffer.reserve(zstd_safe::compress_bound(plain.len()));
        match self.context.compress_to_buffer(plain, &mut self.buffer) {
            Ok(length) if length < plain.len() => (Codec::Zstd, &self.buffer),
            _ => (Codec::Raw, plain),
        }
    }
}

/// Decompresses blobs that anyone may have written; one context for all.
pub struct Decoder {
    context: Decompressor<'static>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    pub fn new() -> Self {
        Self { context: Decompressor::default() }
    }

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
        match self.context.decompress_to_buffer(stored, room) {
            Ok(decoded) if decoded == length => Ok(()),
            _ => {
                out.truncate(start);
                Err(Code::Damaged)
            }
        }
    }
}

/// One frame and nothing else, its window within 2^23, no dictionary (RFC 8878 §3.1.1.1).
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
    match zstd_safe::find_frame_compressed_size(stored) {
        Ok(length) if length == stored.len() => Ok(()),
        _ => Err(Code::Damaged),
    }
}
