//! An open vault: its keys, what it holds, and its history.

extern crate alloc;
use alloc::{format, rc::Rc, string::String, vec::Vec};
use core::cell::{Ref, RefCell, RefMut};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::{
    ask::{Millis, ObjectPath},
    error::{Code, Error, HostError, Place},
    graph::{Graph, Node, Record},
    id::{Id, Name},
    index::{Index, IndexedPack},
    job::Job,
    key::{Ring, VaultId},
    memory::Rollback,
    ordered::{Map, Set},
    pack::BlobKind,
    seal::Kind,
    table::{Table, Usage},
    tree::ExtentCache,
};

/// An open vault. Clones are the same vault; it stays on one thread.
#[derive(Clone)]
pub struct VaultHandle(Rc<RefCell<Vault>>);

/// One snapshot, for people to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotInfo {
    pub id: Name,
    pub time: Millis,
    pub label: String,
    pub writer: String,
    pub files: u64,
    pub folders: u64,
    pub bytes: u64,
    /// Entries of the source that could not be read.
    pub left: u64,
    /// One of the heads of the history.
    pub head: bool,
}

impl VaultHandle {
    /// The vault's id.
    pub fn id(&self) -> VaultId {
        self.vault().ring.vault
    }

    /// All snapshots, newest first, as of the last refresh.
    pub fn snapshots(&self) -> Vec<SnapshotInfo> {
        let vault = self.vault();
        let heads = vault.graph.heads();
        let info = |(id, time, snapshot): (Name, Millis, &crate::graph::Snapshot)| SnapshotInfo {
            id,
            time,
            label: snapshot.label.clone(),
            writer: snapshot.writer.clone(),
            files: snapshot.files,
            folders: snapshot.folders,
            bytes: snapshot.bytes,
            left: snapshot.left,
            head: heads.binary_search(&id).is_ok(),
        };
        vault.graph.snapshots().into_iter().map(info).collect()
    }

    /// What the vault keeps and takes, as of the last refresh.
    pub fn usage(&self) -> Usage {
        self.vault().table.usage()
    }

    /// The heads of the history: what a client remembers (FORMAT.md §10).
    pub fn heads(&self) -> Vec<Name> {
        self.vault().graph.heads()
    }

    /// Indexes and history nodes that could not be read, and parents that are missing, as of the last refresh.
    pub fn damaged(&self) -> Vec<Error> {
        let vault = self.vault();
        let missing = vault.graph.missing().into_iter().filter_map(|name| {
            let known = vault.damaged.contains_key(&(Kind::Snapshot, name));
            (!known).then(|| missing(&object_name(Kind::Snapshot, &name)))
        });
        vault.damaged.values().cloned().chain(missing).collect()
    }

    /// A note that stays on this device, for instance a person's choices, sealed as local state (FORMAT.md §5).
    ///
    /// # Errors
    /// `Unsupported` when it is longer than an object can carry.
    pub fn seal_note(&self, note: &[u8], seed: [u8; 32]) -> Result<Vec<u8>, Error> {
        self.vault().ring.seal_small(Kind::Local, note, &mut ChaCha20Rng::from_seed(seed))
    }

    /// A note that this vault sealed.
    ///
    /// # Errors
    /// `Damaged` when it is not one.
    pub fn open_note(&self, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        self.vault().ring.open_small(Kind::Local, sealed)
    }

    /// What a host gives to every lane, once, before anything else.
    pub fn lane_setup(&self) -> Job {
        Job::Setup { keys: self.vault().ring.lane_keys() }
    }

    pub(crate) fn new(ring: Ring) -> Self {
        Self(Rc::new(RefCell::new(Vault::new(ring))))
    }

    /// Forgets everything but the keys.
    pub(crate) fn start_over(&self) {
        let mut vault = self.vault_mut();
        *vault = Vault::new(vault.ring.clone());
    }

    /// A new node after the heads that are known, and its object.
    pub(crate) fn seal_node(&self, record: Record, time: Millis, rng: &mut ChaCha20Rng) -> Result<(Name, Node, Vec<u8>), Error> {
        let vault = self.vault();
        let node = Node { time, parents: vault.graph.parents(), record };
        let object = vault.ring.seal_small(Kind::Snapshot, &node.encode(), rng)?;
        Ok((Name::of(&object), node, object))
    }

    pub(crate) fn vault(&self) -> Ref<'_, Vault> {
        self.0.borrow()
    }

    pub(crate) fn vault_mut(&self) -> RefMut<'_, Vault> {
        self.0.borrow_mut()
    }

    /// Where an object of this vault lies.
    pub(crate) fn object(&self, kind: Kind, name: &Name) -> ObjectPath {
        ObjectPath { vault: self.id(), kind, name: format!("{name}") }
    }
}

impl core::fmt::Debug for VaultHandle {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "VaultHandle({})", self.id())
    }
}

/// What the machines share.
pub(crate) struct Vault {
    pub ring: Ring,
    pub table: Table,
    pub graph: Graph,
    /// Indexes that were read: the packs each names, as numbers of the table.
    pub indexes: Map<Name, Vec<u32>>,
    /// Named by an index that was read.
    pub superseded: Set<Name>,
    /// Objects that could not be read.
    pub damaged: Map<(Kind, Name), Error>,
    /// Blobs of which every place is damaged: to be stored anew by the next backup that has them.
    pub bad: Set<Id>,
    /// Packs that are in the storage and in the table, and in no index yet.
    pub unindexed: Map<Name, IndexedPack>,
    /// Packs that tombstones name.
    pub doomed: Set<Name>,
    pub extents: ExtentCache,
    /// The storage shows an older state than the graph has.
    pub rollback: Option<Rollback>,
}

