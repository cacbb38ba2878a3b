//! One page of a folder of a snapshot; reads only the tree blobs it needs.

extern crate alloc;
use alloc::{
    collections::VecDeque,
    format,
    vec::{IntoIter, Vec},
};

use crate::{
    ask::{AskId, Machine, Millis, Poll, Reply},
    browse::{Browser, part},
    error::{Code, Error, Place},
    id::Name,
    progress::display_path,
    tree::{FolderPart, FolderRef, Item, Tree, TreeEntry},
    vault::VaultHandle,
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
    /// Entries of the whole folder.
    pub total: u64,
    /// Pass as `after` for the next page.
    pub next: Option<Vec<u8>>,
}

/// Lists a folder.
pub struct List {
    browser: Browser,
    snapshot: Name,
    path: Vec<Vec<u8>>,
    /// Names still to go down.
    down: IntoIter<Vec<u8>>,
    /// The name that is looked for, where the folder in work is not the one to list.
    name: Option<Vec<u8>>,
    /// Parts of the folder still to be listed.
    parts: VecDeque<FolderPart>,
    after: Option<Vec<u8>>,
    limit: usize,
    listing: Listing,
    begun: bool,
    ended: bool,
}

impl List {
    /// `path`: names from the root, none for the root itself. `after`: the name after which the page begins. `limit`: 1 or more.
    pub fn new(handle: &VaultHandle, snapshot: Name, path: Vec<Vec<u8>>, after: Option<Vec<u8>>, limit: usize) -> Self {
        Self {
            browser: Browser::new(handle, Some(&snapshot)),
            snapshot,
            down: path.clone().into_iter(),
            path,
            name: None,
            parts: VecDeque::new(),
            after,
            limit: limit.max(1),
            listing: Listing::default(),
            begun: false,
            ended: false,
        }
    }

    fn go_into(&mut self, folder: FolderRef) {
        self.name = self.down.next();
        self.browser.want(0, folder);
    }

    fn got(&mut self, tree: Tree) -> Result<(), Error> {
        match (tree, self.name.take()) {
            (Tree::Folder(entries), None) => {
                if self.listing.total == 0 {
                    self.listing.total = entries.len() as u64;
                }
                self.page(entries);
            }
            (Tree::Folder(entries), Some(name)) => match entries.into_iter().find(|entry| entry.name == name).map(|entry| entry.item) {
                Some(Item::Folder { folder, .. }) => self.go_into(folder),
                _ => return Err(self.absent()),
            },
            (Tree::FolderIndex(parts), None) => {
                self.listing.total = parts.iter().map(|part| u64::from(part.entries)).sum();
                let after = self.after.clone();
                self.parts = parts.into_iter().filter(|part| after.as_ref().is_none_or(|after| part.last > *after)).collect();
                self.next_part();
            }
            (Tree::FolderIndex(parts), Some(name)) => {
                let found = parts.into_iter().find(|part| part.last >= name).ok_or_else(|| self.absent())?;
                self.name = Some(name);
                self.browser.want(0, part(found.id));
            }
            _ => return Err(Error::of_object(Code::Damaged)),
        }
        Ok(())
    }

    fn page(&mut self, entries: Vec<TreeEntry>) {
        let after = self.after.clone();
        let mut entries = entries.into_iter().filter(|entry| after.as_ref().is_none_or(|after| entry.name > *after));
        let room = self.limit.saturating_sub(self.listing.entries.len());
        self.listing.entries.extend(entries.by_ref().take(room).map(listed));
        if entries.next().is_some() || (!self.parts.is_empty() && self.listing.entries.len() >= self.limit) {
            self.listing.next = self.listing.entries.last().map(|entry| entry.name.clone());
            self.ended = true;
            return;
        }
        self.next_part();
    }

    fn next_part(&mut self) {
        match self.parts.pop_front() {
            Some(FolderPart { id, .. }) => self.browser.want(0, part(id)),
            None => self.ended = true,
        }
    }

    fn absent(&self) -> Error {
        let path = display_path(&self.path);
        let message = format!("There is no folder {path} in this snapshot. Go up and look for it.");
        Error { code: Code::NoSuchPath, message, place: Place::Path(path) }
    }

    /// True once the page is full.
    fn advance(&mut self, now: Millis) -> Result<bool, Error> {
        if !self.browser.is_open(now)? {
            return Ok(false);
        }
        if !self.begun {
            self.begun = true;
            self.go_into(self.browser.root(&self.snapshot)?);
        }
        while !self.ended {
            let Some((_, tree)) = self.browser.read() else { return Ok(false) };
            self.got(tree?)?;
        }
        Ok(true)
    }
}

impl Machine for List {
    type Output = Listing;

    fn poll(&mut self, now: Millis) -> Poll<Listing> {
        match self.advance(now) {
            Ok(true) => Poll::Done(Ok(core::mem::take(&mut self.listing))),
            Ok(false) => self.browser.poll(),
            Err(error) => Poll::Done(Err(error)),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        self.browser.handle(id, reply, now);
    }
}

pub(crate) fn no_snapshot(name: &Name) -> Error {
    Error {
        code: Code::NoSnapshot,
        message: format!("There is no snapshot {name} in this vault. List its snapshots and choose one."),
        place: Place::Object(format!("snap/{name}")),
    }
}

pub(crate) fn listed(entry: TreeEntry) -> ListEntry {
    let (folder, size, files) = match entry.item {
        Item::File { size, .. } => (false, size, 1),
        Item::Folder { files, bytes, .. } => (true, bytes, files),
    };
    ListEntry { name: entry.name, folder, mtime: entry.mtime, size, files }
}
