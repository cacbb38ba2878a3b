//! Fetches what the window wants: whole packs or aligned extents, in an order that says little about the files
//! (FORMAT.md §7, §15), and has lanes decode it.

extern crate alloc;
use alloc::{collections::VecDeque, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use super::{Purpose, Restore, blobs::Wanted};
use crate::{
    ask::{Ask, HeldBuffer, Piece},
    error::{Error, HostError},
    job::{BlobPlace, Job, Outcome},
    losses::{Losses, is_loss},
    seal::{Kind, PACK_LENGTH, object_range_for},
    vault::{Vault, host_error, is_damage, unexpected},
};

/// One range to fetch.
pub(super) struct Group {
    pack: u32,
    offset: u64,
    length: u32,
    blobs: Vec<BlobPlace>,
}

/// What is lined up, and what is under way.
pub(super) struct Fetch {
    queue: VecDeque<Group>,
    losses: Losses,
    running: usize,
    /// Of what is under way, as fetched.
    running_bytes: u64,
    turn: u32,
}

impl Fetch {
    pub fn new(lanes: u32) -> Self {
        Self { queue: VecDeque::new(), losses: Losses::new(at_once(lanes)), running: 0, running_bytes: 0, turn: 0 }
    }
}

/// Ranges under way.
fn at_once(lanes: u32) -> usize {
    2 + 2 * lanes as usize
}

impl Restore {
    /// Lines up everything that is wanted, shuffled.
    pub(super) fn line_up(&mut self) {
        let vault = self.handle.vault();
        let mut groups: Vec<Group> = self.blobs.take_wanted().into_iter().flat_map(|(pack, places)| ranges(pack, places, &vault)).collect();
        drop(vault);
        shuffle(&mut groups, &mut self.rng);
        self.fetch.queue.extend(groups);
    }

    pub(super) fn fetch(&mut self) {
        while self.fetch.running < at_once(self.options.lanes) {
            let most = self.options.window.max(2 * u64::from(PACK_LENGTH));
            let fits = |group: &Group| self.fetch.running_bytes + u64::from(group.length) <= most;
            let Some(group) = self.fetch.queue.front().is_some_and(fits).then(|| self.fetch.queue.pop_front()).flatten() else { break };
            let Some(name) = self.handle.vault().table.pack(group.pack).map(|pack| pack.name) else { continue };
            self.fetch.running += 1;
            self.fetch.running_bytes += u64::from(group.length);
            let ask = Ask::Get { object: self.handle.object(Kind::Pack, &name), range: Some((group.offset, group.length)), hold: true };
            self.desk.ask(Purpose::Fetch(group), ask);
        }
    }

    pub(super) fn fetched(&mut self, group: Group, answer: Result<HeldBuffer, HostError>) -> Result<(), Error> {
        let (name, header, pack_length) =
            self.handle.vault().table.pack(group.pack).map(|pack| (pack.name, pack.header, pack.length)).ok_or_else(unexpected)?;
        match answer {
            Ok(buffer) if buffer.length == group.length => {
                let lane = self.fetch.turn % self.options.lanes;
                self.fetch.turn = self.fetch.turn.wrapping_add(1);
                let job = Job::Open { range: buffer.held, offset: group.offset, pack_length, header, blobs: group.blobs.clone() };
                self.desk.ask(Purpose::Open(group), Ask::Run { lane: Some(lane), job });
                return Ok(());
            }
            Ok(buffer) => {
                self.desk.free(buffer.held);
                self.give_back(&group.blobs, None);
            }
            Err(error) => {
                let error = host_error(error, &self.handle.object(Kind::Pack, &name));
                if !is_damage(error.code) {
                    return Err(error);
                }
                self.give_back(&group.blobs, Some(&error));
            }
        }
        self.ended(group.length);
        Ok(())
    }

    fn ended(&mut self, length: u32) {
        self.fetch.running -= 1;
        self.fetch.running_bytes -= u64::from(length);
    }

    pub(super) fn opened(&mut self, group: Group, outcome: Result<Outcome, Error>, buffers: &[HeldBuffer]) -> Result<(), Error> {
        self.ended(group.length);
        let outcome = match outcome {
            Err(error) if is_loss(&error) => {
                self.fetch.queue.push_front(group);
                return self.fetch.losses.again();
            }
            outcome => outcome?,
        };
        let places = &group.blobs;
        let blobs = match outcome {
            Outcome::Opened { blobs } if blobs.len() == places.len() => blobs,
            _ => return Err(unexpected()),
        };
        let held = buffers.first().map(|buffer| buffer.held);
        buffers.iter().for_each(|buffer| self.blobs.keep(buffer.held));
        for (place, opened) in places.iter().zip(blobs) {
            match (opened, held) {
                (Ok((start, end)), Some(held)) => {
                    self.bytes_read += u64::from(self.blobs.arrived(&wanted(place), Piece { held, start, end }))
                }
                _ => self.blobs.failed(&wanted(place), None, &mut self.handle.vault_mut()),
            }
        }
        buffers.iter().for_each(|buffer| self.blobs.let_go(buffer.held));
        self.retry();
        Ok(())
    }

    fn give_back(&mut self, blobs: &[BlobPlace], error: Option<&Error>) {
        for place in blobs {
            self.blobs.failed(&wanted(place), error.cloned(), &mut self.handle.vault_mut());
        }
        self.retry();
    }

    /// Blobs with another place are lined up at once.
    fn retry(&mut self) {
        if self.blobs.has_wanted() && !self.filling {
            self.line_up();
        }
    }
}

/// The ranges to fetch of one pack, for blobs in the order in which they lie: whole when most of it is wanted.
fn ranges(number: u32, places: Vec<BlobPlace>, vault: &Vault) -> Vec<Group> {
    let Some(pack) = vault.table.pack(number) else { return Vec::new() };
    let pack_length = u64::from(pack.length);
    let mut groups: Vec<(u64, u64, Vec<BlobPlace>)> = Vec::new();
    for place in places {
        let start = u64::from(place.offset);
        let range = object_range_for(start, start + u64::from(place.entry.stored), pack_length);
        match groups.last_mut() {
            Some((_, end, blobs)) if range.start <= *end => {
                *end = range.end.max(*end);
                blobs.push(place);
            }
            _ => groups.push((range.start, range.end, alloc::vec![place])),
        }
    }
    let wanted: u64 = groups.iter().map(|(start, end, _)| end.saturating_sub(*start)).sum();
    if 2 * wanted > pack_length {
        groups = alloc::vec![(0, pack_length, groups.into_iter().flat_map(|(.., blobs)| blobs).collect())];
    }
    let group = |(start, end, blobs): (u64, u64, _)| {
        let length = u32::try_from(end.saturating_sub(start)).unwrap_or_default();
        Group { pack: number, offset: start, length, blobs }
    };
    groups.into_iter().map(group).collect()
}

fn wanted(place: &BlobPlace) -> Wanted {
    (place.entry.id, place.entry.plain)
}

/// Fisher and Yates.
fn shuffle<T>(items: &mut [T], rng: &mut ChaCha20Rng) {
    for at in (1..items.len()).rev() {
        let other = (rng.next_u64() % (at as u64 + 1)) as usize;
        items.swap(at, other);
    }
}
