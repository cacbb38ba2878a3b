//! What snapshots need: their trees walked, every blob of them named (FORMAT.md §16).

extern crate alloc;
use alloc::{
    boxed::Box,
    vec::{IntoIter, Vec},
};

use crate::{
    adopt::listed_packs,
    ask::{Ask, AskId, Machine, Millis, Poll, Reply},
    desk::Desk,
    error::{Code, Error},
    graph::{Node, Record},
    id::{Id, Name},
    ordered::{Map, Set},
    pack::BlobKind,
    refresh::Refresh,
    seal::Kind,
    table::Place,
    tree::{ExtentKey, FolderRef, Step, WalkEvent, Walker},
    vault::{Vault, VaultHandle, nowhere, unexpected},
};

/// A walk through the trees of some snapshots, into each folder once.
pub(crate) struct Live {
    walker: Box<Walker>,
    roots: IntoIter<FolderRef>,
}

/// A blob that a tree needs: a chunk with its length, or a tree blob.
pub(crate) type Need = (Id, BlobKind, Option<u32>);

impl Live {
    pub fn new(handle: &VaultHandle, roots: impl Iterator<Item = FolderRef>) -> Self {
        let mut seen = Set::new();
        let roots: Vec<_> = roots.filter(|root| seen.insert(root.id)).collect();
        Self { walker: Box::new(Walker::noting(handle)), roots: roots.into_iter() }
    }

    /// Of all snapshots that are not forgotten.
    pub fn of_all(handle: &VaultHandle) -> Self {
        let vault = handle.vault();
        Self::new(handle, vault.graph.snapshots().into_iter().map(|(.., snapshot)| snapshot.root))
    }

    /// Goes on as far as tree blobs are here; true at the end.
    ///
    /// # Errors
    /// When a part of a tree cannot be read, and what `need` says.
    pub fn advance(&mut self, mut ask: impl FnMut(ExtentKey, Ask), mut need: impl FnMut(Need) -> Result<(), Error>) -> Result<bool, Error> {
        loop {
            let step = self.walker.step()?;
            while let Some((key, what)) = self.walker.next_ask() {
                ask(key, what);
            }
            self.walker.take_read().into_iter().try_for_each(|id| need((id, BlobKind::Tree, None)))?;
            match step {
                Step::Wait => return Ok(false),
                Step::End => match self.roots.next() {
                    Some(root) => self.walker.enter_root(root),
                    None => return Ok(true),
                },
                Step::Event(WalkEvent::Chunks(chunks)) => {
                    chunks.into_iter().try_for_each(|chunk| need((chunk.id, BlobKind::Data, Some(chunk.length))))?;
                }
                Step::Event(WalkEvent::FileEnd(Err(error)) | WalkEvent::Damaged { error, .. }) => return Err(error),
                Step::Event(_) => {}
            }
        }
    }

    pub fn handle(&mut self, key: ExtentKey, reply: Reply) {
        self.walker.handle(key, reply);
    }
}

/// One bit for each row of the vault's table: whether what it places is needed.
#[derive(Default)]
pub(crate) struct Marks(Vec<u64>);

impl Marks {
    /// Marks every place of a blob.
    ///
    /// # Errors
    /// `Missing` when there is none.
    pub fn mark(&mut self, (id, kind, plain): Need, vault: &mut Vault) -> Result<(), Error> {
        let mut found = false;
        for row in vault.table.numbers_of(&id, kind, plain) {
            found = true;
            if self.0.len() <= row / 64 {
                self.0.resize(row / 64 + 1, 0);
            }
            if let Some(word) = self.0.get_mut(row / 64) {
                *word |= 1 << (row % 64);
            }
        }
        if found { Ok(()) } else { Err(nowhere()) }
    }

