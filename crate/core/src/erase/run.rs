//! Erases what is due, after a look at what is needed now: whatever was doomed and is needed again is spared.

extern crate alloc;
use alloc::{
    boxed::Box,
    collections::VecDeque,
    string::String,
    vec::{IntoIter, Vec},
};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::keeper::{BATCH, Keeper, Pending, call_body, cancel_body, mark_calls, paths};
use crate::{
    ask::{Ask, AskId, Body, Machine, Millis, ObjectPath, Poll, Reply},
    backup::cancelled,
    desk::Desk,
    error::Error,
    fresh::{Door, FreshUnlock},
    graph::{Record, Tombstone},
    id::Name,
    index::{BODY, Index, IndexedPack},
    live::{Marks, Needed, refused},
    ordered::{Map, Set},
    progress::{Progress, Stage, Steer},
    refresh::Refresh,
    seal::Kind,
    table::Pack,
    vault::{Vault, VaultHandle, host_error, missing, object_name, unexpected},
};

/// Objects erased at one time where there is no broker.
const AT_ONCE: usize = 16;

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EraseReport {
    pub objects: u64,
    /// Of packs.
    pub bytes: u64,
    /// Packs that were doomed and are needed: they stay.
    pub spared: u64,
    /// Tombstones that are not due yet.
    pub waiting: u64,
}

/// Erases what is due.
pub struct Erase {
    /// A vault of its own, read anew.
    handle: VaultHandle,
    keeper: Keeper,
    rng: ChaCha20Rng,
    desk: Desk<Purpose>,
    door: Door,
    phase: Phase,
    due: Vec<(Name, Tombstone)>,
    /// Bodies of calls to the broker: tombstones that it was not told of.
    untold: VecDeque<Vec<u8>>,
    /// Indexes that name a pack that goes; and of their packs, those that stay and are in no new index yet.
    affected: Vec<Name>,
    unread: IntoIter<Name>,
    left: Map<Name, IndexedPack>,
    length: usize,
    erased: Set<Name>,
    /// What goes: packs, then indexes, then nodes.
    steps: VecDeque<Step>,
    paused: bool,
    failure: Option<Error>,
    report: EraseReport,
}

enum Phase {
    /// The secret is tried before anything else: who mistyped it hears of it at once.
    Unlocking,
    Refreshing(Box<Refresh>),
    Asking,
    Telling,
    Reading(Box<Needed>),
    Rewriting,
    Erasing,
    Forgetting,
    Closing,
    Done,
}

/// One thing after the other: nothing of the next before all of this.
enum Step {
    Call(Vec<u8>),
    Objects(Vec<ObjectPath>),
}

enum Purpose {
    Unlock(AskId),
    Refresh(AskId),
    Ask,
    Tell,
    Read(AskId),
    Index(Name),
    Put(Kind, Name),
    Erase(ObjectPath),
}

impl Erase {
    /// A broker wants a fresh unlock before it marks or erases anything.
    pub fn new(handle: &VaultHandle, keeper: Keeper, unlock: Option<FreshUnlock>, seed: [u8; 32]) -> Self {
        let handle = VaultHandle::new(handle.vault().ring.clone());
        Self {
            door: Door::new(unlock, seed),
            phase: Phase::Unlocking,
            handle,
            keeper,
            rng: ChaCha20Rng::from_seed(seed),
            desk: Desk::default(),
            due: Vec::new(),
            untold: VecDeque::new(),
            affected: Vec::new(),
            unread: Vec::new().into_iter(),
            left: Map::new(),
            length: 0,
            erased: Set::new(),
            steps: VecDeque::new(),
            paused: false,
            failure: None,
            report: EraseReport::default(),
        }
    }

