//! The window: blobs that coming files need, from wanted to written, each decoded once.

extern crate alloc;
use alloc::{collections::VecDeque, vec, vec::Vec};

use crate::{
    ask::{Held, Piece},
    error::Error,
    id::Id,
    job::{BlobPlace, ChunkRef},
    ordered::Map,
    pack::BlobKind,
    seal::Kind,
    table::Location,
    vault::{Vault, damaged, nowhere, object_name},
};

/// A blob as a file wants it: one that lies about a length is another one.
pub(super) type Wanted = (Id, u32);

pub(super) fn wanted(chunk: &ChunkRef) -> Wanted {
    (chunk.id, chunk.length)
}

/// Blobs in the window.
#[derive(Default)]
pub(super) struct Blobs {
    blobs: Map<Wanted, Blob>,
    /// Decoded bytes that the host holds, and how many blobs in them are still needed.
    buffers: Map<Held, usize>,
    /// To be fetched.
    wanted: Vec<Wanted>,
    /// Plaintext bytes.
    pub bytes: u64,
    /// Chunks of files that still need them.
    pub uses: usize,
    /// To be forgotten by the host.
    pub free: Vec<Held>,
}

struct Blob {
    uses: usize,
    /// Places not tried yet, the current one first.
    places: VecDeque<Location>,
    state: State,
}

enum State {
    Wanted,
    Fetching,
    Ready(Piece),
    Bad(Error),
}

/// How a blob is, for who wants to write it.
pub(super) enum Found {
    NotYet,
    Ready(Piece),
    Bad(Error),
}

impl Blobs {
    /// One more chunk of a file needs this blob.
    pub fn need(&mut self, chunk: &ChunkRef, vault: &Vault) {
        self.uses += 1;
        if let Some(blob) = self.blobs.get_mut(&wanted(chunk)) {
            blob.uses += 1;
            return;
        }
        let mut places: VecDeque<_> = vault.table.locations(&chunk.id, BlobKind::Data).into();
        places.retain(|place| place.entry.plain == chunk.length);
        let state = if places.is_empty() { State::Bad(nowhere()) } else { State::Wanted };
        if matches!(state, State::Wanted) {
            self.wanted.push(wanted(chunk));
        }
        self.bytes += u64::from(chunk.length);
        self.blobs.insert(wanted(chunk), Blob { uses: 1, places, state });
    }

    /// One chunk less needs it.
    pub fn release(&mut self, id: &Wanted) {
        let Some(blob) = self.blobs.get_mut(id) else { return };
        self.uses = self.uses.saturating_sub(1);
        blob.uses = blob.uses.saturating_sub(1);
        if blob.uses == 0 && !matches!(blob.state, State::Fetching) {
            self.forget(id);
        }
    }

    pub fn find(&self, id: &Wanted) -> Found {
        match self.blobs.get(id).map(|blob| &blob.state) {
            Some(State::Ready(piece)) => Found::Ready(*piece),
            Some(State::Bad(error)) => Found::Bad(error.clone()),
            _ => Found::NotYet,
        }
    }

    pub fn has_wanted(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Everything that is to be fetched, by pack, in the order in which it lies there.
    pub fn take_wanted(&mut self) -> Vec<(u32, Vec<BlobPlace>)> {
        let mut places: Map<((u32, u32), u64), BlobPlace> = Map::new();
        for id in core::mem::take(&mut self.wanted) {
            let Some(blob) = self.blobs.get_mut(&id).filter(|blob| matches!(blob.state, State::Wanted)) else { continue };
            let Some(place) = blob.places.front() else { continue };
            blob.state = State::Fetching;
            let last = ((place.pack, place.offset), places.len() as u64);
            places.insert(last, BlobPlace { entry: place.entry, offset: place.offset });
        }
        let mut packs: Vec<(u32, Vec<BlobPlace>)> = Vec::new();
        while let Some((((pack, _), _), place)) = places.pop_first() {
            match packs.last_mut() {
                Some((last, places)) if *last == pack => places.push(place),
                _ => packs.push((pack, vec![place])),
            }
        }
        packs
    }

    /// A blob was decoded: says how many bytes.
    pub fn arrived(&mut self, id: &Wanted, piece: Piece) -> u32 {
        let Some(blob) = self.blobs.get_mut(id) else { return 0 };
        if piece.end.checked_sub(piece.start) != Some(id.1) {
            blob.state = State::Bad(nowhere());
            return 0;
        }
        blob.state = State::Ready(piece);
        let unused = blob.uses == 0;
        self.keep(piece.held);
        if unused {
            self.forget(id);
        }
        id.1
    }

    /// A blob's current place gave nothing: the next one, or none.
    pub fn failed(&mut self, id: &Wanted, error: Option<Error>, vault: &mut Vault) {
        let Some(blob) = self.blobs.get_mut(id) else { return };
        let tried = blob.places.pop_front();
        if blob.uses == 0 {
            self.forget(id);
        } else if blob.places.is_empty() {
            vault.bad.insert(id.0);
            let pack = tried.and_then(|place| vault.table.pack(place.pack)).map(|pack| object_name(Kind::Pack, &pack.name));
            blob.state = State::Bad(error.or(pack.map(|pack| damaged(&pack))).unwrap_or_else(nowhere));
        } else {
            blob.state = State::Wanted;
            self.wanted.push(*id);
        }
    }

    /// Keeps a buffer while its blobs are taken in.
    pub fn keep(&mut self, held: Held) {
        *self.buffers.get_or_insert_with(held, || 0) += 1;
    }

    /// One thing less in a buffer is needed; it is let go after the last.
    pub fn let_go(&mut self, held: Held) {
        let Some(count) = self.buffers.get_mut(&held) else { return };
        *count -= 1;
        if *count == 0 {
            self.buffers.remove(&held);
            self.free.push(held);
        }
    }

    fn forget(&mut self, id: &Wanted) {
        let Some(blob) = self.blobs.remove(id) else { return };
        self.bytes = self.bytes.saturating_sub(u64::from(id.1));
        if let State::Ready(piece) = blob.state {
            self.let_go(piece.held);
        }
    }
}
