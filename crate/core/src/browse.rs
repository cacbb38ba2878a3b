//! What browsing machines share: they look into snapshots' trees, and read only the tree blobs they need.

extern crate alloc;

use crate::{
    adopt::Adopt,
    ask::{AskId, Machine, Millis, Poll, Reply},
    desk::Desk,
    error::Error,
    id::Name,
    list::no_snapshot,
    refresh::Refresh,
    tree::{ExtentKey, FolderRef, Form, Tree, TreeReader},
    vault::VaultHandle,
};

/// Reads tree blobs for a machine that browses. Each is asked for under a number of the machine's own.
pub(crate) struct Browser {
    pub handle: VaultHandle,
    desk: Desk<Purpose>,
    reader: TreeReader<usize>,
    refresh: Option<Refresh>,
    adopt: Option<Adopt>,
}

enum Purpose {
    Refresh(AskId),
    Adopt(AskId),
    Extent(ExtentKey),
}

impl Browser {
    /// Browsing is quick: only a `snapshot` that is not known yet needs another look at the storage.
    pub fn new(handle: &VaultHandle, snapshot: Option<&Name>) -> Self {
        let unknown = snapshot.is_some_and(|name| handle.vault().graph.snapshot(name).is_none());
        Self {
            handle: handle.clone(),
            desk: Desk::default(),
            reader: TreeReader::new(handle),
            refresh: unknown.then(|| Refresh::new(handle)),
            adopt: Adopt::if_needed(handle, 1),
        }
    }

    /// Whether trees can be read; until then, there are things to be asked.
    pub fn is_open(&mut self, now: Millis) -> Result<bool, Error> {
        if let Some(refresh) = &mut self.refresh {
            match self.desk.drive(refresh, Purpose::Refresh, now) {
                None => return Ok(false),
                Some(result) => result?,
            }
            self.refresh = None;
        }
        if let Some(adopt) = &mut self.adopt {
            match self.desk.drive(adopt, Purpose::Adopt, now) {
                None => return Ok(false),
                Some(result) => drop(result?),
            }
            self.adopt = None;
        }
        Ok(true)
    }

    /// The root of a snapshot.
    pub fn root(&self, snapshot: &Name) -> Result<FolderRef, Error> {
        let root = self.handle.vault().graph.snapshot(snapshot).map(|snapshot| snapshot.root);
        root.ok_or_else(|| no_snapshot(snapshot))
    }

    /// Asks for a folder, or a part of one.
    pub fn want(&mut self, number: usize, folder: FolderRef) {
        self.reader.want(number, folder.id, folder.form);
    }

    /// The next blob that was read.
    pub fn read(&mut self) -> Option<(usize, Result<Tree, Error>)> {
        self.reader.ready()
    }

    /// What the host is to do.
    pub fn poll<T>(&mut self) -> Poll<T> {
        while let Some((key, ask)) = self.reader.next_ask() {
            self.desk.ask(Purpose::Extent(key), ask);
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    pub fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
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

/// A part of a huge folder.
pub(crate) fn part(id: crate::id::Id) -> FolderRef {
    FolderRef { id, form: Form::Folder }
}
