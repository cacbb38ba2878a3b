//! The versions of one file: what it was in each snapshot that has it.

extern crate alloc;
use alloc::vec::Vec;

use crate::{
    ask::{AskId, Machine, Millis, Poll, Reply},
    browse::{Browser, part},
    error::Error,
    graph::Snapshot,
    id::Name,
    tree::{Content, FolderRef, Item, Tree},
    vault::{VaultHandle, is_damage},
};

/// A file as it was in some snapshots that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The newest of these snapshots, and its time.
    pub snapshot: Name,
    pub time: Millis,
    /// The time of the oldest of them.
    pub since: Millis,
    /// How many they are.
    pub snapshots: u32,
    pub size: u64,
    pub mtime: Option<Millis>,
}

/// Looks for the versions of a file. Folders that snapshots share are read once; what cannot be read is left out.
pub struct Versions {
    browser: Browser,
    path: Vec<Vec<u8>>,
    /// One for each snapshot, newest first.
    snapshots: Vec<Looked>,
    /// Folders that are being read, each once: its place here is its number.
    places: Vec<Place>,
    running: usize,
    begun: bool,
}

struct Looked {
    snapshot: Name,
    time: Millis,
    at: At,
}

/// A folder, or a part of one, and which name of the path is to be found there.
type Place = (FolderRef, usize);

#[derive(Clone)]
enum At {
    Folder(Place),
    File { size: u64, mtime: Option<Millis>, content: Content },
    Nowhere,
}

impl Versions {
    /// `path`: names from the root. Of the snapshots that are known since the last refresh.
    pub fn new(handle: &VaultHandle, path: Vec<Vec<u8>>) -> Self {
        Self { browser: Browser::new(handle, None), path, snapshots: Vec::new(), places: Vec::new(), running: 0, begun: false }
    }

    fn begin(&mut self) {
        let vault = self.browser.handle.vault();
        let looked = |(snapshot, time, found): (Name, Millis, &Snapshot)| Looked { snapshot, time, at: At::Folder((found.root, 0)) };
        self.snapshots = vault.graph.snapshots().into_iter().map(looked).collect();
    }

    /// Reads every place that some snapshot is at; false if there is none left.
    fn read(&mut self) -> bool {
        self.places.clear();
        for looked in &self.snapshots {
            if let At::Folder(place) = looked.at
                && !self.places.contains(&place)
            {
                self.browser.want(self.places.len(), place.0);
                self.places.push(place);
            }
        }
        self.running = self.places.len();
        self.running > 0
    }

    /// Every snapshot that was at this place goes on.
    fn got(&mut self, number: usize, tree: Option<Tree>) {
        self.running -= 1;
        let Some(here) = self.places.get(number) else { return };
        let next = self.next(here.1, tree).unwrap_or(At::Nowhere);
        let there = |looked: &&mut Looked| matches!(&looked.at, At::Folder(place) if place == here);
        self.snapshots.iter_mut().filter(there).for_each(|looked| looked.at = next.clone());
    }

    fn next(&self, depth: usize, tree: Option<Tree>) -> Option<At> {
        let name = self.path.get(depth)?;
        let last = depth + 1 == self.path.len();
        match tree? {
            Tree::Folder(entries) => {
                let entry = entries.into_iter().find(|entry| entry.name == *name)?;
                match entry.item {
                    Item::File { size, content } if last => Some(At::File { size, mtime: entry.mtime, content }),
                    Item::Folder { folder, .. } if !last => Some(At::Folder((folder, depth + 1))),
                    _ => None,
                }
            }
            // The same name, in one of the parts.
            Tree::FolderIndex(parts) => {
                let found = parts.into_iter().find(|part| part.last >= *name)?;
                Some(At::Folder((part(found.id), depth)))
            }
            _ => None,
        }
    }

    /// True once every snapshot was looked into.
    fn advance(&mut self, now: Millis) -> Result<bool, Error> {
        if !self.browser.is_open(now)? {
            return Ok(false);
        }
        if !self.begun {
            self.begun = true;
            self.begin();
            self.read();
        }
        loop {
            while self.running > 0 {
                let Some((number, tree)) = self.browser.read() else { return Ok(false) };
                match tree {
                    Err(error) if !is_damage(error.code) => return Err(error),
                    tree => self.got(number, tree.ok()),
                }
            }
            if !self.read() {
                return Ok(true);
            }
        }
    }

    fn versions(&self) -> Vec<Version> {
        let mut versions: Vec<Version> = Vec::new();
        let mut newer: Option<(u64, &Content)> = None;
        for Looked { snapshot, time, at } in &self.snapshots {
            let At::File { size, mtime, content } = at else { continue };
            let same = newer.replace((*size, content)) == Some((*size, content));
            match versions.last_mut().filter(|_| same) {
                Some(version) => {
                    version.since = *time;
                    version.snapshots += 1;
                }
                None => versions.push(Version { snapshot: *snapshot, time: *time, since: *time, snapshots: 1, size: *size, mtime: *mtime }),
            }
        }
        versions
    }
}

impl Machine for Versions {
    type Output = Vec<Version>;

    fn poll(&mut self, now: Millis) -> Poll<Self::Output> {
        match self.advance(now) {
            Ok(true) => Poll::Done(Ok(self.versions())),
            Ok(false) => self.browser.poll(),
            Err(error) => Poll::Done(Err(error)),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        self.browser.handle(id, reply, now);
    }
}
