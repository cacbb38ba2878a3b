//! Bytes that stay outside the engine's memory: `ArrayBuffer`s by number, moved by transfer, never copied. What is restored goes on to
//! the page with its first write, and stays there under the same number.

use std::collections::HashMap;

use js_sys::ArrayBuffer;
use strongroom_core::{Code, Held, HeldBuffer, HostError};

#[derive(Default)]
pub struct HeldBytes {
    next: u64,
    /// With the run that they belong to; none once the page has them.
    bytes: HashMap<Held, (u32, Option<ArrayBuffer>)>,
}

impl HeldBytes {
    pub fn keep(&mut self, run: u32, bytes: ArrayBuffer, sha256: [u8; 32]) -> HeldBuffer {
        self.next += 1;
        let held = Held(self.next);
        let length = bytes.byte_length();
        self.bytes.insert(held, (run, Some(bytes)));
        HeldBuffer { held, length, sha256 }
    }

    /// Gives them over.
    pub fn take(&mut self, held: Held) -> Result<ArrayBuffer, HostError> {
        self.bytes.remove(&held).and_then(|(_, bytes)| bytes).ok_or_else(gone)
    }

    /// Gives them to the page; none if it has them already.
    pub fn shelve(&mut self, held: Held) -> Result<Option<ArrayBuffer>, HostError> {
        self.bytes.get_mut(&held).map(|(_, bytes)| bytes.take()).ok_or_else(gone)
    }

    /// Whether the page has them, and must forget them too.
    pub fn free(&mut self, held: Held) -> bool {
        self.bytes.remove(&held).is_some_and(|(_, bytes)| bytes.is_none())
    }

    /// Frees all that a run has left.
    pub fn free_run(&mut self, run: u32) {
        self.bytes.retain(|_, (of, _)| *of != run);
    }
}

fn gone() -> HostError {
    HostError { code: Code::Internal, message: "A bug stopped the work: bytes were asked for that are gone. Please report this.".into() }
}
