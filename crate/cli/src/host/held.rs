//! Bytes that stay with the host, by number.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use strongroom_core::{Code, Held, HeldBuffer, HostError};

/// Packs, fetched ranges and plaintext on their way between threads.
#[derive(Default)]
pub struct Shelf(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    last: u64,
    buffers: HashMap<u64, Arc<Vec<u8>>>,
}

impl Shelf {
    /// Takes bytes into keeping.
    pub fn hold(&self, bytes: Vec<u8>, sha256: [u8; 32]) -> HeldBuffer {
        let length = u32::try_from(bytes.len()).expect("no buffer of a machine is as long as 4 GiB");
        let mut inner = self.inner();
        inner.last += 1;
        let held = inner.last;
        inner.buffers.insert(held, Arc::new(bytes));
        HeldBuffer { held: Held(held), length, sha256 }
    }

    /// The bytes, which stay.
    ///
    /// # Errors
    /// `Internal` when they were freed before.
    pub fn look(&self, held: Held) -> Result<Arc<Vec<u8>>, HostError> {
        self.inner().buffers.get(&held.0).cloned().ok_or_else(gone)
    }

    /// The bytes, which leave.
    ///
    /// # Errors
    /// `Internal` when they were freed before.
    pub fn take(&self, held: Held) -> Result<Vec<u8>, HostError> {
        let bytes = self.inner().buffers.remove(&held.0).ok_or_else(gone)?;
        Ok(Arc::try_unwrap(bytes).unwrap_or_else(|shared| shared.to_vec()))
    }

    /// Forgets bytes; nothing happens when they left before.
    pub fn free(&self, held: Held) {
        self.inner().buffers.remove(&held.0);
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gone() -> HostError {
    HostError { code: Code::Internal, message: "A bug: bytes were asked for after they were freed.".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_moved_out_when_nobody_else_looks() {
        let shelf = Shelf::default();
        let bytes = vec![7; 1_000];
        let address = bytes.as_ptr();
        let held = shelf.hold(bytes, [0; 32]).held;
        let taken = shelf.take(held).expect("still there");
        assert_eq!(taken.as_ptr(), address);
        assert!(shelf.look(held).is_err());
    }
}
