//! What goes to the storage: packs, then the indexes that name them (FORMAT.md §12).

extern crate alloc;
use alloc::vec::Vec;

use super::{Backup, Purpose};
use crate::{
    ask::{Ask, Body, HeldBuffer, Millis},
    error::{Error, HostError},
    id::{Id, Name},
    index::{BODY, Index, IndexedPack},
    job::SealedPack,
    ordered::{Map, Set},
    seal::Kind,
    vault::{host_error, unexpected},
};

/// What is under way to the storage.
#[derive(Default)]
pub(super) struct Store {
    /// Blobs that are to be stored by this run, and not confirmed yet.
    pub pending: Set<Id>,
    uploading: Map<Name, IndexedPack>,
    /// Of packs that are uploading.
    pub uploading_bytes: u64,
    /// Confirmed objects.
    pub stored_bytes: u64,
    /// Packs of the index that is under way.
    indexing: Map<Name, Vec<IndexedPack>>,
    /// When the first pack was confirmed that no index names.
    since: Option<Millis>,
}

impl Store {
    pub fn is_idle(&self) -> bool {
        self.uploading.is_empty() && self.indexing.is_empty()
    }

    /// Packs without an index may be there from now on.
    pub fn index_soon(&mut self, now: Millis) {
        self.since.get_or_insert(now);
    }

    pub fn is_indexing(&self) -> bool {
        !self.indexing.is_empty()
    }
}

impl Backup {
    /// Sends a pack that the host holds.
    pub(super) fn put_held(&mut self, pack: SealedPack, buffer: HeldBuffer) -> Result<(), Error> {
        if buffer.length != pack.length {
            return Err(unexpected());
        }
        self.put_pack(Name(buffer.sha256), pack, Body::Held(buffer.held));
        Ok(())
    }

    /// Sends a pack that was sealed here.
    pub(super) fn put_inline(&mut self, pack: SealedPack, bytes: Vec<u8>) {
        self.put_pack(Name::of(&bytes), pack, Body::Inline(bytes));
    }

    fn put_pack(&mut self, name: Name, pack: SealedPack, body: Body) {
        self.store.uploading_bytes += u64::from(pack.length);
        let pack = IndexedPack { name, length: pack.length, header: pack.header, blobs: pack.blobs };
        self.store.uploading.insert(name, pack);
        self.desk.ask(Purpose::PutPack(name), Ask::Put { object: self.handle.object(Kind::Pack, &name), body });
    }

    pub(super) fn pack_stored(&mut self, name: Name, answer: Result<(), HostError>) -> Result<(), Error> {
        let pack = self.store.uploading.remove(&name).ok_or_else(unexpected)?;
        self.store.uploading_bytes -= u64::from(pack.length);
        answer.map_err(|error| host_error(error, &self.handle.object(Kind::Pack, &name)))?;
        self.store.stored_bytes += u64::from(pack.length);
        for blob in &pack.blobs {
            self.store.pending.remove(&blob.id);
        }
        self.confirmed(pack);
        Ok(())
    }

    /// A pack is in the storage: its blobs can be counted on, and the next index names it.
    pub(super) fn confirmed(&mut self, pack: IndexedPack) {
        self.handle.vault_mut().add_unindexed(pack);
        self.store.index_soon(self.now);
    }

    /// When the next index is due by time alone.
    pub(super) fn checkpoint_at(&self) -> Option<Millis> {
        let waiting = !self.handle.vault().unindexed.is_empty() && !self.store.is_indexing();
        self.store.since.filter(|_| waiting).map(|since| since.saturating_add(self.options.checkpoint_ms))
    }

    /// Whether an index is due: by number of packs, by length, or by time.
    pub(super) fn checkpoint_is_due(&self) -> bool {
        let vault = self.handle.vault();
        if vault.unindexed.is_empty() || self.store.is_indexing() {
            return false;
        }
        let body: usize = vault.unindexed.values().map(IndexedPack::encoded_length).sum();
        let late = self.checkpoint_at().is_some_and(|at| at <= self.now);
        late || body >= BODY || vault.unindexed.len() >= self.options.checkpoint_packs
    }

    /// Writes an index of the packs that no index names; false when there are none.
    pub(super) fn checkpoint(&mut self) -> Result<bool, Error> {
        let mut vault = self.handle.vault_mut();
        let index = Index::gather(&mut vault.unindexed);
        self.store.since = (!vault.unindexed.is_empty()).then_some(self.now);
        if index.packs.is_empty() {
            return Ok(false);
        }
        let object = vault.ring.seal_small(Kind::Index, &index.encode(), &mut self.rng)?;
        drop(vault);
        let name = Name::of(&object);
        self.store.indexing.insert(name, index.packs);
        let length = object.len() as u64;
        let ask = Ask::Put { object: self.handle.object(Kind::Index, &name), body: Body::Inline(object) };
        self.desk.ask(Purpose::PutIndex(name, length), ask);
        Ok(true)
    }

    pub(super) fn index_stored(&mut self, name: Name, length: u64, answer: Result<(), HostError>) -> Result<(), Error> {
        let packs = self.store.indexing.remove(&name).ok_or_else(unexpected)?;
        let mut vault = self.handle.vault_mut();
        if let Err(error) = answer {
            // Not lost: the next backup of this vault, in this process or another, names them.
            for pack in packs {
                vault.unindexed.insert(pack.name, pack);
            }
            drop(vault);
            return Err(host_error(error, &self.handle.object(Kind::Index, &name)));
        }
        self.store.stored_bytes += length;
        let numbers = packs.iter().filter_map(|pack| vault.table.number(&pack.name)).collect();
        vault.note_index(name, numbers);
        Ok(())
    }
}
