//! A large file that several lanes read, cut as if one had (FORMAT.md §11).
//!
//! A *strand* is what one lane reads of a file, from its beginning on, and cuts as if the file began there. Where a cut of the older of
//! two strands is one of the younger's too, all that follow are the same: there they *meet*, the older is over, and both are one chain
//! of chunks. Until then the older goes on, if need be to the end of the file: data that is the same again and again may never let them
//! meet, and gains nothing then. The chain that begins with the file and reaches its end is the file's.

extern crate alloc;
use alloc::{vec, vec::Vec};

use crate::{
    ask::FileId,
    backup::{Backup, source::NodeId},
    error::Error,
    job::{ChunkRef, Read},
};

/// A strand that has at least so many slices left is shared.
const SHARED: u64 = 16;
/// So many slices a new strand cuts in front of what it takes over, of which nothing is kept: it falls into step there. Two of 4 MiB are
/// 8 average chunks of the largest kind, after which strands are in step (tests/format/chunk.rs); and the longest such chunk, so that in a
/// run of zeros that begins with the file the cuts are the same.
const WARM_UP: u64 = 2;

/// The strands of one file, in its order.
pub(super) struct Strands {
    file: FileId,
    size: u64,
    /// Of one slice, bytes.
    slice: u64,
    list: Vec<Strand>,
    ended: Vec<Ended>,
    /// Bytes that were read, none of them twice.
    read: u64,
}

struct Strand {
    lane: u32,
    /// Where it begins, by which its lane knows it.
    from: u64,
    /// Where its next slice begins.
    next: u64,
    /// What it cuts counts from here on, and is its own to read: in front of it, it falls into step.
    own: u64,
    /// The chain of chunks that ends with its own, and where each ends.
    chunks: Vec<ChunkRef>,
    ends: Vec<u64>,
    /// It has cut the file's last chunk.
    whole: bool,
}

/// A strand that was over before the end of the file: its lane is to be told, by this read.
pub(super) struct Ended {
    pub lane: u32,
    pub read: Read,
}

impl Strands {
    /// One strand, from the front of the file.
    pub fn new(file: FileId, size: u64, slice: u64, lane: u32) -> Self {
        Self { file, size, slice, list: vec![Strand::new(lane, 0, 0)], ended: vec![], read: 0 }
    }

    /// The next slice of the strand that begins there.
    pub fn next(&mut self, from: u64) -> Option<Read> {
        let (file, size, slice) = (self.file, self.size, self.slice);
        let strand = self.list.iter_mut().find(|strand| strand.from == from)?;
        let length = size.saturating_sub(strand.next).min(slice);
        let read = Read { file, from, offset: strand.next, length: u32::try_from(length).ok()?, last: strand.next + length == size };
        strand.next += length;
        Some(read)
    }

    /// The bytes that another strand would take over: about half of what is left of the one that has the most left, or none.
    pub fn to_share(&self) -> u64 {
        self.place().map_or(0, |(_, own, end)| end - own)
    }

    /// Begins another strand; says where.
    pub fn share(&mut self, lane: u32) -> Option<u64> {
        let (at, own, _) = self.place()?;
        let from = own - WARM_UP * self.slice;
        self.list.insert(at, Strand::new(lane, from, own));
        Some(from)
    }

    /// Where another strand goes: its place in the list, what would be its own, and the end of that.
    fn place(&self) -> Option<(usize, u64, u64)> {
        let ends = self.list.iter().skip(1).map(|younger| younger.own).chain([self.size]);
        let left = self.list.iter().zip(ends).map(|(strand, end)| (strand, end, end.saturating_sub(strand.next)));
        let (at, (strand, end, left)) = (1..).zip(left).max_by_key(|(_, (.., left))| *left)?;
        // At a whole number of the longest chunks.
        let unit = WARM_UP * self.slice;
        let own = (strand.next + left / 2) / unit * unit;
        (left >= SHARED * self.slice).then_some((at, own, end))
    }

    /// A slice was read and cut: says of each chunk whether it may be a chunk of the file, and how many bytes were read for the first time.
    pub fn cut(&mut self, read: &Read, chunks: &[ChunkRef]) -> (Vec<bool>, u64) {
        let before = self.read;
        if let Some(at) = self.find(read.from) {
            let end = self.list.get(at + 1).map_or(self.size, |younger| younger.own);
            if self.list.get(at).is_some_and(|strand| (strand.own..end).contains(&read.offset)) {
                self.read += u64::from(read.length);
            }
        }
        let may = chunks.iter().map(|chunk| self.push(read.from, *chunk)).collect();
        if read.last
            && let Some(at) = self.find(read.from)
        {
            // Whoever reads behind it reads in vain.
            self.list.drain(at + 1..).for_each(|strand| self.ended.extend(strand.end(self.file, self.size)));
            if let Some(strand) = self.list.last_mut() {
                strand.whole = true;
            }
        }
        if self.is_whole() {
            self.read = self.size;
        }
        (may, self.read - before)
    }

