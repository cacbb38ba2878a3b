//! What lies in the sink already and is right is left as it is: a restore that was cut off goes on where it was. Neither size nor time is
//! believed: lanes read such a file and compare it with its chunks.

extern crate alloc;
use alloc::{collections::VecDeque, vec, vec::Vec};

use super::{Purpose, Restore};
use crate::{
    ask::{Ask, FileId, Millis},
    error::Error,
    job::{ChunkRef, Job, Outcome, Read},
};

/// Files that are looked at at one time.
const FILES: usize = 64;
/// So many small files are compared by one job.
const TOGETHER: usize = 32;
/// Bytes that one job compares, where a chunk is not longer.
const BYTES: u64 = 4 << 20;
/// The chunks of a file are kept until all are compared: of a larger file they would be too many, and it is restored anew.
const SIZE_MAX: u64 = 32 << 30;

/// Whether a file of that size is compared.
pub(super) fn is_compared(size: u64) -> bool {
    size <= SIZE_MAX
}

/// Files in tree order that may lie in the sink.
#[derive(Default)]
pub(super) struct There {
    files: VecDeque<Candidate>,
    /// The number of the first of them.
    first: u64,
    /// The walk is in the last of them.
    open: bool,
    /// Jobs under way.
    running: usize,
    turn: u32,
}

struct Candidate {
    path: Vec<Vec<u8>>,
    size: u64,
    mtime: Option<Millis>,
    chunks: Vec<ChunkRef>,
    /// Its chunks are all known, or why not.
    known: Option<Result<(), Error>>,
    state: State,
}

enum State {
    Asked,
    /// Right up to that chunk, which begins there; to be read on by that lane.
    Found {
        file: FileId,
        chunk: usize,
        offset: u64,
        lane: Option<u32>,
    },
    Comparing {
        file: FileId,
        to: usize,
        offset: u64,
        lane: u32,
    },
    Settled {
        same: bool,
    },
}

impl There {
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.files.len() >= FILES && !self.open
    }

    /// Chunks of the file that the walk is in: given back where it is none of these.
    pub fn chunks(&mut self, chunks: Vec<ChunkRef>) -> Vec<ChunkRef> {
        match self.files.back_mut().filter(|_| self.open) {
            Some(file) => {
                file.chunks.extend(chunks);
                Vec::new()
            }
            None => chunks,
        }
    }

    /// The file that the walk was in is at its end: given back where it is none of these.
    pub fn ended(&mut self, result: Result<(), Error>) -> Option<Result<(), Error>> {
        match self.files.back_mut().filter(|_| self.open) {
            Some(file) => {
                file.known = Some(result);
                self.open = false;
                None
            }
            None => Some(result),
        }
    }

    /// The sink has said what it has.
    pub fn found(&mut self, number: u64, file: Option<FileId>) {
        if let Some(candidate) = self.get(number) {
            candidate.state = match file {
                Some(file) => State::Found { file, chunk: 0, offset: 0, lane: None },
                None => State::Settled { same: false },
            };
        }
    }

    fn get(&mut self, number: u64) -> Option<&mut Candidate> {
        self.files.get_mut(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }
}

impl Candidate {
    /// What to compare next, to the end of the file if that is not too much: the slice, its chunks, and the chunk after it.
    fn slice(&self) -> Option<(Read, Vec<ChunkRef>, usize)> {
        let (State::Found { file, chunk, offset, .. }, Some(Ok(()))) = (&self.state, &self.known) else { return None };
        let (mut to, mut length) = (*chunk, 0);
        for next in self.chunks.get(*chunk..)? {
            if length > 0 && length + u64::from(next.length) > BYTES {
                break;
            }
            length += u64::from(next.length);
            to += 1;
        }
        let read = Read { file: *file, from: 0, offset: *offset, length: u32::try_from(length).ok()?, last: to == self.chunks.len() };
        Some((read, self.chunks.get(*chunk..to)?.to_vec(), to))
    }
}

