//! One page of a folder of a snapshot; reads only the tree blobs it needs.

extern crate alloc;
use alloc::vec::Vec;

use crate::{
    ask::{AskId, Machine, Millis, Poll, Reply},
    id::Name,
    vault::{VaultHandle, unexpected},
};

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    /// Exactly as the source had it.
    pub name: Vec<u8>,
    pub folder: bool,
    pub mtime: Option<Millis>,
    /// Bytes; of a folder, everything below.
    pub size: u64,
    /// Files below a folder; 1 for a file.
    pub files: u64,
}

/// Part of a folder, ascending by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    pub entries: Vec<ListEntry>,
    /// Pass as `after` for the next page.
    pub next: Option<Vec<u8>>,
}

/// Lists a folder.
pub struct List {}

impl List {
    /// `path`: names from the root, none for the root itself. `after`: the name after which the page begins.
    pub fn new(_handle: &VaultHandle, _snapshot: Name, _path: Vec<Vec<u8>>, _after: Option<Vec<u8>>, _limit: usize) -> Self {
        Self {}
    }
}

impl Machine for List {
    type Output = Listing;

    fn poll(&mut self, _now: Millis) -> Poll<Listing> {
        Poll::Done(Err(unexpected()))
    }

    fn handle(&mut self, _id: AskId, _reply: Reply, _now: Millis) {}
}
