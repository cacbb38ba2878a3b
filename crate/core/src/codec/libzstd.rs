//! libzstd: what writers compress with, and the faster decoder.

use alloc::vec::Vec;

use zstd::{
    bulk::{Compressor, Decompressor},
    zstd_safe,
};

use super::Frames;
use crate::{error::Code, pack::Codec};

extern crate alloc;

/// zstd's level for every blob. Of other levels vault.wasm has nothing (.cargo/config.toml, crate/wasm/src/level.rs).
const LEVEL: i32 = 3;

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

/// Decodes with libzstd, one context for all frames.
#[derive(Default)]
pub struct Libzstd(Decompressor<'static>);

impl Frames for Libzstd {
    fn decode(&mut self, frame: &[u8], room: &mut [u8]) -> Result<(), Code> {
        // It would also take several frames, and skip what is none.
        if zstd_safe::find_frame_compressed_size(frame) != Ok(frame.len()) {
            return Err(Code::Damaged);
        }
        match self.0.decompress_to_buffer(frame, room) {
            Ok(decoded) if decoded == room.len() => Ok(()),
            _ => Err(Code::Damaged),
        }
    }
}
