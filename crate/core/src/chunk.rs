//! Keyed FastCDC over files that come in slices (FORMAT.md §11).

use alloc::{boxed::Box, vec::Vec};
use core::ops::Range;

use fastcdc::v2020::{Normalization, cut_gear, select_masks};
use zeroize::Zeroize;

use crate::key::Secret;

extern crate alloc;

/// Where to cut: one for a vault.
pub struct Chunker {
    average: usize,
    masks: [u64; 4],
    gear: Box<[u64; 256]>,
    gear_shifted: Box<[u64; 256]>,
}

/// The bytes of a file that no cut has ended yet.
#[derive(Default)]
pub struct Stream {
    /// Shorter than the longest chunk.
    tail: Vec<u8>,
    /// So many bytes of the tail were searched in vain.
    searched: usize,
}

/// Chunks, as ranges of the buffers they lie in.
#[derive(Default)]
pub struct Pieces {
    pub buffers: Vec<Vec<u8>>,
    /// `(buffer, range)`, in the order of the file.
    pub chunks: Vec<(usize, Range<usize>)>,
}

impl Chunker {
    /// From log₂ of the average chunk, 16 to 20, and the gear table, 256 × u64 (FORMAT.md §3).
    pub fn new(chunk_log2: u8, table: &Secret<2048>) -> Self {
        let average = 1 << chunk_log2.clamp(16, 20);
        let (small, large) = select_masks(average, Normalization::Level1);
        let mut gear = Box::new([0; 256]);
        let mut gear_shifted = Box::new([0; 256]);
        let (words, _) = table.expose().as_chunks::<8>();
        for ((entry, shifted), word) in gear.iter_mut().zip(gear_shifted.iter_mut()).zip(words) {
            *entry = u64::from_le_bytes(*word);
            *shifted = *entry << 1;
        }
        Self { average, masks: [small, large, small << 1, large << 1], gear, gear_shifted }
    }

    /// Longest chunk, bytes.
    pub fn max(&self) -> usize {
        self.average * 8
    }

    /// Cuts the next slice of a file: the chunks that end in it, and what is left stays in the stream. `last` ends the file.
    pub fn feed(&self, stream: &mut Stream, slice: Vec<u8>, last: bool) -> Pieces {
        let mut pieces = Pieces::default();
        let mut start = 0;
        if !stream.tail.is_empty() {
            // A chunk that began in an earlier slice: join what may belong to it, so that the rest needs no copy.
            let begun = stream.tail.len();
            let (front, rest) = slice.split_at(slice.len().min(self.max()));
            let mut joined = core::mem::take(&mut stream.tail);
            joined.extend_from_slice(front);
            let ends = last && rest.is_empty();
            let mut cut = 0;
            while cut < begun {
                let Some(length) = self.cut(joined.split_at(cut).1, ends, stream.searched) else { break };
                stream.searched = 0;
                pieces.chunks.push((0, cut..cut + length));
                cut += length;
            }
            if cut < begun {
                // Not enough bytes yet, so all of the slice is in `joined`.
                let left = joined.len() - cut;
                if left >= 2 * stream.searched {
                    stream.searched = left;
                }
                if cut == 0 {
                    stream.tail = joined;
                } else {
                    stream.tail = joined.split_at(cut).1.to_vec();
                    pieces.buffers.push(joined);
                }
                return pieces;
            }
            start = cut - begun;
            pieces.buffers.push(joined);
        }
        let buffer = pieces.buffers.len();
        while start < slice.len() {
            let Some(length) = self.cut(slice.split_at(start).1, last, 0) else { break };
            pieces.chunks.push((buffer, start..start + length));
            start += length;
        }
        stream.tail = slice.split_at(start).1.to_vec();
        stream.searched = stream.tail.len();
        if pieces.chunks.last().is_some_and(|(last, _)| *last == buffer) {
            pieces.buffers.push(slice);
        }
        pieces
    }

    /// Length of the chunk at the front of `bytes`; `None` when the file goes on and more bytes are needed to tell. Of the
    /// front, `searched` bytes hold no cut: searching again waits until they have doubled, so that all slices together cost
    /// a small multiple of one pass.
    fn cut(&self, bytes: &[u8], last: bool, searched: usize) -> Option<usize> {
        let enough = last || bytes.len() >= self.max();
        if !enough && bytes.len() < 2 * searched {
            return None;
        }
        let [small, large, small_shifted, large_shifted] = self.masks;
        let (_, length) = cut_gear(
            bytes,
            self.average / 4,
            self.average,
            self.max(),
            small,
            large,
            small_shifted,
            large_shifted,
            self.gear.as_slice(),
            self.gear_shifted.as_slice(),
        );
        // The crate ends a chunk at the end of its input where it finds no cut.
        (enough || length < bytes.len()).then_some(length)
    }
}

impl Pieces {
    /// The bytes of each chunk.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.chunks.iter().map(|(buffer, range)| {
            self.buffers.get(*buffer).and_then(|buffer| buffer.get(range.clone())).expect("a chunk lies in its buffer")
        })
    }
}

impl Drop for Chunker {
    fn drop(&mut self) {
        self.gear.zeroize();
        self.gear_shifted.zeroize();
    }
}
