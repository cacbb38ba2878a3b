//! Feeds the lanes: batches of small files, slices of large ones, and a verdict on every chunk.

mod strands;
mod tails;

extern crate alloc;
use alloc::{collections::VecDeque, vec, vec::Vec};
use core::cmp::Reverse;

use super::{
    Backup, Phase, Purpose,
    source::{NodeId, Source},
};
use crate::{
    ask::{Ask, HeldBuffer},
    error::Error,
    id::Id,
    job::{Chunked, Job, Outcome, Read, SealedPack, TailPiece},
    ordered::{Map, Set},
    pack::BlobKind,
    vault::unexpected,
};
use strands::Strands;

/// A batch has at most so many files.
const BATCH_FILES: usize = 256;
/// Batches under way on one lane.
const IN_FLIGHT: usize = 2;
/// What is to be read, and what the lanes are doing.
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    /// A slice has at most so many bytes, and so has a batch.
    slice: u64,
    small: VecDeque<NodeId>,
    small_bytes: u64,
    /// Largest first.
    large: VecDeque<NodeId>,
    /// Large files that are being read.
    strands: Map<NodeId, Strands>,
    batches: Map<u32, Batch>,
    next_batch: u32,
    /// Of slices that wait for their chunks or their verdict.
    slice_bytes: u64,
    tails: Vec<TailPiece>,
    flushing: usize,
    /// Chunks that were kept and are in no sealed pack yet, with their plaintext bytes: they die with their lane.
    inside: Map<Id, u32>,
    /// Files that are read to their end, each under one of its chunks that is still inside.
    waiting: Map<Id, Vec<NodeId>>,
}

#[derive(Default)]
struct Lane {
    in_flight: usize,
    /// The strand that it reads: a large file, and where the strand begins.
    strand: Option<(NodeId, u64)>,
    /// Plaintext that was kept and is in no pack yet.
    open: u64,
    flushed: bool,
}

struct Batch {
    lane: u32,
    reads: Vec<(NodeId, Read)>,
    bytes: u64,
}

impl Lanes {
    pub fn new(count: u32, slice: u64) -> Self {
        Self {
            slice,
            lanes: (0..count).map(|_| Lane::default()).collect(),
            small: VecDeque::new(),
            small_bytes: 0,
            large: VecDeque::new(),
            strands: Map::new(),
            batches: Map::new(),
            next_batch: 0,
            slice_bytes: 0,
            tails: Vec::new(),
            flushing: 0,
            inside: Map::new(),
            waiting: Map::new(),
        }
    }

    /// New ones, after these; numbers of batches go on.
    fn anew(&self) -> Self {
        let count = u32::try_from(self.lanes.len()).expect("lanes are counted in 32 bits");
        Self { next_batch: self.next_batch, ..Self::new(count, self.slice) }
    }

    pub fn count(&self) -> usize {
        self.lanes.len()
    }

    /// Lines up what has to be read; says how many bytes.
    pub fn line_up(&mut self, source: &Source) -> u64 {
        // Largest first, so that no lane is left alone with one at the end.
        let mut large: Set<(Reverse<u64>, NodeId)> = Set::new();
        for id in source.ids() {
            let Some(file) = source.file(id) else { continue };
            match file.size {
                _ if file.settled || file.content().is_some() => {}
                0 => {}
                size if size <= self.slice => {
                    self.small.push_back(id);
                    self.small_bytes += size;
                }
                size => {
                    large.insert((Reverse(size), id));
                }
            }
        }
        let bytes = self.small_bytes + large.iter().map(|(Reverse(size), _)| size).sum::<u64>();
        self.large = large.iter().map(|(_, id)| id).collect();
        bytes
    }

    /// Lines up one more.
    pub fn line_up_one(&mut self, id: NodeId, size: u64) {
        if size <= self.slice {
            self.small.push_back(id);
            self.small_bytes += size;
        } else {
            self.large.push_back(id);
        }
    }

    /// Something of that file is under way.
    pub fn are_reading(&self, id: NodeId) -> bool {
        self.batches.values().any(|batch| batch.reads.iter().any(|(node, _)| *node == id))
    }

    /// Nothing is to be read and no verdict is out.
    pub fn is_read(&self) -> bool {
        self.small.is_empty() && self.large.is_empty() && self.strands.is_empty() && self.is_idle()
    }

    /// No verdict is out.
    pub fn is_idle(&self) -> bool {
        self.batches.is_empty() && self.lanes.iter().all(|lane| lane.in_flight == 0)
    }

    /// Files in work right now, a handful.
    pub fn current(&self) -> Vec<NodeId> {
        self.batches.values().filter_map(|batch| batch.reads.first()).map(|(node, _)| *node).take(4).collect()
    }

