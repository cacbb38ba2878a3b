//! The jobs of a backup: chunk, keep, flush, seal.

use alloc::{format, string::String, vec, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::{Vault, bug};
use crate::{
    ask::FileId,
    chunk::{Pieces, Stream},
    error::{Code, Error, HostError},
    job::{ChunkRef, Chunked, Outcome, Produced, Read, TailPiece},
    key::draw,
    ordered::Map,
    pack::{BlobEntry, BlobKind, Packer, Packers},
};

extern crate alloc;

/// What a lane keeps from one job of a backup to the next.
pub(super) struct Backup {
    rng: ChaCha20Rng,
    packers: Packers,
    /// The tails of all lanes go here, one after the other.
    joined: Packer,
    /// Strands in mid-slice, by their file and where they begin; and where their next slice begins.
    strands: Map<(FileId, u64), (Stream, u64)>,
    /// Chunked slices that wait for their verdict.
    batches: Map<u32, Vec<(Pieces, Vec<ChunkRef>)>>,
}

impl Backup {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        let mut rng = ChaCha20Rng::from_seed(seed);
        let packers = Packers::new(ChaCha20Rng::from_seed(draw(&mut rng)));
        Self { rng, packers, joined: Packer::new(), strands: Map::new(), batches: Map::new() }
    }

    /// Cuts slices and identifies their chunks. What is wrong with one file does not touch the others.
    pub(super) fn chunk(&mut self, vault: &Vault, batch: u32, reads: &[Read], inputs: Vec<Result<Vec<u8>, HostError>>) -> Outcome {
        let mut files = Vec::with_capacity(reads.len());
        let mut slices = Vec::with_capacity(reads.len());
        let missing = core::iter::repeat_with(|| Err(unread("Its bytes did not arrive.")));
        for (read, input) in reads.iter().zip(inputs.into_iter().chain(missing)) {
            let file = read.file;
            match input.and_then(|bytes| self.slice(vault, read, bytes)) {
                Ok(pieces) => {
                    let chunks: Vec<_> = identify(vault, &pieces).collect();
                    files.push(Chunked { file, chunks: chunks.clone(), error: None });
                    slices.push((pieces, chunks));
                }
                Err(error) => {
                    self.strands.remove(&(file, read.from));
                    files.push(Chunked { file, chunks: vec![], error: Some(error) });
                }
            }
        }
        self.batches.insert(batch, slices);
        Outcome::Chunked { batch, files }
    }

    fn slice(&mut self, vault: &Vault, read: &Read, bytes: Vec<u8>) -> Result<Pieces, HostError> {
        if bytes.len() as u64 != u64::from(read.length) {
            let message = String::from("The file changed while it was read. It will be backed up next time.");
            return Err(HostError { code: Code::SourceChanged, message });
        }
        let strand = (read.file, read.from);
        let (mut stream, next) = self.strands.remove(&strand).unwrap_or_else(|| (Stream::default(), read.from));
        if read.offset != next && read.last && read.length == 0 {
            return Ok(Pieces::default());
        }
        if read.offset != next {
            return Err(unread("An earlier part of it could not be read."));
        }
        let pieces = vault.chunker.feed(&mut stream, bytes, read.last);
        if !read.last {
            self.strands.insert(strand, (stream, next + u64::from(read.length)));
        }
        Ok(pieces)
    }

    /// Compresses and packs the chunks that are new; drops the batch.
    pub(super) fn keep(&mut self, vault: &mut Vault, batch: u32, keep: &[bool]) -> Result<Produced, Error> {
        let slices = self.batches.remove(&batch).ok_or_else(|| bug("a lane was told to keep what it never chunked"))?;
        if slices.iter().map(|(_, chunks)| chunks.len()).sum::<usize>() != keep.len() {
            return Err(bug("a lane was told to keep another number of chunks than it reported"));
        }
        let seal = vault.reading.keys.sealer();
        let (mut packs, mut buffers) = (vec![], vec![]);
        let mut verdicts = keep.iter();
        for (pieces, chunks) in slices {
            for ((plain, chunk), keep) in pieces.iter().zip(&chunks).zip(&mut verdicts) {
                if !keep {
                    continue;
                }
                let (codec, stored) = vault.encoder.encode(plain);
                let length = u32::try_from(stored.len()).expect("a chunk is at most 8 MiB");
                let entry = BlobEntry { kind: BlobKind::Data, codec, id: chunk.id, stored: length, plain: chunk.length };
                if let Some((pack, bytes)) = self.packers.push(entry, stored, &seal) {
                    packs.push(pack);
                    buffers.push(bytes);
                }
            }
        }
        Ok(Produced { outcome: Outcome::Kept { packs }, buffers })
    }

    /// See [`super::Lane::reuse`].
    pub(super) fn reuse(&mut self, buffer: Vec<u8>) {
        self.packers.reuse(buffer);
    }

    /// Hands out the open packs, unsealed.
    pub(super) fn flush(&mut self) -> Produced {
        let (tails, buffers) = self.packers.flush().into_iter().unzip();
        Produced { outcome: Outcome::Tails { tails }, buffers }
    }

    /// Adds a tail to the pack that joins them; closes it when it is full, and after the last.
    pub(super) fn join(&mut self, vault: &Vault, tail: TailPiece, bytes: &[u8], last: bool) -> Result<Produced, Error> {
        let seal = vault.reading.keys.sealer();
        if tail.blobs.iter().map(|entry| u64::from(entry.stored)).sum::<u64>() > bytes.len() as u64 {
            return Err(bug("a tail is shorter than its blobs"));
        }
        let full = self.joined.join(tail.blobs, bytes, &seal, &mut self.rng);
        let rest = (last && !self.joined.is_empty()).then(|| core::mem::take(&mut self.joined).close(false, &seal, draw(&mut self.rng)));
        let (packs, buffers) = full.into_iter().chain(rest).unzip();
        Ok(Produced { outcome: Outcome::Kept { packs }, buffers })
    }
}

fn identify(vault: &Vault, pieces: &Pieces) -> impl Iterator<Item = ChunkRef> {
    pieces.iter().map(|plain| ChunkRef {
        id: vault.reading.keys.id(BlobKind::Data, plain),
        length: u32::try_from(plain.len()).expect("a chunk is at most 8 MiB"),
    })
}

fn unread(why: &str) -> HostError {
    HostError { code: Code::SourceUnreadable, message: format!("The file could not be read to its end. {why}") }
}
