//! The last look before the snapshot: whether what it counts on was doomed or erased while the run went on (FORMAT.md §16).

extern crate alloc;
use alloc::boxed::Box;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::{Backup, Phase, Purpose};
use crate::{
    adopt::listed_packs,
    ask::{Ask, AskId, Listed, Machine, Millis, Reply},
    copy::{Copy, Wanted},
    error::{Code, Error, HostError},
    key::draw,
    live::{Live, Need},
    ordered::{Map, Set},
    pack::BlobKind,
    refresh::Refresh,
    seal::Kind,
    tree::ExtentKey,
    vault::{VaultHandle, unexpected},
};

/// A snapshot is put so soon after the look, or another one is taken: no erasure can come in between. Milliseconds.
const LOOK_MAX: Millis = 10 * 60_000;

/// How far the look is.
pub(super) enum Look {
    /// Since that time.
    Refreshing(Refresh, Millis),
    Listing,
    /// Through the tree of the snapshot to be, for what has to be stored anew.
    Walking(Live, Wanted),
    Copying(Box<Copy>),
}

/// Whose answer came.
pub(super) enum Looked {
    Refresh(AskId),
    Extent(ExtentKey),
    Copy(AskId),
}

impl Look {
    pub(super) fn handle(&mut self, what: Looked, reply: Reply, now: Millis) {
        match (self, what) {
            (Self::Refreshing(refresh, _), Looked::Refresh(id)) => refresh.handle(id, reply, now),
            (Self::Walking(live, _), Looked::Extent(key)) => live.handle(key, reply),
            (Self::Copying(copy), Looked::Copy(id)) => copy.handle(id, reply, now),
            _ => {}
        }
    }
}

impl Backup {
    pub(super) fn look(&mut self) -> Phase {
        self.ended.get_or_insert(self.now);
        Phase::Looking(Box::new(Look::Refreshing(Refresh::new(&self.handle), self.now)))
    }

    /// What comes after, if it is time.
    pub(super) fn go_on_looking(&mut self) -> Result<Option<Phase>, Error> {
        let Phase::Looking(look) = &mut self.phase else { return Err(unexpected()) };
        Ok(match &mut **look {
            Look::Refreshing(refresh, since) => match self.desk.drive(refresh, Purpose::Refresh, self.now) {
                None => None,
                Some(result) => {
                    result?;
                    let erasing = self.handle.vault().graph.erasing();
                    if erasing == self.erasing && self.now.saturating_sub(*since) > LOOK_MAX {
                        return Ok(Some(self.look()));
                    }
                    if erasing == self.erasing {
                        // Asked for since everything was read.
                        if let Some(reading) = self.back_to_reading() {
                            return Ok(Some(reading));
                        }
                        let (name, node, length) = self.put_snapshot()?;
                        return Ok(Some(Phase::Snapshot(name, node, length)));
                    }
                    self.erasing = erasing;
                    self.desk.ask(Purpose::List, Ask::List { vault: self.handle.id(), kind: Kind::Pack });
                    Some(Phase::Looking(Box::new(Look::Listing)))
                }
            },
            Look::Listing => None,
            Look::Walking(live, wanted) => {
                let (desk, handle) = (&mut self.desk, &self.handle);
                let walked = live.advance(|key, ask| desk.ask(Purpose::Extent(key), ask), |need| note(need, handle, wanted));
                match walked.map_err(erased)? {
                    false => None,
                    true if wanted.is_empty() => Some(self.look()),
                    true => {
                        let rng = ChaCha20Rng::from_seed(draw(&mut self.rng));
                        let copy = Copy::new(&self.handle, core::mem::take(wanted), rng);
                        Some(Phase::Looking(Box::new(Look::Copying(Box::new(copy)))))
                    }
                }
            }
            Look::Copying(copy) => match self.desk.drive(&mut **copy, Purpose::Copy, self.now) {
                None => None,
                Some(result) => {
                    result.map_err(erased)?;
                    self.store.stored_bytes += copy.stored_bytes;
                    // Their index, and another look.
                    Some(Phase::Closing)
                }
            },
        })
    }

    pub(super) fn packs_listed(&mut self, answer: Result<Vec<Listed>, HostError>) -> Result<(), Error> {
        let objects = answer.map_err(|error| Error::new(error.code, error.message))?;
        self.handle.vault_mut().table.note_listed(&listed_packs(&objects));
        let built = self.source.folder_mut(0).and_then(|root| root.built);
        let (root, ..) = built.ok_or_else(unexpected)?;
        let live = Live::new(&self.handle, core::iter::once(root));
        self.phase = Phase::Looking(Box::new(Look::Walking(live, Map::new())));
        Ok(())
    }
}

/// Notes a blob that lies only where nothing can be counted on.
fn note((id, kind, plain): Need, handle: &VaultHandle, wanted: &mut Wanted) -> Result<(), Error> {
    let vault = handle.vault();
    if vault.table.contains(&id, kind) {
        return Ok(());
    }
    let places = vault.table.locations(&id, kind);
    let is_there = |number: u32| vault.table.pack(number).is_some_and(|pack| !pack.gone);
    let fits = |length: u32| kind == BlobKind::Tree || plain.is_none_or(|plain| plain == length);
    let place = places.iter().find(|place| is_there(place.pack) && fits(place.entry.plain));
    let place = place.ok_or_else(|| erased(crate::vault::nowhere()))?;
    wanted.get_or_insert_with(place.pack, Set::new).insert(place.offset);
    Ok(())
}

/// The sentence for a part that is nowhere any more.
fn erased(error: Error) -> Error {
    match error.code {
        Code::Missing => {
            let message =
                "Part of what this backup counts on was erased while it ran. Nothing is lost: back up again, and it is stored anew.";
            Error { message: message.into(), ..error }
        }
        _ => error,
    }
}
