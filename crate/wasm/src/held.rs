//! Bytes that stay with the engine but outside its memory: `ArrayBuffer`s by number, moved by transfer, never copied in.

use std::collections::HashMap;

use js_sys::ArrayBuffer;
use strongroom_core::{Code, Held, HeldBuffer, HostError, Piece};

#[derive(Default)]
pub struct HeldBytes {
    next: u64,
    /// With the run that they belong to.
    bytes: HashMap<Held, (u32, ArrayBuffer)>,
}

impl HeldBytes {
    pub fn keep(&mut self, run: u32, bytes: ArrayBuffer, sha256: [u8; 32]) -> HeldBuffer {
        self.next += 1;
        let held = Held(self.next);
        let length = bytes.byte_length();
        self.bytes.insert(held, (run, bytes));
        HeldBuffer { held, length, sha256 }
    }

    /// Gives them over.
    pub fn take(&mut self, held: Held) -> Result<ArrayBuffer, HostError> {
        self.bytes.remove(&held).map(|(_, bytes)| bytes).ok_or_else(gone)
    }

    /// A copy of a range; the whole stays until it is freed, since other ranges of it may still be wanted.
    pub fn piece(&self, piece: &Piece) -> Result<ArrayBuffer, HostError> {
        let (_, bytes) = self.bytes.get(&piece.held).ok_or_else(gone)?;
        Ok(bytes.slice_with_end(piece.start, piece.end))
    }

    pub fn free(&mut self, held: Held) {
        self.bytes.remove(&held);
    }

    /// Frees all that a run has left.
    pub fn free_run(&mut self, run: u32) {
        self.bytes.retain(|_, (of, _)| *of != run);
    }
}

fn gone() -> HostError {
    HostError { code: Code::Internal, message: "A bug stopped the work: bytes were asked for that are gone. Please report this.".into() }
}