impl Vault {
    fn new(ring: Ring) -> Self {
        Self {
            ring,
            table: Table::default(),
            graph: Graph::default(),
            indexes: Map::new(),
            superseded: Set::new(),
            damaged: Map::new(),
            bad: Set::new(),
            unindexed: Map::new(),
            doomed: Set::new(),
            extents: ExtentCache::default(),
            rollback: None,
        }
    }

    /// Nothing counts any more on what tombstones name, as far as their nodes were read.
    pub fn heed_tombstones(&mut self) {
        self.doomed = self.graph.tombstones().into_iter().flat_map(|(.., tombstone)| &tombstone.packs).copied().collect();
        self.table.doom(&self.doomed);
    }

    /// Whether this blob need not be stored.
    pub fn has(&self, id: &Id, kind: BlobKind) -> bool {
        self.table.contains(id, kind) && !self.bad.contains(id)
    }

    /// Takes an index in. One that is superseded by another, or supersedes others, counts as FORMAT.md §8 says.
    pub fn add_index(&mut self, name: Name, index: &Index) {
        let live = !self.superseded.contains(&name);
        let numbers: Vec<u32> = index
            .packs
            .iter()
            .map(|pack| {
                let number = self.table.add(pack.name, pack.header, pack.length, &pack.blobs, u32::from(live));
                self.unindexed.remove(&pack.name);
                if !live && self.table.pack(number).is_some_and(|pack| pack.indexes == 0) {
                    self.table.unindexed(number);
                }
                number
            })
            .collect();
        self.indexes.insert(name, numbers);
        for old in &index.supersedes {
            if self.superseded.insert(*old) {
                let packs = self.indexes.get(old).cloned().unwrap_or_default();
                packs.into_iter().for_each(|number| self.table.unindexed(number));
            }
        }
    }

    /// Takes a pack in that is in the storage: its blobs can be counted on, and the next index names it.
    pub fn add_unindexed(&mut self, pack: IndexedPack) {
        for blob in &pack.blobs {
            self.bad.remove(&blob.id);
        }
        self.table.add(pack.name, pack.header, pack.length, &pack.blobs, 0);
        self.unindexed.insert(pack.name, pack);
    }

    /// Takes an index in that was just written, over packs that the table knows.
    pub fn note_index(&mut self, name: Name, numbers: Vec<u32>) {
        numbers.iter().for_each(|number| self.table.indexed(*number));
        self.indexes.insert(name, numbers);
    }

    /// Opens an index that was fetched whole.
    pub fn open_index(&self, name: &Name, object: &[u8]) -> Result<Index, Error> {
        let body = self.open(Kind::Index, name, object)?;
        Index::decode(&body).map_err(|error| error.at(place(Kind::Index, name)))
    }

    /// Opens a node that was fetched whole.
    pub fn open_node(&self, name: &Name, object: &[u8]) -> Result<Node, Error> {
        let body = self.open(Kind::Snapshot, name, object)?;
        Node::decode(&body).map_err(|code| Error::of_object(code).at(place(Kind::Snapshot, name)))
    }

    fn open(&self, kind: Kind, name: &Name, object: &[u8]) -> Result<Vec<u8>, Error> {
        if Name::of(object) != *name {
            return Err(damaged(&object_name(kind, name)));
        }
        self.ring
            .open_small(kind, object)
            .map_err(|error| Error { place: place(kind, name), ..damaged_as(error, &object_name(kind, name)) })
    }
}

/// `pack/<name>` and the like.
pub(crate) fn object_name(kind: Kind, name: &Name) -> String {
    format!("{}/{name}", kind.folder())
}

pub(crate) fn place(kind: Kind, name: &Name) -> Place {
    Place::Object(object_name(kind, name))
}

/// The error of an object that is not what was written.
pub(crate) fn damaged(object: &str) -> Error {
    let message =
        format!("The object {object} is not what was written. Run a full verify to see what it affects; what does not need it is intact.");
    Error { code: Code::Damaged, message, place: Place::Object(object.into()) }
}

/// The error of an object that must be there and is not.
pub(crate) fn missing(object: &str) -> Error {
    let message =
        format!("The object {object} is missing from the storage. Run a verify to see what it affects; what does not need it is intact.");
    Error { code: Code::Missing, message, place: Place::Object(object.into()) }
}

/// The error of a blob that no index knows a place of.
pub(crate) fn nowhere() -> Error {
    Error::new(
        Code::Missing,
        "Part of it is in no pack that an index names. Run a verify to see what that affects; what does not need it is intact.",
    )
}

/// Whether only one object is concerned, so that the rest can go on.
pub(crate) fn is_damage(code: Code) -> bool {
    matches!(code, Code::Damaged | Code::Missing | Code::Unsupported)
}

/// The error of an erasure that is not pending.
pub(crate) fn no_erasure(tombstone: &Name) -> Error {
    let message = format!("Nothing is to be erased under {tombstone}. List the pending erasures and choose one.");
    Error::new(Code::NoSnapshot, message).at(place(Kind::Snapshot, tombstone))
}

/// A host's error about an object.
pub(crate) fn host_error(error: HostError, object: &ObjectPath) -> Error {
    let name = format!("{}/{}", object.kind.folder(), object.name);
    match error.code {
        Code::Missing => missing(&name),
        code => Error { code, message: error.message, place: Place::Object(name) },
    }
}

/// An answer that does not belong to its ask.
pub(crate) fn unexpected() -> Error {
    Error::new(Code::Internal, "A part of Strongroom got an answer that does not belong to its question. This is a bug: please report it.")
}

/// The sentence of `error`, with the object in it where it is damage.
fn damaged_as(error: Error, object: &str) -> Error {
    if error.code == Code::Damaged { damaged(object) } else { error }
}
