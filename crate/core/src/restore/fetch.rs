//! Fetches what the window wants: runs of aligned extents, in an order that says little about the files (FORMAT.md §7, §15), and
//! has lanes decode it.

extern crate alloc;
use alloc::{collections::VecDeque, vec::Vec};
use core::ops::Range;

use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use super::{Purpose, Restore, blobs::Wanted};
use crate::{
    ask::{Ask, HeldBuffer, Piece},
    error::{Error, HostError},
    job::{BlobPlace, Job, OPEN_MAX, Outcome},
    losses::{Losses, is_loss},
    seal::{Kind, object_range_for},
    vault::{host_error, is_damage, unexpected},
};

/// Most bytes of a pack in one group of several blobs: a lane holds them and their plaintext at once.
const GROUP_STORED: u64 = 8 << 20;
/// Bytes of a pack that nobody wants are fetched along rather than asked around.
const GAP: u64 = 2 << 20;
/// Ciphertext that is asked for or waits for a lane.
const UNDER_WAY: u64 = 16 << 20;

/// One range to fetch, and the blobs in it, in the order in which they lie.
pub(super) struct Group {
    pack: u32,
    range: Range<u64>,
    plain: u64,
    blobs: Vec<BlobPlace>,
}

impl Group {
    fn of(pack: u32, place: BlobPlace, range: Range<u64>) -> Self {
        Self { pack, range, plain: place.entry.plain.into(), blobs: alloc::vec![place] }
    }

    /// Takes another blob in, or gives it back because it is too far away or too much.
    fn join(&mut self, place: BlobPlace, range: &Range<u64>) -> Result<(), BlobPlace> {
        let (end, plain) = (self.range.end.max(range.end), self.plain + u64::from(place.entry.plain));
        if range.start > self.range.end + GAP || end.saturating_sub(self.range.start) > GROUP_STORED || plain > u64::from(OPEN_MAX) {
            return Err(place);
        }
        self.range.end = end;
        self.plain = plain;
        self.blobs.push(place);
        Ok(())
    }

    /// Bytes; a pack is at most 16 MiB long.
    fn length(&self) -> u32 {
        u32::try_from(self.range.end.saturating_sub(self.range.start)).unwrap_or(u32::MAX)
    }
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
        let mut groups: Vec<Group> = Vec::new();
        for (number, places) in self.blobs.take_wanted() {
            if let Some(pack) = vault.table.pack(number) {
                group(number, pack.length.into(), places, &mut groups);
            }
        }
        drop(vault);
        shuffle(&mut groups, &mut self.rng);
        self.fetch.queue.extend(groups);
    }

    pub(super) fn fetch(&mut self) {
        while self.fetch.running < at_once(self.options.lanes) {
            let fits = |group: &Group| self.fetch.running_bytes + u64::from(group.length()) <= UNDER_WAY;
            let Some(group) = self.fetch.queue.front().is_some_and(fits).then(|| self.fetch.queue.pop_front()).flatten() else { break };
            let Some(name) = self.handle.vault().table.pack(group.pack).map(|pack| pack.name) else { continue };
            self.fetch.running += 1;
            self.fetch.running_bytes += u64::from(group.length());
            let range = Some((group.range.start, group.length()));
            let ask = Ask::Get { object: self.handle.object(Kind::Pack, &name), range, hold: true };
            self.desk.ask(Purpose::Fetch(group), ask);
        }
    }

    pub(super) fn fetched(&mut self, group: Group, answer: Result<HeldBuffer, HostError>) -> Result<(), Error> {
        let (name, header, pack_length) =
            self.handle.vault().table.pack(group.pack).map(|pack| (pack.name, pack.header, pack.length)).ok_or_else(unexpected)?;
        match answer {
            Ok(buffer) if buffer.length == group.length() => {
                let lane = self.fetch.turn % self.options.lanes;
                self.fetch.turn = self.fetch.turn.wrapping_add(1);
                let job = Job::Open { range: buffer.held, offset: group.range.start, pack_length, header, blobs: group.blobs.clone() };
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
        self.ended(&group);
        Ok(())
    }

    fn ended(&mut self, group: &Group) {
        self.fetch.running -= 1;
        self.fetch.running_bytes -= u64::from(group.length());
    }

    pub(super) fn opened(&mut self, group: Group, outcome: Result<Outcome, Error>, buffers: &[HeldBuffer]) -> Result<(), Error> {
        self.ended(&group);
        let outcome = match outcome {
            Err(error) if is_loss(&error) => {
                self.fetch.queue.push_front(group);
                return self.fetch.losses.again();
            }
            outcome => outcome?,
        };
        let blobs = match outcome {
            Outcome::Opened { blobs } if blobs.len() == group.blobs.len() => blobs,
            _ => return Err(unexpected()),
        };
        let held = buffers.first().map(|buffer| buffer.held);
        buffers.iter().for_each(|buffer| self.blobs.keep(buffer.held));
        for (place, opened) in group.blobs.iter().zip(blobs) {
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

/// Groups blobs of one pack, which come in the order in which they lie.
fn group(pack: u32, pack_length: u64, places: Vec<BlobPlace>, groups: &mut Vec<Group>) {
    let first = groups.len();
    for place in places {
        let start = u64::from(place.offset);
        let range = object_range_for(start, start + u64::from(place.entry.stored), pack_length);
        let apart = match groups.get_mut(first..).and_then(<[_]>::last_mut) {
            Some(last) => last.join(place, &range).err(),
            None => Some(place),
        };
        groups.extend(apart.map(|place| Group::of(pack, place, range)));
    }
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
