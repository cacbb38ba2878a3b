//! Prunes: finds what no snapshot needs any more, stores anew what little is left of packs that are mostly needless, and dooms
//! these, so that they are erased once the delay has passed (FORMAT.md §16). Nothing is locked meanwhile.

extern crate alloc;
use alloc::{boxed::Box, collections::VecDeque, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::{
    ask::{Ask, AskId, Body, Machine, Millis, Poll, Reply},
    backup::cancelled,
    copy::{Copy, Wanted},
    desk::Desk,
    erase::{Keeper, mark_calls},
    error::Error,
    fresh::{Door, FreshUnlock},
    graph::{Record, Tombstone},
    id::Name,
    index::Index,
    key::draw,
    limits::DOOMED_MAX,
    live::{Marks, Needed},
    ordered::{Map, Set},
    progress::{Progress, Stage, Steer},
    seal::Kind,
    table::{Pack, Place},
    vault::{VaultHandle, host_error, missing, object_name, unexpected},
};

/// Most nodes, and most indexes, that one tombstone names; the rest of it is for packs.
const SMALL_MAX: usize = DOOMED_MAX / 8;

/// How to prune.
#[derive(Clone, Debug)]
pub struct PruneOptions {
    /// Packs of whose blobs less than so many per cent of the bytes are needed are written anew. At 0, only packs that hold
    /// nothing needed are doomed; at 100, every pack with anything needless in it.
    pub threshold: u8,
    /// Only say what it would do.
    pub dry_run: bool,
    pub keeper: Keeper,
    /// Of a dry run: as if these snapshots were forgotten, too.
    pub without: Vec<Name>,
    /// What a broker wants before it marks anything.
    pub unlock: Option<FreshUnlock>,
}

impl PruneOptions {
    /// Half is what has proved itself: what is copied is never more than what it frees.
    pub fn new(keeper: Keeper) -> Self {
        Self { threshold: 50, dry_run: false, keeper, without: Vec::new(), unlock: None }
    }
}

/// What prune would do, or did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrunePlan {
    /// Packs that stay as they are.
    pub packs_kept: u64,
    /// Packs in which nothing is needed.
    pub packs_needless: u64,
    /// Packs of which little is needed: that is stored anew.
    pub packs_rewritten: u64,
    /// Needed bytes of these, as stored.
    pub bytes_copied: u64,
    /// What the erasure will free, beyond what is copied; bytes of objects.
    pub bytes_freed: u64,
    /// Nodes that go: of forgotten snapshots, and of erasures that are over.
    pub nodes: u64,
    /// Of these, the snapshots.
    pub snapshots: u64,
    /// Indexes that others supersede.
    pub indexes: u64,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PruneReport {
    pub plan: PrunePlan,
    /// None when nothing is needless, or in a dry run.
    pub tombstone: Option<Name>,
}

/// One prune run.
pub struct Prune {
    /// A vault of its own, read anew.
    handle: VaultHandle,
    options: PruneOptions,
    rng: ChaCha20Rng,
    desk: Desk<Purpose>,
    door: Door,
    phase: Phase,
    plan: PrunePlan,
    doomed: Tombstone,
    tombstone: Option<Name>,
    /// Words to the broker that are still to be said.
    calls: VecDeque<Vec<u8>>,
    paused: bool,
    failure: Option<Error>,
}

enum Phase {
    /// The secret is tried before anything else: who mistyped it hears of it at once.
    Unlocking,
    Reading(Box<Needed>),
    Copying(Box<Copy>),
    Indexing,
    Dooming,
    Telling,
    Done,
}

enum Purpose {
    Unlock(AskId),
    Read(AskId),
    Copy(AskId),
    Put(Kind, Name),
    Tell,
}

impl Prune {
    pub fn new(handle: &VaultHandle, options: PruneOptions, seed: [u8; 32]) -> Self {
        let handle = VaultHandle::new(handle.vault().ring.clone());
        let unlock = options.unlock.clone().filter(|_| !options.dry_run);
        Self {
            door: Door::new(unlock, seed),
            phase: Phase::Unlocking,
            handle,
            options,
            rng: ChaCha20Rng::from_seed(seed),
            desk: Desk::default(),
            plan: PrunePlan::default(),
            doomed: Tombstone::default(),
            tombstone: None,
            calls: VecDeque::new(),
            paused: false,
            failure: None,
        }
    }

    /// Does what can be done now; true at the end.
    fn advance(&mut self, now: Millis) -> Result<bool, Error> {
        loop {
            let next = match &mut self.phase {
                Phase::Unlocking => self.door.is_open(&mut self.desk, Purpose::Unlock, now)?.then(|| {
                    let without = if self.options.dry_run { core::mem::take(&mut self.options.without) } else { Vec::new() };
                    Phase::Reading(Box::new(Needed::without(&self.handle, without)))
                }),
                Phase::Reading(needed) => match self.desk.drive(&mut **needed, Purpose::Read, now) {
                    None => None,
                    Some(marks) => {
                        let wanted = self.choose(&marks?)?;
                        Some(match (self.options.dry_run || self.doomed.is_empty(), wanted.is_empty()) {
                            (true, _) => Phase::Done,
                            (false, true) => Phase::Indexing,
                            (false, false) => {
                                let rng = ChaCha20Rng::from_seed(draw(&mut self.rng));
                                Phase::Copying(Box::new(Copy::new(&self.handle, wanted, rng)))
                            }
                        })
                    }
                },
                _ if self.paused => None,
                Phase::Copying(copy) => match self.desk.drive(&mut **copy, Purpose::Copy, now) {
                    None => None,
                    Some(result) => {
                        result?;
                        Some(Phase::Indexing)
                    }
                },
                Phase::Indexing => {
                    if self.desk.is_idle() && !self.put_index()? {
                        self.doom(now)?;
                        Some(Phase::Dooming)
                    } else {
                        None
                    }
                }
                Phase::Dooming if self.desk.is_idle() => Some(Phase::Telling),
                Phase::Telling if self.desk.is_idle() => match self.calls.is_empty() {
                    true => Some(Phase::Done),
                    false => {
                        if self.door.is_open(&mut self.desk, Purpose::Unlock, now)?
                            && let Some(body) = self.calls.pop_front()
                        {
                            self.desk.ask(Purpose::Tell, Ask::Broker { call: "erase/mark", body });
                        }
                        None
                    }
                },
                Phase::Dooming | Phase::Telling => None,
                Phase::Done => return Ok(true),
            };
            match next {
                Some(phase) => self.phase = phase,
                None => return Ok(false),
            }
        }
    }

    /// What to doom, and what of it to copy.
    fn choose(&mut self, marks: &Marks) -> Result<Wanted, Error> {
        let mut vault = self.handle.vault_mut();
        let bytes = marks.bytes_by_pack(&mut vault);
        let packs = vault.table.by_number();
        // Of each needed blob one place counts: where most is needed anyway; and of equals, the same for everyone.
        let best = |places: &[Place]| -> Result<Option<Place>, Error> {
            let of = |place: &Place| packs.get(&place.pack);
            let safe = places.iter().filter(|place| of(place).is_some_and(Pack::is_safe));
            let best = safe.max_by_key(|place| (bytes.get(&place.pack).map(|(needed, _)| *needed), of(place).map(|pack| pack.name)));
            if best.is_some() || places.iter().filter_map(of).any(|pack| !pack.gone) {
                // What lies only in doomed packs is spared when these are to be erased.
                return Ok(best.copied());
            }
            let name = places.iter().find_map(of).map(|pack| object_name(Kind::Pack, &pack.name));
            Err(crate::live::refused(missing(&name.unwrap_or_default())))
        };
        let mut needed: Map<u32, u64> = Map::new();
        marks.each_blob(&mut vault, |places| {
            if let Some(place) = best(places)? {
                *needed.get_or_insert_with(place.pack, || 0) += u64::from(place.stored);
            }
            Ok(())
        })?;

        let small = |names: Vec<Name>| names.into_iter().take(SMALL_MAX).collect::<Vec<_>>();
        let pending: Set<Name> =
            vault.graph.tombstones().iter().flat_map(|(.., doomed)| doomed.indexes.iter().chain(&doomed.nodes)).copied().collect();
        let superseded = vault.superseded.iter().filter(|name| vault.indexes.contains_key(name) && !pending.contains(name));
        self.doomed.indexes = small(superseded.collect());
        self.doomed.nodes = small(vault.graph.needless().into_iter().filter(|name| !pending.contains(name)).collect());
        let (mut doomed, mut rewritten) = (Set::new(), Map::new());
        for (number, pack) in packs.iter().filter(|(_, pack)| pack.indexes > 0 && !pack.doomed) {
            let of_pack = needed.get(&number).copied().unwrap_or_default();
            let all = bytes.get(&number).map_or(0, |(_, all)| *all);
            let is_little = of_pack.saturating_mul(100) < all.saturating_mul(self.options.threshold.into());
            if (of_pack > 0 && !is_little) || doomed.len() >= DOOMED_MAX - 2 * SMALL_MAX {
                self.plan.packs_kept += 1;
                continue;
            }
            doomed.insert(pack.name);
            self.plan.bytes_freed += if pack.gone { 0 } else { u64::from(pack.length) };
            if of_pack == 0 {
                self.plan.packs_needless += 1;
            } else {
                self.plan.packs_rewritten += 1;
                self.plan.bytes_copied += of_pack;
                rewritten.insert(number, Set::new());
            }
        }
        self.doomed.packs = doomed.iter().collect();
        // Every erasure leaves its tombstone behind: that alone is not worth another one.
        if doomed.len() == 0 && self.doomed.indexes.is_empty() && !self.doomed.nodes.iter().any(|name| vault.graph.is_snapshot(name)) {
            self.doomed.nodes.clear();
        }
        self.plan.bytes_freed = self.plan.bytes_freed.saturating_sub(self.plan.bytes_copied);
        (self.plan.indexes, self.plan.nodes) = (self.doomed.indexes.len() as u64, self.doomed.nodes.len() as u64);
        self.plan.snapshots = self.doomed.nodes.iter().filter(|name| vault.graph.is_snapshot(name)).count() as u64;
        marks.each_blob(&mut vault, |places| {
            if let Some(place) = best(places)?
                && let Some(offsets) = rewritten.get_mut(&place.pack)
            {
                offsets.insert(place.offset);
            }
            Ok(())
        })?;
        Ok(rewritten)
    }

    /// Writes an index of new packs; false when all are in one.
    fn put_index(&mut self) -> Result<bool, Error> {
        let mut vault = self.handle.vault_mut();
        let index = Index::gather(&mut vault.unindexed);
        if index.packs.is_empty() {
            return Ok(false);
        }
        let object = vault.ring.seal_small(Kind::Index, &index.encode(), &mut self.rng)?;
        drop(vault);
        self.put(Kind::Index, Name::of(&object), object);
        Ok(true)
    }

    fn doom(&mut self, now: Millis) -> Result<(), Error> {
        let (name, _, object) = self.handle.seal_node(Record::Tombstone(self.doomed.clone()), now, &mut self.rng)?;
        if self.options.keeper == Keeper::Broker {
            self.calls = mark_calls(&name, &self.doomed);
        }
        self.tombstone = Some(name);
        self.put(Kind::Snapshot, name, object);
        Ok(())
    }

    fn put(&mut self, kind: Kind, name: Name, object: Vec<u8>) {
        let put = Ask::Put { object: self.handle.object(kind, &name), body: Body::Inline(object) };
        self.desk.ask(Purpose::Put(kind, name), put);
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply, now: Millis) -> Result<(), Error> {
        match (purpose, reply, &mut self.phase) {
            (Purpose::Unlock(id), reply, _) => self.door.handle(id, reply, now),
            (Purpose::Read(id), reply, Phase::Reading(needed)) => needed.handle(id, reply, now),
            (Purpose::Copy(id), reply, Phase::Copying(copy)) => copy.handle(id, reply, now),
            (Purpose::Put(kind, name), Reply::Done(answer), _) => {
                answer.map_err(|error| host_error(error, &self.handle.object(kind, &name)))?;
            }
            (Purpose::Tell, Reply::Broker(answer), _) => drop(answer.map_err(|error| Error::new(error.code, error.message))?),
            _ => return Err(unexpected()),
        }
        Ok(())
    }
}

impl Steer for Prune {
    fn pause(&mut self) {
        self.paused = true;
    }

    fn resume(&mut self) {
        self.paused = false;
    }

    fn cancel(&mut self) {
        self.failure.get_or_insert_with(cancelled);
    }

    /// Once the tombstone is on its way, the broker has to hear of it.
    fn is_past_cancelling(&self) -> bool {
        matches!(self.phase, Phase::Dooming | Phase::Telling | Phase::Done) && self.failure.is_none()
    }

    fn progress(&self) -> Progress {
        Progress {
            stage: match self.phase {
                Phase::Done => Stage::Done,
                _ if self.paused => Stage::Paused,
                Phase::Unlocking | Phase::Reading(_) => Stage::Walking,
                Phase::Copying(_) => Stage::Uploading,
                _ => Stage::Finishing,
            },
            bytes_total: self.plan.bytes_copied,
            bytes_stored: match &self.phase {
                Phase::Copying(copy) => copy.stored_bytes,
                _ => 0,
            },
            ..Progress::default()
        }
    }
}

impl Machine for Prune {
    type Output = PruneReport;

    fn poll(&mut self, now: Millis) -> Poll<PruneReport> {
        if self.failure.is_none() {
            match self.advance(now) {
                Ok(true) => return Poll::Done(Ok(PruneReport { plan: self.plan, tombstone: self.tombstone })),
                Ok(false) => {}
                Err(error) => self.failure = Some(error),
            }
        }
        if let Some(error) = self.failure.take() {
            return Poll::Done(Err(error));
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        let Some(purpose) = self.desk.answered(id) else {
            return reply.held().into_iter().for_each(|held| self.desk.free(held));
        };
        if let Err(error) = self.answer(purpose, reply, now) {
            self.failure.get_or_insert(error);
        }
    }
}