    /// The next batch for a lane.
    fn next_batch(&mut self, lane: u32, source: &Source) -> Vec<(NodeId, Read)> {
        let current = self.lanes.get(lane as usize).and_then(|lane| lane.strand);
        let prefers_large = lane % 2 == 1;
        let strand = match current {
            Some(strand) => Some(strand),
            None if prefers_large || self.small.is_empty() => self.begin_large(lane, source),
            None => None,
        };
        let strand = strand.or_else(|| if self.small.is_empty() { self.share(lane) } else { None });
        let Some((node, from)) = strand else { return self.small_batch(source) };
        let read = self.strands.get_mut(&node).and_then(|strands| strands.next(from));
        if let Some(state) = self.lanes.get_mut(lane as usize) {
            state.strand = read.filter(|read| !read.last).map(|_| (node, from));
        }
        read.map(|read| (node, read)).into_iter().collect()
    }

    /// Begins the next large file.
    fn begin_large(&mut self, lane: u32, source: &Source) -> Option<(NodeId, u64)> {
        while let Some(node) = self.large.pop_front() {
            if let Some(file) = source.file(node) {
                self.strands.insert(node, Strands::new(file.file, file.size, self.slice, lane));
                return Some((node, 0));
            }
        }
        None
    }

    /// Begins another strand of the large file that has the most to share.
    fn share(&mut self, lane: u32) -> Option<(NodeId, u64)> {
        let (_, node) = self.strands.iter().map(|(node, strands)| (strands.to_share(), node)).max()?;
        Some((node, self.strands.get_mut(&node)?.share(lane)?))
    }

    /// Small files for one lane: not more than its share, so that all lanes end at the same time.
    fn small_batch(&mut self, source: &Source) -> Vec<(NodeId, Read)> {
        let shares = 2 * self.lanes.len().max(1);
        let most_files = (self.small.len() / shares).clamp(32, BATCH_FILES);
        let most_bytes = (self.small_bytes / shares as u64).max(1 << 20).min(self.slice);
        let (mut reads, mut bytes) = (Vec::new(), 0);
        while let Some((node, read)) = self.small.front().and_then(|node| whole(source, *node)) {
            let size = u64::from(read.length);
            if !reads.is_empty() && (reads.len() >= most_files || bytes + size > most_bytes) {
                break;
            }
            self.small.pop_front();
            self.small_bytes -= size;
            bytes += size;
            reads.push((node, read));
        }
        reads
    }
}

impl Backup {
    pub(super) fn begin_lanes(&mut self) {
        for lane in 0..self.options.lanes {
            let job = Job::Begin { seed: crate::key::draw(&mut self.rng) };
            self.desk.ask(Purpose::Begin, Ask::Run { lane: Some(lane), job });
        }
    }

    /// Gives work to the lanes as far as the budget goes.
    pub(super) fn feed_lanes(&mut self) {
        for round in 0..IN_FLIGHT {
            for lane in 0..self.lanes.count() {
                let free = self.lanes.lanes.get(lane).is_some_and(|state| state.in_flight <= round);
                if free && self.has_credit() {
                    self.feed(lane);
                }
            }
        }
    }

    pub(super) fn has_credit(&self) -> bool {
        let held = self.lanes.slice_bytes + self.store.uploading_bytes;
        held + self.options.slice <= self.options.budget || held == 0
    }

    fn feed(&mut self, lane: usize) {
        let lane = u32::try_from(lane).expect("lanes are counted in 32 bits");
        let reads = self.lanes.next_batch(lane, &self.source);
        if !reads.is_empty() {
            self.read(lane, reads);
        }
    }

    /// Has a lane read and cut.
    fn read(&mut self, lane: u32, reads: Vec<(NodeId, Read)>) {
        let number = self.lanes.next_batch;
        self.lanes.next_batch += 1;
        let bytes = reads.iter().map(|(_, read)| u64::from(read.length)).sum();
        let job = Job::Chunk { batch: number, reads: reads.iter().map(|(_, read)| *read).collect() };
        self.lanes.slice_bytes += bytes;
        self.lanes.batches.insert(number, Batch { lane, reads, bytes });
        if let Some(state) = self.lanes.lanes.get_mut(lane as usize) {
            state.in_flight += 1;
        }
        self.desk.ask(Purpose::Chunk(number), Ask::Run { lane: Some(lane), job });
    }

    /// Chunks are known: says which to keep.
    pub(super) fn chunked(&mut self, number: u32, outcome: Outcome) -> Result<(), Error> {
        let Outcome::Chunked { batch, files } = outcome else { return Err(unexpected()) };
        let Some(Batch { lane, reads, bytes }) = self.lanes.batches.remove(&number) else { return Err(unexpected()) };
        if batch != number || files.len() != reads.len() {
            return Err(unexpected());
        }
        let mut keep = Vec::new();
        let mut kept = 0;
        for ((node, read), chunked) in reads.into_iter().zip(files) {
            if read.is_whole() {
                self.bytes_read += u64::from(read.length);
            }
            self.file_chunked(node, read, chunked, &mut keep, &mut kept)?;
        }
        self.bytes_new += kept;
        if let Some(state) = self.lanes.lanes.get_mut(lane as usize) {
            state.open += kept;
        }
        self.desk.ask(Purpose::Keep { lane, bytes }, Ask::Run { lane: Some(lane), job: Job::Keep { batch, keep } });
        Ok(())
    }