impl Restore {
    /// A file comes by: what does the sink have there?
    pub(super) fn look_there(&mut self, path: Vec<Vec<u8>>, size: u64, mtime: Option<Millis>) {
        let there = &mut self.there;
        let number = there.first + there.files.len() as u64;
        there.files.push_back(Candidate { path: path.clone(), size, mtime, chunks: Vec::new(), known: None, state: State::Asked });
        there.open = true;
        self.desk.ask(Purpose::There(number), Ask::There { path, size });
    }

    /// Has lanes compare what was found: small files together, a large one slice after slice.
    pub(super) fn compare(&mut self) {
        let lanes = self.options.lanes;
        let mut at = 0;
        while self.there.running < 2 * lanes as usize {
            let (mut reads, mut chunks, mut numbers, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), 0);
            let next = self.there.turn % lanes;
            let mut of = next;
            while let Some(candidate) = self.there.files.get_mut(at).filter(|_| numbers.len() < TOGETHER) {
                if candidate.size == 0 && matches!((&candidate.state, &candidate.known), (State::Found { .. }, Some(Ok(())))) {
                    candidate.state = State::Settled { same: true };
                }
                let Some((read, of_slice, to)) = candidate.slice() else {
                    at += 1;
                    continue;
                };
                let whole = read.is_whole();
                if !numbers.is_empty() && (!whole || bytes + u64::from(read.length) > BYTES) {
                    break;
                }
                at += 1;
                if let State::Found { file, lane, .. } = candidate.state {
                    of = lane.unwrap_or(next);
                    candidate.state = State::Comparing { file, to, offset: read.offset + u64::from(read.length), lane: of };
                }
                bytes += u64::from(read.length);
                reads.push(read);
                chunks.push(of_slice);
                numbers.push(self.there.first + at as u64 - 1);
                if !whole {
                    break;
                }
            }
            if numbers.is_empty() {
                break;
            }
            self.there.turn = self.there.turn.wrapping_add(1);
            self.there.running += 1;
            self.desk.ask(Purpose::Compare(numbers), Ask::Run { lane: Some(of), job: Job::Compare { reads, chunks } });
        }
    }

    /// A lane has compared. What it could not tell is not right: it is fetched.
    pub(super) fn compared(&mut self, numbers: &[u64], outcome: Option<Outcome>) {
        self.there.running -= 1;
        let same = match outcome {
            Some(Outcome::Compared { same }) => same,
            _ => Vec::new(),
        };
        for (place, number) in numbers.iter().enumerate() {
            let same = same.get(place).copied().unwrap_or(false);
            let Some(candidate) = self.there.get(*number) else { continue };
            let State::Comparing { file, to, offset, lane } = candidate.state else { continue };
            let is_last = to == candidate.chunks.len();
            candidate.state = match same && !is_last {
                true => State::Found { file, chunk: to, offset, lane: Some(lane) },
                false => State::Settled { same },
            };
            if !same && !is_last {
                // The lane need not keep the file open.
                let reads = vec![Read { file, from: 0, offset, length: 0, last: true }];
                self.there.running += 1;
                self.desk.ask(Purpose::Compare(vec![]), Ask::Run { lane: Some(lane), job: Job::Compare { reads, chunks: vec![vec![]] } });
            }
        }
    }

    /// Takes the first file, once it is known whether it is there: it is done with, or its chunks are lined up like those of any other.
    pub(super) fn settle(&mut self) -> bool {
        let settled = |file: &Candidate| match (&file.state, &file.known) {
            // What cannot be known cannot be compared.
            (State::Settled { .. }, Some(_)) | (State::Found { .. }, Some(Err(_))) => true,
            _ => false,
        };
        // Chunks of one file come together, so that none waits for room that another takes.
        if self.in_file || !self.there.files.front().is_some_and(settled) {
            return false;
        }
        let Some(file) = self.there.files.pop_front() else { return false };
        self.there.first += 1;
        if matches!(file.state, State::Settled { same: true }) {
            self.skip(file.size);
            return true;
        }
        let number = self.files.file(file.path, file.size, file.mtime);
        if let Some(Err(error)) = file.known {
            self.files.damaged(number, error);
        }
        self.backlog.extend(file.chunks);
        self.walking = Some(number);
        true
    }
}
