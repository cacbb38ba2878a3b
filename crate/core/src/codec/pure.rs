//! ruzstd: a decoder without C, and smaller; the offline reader has it, and tests hold it against libzstd.

extern crate alloc;
use alloc::boxed::Box;

use ruzstd::{
    decoding::{BlockDecodingStrategy, FrameDecoder},
    io::Read,
};

use super::Frames;
use crate::{error::Code, limits::WINDOW_LOG_MAX};

/// Decodes with ruzstd, one context for all frames.
pub struct Pure(Box<FrameDecoder>);

impl Default for Pure {
    fn default() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(1 << WINDOW_LOG_MAX);
        Self(Box::new(decoder))
    }
}

impl Frames for Pure {
    fn decode(&mut self, mut frame: &[u8], mut room: &mut [u8]) -> Result<(), Code> {
        self.0.reset(&mut frame).map_err(|_| Code::Damaged)?;
        while !self.0.is_finished() {
            // A block has at most 128 KiB of plaintext, so a frame that lies about its length stops soon after it.
            self.0.decode_blocks(&mut frame, BlockDecodingStrategy::UptoBlocks(1)).map_err(|_| Code::Damaged)?;
            let read = self.0.read(room).map_err(|_| Code::Damaged)?;
            room = room.get_mut(read..).ok_or(Code::Damaged)?;
            if self.0.can_collect() > 0 {
                return Err(Code::Damaged);
            }
        }
        // Nothing is missing, nothing is left over, and nothing stands behind the frame.
        if room.is_empty() && frame.is_empty() { Ok(()) } else { Err(Code::Damaged) }
    }
}