    /// Does what can be done now; true at the end.
    fn advance(&mut self, now: Millis) -> Result<bool, Error> {
        loop {
            let next = match &mut self.phase {
                Phase::Unlocking => self
                    .door
                    .is_open(&mut self.desk, Purpose::Unlock, now)?
                    .then(|| Phase::Refreshing(Box::new(Refresh::new(&self.handle)))),
                Phase::Refreshing(refresh) => match self.desk.drive(&mut **refresh, Purpose::Refresh, now) {
                    None => None,
                    Some(result) => {
                        result?;
                        Some(self.begin(now))
                    }
                },
                Phase::Telling if self.desk.is_idle() => match self.untold.is_empty() {
                    false => {
                        if self.door.is_open(&mut self.desk, Purpose::Unlock, now)?
                            && let Some(body) = self.untold.pop_front()
                        {
                            self.desk.ask(Purpose::Tell, Ask::Broker { call: "erase/mark", body });
                        }
                        None
                    }
                    true if self.due.is_empty() => Some(Phase::Done),
                    true => Some(Phase::Reading(Box::new(Needed::new(&self.handle)))),
                },
                Phase::Reading(needed) => match self.desk.drive(&mut **needed, Purpose::Read, now) {
                    None => None,
                    Some(marks) => {
                        self.settle(&marks?)?;
                        Some(Phase::Rewriting)
                    }
                },
                _ if self.paused => None,
                Phase::Rewriting if self.desk.is_idle() => self.rewrite()?,
                Phase::Erasing if self.desk.is_idle() => match self.steps.is_empty() {
                    false => {
                        if self.door.is_open(&mut self.desk, Purpose::Unlock, now)?
                            && let Some(step) = self.steps.pop_front()
                        {
                            self.take_step(step);
                        }
                        None
                    }
                    true => {
                        self.forget(now)?;
                        Some(Phase::Forgetting)
                    }
                },
                Phase::Forgetting if self.desk.is_idle() => {
                    if self.keeper == Keeper::Broker {
                        // What was spared is not pending any more.
                        for (name, _) in &self.due {
                            self.desk.ask(Purpose::Tell, Ask::Broker { call: "erase/cancel", body: cancel_body(name) });
                        }
                    }
                    Some(Phase::Closing)
                }
                Phase::Closing if self.desk.is_idle() => Some(Phase::Done),
                Phase::Done => return Ok(true),
                _ => None,
            };
            match next {
                Some(phase) => self.phase = phase,
                None => return Ok(false),
            }
        }
    }

    /// The graph is known: asks the broker what is due, or looks at this clock.
    fn begin(&mut self, now: Millis) -> Phase {
        match self.keeper {
            Keeper::Broker => {
                self.desk.ask(Purpose::Ask, Ask::Broker { call: "erase/list", body: b"{}".to_vec() });
                Phase::Asking
            }
            Keeper::Client { delay } => {
                self.sort(|_, made| Some(made.saturating_add(delay) <= now));
                Phase::Telling
            }
        }
    }

    /// Which tombstones are due; those of which it cannot be said are told to the broker.
    fn sort(&mut self, is_due: impl Fn(&Name, Millis) -> Option<bool>) {
        let vault = self.handle.vault();
        for (name, made, doomed) in vault.graph.tombstones() {
            match is_due(&name, made) {
                Some(true) => self.due.push((name, doomed.clone())),
                Some(false) => self.report.waiting += 1,
                None => {
                    self.report.waiting += 1;
                    self.untold.extend(mark_calls(&name, doomed));
                }
            }
        }
    }

