//! Packs that no index names: left by a run that died, or their index is damaged. Each is fetched whole, checked by name, and
//! found by its own directory (FORMAT.md §8).

extern crate alloc;
use alloc::{collections::VecDeque, vec::Vec};

use crate::{
    ask::{Ask, AskId, HeldBuffer, Listed, Machine, Millis, Poll, Reply},
    broker::outcome,
    desk::Desk,
    error::{Code, Error, HostError},
    id::Name,
    index::IndexedPack,
    job::{Job, Outcome, Scanned},
    losses::{Losses, is_loss},
    ordered::Map,
    progress::LeftList,
    seal::{Kind, check_length},
    vault::{VaultHandle, host_error, object_name, unexpected},
};

/// Packs fetched or scanned at one time.
const AT_ONCE: usize = 4;

/// Takes packs that no index names into the table, and says which cannot be read.
pub(crate) struct Adopt {
    handle: VaultHandle,
    lanes: u32,
    desk: Desk<Purpose>,
    queue: VecDeque<(Name, u32)>,
    running: usize,
    turn: u32,
    losses: Losses,
    ignored: Vec<(Name, Code)>,
    failure: Option<Error>,
}

enum Purpose {
    List,
    Fetch(Name, u32),
    Scan(Name, u32),
}

impl Adopt {
    pub fn new(handle: &VaultHandle, lanes: u32) -> Self {
        let mut desk = Desk::default();
        desk.ask(Purpose::List, Ask::List { vault: handle.id(), kind: Kind::Pack });
        Self {
            handle: handle.clone(),
            lanes: lanes.max(1),
            desk,
            queue: VecDeque::new(),
            running: 0,
            turn: 0,
            losses: Losses::new(AT_ONCE),
            ignored: Vec::new(),
            failure: None,
        }
    }

    /// For operations that only read: what a damaged index named is found all the same.
    pub fn if_needed(handle: &VaultHandle, lanes: u32) -> Option<Self> {
        let needed = handle.vault().damaged.keys().any(|(kind, _)| kind == Kind::Index);
        needed.then(|| Self::new(handle, lanes))
    }

    fn listed(&mut self, objects: &[Listed]) {
        let mut vault = self.handle.vault_mut();
        let packs = listed_packs(objects);
        vault.table.note_listed(&packs);
        for (name, length) in packs.iter().map(|(name, length)| (name, *length)) {
            if vault.table.number(&name).is_some() || vault.doomed.contains(&name) {
                continue;
            }
            match check_length(length.into()) {
                Ok(()) => self.queue.push_back((name, length)),
                Err(_) => self.ignored.push((name, Code::Damaged)),
            }
        }
    }

    fn fetched(&mut self, name: Name, length: u32, answer: Result<HeldBuffer, HostError>) -> Result<(), Error> {
        match answer {
            Ok(buffer) if buffer.length == length => {
                let lane = self.turn % self.lanes;
                self.turn = self.turn.wrapping_add(1);
                let job = Job::Scan { pack: buffer.held, name: name.0, data: false };
                self.desk.ask(Purpose::Scan(name, length), Ask::Run { lane: Some(lane), job });
                return Ok(());
            }
            Ok(buffer) => {
                self.desk.free(buffer.held);
                self.ignored.push((name, Code::Damaged));
            }
            Err(error) if error.code == Code::Missing => {}
            Err(error) => return Err(host_error(error, &self.handle.object(Kind::Pack, &name))),
        }
        self.running -= 1;
        Ok(())
    }

    fn scanned(&mut self, name: Name, length: u32, outcome: Result<Outcome, Error>) -> Result<(), Error> {
        self.running -= 1;
        match outcome {
            Err(error) if is_loss(&error) => {
                self.queue.push_front((name, length));
                return self.losses.again();
            }
            Ok(Outcome::Scanned(scanned)) => self.known(name, scanned),
            Ok(_) => return Err(unexpected()),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn known(&mut self, name: Name, scanned: Result<Scanned, Code>) {
        match scanned {
            Ok(scanned) => {
                let pack = IndexedPack { name, length: scanned.length, header: scanned.header, blobs: scanned.blobs };
                self.handle.vault_mut().add_unindexed(pack);
            }
            Err(code) => self.ignored.push((name, code)),
        }
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply) -> Result<(), Error> {
        match (purpose, reply) {
            (Purpose::List, Reply::Listed(answer)) => {
                self.listed(&answer.map_err(|error| Error::new(error.code, error.message))?);
                Ok(())
            }
            (Purpose::Fetch(name, length), Reply::GotHeld(answer)) => self.fetched(name, length, answer),
            (Purpose::Scan(name, length), Reply::Ran(answer)) => self.scanned(name, length, outcome(answer)),
            _ => Err(unexpected()),
        }
    }
}

impl Machine for Adopt {
    type Output = Vec<(Name, Code)>;

    fn poll(&mut self, _now: Millis) -> Poll<Self::Output> {
        if let Some(error) = self.failure.take() {
            return Poll::Done(Err(error));
        }
        while self.running < AT_ONCE {
            let Some((name, length)) = self.queue.pop_front() else { break };
            self.running += 1;
            let object = self.handle.object(Kind::Pack, &name);
            self.desk.ask(Purpose::Fetch(name, length), Ask::Get { object, range: None, hold: true });
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None if self.desk.is_idle() => Poll::Done(Ok(core::mem::take(&mut self.ignored))),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, _now: Millis) {
        let Some(purpose) = self.desk.answered(id) else { return };
        if let Err(error) = self.answer(purpose, reply) {
            self.failure.get_or_insert(error);
        }
    }
}

/// The packs of a listing, with their lengths; 0 for one that is longer than any pack.
pub(crate) fn listed_packs(objects: &[Listed]) -> Map<Name, u32> {
    let mut packs = Map::new();
    for object in objects {
        if let Ok(name) = object.name.parse() {
            packs.insert(name, u32::try_from(object.length).unwrap_or_default());
        }
    }
    packs
}

/// Names packs that could not be adopted.
pub(crate) fn report_ignored(ignored: &[(Name, Code)], report: &mut LeftList) {
    for (name, code) in ignored {
        let object = object_name(Kind::Pack, name);
        let message = alloc::format!("The object {object} is in no index that can be read, and cannot be read itself. It was ignored.");
        report.add(object, *code, message);
    }
}
