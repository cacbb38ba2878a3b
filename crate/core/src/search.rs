//! Searches the names of a snapshot, in tree order, a part at a time: whoever wants more goes on after the last name looked at.

extern crate alloc;
use alloc::{
    boxed::Box,
    vec::{IntoIter, Vec},
};

use crate::{
    ask::{AskId, Machine, Millis, Poll, Reply},
    browse::{Browser, part},
    error::{Code, Error},
    id::Name,
    limits::DEPTH_MAX,
    list::{ListEntry, listed},
    tree::{FolderPart, FolderRef, Item, Tree, TreeEntry},
    vault::{VaultHandle, is_damage},
};

/// Says whether a name is wanted. What counts as the same letter is the host's matter.
pub type Wanted = Box<dyn Fn(&[u8]) -> bool>;

/// A wanted name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find {
    /// Names from the root, of the folder that it is in.
    pub folder: Vec<Vec<u8>>,
    pub entry: ListEntry,
}

/// What a part of a search gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub finds: Vec<Find>,
    /// Names that were looked at.
    pub looked: u64,
    /// Folders that could not be read.
    pub unread: u64,
    /// Pass as `after` for the next part.
    pub next: Option<Vec<Vec<u8>>>,
}

/// Searches a snapshot.
pub struct Search {
    browser: Browser,
    snapshot: Name,
    wanted: Wanted,
    /// The way to the name after which the search goes on, as far as it was not gone yet.
    way: IntoIter<Vec<u8>>,
    /// At most so many names are looked at.
    most: u64,
    /// Where the search is, and what is still to do there, innermost last.
    path: Vec<Vec<u8>>,
    stack: Vec<Frame>,
    /// The first of the innermost entries was looked at before.
    again: bool,
    found: Found,
    begun: bool,
}

enum Frame {
    /// A folder, or a part of one, that is being read.
    Reading,
    Entries(IntoIter<TreeEntry>),
    Parts(IntoIter<FolderPart>),
    /// Leaves a folder.
    Up,
}

impl Search {
    /// `after`: the path of the last name that was looked at, none at first. `most`: names to look at, 1 or more.
    pub fn new(handle: &VaultHandle, snapshot: Name, wanted: Wanted, after: Vec<Vec<u8>>, most: u64) -> Self {
        Self {
            browser: Browser::new(handle, Some(&snapshot)),
            snapshot,
            wanted,
            way: after.into_iter(),
            most: most.max(1),
            path: Vec::new(),
            stack: Vec::new(),
            again: false,
            found: Found::default(),
            begun: false,
        }
    }

    fn go_into(&mut self, folder: FolderRef) {
        self.browser.want(0, folder);
        self.stack.push(Frame::Reading);
    }

    fn got(&mut self, tree: Tree) -> Result<(), Error> {
        match tree {
            Tree::Folder(mut entries) => {
                if let Some(name) = self.way.next() {
                    entries.drain(..entries.partition_point(|entry| entry.name < name));
                    self.again = entries.first().is_some_and(|entry| entry.name == name);
                    if !self.again {
                        self.way = Vec::new().into_iter();
                    }
                }
                self.stack.push(Frame::Entries(entries.into_iter()));
            }
            Tree::FolderIndex(mut parts) => {
                if let Some(name) = self.way.as_slice().first() {
                    parts.drain(..parts.partition_point(|part| part.last < *name));
                }
                self.stack.push(Frame::Parts(parts.into_iter()));
            }
            _ => return Err(Error::of_object(Code::Damaged)),
        }
        Ok(())
    }

    fn entry(&mut self, entry: TreeEntry) {
        let folder = match entry.item {
            Item::Folder { folder, .. } => Some(folder),
            Item::File { .. } => None,
        };
        let name = entry.name.clone();
        if !core::mem::take(&mut self.again) {
            self.found.looked += 1;
            if (self.wanted)(&name) {
                self.found.finds.push(Find { folder: self.path.clone(), entry: listed(entry) });
            }
            if self.found.looked >= self.most {
                self.path.push(name);
                self.found.next = Some(core::mem::take(&mut self.path));
                self.stack.clear();
                return;
            }
        } else if folder.is_none() {
            self.way = Vec::new().into_iter();
        }
        if let Some(folder) = folder.filter(|_| self.path.len() < DEPTH_MAX) {
            self.path.push(name);
            self.stack.push(Frame::Up);
            self.go_into(folder);
        }
    }

    /// True once enough was looked at.
    fn advance(&mut self, now: Millis) -> Result<bool, Error> {
        if !self.browser.is_open(now)? {
            return Ok(false);
        }
        if !self.begun {
            self.begun = true;
            self.go_into(self.browser.root(&self.snapshot)?);
        }
        while let Some(frame) = self.stack.pop() {
            match frame {
                Frame::Reading => {
                    let Some((_, tree)) = self.browser.read() else {
                        self.stack.push(Frame::Reading);
                        return Ok(false);
                    };
                    match tree.and_then(|tree| self.got(tree)) {
                        Err(error) if is_damage(error.code) => {
                            self.found.unread += 1;
                            self.way = Vec::new().into_iter();
                        }
                        result => result?,
                    }
                }
                Frame::Entries(mut entries) => {
                    if let Some(entry) = entries.next() {
                        self.stack.push(Frame::Entries(entries));
                        self.entry(entry);
                    }
                }
                Frame::Parts(mut parts) => {
                    if let Some(FolderPart { id, .. }) = parts.next() {
                        self.stack.push(Frame::Parts(parts));
                        self.go_into(part(id));
                    }
                }
                Frame::Up => {
                    self.path.pop();
                }
            }
        }
        Ok(true)
    }
}

impl Machine for Search {
    type Output = Found;

    fn poll(&mut self, now: Millis) -> Poll<Found> {
        match self.advance(now) {
            Ok(true) => Poll::Done(Ok(core::mem::take(&mut self.found))),
            Ok(false) => self.browser.poll(),
            Err(error) => Poll::Done(Err(error)),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        self.browser.handle(id, reply, now);
    }
}