    /// What is needed is known: what goes, and what is spared.
    fn settle(&mut self, marks: &Marks) -> Result<(), Error> {
        let mut vault = self.handle.vault_mut();
        // Called off meanwhile.
        let standing: Set<Name> = vault.graph.tombstones().iter().map(|(name, ..)| *name).collect();
        self.due.retain(|(name, _)| standing.contains(name));
        let packs = vault.table.by_number();
        let mut spared = Set::new();
        marks.each_blob(&mut vault, |places| {
            let mut of_blob = places.iter().filter_map(|place| packs.get(&place.pack));
            if of_blob.clone().any(Pack::is_safe) {
                return Ok(());
            }
            let there: Vec<Name> = of_blob.clone().filter(|pack| !pack.gone).map(|pack| pack.name).collect();
            if there.is_empty() {
                let name = of_blob.next().map(|pack| object_name(Kind::Pack, &pack.name)).unwrap_or_default();
                return Err(refused(missing(&name)));
            }
            for name in there {
                spared.insert(name);
            }
            Ok(())
        })?;
        for (tombstone, doomed) in &self.due {
            let going = going(&vault, doomed, &spared);
            self.report.spared += (doomed.packs.len() - going.packs.len()) as u64;
            for name in &going.packs {
                let pack = vault.table.number(name).and_then(|number| vault.table.pack(number)).filter(|pack| !pack.gone);
                self.report.bytes += if self.erased.insert(*name) { pack.map_or(0, |pack| u64::from(pack.length)) } else { 0 };
            }
            self.report.objects += going.count() as u64;
            match self.keeper {
                Keeper::Broker => {
                    let paths: Vec<String> = paths(&going);
                    self.steps.extend(paths.chunks(BATCH).map(|paths| Step::Call(call_body(tombstone, paths))));
                }
                Keeper::Client { .. } => {
                    for (kind, names) in [(Kind::Pack, going.packs), (Kind::Index, going.indexes), (Kind::Snapshot, going.nodes)] {
                        let objects: Vec<ObjectPath> =
                            names.iter().map(|name| ObjectPath { vault: vault.ring.vault, kind, name: alloc::format!("{name}") }).collect();
                        self.steps.extend(objects.chunks(AT_ONCE).map(|objects| Step::Objects(objects.to_vec())));
                    }
                }
            }
        }
        let live = vault.indexes.iter().filter(|(name, _)| !vault.superseded.contains(name));
        let goes = |number: &u32| vault.table.pack(*number).is_some_and(|pack| self.erased.contains(&pack.name));
        self.affected = live.filter(|(_, packs)| packs.iter().any(goes)).map(|(name, _)| name).collect();
        self.unread = self.affected.clone().into_iter();
        Ok(())
    }

    /// Reads indexes that name what goes, and writes what is left of them. The last one supersedes them all: until then all of them hold.
    fn rewrite(&mut self) -> Result<Option<Phase>, Error> {
        if self.length > BODY {
            self.length = 0;
            let index = Index::gather(&mut self.left);
            self.put_index(&index)?;
        } else if let Some(name) = self.unread.next() {
            let object = self.handle.object(Kind::Index, &name);
            self.desk.ask(Purpose::Index(name), Ask::Get { object, range: None, hold: false });
        } else if !self.affected.is_empty() {
            let mut index = Index::gather(&mut self.left);
            if self.left.is_empty() {
                index.supersedes = core::mem::take(&mut self.affected);
            }
            self.put_index(&index)?;
        } else {
            return Ok(Some(Phase::Erasing));
        }
        Ok(None)
    }

    fn put_index(&mut self, index: &Index) -> Result<(), Error> {
        let object = self.handle.vault().ring.seal_small(Kind::Index, &index.encode(), &mut self.rng)?;
        self.put(Kind::Index, Name::of(&object), object);
        Ok(())
    }

    fn take_step(&mut self, step: Step) {
        match step {
            Step::Call(body) => self.desk.ask(Purpose::Tell, Ask::Broker { call: "erase/confirm", body }),
            Step::Objects(objects) => {
                objects.into_iter().for_each(|object| self.desk.ask(Purpose::Erase(object.clone()), Ask::Erase { object }));
            }
        }
    }

    /// The tombstones have done their work.
    fn forget(&mut self, now: Millis) -> Result<(), Error> {
        let names: Set<Name> = self.due.iter().map(|(name, _)| *name).collect();
        if names.len() == 0 {
            return Ok(());
        }
        let (name, _, object) = self.handle.seal_node(Record::Forget(names.iter().collect()), now, &mut self.rng)?;
        self.put(Kind::Snapshot, name, object);
        Ok(())
    }

