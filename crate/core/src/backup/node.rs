//! What is known of one folder or file of the source. There may be millions: a file's node takes 80 bytes and nothing beside them but its name,
//! unless the file has several chunks.

extern crate alloc;
use alloc::{boxed::Box, vec::Vec};

use super::names::Name;
use crate::{
    ask::{FileId, Millis},
    job::ChunkRef,
    tree::{Chunks, Content, FolderRef, NO_TIME},
};

/// A node's number; the root is 0, and a folder's is below those of what is in it.
pub(super) type NodeId = u32;

pub(super) struct Node {
    pub parent: NodeId,
    pub name: Name,
    /// [`NO_TIME`] where it is not known.
    mtime: Millis,
    pub item: NodeItem,
    pub out: Option<Out>,
    /// It or a folder above is named as one to take.
    pub within: bool,
}

/// Why the rules leave an entry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Out {
    /// The exclusion of that number matches.
    Rule(u16),
    /// Only some things are to be taken, and neither this nor anything in it is one.
    Unnamed,
    /// The folder around it is left out.
    Above,
}

/// Files and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub files: u64,
    pub bytes: u64,
}

pub(super) enum NodeItem {
    Folder(Box<Folder>),
    File(File),
    /// Cannot be read, or is left out by the rules; stands in no folder.
    Left(Weight),
}

#[derive(Default)]
pub(super) struct Folder {
    /// How many are in it.
    pub children: u32,
    /// Children that are not settled yet.
    pub open: u32,
    /// Everything below, and of that what is taken.
    pub found: Weight,
    pub taken: Weight,
    /// Something below could not be read: may be built again, so what files in it consist of is kept.
    pub unsure: bool,
    /// Once everything below is settled: the tree blob, files and bytes.
    pub built: Option<(FolderRef, u64, u64)>,
}

pub(super) struct File {
    pub file: FileId,
    pub size: u64,
    /// What it consists of: inline, its chunks as cut, until it is known.
    parts: Content,
    /// All chunks are known and safe from the death of a lane, or it was found unchanged.
    known: bool,
    /// Its folder counts on it: nothing of it will be read again.
    pub settled: bool,
    /// The baseline has another state of this file.
    pub changed: bool,
    /// Could not be read so far; stands in no folder.
    pub failed: bool,
}

impl Node {
    pub fn new(parent: NodeId, name: Name, mtime: Option<Millis>, item: NodeItem) -> Self {
        Self { parent, name, mtime: mtime.unwrap_or(NO_TIME), item, out: None, within: false }
    }

    pub fn mtime(&self) -> Option<Millis> {
        Some(self.mtime).filter(|mtime| *mtime != NO_TIME)
    }

    /// Where it is known: otherwise what was known stays.
    pub fn note_mtime(&mut self, mtime: Option<Millis>) {
        self.mtime = mtime.unwrap_or(self.mtime);
    }
}

impl File {
    pub fn new(file: FileId, size: u64) -> Self {
        let parts = Content::Inline(Chunks::default());
        Self { file, size, parts, known: false, settled: false, changed: false, failed: false }
    }

    /// What it consists of, once that is known.
    pub fn content(&self) -> Option<&Content> {
        Some(&self.parts).filter(|_| self.known)
    }

    /// As cut, until its content is known.
    pub fn chunks(&self) -> &[ChunkRef] {
        match &self.parts {
            Content::Inline(chunks) if !self.known => chunks,
            _ => &[],
        }
    }

    /// All of them, none of which is safe yet.
    pub fn set_chunks(&mut self, chunks: Vec<ChunkRef>) {
        self.parts = Content::Inline(chunks.into());
    }

    pub fn know(&mut self, content: Content) {
        (self.parts, self.known) = (content, true);
    }

    /// Forgets what it consists of, and says what was known of it.
    pub fn take(&mut self) -> Content {
        self.known = false;
        core::mem::replace(&mut self.parts, Content::Inline(Chunks::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_takes_80_bytes() {
        assert!(size_of::<Node>() <= 80, "{}", size_of::<Node>());
    }
}
