//! For a worker, which knows of no more than numbers. One lot of bytes at a time.

#![expect(unsafe_code, reason = "a name that a worker calls cannot be given without the word")]

use std::cell::RefCell;

use crate::{STAGES, Stages};

thread_local! {
    static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static READY: RefCell<Option<Stages>> = const { RefCell::new(None) };
}

/// Where to lay so many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    READY.set(None);
    BYTES.with_borrow_mut(|bytes| {
        *bytes = vec![0; length];
        bytes.as_mut_ptr()
    })
}

/// Takes the bytes that were laid there.
#[unsafe(no_mangle)]
pub extern "C" fn begin() {
    READY.set(Some(Stages::new(BYTES.take())));
}

/// See [`Stages::prepare`]: a stage by its number.
#[unsafe(no_mangle)]
pub extern "C" fn prepare(stage: usize) {
    READY.with_borrow_mut(|stages| stages.as_mut().expect("it has begun").prepare(STAGES[stage]));
}

/// See [`Stages::run`].
#[unsafe(no_mangle)]
pub extern "C" fn run(stage: usize) -> usize {
    READY.with_borrow_mut(|stages| stages.as_mut().expect("it has begun").run(STAGES[stage]))
}