    fn file_chunked(&mut self, node: NodeId, read: Read, chunked: Chunked, keep: &mut Vec<bool>, kept: &mut u64) -> Result<(), Error> {
        if let Some(error) = chunked.error {
            if let Some(strands) = self.lanes.strands.remove(&node) {
                self.end_strands(node, strands.end());
            }
            return self.leave_out(node, error.code, error.message);
        }
        let Some(file) = self.source.file_mut(node) else {
            // Left out by an earlier slice.
            keep.extend(chunked.chunks.iter().map(|_| false));
            return Ok(());
        };
        let may = match self.lanes.strands.get_mut(&node) {
            Some(strands) => {
                let (may, bytes) = strands.cut(&read, &chunked.chunks);
                self.bytes_read += bytes;
                may
            }
            None => {
                file.set_chunks(chunked.chunks.clone());
                vec![true; chunked.chunks.len()]
            }
        };
        let vault = self.handle.vault();
        for (chunk, may) in chunked.chunks.into_iter().zip(may) {
            let new = may
                && !vault.has(&chunk.id, BlobKind::Data)
                && !self.store.pending.contains(&chunk.id)
                && self.lanes.inside.insert(chunk.id, chunk.length).is_none();
            *kept += if new { u64::from(chunk.length) } else { 0 };
            keep.push(new);
        }
        drop(vault);
        self.join_strands(node)
    }

    /// A file that is read to its end counts once all its chunks are out of the lanes: what a folder says is there can be lost no more.
    fn settle_or_wait(&mut self, node: NodeId) -> Result<(), Error> {
        let Some(file) = self.source.file_mut(node) else { return Ok(()) };
        // From the end: what was kept last comes out last, most of the time.
        match file.chunks().iter().rev().find(|chunk| self.lanes.inside.contains_key(&chunk.id)) {
            Some(chunk) => {
                self.lanes.waiting.get_or_insert_with(chunk.id, Vec::new).push(node);
                Ok(())
            }
            None => self.file_read(node),
        }
    }

    /// A lane died, and a new one has its number. What was inside any lane is read and kept anew: simpler than to know which file has
    /// a chunk in which lane, and little, since what is sealed is safe.
    pub(super) fn lane_lost(&mut self) -> Result<(), Error> {
        self.losses.again()?;
        for ask in self.desk.forget(Purpose::is_of_lanes) {
            ask.held().into_iter().for_each(|held| self.desk.free(held));
        }
        let lost = self.lanes.anew();
        let lost = core::mem::replace(&mut self.lanes, lost);
        lost.tails.iter().for_each(|tail| self.desk.free(tail.held));
        self.bytes_new -= lost.inside.values().map(|length| u64::from(*length)).sum::<u64>();
        if matches!(self.phase, Phase::Reading | Phase::Flushing) {
            self.source.forget_unsettled();
            self.bytes_total = self.bytes_read + self.lanes.line_up(&self.source);
            self.phase = Phase::Reading;
        }
        self.begin_lanes();
        Ok(())
    }

    /// A batch is dropped; packs may have become full.
    pub(super) fn kept(&mut self, lane: u32, bytes: u64, outcome: Outcome, buffers: Vec<HeldBuffer>) -> Result<(), Error> {
        let Outcome::Kept { packs } = outcome else { return Err(unexpected()) };
        self.lanes.slice_bytes -= bytes;
        if let Some(state) = self.lanes.lanes.get_mut(lane as usize) {
            state.in_flight -= 1;
            let closed: u64 = packs.iter().flat_map(|pack| &pack.blobs).map(|blob| u64::from(blob.plain)).sum();
            state.open = state.open.saturating_sub(closed);
        }
        self.put_all(packs, buffers)
    }

    fn put_all(&mut self, packs: Vec<SealedPack>, buffers: Vec<HeldBuffer>) -> Result<(), Error> {
        if packs.len() != buffers.len() {
            return Err(unexpected());
        }
        for (pack, buffer) in packs.into_iter().zip(buffers) {
            let mut waited = Vec::new();
            for blob in &pack.blobs {
                self.lanes.inside.remove(&blob.id);
                self.store.pending.insert(blob.id);
                waited.extend(self.lanes.waiting.remove(&blob.id).unwrap_or_default());
            }
            self.put_held(pack, buffer)?;
            waited.into_iter().try_for_each(|node| self.settle_or_wait(node))?;
        }
        self.put_trees();
        Ok(())
    }
}

/// A small file; none for what is no file any more.
fn whole(source: &Source, node: NodeId) -> Option<(NodeId, Read)> {
    let file = source.file(node)?;
    Some((node, Read { file: file.file, from: 0, offset: 0, length: u32::try_from(file.size).ok()?, last: true }))
}