    fn put(&mut self, kind: Kind, name: Name, object: Vec<u8>) {
        let put = Ask::Put { object: self.handle.object(kind, &name), body: Body::Inline(object) };
        self.desk.ask(Purpose::Put(kind, name), put);
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply, now: Millis) -> Result<(), Error> {
        let told = |answer: Result<Vec<u8>, crate::error::HostError>| answer.map_err(|error| Error::new(error.code, error.message));
        match (purpose, reply, &mut self.phase) {
            (Purpose::Unlock(id), reply, _) => self.door.handle(id, reply, now),
            (Purpose::Refresh(id), reply, Phase::Refreshing(refresh)) => refresh.handle(id, reply, now),
            (Purpose::Read(id), reply, Phase::Reading(needed)) => needed.handle(id, reply, now),
            (Purpose::Ask, Reply::Broker(answer), _) => {
                let pending = Pending::read(answer)?;
                self.sort(|name, _| pending.of(name).map(|told| told.due <= pending.now));
                self.phase = Phase::Telling;
            }
            (Purpose::Tell, Reply::Broker(answer), _) => drop(told(answer)?),
            (Purpose::Index(name), Reply::Got(answer), _) => {
                let object = answer.map_err(|error| host_error(error, &self.handle.object(Kind::Index, &name)))?;
                let index = self.handle.vault().open_index(&name, &object)?;
                for pack in index.packs.into_iter().filter(|pack| !self.erased.contains(&pack.name)) {
                    self.length += pack.encoded_length();
                    self.left.insert(pack.name, pack);
                }
            }
            (Purpose::Put(kind, name), Reply::Done(answer), _) => {
                answer.map_err(|error| host_error(error, &self.handle.object(kind, &name)))?;
            }
            (Purpose::Erase(object), Reply::Done(answer), _) => answer.map_err(|error| host_error(error, &object))?,
            _ => return Err(unexpected()),
        }
        Ok(())
    }
}

/// What of a tombstone's goes: not what is needed, nor an index that counts, nor a node that is not forgotten.
fn going(vault: &Vault, doomed: &Tombstone, spared: &Set<Name>) -> Tombstone {
    let needless: Set<Name> = vault.graph.needless().into_iter().collect();
    let those = |names: &[Name], wanted: &dyn Fn(&Name) -> bool| names.iter().filter(|name| wanted(name)).copied().collect();
    Tombstone {
        packs: those(&doomed.packs, &|name| !spared.contains(name)),
        indexes: those(&doomed.indexes, &|name| vault.superseded.contains(name)),
        nodes: those(&doomed.nodes, &|name| needless.contains(name)),
    }
}

impl Steer for Erase {
    fn pause(&mut self) {
        self.paused = true;
    }

    fn resume(&mut self) {
        self.paused = false;
    }

    /// What is erased stays erased; the rest is erased the next time.
    fn cancel(&mut self) {
        self.failure.get_or_insert_with(cancelled);
    }

    fn progress(&self) -> Progress {
        let stage = match self.phase {
            Phase::Done => Stage::Done,
            _ if self.paused => Stage::Paused,
            Phase::Unlocking | Phase::Refreshing(_) | Phase::Reading(_) => Stage::Walking,
            _ => Stage::Finishing,
        };
        Progress { stage, ..Progress::default() }
    }
}

impl Machine for Erase {
    type Output = EraseReport;

    fn poll(&mut self, now: Millis) -> Poll<EraseReport> {
        if self.failure.is_none() {
            match self.advance(now) {
                Ok(true) => return Poll::Done(Ok(self.report)),
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
        let Some(purpose) = self.desk.answered(id) else { return };
        if let Err(error) = self.answer(purpose, reply, now) {
            self.failure.get_or_insert(error);
        }
    }
}