    fn has(&self, row: usize) -> bool {
        self.0.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Calls `visit` with all places of each needed blob.
    pub fn each_blob(&self, vault: &mut Vault, mut visit: impl FnMut(&[Place]) -> Result<(), Error>) -> Result<(), Error> {
        let mut places: Vec<Place> = Vec::new();
        for (row, place) in vault.table.rows_in_order().enumerate() {
            // Chunks and trees of one half of an id stand among each other.
            if places.first().is_some_and(|first| first.blob.0 != place.blob.0) {
                visit_kinds(&places, &mut visit)?;
                places.clear();
            }
            if self.has(row) {
                places.push(place);
            }
        }
        visit_kinds(&places, &mut visit)
    }

    /// Bytes of needed blobs in each pack, as stored, all their places counted; and of all its blobs.
    pub fn bytes_by_pack(&self, vault: &mut Vault) -> Map<u32, (u64, u64)> {
        let mut bytes: Map<u32, (u64, u64)> = Map::new();
        for (row, place) in vault.table.rows_in_order().enumerate() {
            let (needed, all) = bytes.get_or_insert_with(place.pack, || (0, 0));
            *needed += if self.has(row) { u64::from(place.stored) } else { 0 };
            *all += u64::from(place.stored);
        }
        bytes
    }
}

fn visit_kinds(places: &[Place], visit: &mut impl FnMut(&[Place]) -> Result<(), Error>) -> Result<(), Error> {
    for kind in [BlobKind::Data, BlobKind::Tree] {
        let of_kind: Vec<Place> = places.iter().filter(|place| place.blob.1 == kind).copied().collect();
        if !of_kind.is_empty() {
            visit(&of_kind)?;
        }
    }
    Ok(())
}

/// The sentence of a prune that does not go on because of `error`.
pub(crate) fn refused(error: Error) -> Error {
    match error.code {
        Code::Damaged | Code::Missing | Code::Unsupported | Code::NoSuchPath => {
            let message = alloc::format!("Nothing is erased, because the vault cannot be read whole. {}", error.message);
            Error { message, ..error }
        }
        _ => error,
    }
}

/// Reads a vault anew, and marks what its snapshots need. The handle is one of its own: nothing else may add to its table.
pub(crate) struct Needed {
    handle: VaultHandle,
    desk: Desk<Purpose>,
    phase: Phase,
    without: Vec<Name>,
    marks: Marks,
    failure: Option<Error>,
}

enum Phase {
    Refreshing(Refresh),
    Listing,
    Walking(Live),
}

enum Purpose {
    Refresh(AskId),
    List,
    Extent(ExtentKey),
}

impl Needed {
    pub fn new(handle: &VaultHandle) -> Self {
        Self::without(handle, Vec::new())
    }

    /// As if these snapshots were forgotten. The handle is good for nothing else then.
    pub fn without(handle: &VaultHandle, names: Vec<Name>) -> Self {
        let phase = Phase::Refreshing(Refresh::new(handle));
        Self { handle: handle.clone(), desk: Desk::default(), phase, without: names, marks: Marks::default(), failure: None }
    }

    fn advance(&mut self, now: Millis) -> Result<bool, Error> {
        if let Phase::Refreshing(refresh) = &mut self.phase
            && let Some(result) = self.desk.drive(refresh, Purpose::Refresh, now)
        {
            result?;
            if let Some(error) = self.handle.damaged().into_iter().next() {
                return Err(error);
            }
            if !self.without.is_empty() {
                let graph = &mut self.handle.vault_mut().graph;
                let record = Record::Forget(core::mem::take(&mut self.without));
                let node = Node { time: now, parents: graph.parents(), record };
                // The name of no object: this node is nowhere else.
                graph.insert(Name([0; 32]), node);
            }
            self.desk.ask(Purpose::List, Ask::List { vault: self.handle.id(), kind: Kind::Pack });
            self.phase = Phase::Listing;
        }
        let Phase::Walking(live) = &mut self.phase else { return Ok(false) };
        let (desk, marks, handle) = (&mut self.desk, &mut self.marks, &self.handle);
        live.advance(|key, ask| desk.ask(Purpose::Extent(key), ask), |need| marks.mark(need, &mut handle.vault_mut()))
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply, now: Millis) -> Result<(), Error> {
        match (purpose, reply, &mut self.phase) {
            (Purpose::Refresh(id), reply, Phase::Refreshing(refresh)) => refresh.handle(id, reply, now),
            (Purpose::Extent(key), reply, Phase::Walking(live)) => live.handle(key, reply),
            (Purpose::List, Reply::Listed(answer), phase) => {
                let objects = answer.map_err(|error| Error::new(error.code, error.message))?;
                self.handle.vault_mut().table.note_listed(&listed_packs(&objects));
                *phase = Phase::Walking(Live::of_all(&self.handle));
            }
            _ => return Err(unexpected()),
        }
        Ok(())
    }
}

impl Machine for Needed {
    type Output = Marks;

    fn poll(&mut self, now: Millis) -> Poll<Marks> {
        if self.failure.is_none() {
            match self.advance(now) {
                Ok(true) => return Poll::Done(Ok(core::mem::take(&mut self.marks))),
                Ok(false) => {}
                Err(error) => self.failure = Some(error),
            }
        }
        if let Some(error) = self.failure.take() {
            return Poll::Done(Err(refused(error)));
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        let Some(purpose) = self.desk.answered(id) else { return };
        if let Err(error) = self.answer(purpose, reply, now) {
            self.failure.get_or_insert(error);
        }
    }
}
