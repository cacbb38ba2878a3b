//! One page of a folder of a snapshot; reads only the tree blobs it needs.

extern crate alloc;
use alloc::{
    collections::VecDeque,
    format,
    vec::{IntoIter, Vec},
};

use crate::{
    adopt::Adopt,
    ask::{AskId, Machine, Millis, Poll, Reply},
    desk::Desk,
    error::{Code, Error, Place},
    id::Name,
    progress::display_path,
    refresh::Refresh,
    tree::{ExtentKey, FolderPart, FolderRef, Form, Item, Tree, TreeEntry, TreeReader},
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
    /// Pass as `after` for the next page.
    pub next: Option<Vec<u8>>,
}

/// Lists a folder.
pub struct List {
    handle: VaultHandle,
    desk: Desk<Purpose>,
    reader: TreeReader<()>,
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
    refresh: Option<Refresh>,
    adopt: Option<Adopt>,
    begun: bool,
    result: Option<Result<(), Error>>,
}

enum Purpose {
    Refresh(AskId),
    Adopt(AskId),
    Extent(ExtentKey),
}

impl List {
    /// `path`: names from the root, none for the root itself. `after`: the name after which the page begins. `limit`: 1 or more.
    pub fn new(handle: &VaultHandle, snapshot: Name, path: Vec<Vec<u8>>, after: Option<Vec<u8>>, limit: usize) -> Self {
        // Browsing is quick: only a snapshot that is not known yet needs another look at the storage.
        let refresh = handle.vault().graph.snapshot(&snapshot).is_none().then(|| Refresh::new(handle));
        Self {
            handle: handle.clone(),
            desk: Desk::default(),
            reader: TreeReader::new(handle),
            snapshot,
            down: path.clone().into_iter(),
            path,
            name: None,
            parts: VecDeque::new(),
            after,
            limit: limit.max(1),
            listing: Listing::default(),
            refresh,
            adopt: Adopt::if_needed(handle, 1),
            begun: false,
            result: None,
        }
    }

    fn begin(&mut self) -> Result<(), Error> {
        self.begun = true;
        let root = self.handle.vault().graph.snapshot(&self.snapshot).map(|snapshot| snapshot.root);
        self.go_into(root.ok_or_else(|| no_snapshot(&self.snapshot))?);
        Ok(())
    }

    fn go_into(&mut self, folder: FolderRef) {
        self.name = self.down.next();
        self.reader.want((), folder.id, folder.form);
    }

    fn got(&mut self, tree: Tree) -> Result<(), Error> {
        match (tree, self.name.take()) {
            (Tree::Folder(entries), None) => self.page(entries),
            (Tree::Folder(entries), Some(name)) => match entries.into_iter().find(|entry| entry.name == name).map(|entry| entry.item) {
                Some(Item::Folder { folder, .. }) => self.go_into(folder),
                _ => return Err(self.absent()),
            },
            (Tree::FolderIndex(parts), None) => {
                let after = self.after.clone();
                self.parts = parts.into_iter().filter(|part| after.as_ref().is_none_or(|after| part.last > *after)).collect();
                self.next_part();
            }
            (Tree::FolderIndex(parts), Some(name)) => {
                let part = parts.into_iter().find(|part| part.last >= name).ok_or_else(|| self.absent())?;
                self.name = Some(name);
                self.reader.want((), part.id, Form::Folder);
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
            self.result = Some(Ok(()));
            return;
        }
        self.next_part();
    }

    fn next_part(&mut self) {
        match self.parts.pop_front() {
            Some(part) => self.reader.want((), part.id, Form::Folder),
            None => self.result = Some(Ok(())),
        }
    }

    fn absent(&self) -> Error {
        let path = display_path(&self.path);
        let message = format!("There is no folder {path} in this snapshot. Go up and look for it.");
        Error { code: Code::NoSuchPath, message, place: Place::Path(path) }
    }

    fn advance(&mut self, now: Millis) -> Result<(), Error> {
        if let Some(refresh) = &mut self.refresh {
            match self.desk.drive(refresh, Purpose::Refresh, now) {
                None => return Ok(()),
                Some(result) => result?,
            }
            self.refresh = None;
        }
        if let Some(adopt) = &mut self.adopt {
            match self.desk.drive(adopt, Purpose::Adopt, now) {
                None => return Ok(()),
                Some(result) => drop(result?),
            }
            self.adopt = None;
        }
        if !self.begun {
            self.begin()?;
        }
        while self.result.is_none() {
            let Some((_, tree)) = self.reader.ready() else { break };
            self.got(tree?)?;
        }
        while let Some((key, ask)) = self.reader.next_ask() {
            self.desk.ask(Purpose::Extent(key), ask);
        }
        Ok(())
    }
}

impl Machine for List {
    type Output = Listing;

    fn poll(&mut self, now: Millis) -> Poll<Listing> {
        if let Err(error) = self.advance(now) {
            self.result = Some(Err(error));
        }
        match self.result.take() {
            Some(Ok(())) => return Poll::Done(Ok(core::mem::take(&mut self.listing))),
            Some(Err(error)) => return Poll::Done(Err(error)),
            None => {}
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        match self.desk.answered(id) {
            Some(Purpose::Extent(key)) => self.reader.handle(key, reply),
            Some(Purpose::Refresh(id)) => {
                if let Some(refresh) = &mut self.refresh {
                    refresh.handle(id, reply, now);
                }
            }
            Some(Purpose::Adopt(id)) => {
                if let Some(adopt) = &mut self.adopt {
                    adopt.handle(id, reply, now);
                }
            }
            None => {}
        }
    }
}

pub(crate) fn no_snapshot(name: &Name) -> Error {
    Error {
        code: Code::NoSnapshot,
        message: format!("There is no snapshot {name} in this vault. List its snapshots and choose one."),
        place: Place::Object(format!("snap/{name}")),
    }
}

fn listed(entry: TreeEntry) -> ListEntry {
    let (folder, size, files) = match entry.item {
        Item::File { size, .. } => (false, size, 1),
        Item::Folder { files, bytes, .. } => (true, bytes, files),
    };
    ListEntry { name: entry.name, folder, mtime: entry.mtime, size, files }
}
