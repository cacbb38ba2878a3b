//! Checks packs: that each is there with its length, and with `data` every byte of it.

extern crate alloc;
use alloc::{collections::VecDeque, string::String, vec::Vec};

use super::{Purpose, Verify};
use crate::{
    ask::{Ask, HeldBuffer, Listed},
    error::{Error, HostError},
    id::{Id, Name},
    job::{ChunkRef, Job, Outcome, Scanned},
    losses::{Losses, is_loss},
    ordered::{Map, Set},
    pack::BlobKind,
    seal::Kind,
    vault::{VaultHandle, damaged, host_error, is_damage, missing, nowhere, object_name, unexpected},
};

/// Packs under way for each lane.
const AT_ONCE: usize = 2;

/// What is known of the packs.
pub(super) struct Packs {
    queue: VecDeque<u32>,
    losses: Losses,
    running: usize,
    turn: u32,
    /// Nothing of these can be counted on.
    bad: Map<u32, Error>,
    /// Blobs that are damaged in that pack.
    bad_blobs: Set<(u32, Id)>,
}

impl Packs {
    pub fn new(lanes: u32) -> Self {
        Self {
            queue: VecDeque::new(),
            losses: Losses::new(AT_ONCE * lanes as usize),
            running: 0,
            turn: 0,
            bad: Map::new(),
            bad_blobs: Set::new(),
        }
    }

    pub fn is_done(&self) -> bool {
        self.queue.is_empty() && self.running == 0
    }

    /// What is wrong with a chunk that a file needs, if every place of it is.
    pub fn check(&self, chunk: &ChunkRef, handle: &VaultHandle) -> Option<Error> {
        let vault = handle.vault();
        let places = vault.table.locations(&chunk.id, BlobKind::Data);
        let mut why = None;
        for place in places.iter().filter(|place| place.entry.plain == chunk.length) {
            match self.bad.get(&place.pack) {
                Some(error) => why = Some(error.clone()),
                None if self.bad_blobs.contains(&(place.pack, chunk.id)) => {
                    why = vault.table.pack(place.pack).map(|pack| damaged(&object(&pack.name)))
                }
                None => return None,
            }
        }
        Some(why.unwrap_or_else(nowhere))
    }
}

impl Verify {
    pub(super) fn packs_listed(&mut self, objects: &[Listed]) {
        let mut lengths: Map<Name, u64> = Map::new();
        for object in objects {
            let _foreign = object.name.parse().map(|name| lengths.insert(name, object.length));
        }
        let vault = self.handle.vault();
        for (number, pack) in vault.table.packs() {
            self.report.packs += 1;
            self.report.bytes += u64::from(pack.length);
            let error = match lengths.get(&pack.name) {
                None => missing(&object(&pack.name)),
                Some(length) if *length != u64::from(pack.length) => damaged(&object(&pack.name)),
                Some(_) => {
                    if self.options.data {
                        self.packs.queue.push_back(number);
                    }
                    continue;
                }
            };
            self.damaged.add_error(object(&pack.name), error.clone());
            self.packs.bad.insert(number, error);
        }
    }

    pub(super) fn fetch(&mut self) {
        while self.packs.running < AT_ONCE * self.options.lanes as usize {
            let Some(number) = self.packs.queue.pop_front() else { break };
            let Some(name) = self.handle.vault().table.pack(number).map(|pack| pack.name) else { continue };
            self.packs.running += 1;
            let ask = Ask::Get { object: self.handle.object(Kind::Pack, &name), range: None, hold: true };
            self.desk.ask(Purpose::Fetch(number, name), ask);
        }
    }

    pub(super) fn fetched(&mut self, number: u32, name: Name, answer: Result<HeldBuffer, HostError>) -> Result<(), Error> {
        match answer {
            Ok(buffer) => {
                let lane = self.packs.turn % self.options.lanes;
                self.packs.turn = self.packs.turn.wrapping_add(1);
                self.bytes_read += u64::from(buffer.length);
                let job = Job::Scan { pack: buffer.held, name: name.0, data: true };
                self.desk.ask(Purpose::Scan(number, name), Ask::Run { lane: Some(lane), job });
            }
            Err(error) => {
                let error = host_error(error, &self.handle.object(Kind::Pack, &name));
                if !is_damage(error.code) {
                    return Err(error);
                }
                self.packs.running -= 1;
                self.bad_pack(number, &name, error);
            }
        }
        Ok(())
    }

    pub(super) fn scanned(&mut self, number: u32, name: Name, outcome: Result<Outcome, Error>) -> Result<(), Error> {
        self.packs.running -= 1;
        match outcome {
            Err(error) if is_loss(&error) => {
                self.packs.queue.push_front(number);
                self.packs.losses.again()
            }
            Err(error) => Err(error),
            Ok(Outcome::Scanned(Ok(scanned))) if self.is_as_indexed(number, &scanned) => {
                let bad: Vec<_> = scanned.damaged.iter().filter_map(|at| scanned.blobs.get(*at as usize)).collect();
                if !bad.is_empty() {
                    self.damaged.add_error(object(&name), damaged(&object(&name)));
                }
                for blob in bad {
                    self.packs.bad_blobs.insert((number, blob.id));
                }
                Ok(())
            }
            Ok(Outcome::Scanned(_)) => {
                self.bad_pack(number, &name, damaged(&object(&name)));
                Ok(())
            }
            Ok(_) => Err(unexpected()),
        }
    }

    fn bad_pack(&mut self, number: u32, name: &Name, error: Error) {
        self.damaged.add_error(object(name), error.clone());
        self.packs.bad.insert(number, error);
    }

    /// Whether the index says of this pack what it says of itself.
    fn is_as_indexed(&self, number: u32, scanned: &Scanned) -> bool {
        let vault = self.handle.vault();
        let mut offset = 0_u32;
        let blobs = scanned.blobs.iter().all(|blob| {
            let places = vault.table.locations(&blob.id, blob.kind);
            let here = places.iter().any(|place| place.pack == number && place.offset == offset && place.entry == *blob);
            offset = offset.saturating_add(blob.stored);
            here
        });
        blobs && vault.table.pack(number).is_some_and(|pack| pack.header == scanned.header && pack.length == scanned.length)
    }
}

fn object(name: &Name) -> String {
    object_name(Kind::Pack, name)
}