    /// The next chunk of a strand; whether it may be one of the file.
    fn push(&mut self, from: u64, chunk: ChunkRef) -> bool {
        // One that has met another is gone.
        let Some(at) = self.find(from) else { return false };
        let Some(strand) = self.list.get_mut(at) else { return false };
        let begin = strand.ends.last().copied().unwrap_or(from);
        let end = begin + u64::from(chunk.length);
        strand.chunks.push(chunk);
        strand.ends.push(end);
        let may = begin >= strand.own;
        if !self.meet(at, end) && at > 0 {
            self.meet(at - 1, end);
        }
        may
    }

    /// Joins a strand and the next younger one if that cut is one of both.
    fn meet(&mut self, at: usize, cut: u64) -> bool {
        let [older, younger] = match self.list.get_mut(at..) {
            Some([older, younger, ..]) if cut >= younger.own => [older, younger],
            _ => return false,
        };
        let (Ok(last), Ok(first)) = (older.ends.binary_search(&cut), younger.ends.binary_search(&cut)) else { return false };
        older.chunks.truncate(last + 1);
        older.ends.truncate(last + 1);
        older.chunks.extend(younger.chunks.drain(first + 1..));
        older.ends.extend(younger.ends.drain(first + 1..));
        core::mem::swap(&mut older.chunks, &mut younger.chunks);
        core::mem::swap(&mut older.ends, &mut younger.ends);
        younger.own = older.own;
        let over = self.list.remove(at);
        self.ended.extend(over.end(self.file, self.size));
        // The one before may have gone past all of the older without meeting it.
        if let Some(before) = at.checked_sub(1) {
            let own = self.list.get(at).map_or(self.size, |strand| strand.own);
            let passed = self.list.get(before).map_or(vec![], |strand| strand.ends.iter().copied().filter(|end| *end >= own).collect());
            passed.into_iter().any(|cut| self.meet(before, cut));
        }
        true
    }

    fn find(&self, from: u64) -> Option<usize> {
        self.list.iter().position(|strand| strand.from == from)
    }

    /// All chunks of the file are known.
    pub fn is_whole(&self) -> bool {
        self.list.first().is_some_and(|strand| strand.whole)
    }

    /// The chunks of the file, once it is whole.
    pub fn into_chunks(self) -> Vec<ChunkRef> {
        self.list.into_iter().next().map(|strand| strand.chunks).unwrap_or_default()
    }

    /// Those that ended since this was asked last.
    pub fn take_ended(&mut self) -> Vec<Ended> {
        core::mem::take(&mut self.ended)
    }

    /// Ends them all.
    pub fn end(mut self) -> Vec<Ended> {
        let (file, size) = (self.file, self.size);
        self.ended.extend(self.list.drain(..).filter_map(|strand| strand.end(file, size)));
        self.ended
    }
}

impl Strand {
    fn new(lane: u32, from: u64, own: u64) -> Self {
        Self { lane, from, next: from, own, chunks: vec![], ends: vec![], whole: false }
    }

    /// How to end it in its lane; the file's last slice does so by itself.
    fn end(&self, file: FileId, size: u64) -> Option<Ended> {
        let read = Read { file, from: self.from, offset: size, length: 0, last: true };
        (self.next < size).then_some(Ended { lane: self.lane, read })
    }
}

impl Backup {
    /// A file whose chunks are all known is read to its end once every lane that read of it has said that it has not changed.
    pub(super) fn join_strands(&mut self, node: NodeId) -> Result<(), Error> {
        if let Some(strands) = self.lanes.strands.get_mut(&node) {
            let (ended, is_whole) = (strands.take_ended(), strands.is_whole());
            self.end_strands(node, ended);
            if !is_whole || self.lanes.are_reading(node) {
                return Ok(());
            }
        }
        if let Some(strands) = self.lanes.strands.remove(&node)
            && let Some(file) = self.source.file_mut(node)
        {
            file.set_chunks(strands.into_chunks());
        }
        self.settle_or_wait(node)
    }

    /// Tells the lanes that these are over.
    pub(super) fn end_strands(&mut self, node: NodeId, ended: Vec<Ended>) {
        for Ended { lane, read } in ended {
            if let Some(state) = self.lanes.lanes.get_mut(lane as usize)
                && state.strand == Some((node, read.from))
            {
                state.strand = None;
            }
            self.read(lane, vec![(node, read)]);
        }
    }
}
