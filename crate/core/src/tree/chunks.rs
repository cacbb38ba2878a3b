//! The chunks of a file.

extern crate alloc;
use alloc::vec::Vec;
use core::ops::Deref;

use crate::job::ChunkRef;

/// Some chunks, in their order. Most files have one, which takes no memory of its own.
#[derive(Clone, Debug)]
pub struct Chunks(Few);

#[derive(Clone, Debug)]
enum Few {
    One(ChunkRef),
    Many(Vec<ChunkRef>),
}

impl Default for Chunks {
    fn default() -> Self {
        Self(Few::Many(Vec::new()))
    }
}

impl From<Vec<ChunkRef>> for Chunks {
    fn from(chunks: Vec<ChunkRef>) -> Self {
        match chunks.as_slice() {
            [only] => Self(Few::One(*only)),
            _ => Self(Few::Many(chunks)),
        }
    }
}

impl Deref for Chunks {
    type Target = [ChunkRef];

    fn deref(&self) -> &[ChunkRef] {
        match &self.0 {
            Few::One(chunk) => core::slice::from_ref(chunk),
            Few::Many(chunks) => chunks,
        }
    }
}

impl PartialEq for Chunks {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Chunks {}
