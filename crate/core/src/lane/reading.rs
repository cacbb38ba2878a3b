//! The jobs of restoring and verifying: open ranges, scan packs; and stretching a passphrase.

use alloc::{vec, vec::Vec};

use zeroize::Zeroizing;

use super::{bare, bug, failed, one};
use crate::{
    codec::Decoder,
    error::{Code, Error, HostError},
    id::Name,
    job::{BlobPlace, ChunkRef, Job, OPEN_MAX, Opened, Outcome, Produced, Scanned},
    key::LaneKeys,
    pack::{BlobEntry, BlobKind, directory},
    seal::{Header, Span, check_length},
    slot::Argon2id,
};

extern crate alloc;

/// A lane for hosts that only read, and carry nothing that writes or signs in.
#[derive(Default)]
pub struct ReadingLane(Option<Reading>);

impl ReadingLane {
    /// As a [`Lane`](super::Lane), it knows no keys yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Does one job of `Unlock`, `List`, `Restore` or `Verify` in a storage. `inputs` are what [`Job::inputs`] says, in that order.
    pub fn run(&mut self, job: Job, inputs: Vec<Result<Vec<u8>, HostError>>) -> Produced {
        self.try_run(job, inputs).unwrap_or_else(failed)
    }

    fn try_run(&mut self, job: Job, inputs: Vec<Result<Vec<u8>, HostError>>) -> Result<Produced, Error> {
        match job {
            Job::Setup { keys } => {
                self.0 = Some(Reading::new(keys));
                Ok(bare(Outcome::Ready))
            }
            Job::Stretch { .. } => stretch(job),
            _ => self.0.as_mut().ok_or_else(|| bug("a lane got work before its keys"))?.run(job, inputs),
        }
    }
}

/// Argon2id, for whose memory a lane is thrown away.
pub(super) fn stretch(job: Job) -> Result<Produced, Error> {
    let Job::Stretch { passphrase, salt, memory_kib, passes, lanes } = job else { return Err(bug("this is no passphrase to stretch")) };
    let passphrase = Zeroizing::new(passphrase);
    let key = *Argon2id::new(memory_kib, passes, lanes)?.stretch(&passphrase, &salt)?.expose();
    Ok(bare(Outcome::Stretched { key }))
}

/// What `Setup` gave to read with.
pub(super) struct Reading {
    pub keys: LaneKeys,
    decoder: Decoder,
}

impl Reading {
    pub(super) fn new(keys: LaneKeys) -> Self {
        Self { keys, decoder: Decoder::new() }
    }

    pub(super) fn run(&mut self, job: Job, inputs: Vec<Result<Vec<u8>, HostError>>) -> Result<Produced, Error> {
        match job {
            Job::Open { offset, pack_length, header, blobs, .. } => Ok(self.open(one(inputs)?, offset, pack_length, &header, &blobs)),
            Job::Scan { name, data, .. } => Ok(bare(Outcome::Scanned(self.scan(one(inputs)?, name, data)))),
            _ => Err(bug("a lane that reads got other work")),
        }
    }

    /// The blobs in a range of a pack. A damaged segment spoils only the blobs in it.
    fn open(&mut self, bytes: Vec<u8>, offset: u64, pack_length: u32, header: &Header, blobs: &[BlobPlace]) -> Produced {
        let span = self.span(bytes, offset, pack_length, header);
        let total = blobs.iter().fold(0, |total: usize, place| total.saturating_add(place.entry.plain as usize));
        // The exact length: growing would need twice as much for a moment. Who lies about it gets no more than is allowed.
        let mut plain = Vec::with_capacity(total.min(OPEN_MAX as usize));
        let opened = match span {
            Ok(span) => blobs.iter().map(|place| self.blob(&span, place, &mut plain)).collect(),
            Err(code) => vec![Err(code); blobs.len()],
        };
        Produced { outcome: Outcome::Opened { blobs: opened }, buffers: vec![plain] }
    }

    /// Whether these bytes are the chunks that they should be, and nothing else.
    pub(super) fn compare(&self, slices: &[Result<Vec<u8>, HostError>], chunks: &[Vec<ChunkRef>]) -> Outcome {
        let same = slices.iter().zip(chunks).map(|(slice, chunks)| slice.as_ref().is_ok_and(|bytes| self.is(bytes, chunks)));
        Outcome::Compared { same: same.collect() }
    }

    fn is(&self, mut bytes: &[u8], chunks: &[ChunkRef]) -> bool {
        let all = chunks.iter().all(|chunk| {
            bytes.split_at_checked(chunk.length as usize).is_some_and(|(front, rest)| {
                bytes = rest;
                self.keys.id(BlobKind::Data, front) == chunk.id
            })
        });
        all && bytes.is_empty()
    }

    /// A whole pack: its name, its directory, and every blob if `data`.
    fn scan(&mut self, pack: Vec<u8>, name: [u8; 32], data: bool) -> Result<Scanned, Code> {
        check_length(pack.len() as u64)?;
        if Name::of(&pack) != Name(name) {
            return Err(Code::Damaged);
        }
        let header = Header::of(&pack)?;
        let length = u32::try_from(pack.len()).map_err(|_| Code::Damaged)?;
        let span = self.span(pack, 0, length, &header)?;
        if !span.damaged.is_empty() {
            return Err(Code::Damaged);
        }
        let blobs = directory(&span.bytes)?;
        let damaged = if data { self.damaged(&span, &blobs) } else { vec![] };
        Ok(Scanned { header, length, blobs, damaged })
    }

    pub(super) fn span(&self, bytes: Vec<u8>, offset: u64, pack_length: u32, header: &Header) -> Result<Span, Code> {
        self.keys.seal_of(header)?.opener(header, pack_length.into())?.open_span(offset, bytes)
    }

    /// Appends one blob's plaintext, and says where it lies; on failure nothing is appended.
    pub(super) fn blob(&mut self, span: &Span, place: &BlobPlace, plain: &mut Vec<u8>) -> Opened {
        let entry = &place.entry;
        let start = u64::from(place.offset);
        let stored = span.get(start..start + u64::from(entry.stored))?;
        let before = plain.len();
        if before.saturating_add(entry.plain as usize) > OPEN_MAX as usize {
            return Err(Code::Unsupported);
        }
        self.decoder.decode(entry.codec, stored, entry.plain, plain)?;
        let (_, decoded) = plain.split_at(before);
        if self.keys.id(entry.kind, decoded) != entry.id {
            plain.truncate(before);
            return Err(Code::Damaged);
        }
        let position = |offset| u32::try_from(offset).map_err(|_| Code::Unsupported);
        Ok((position(before)?, position(plain.len())?))
    }

    /// Indices of blobs that do not decode to what their id says.
    fn damaged(&mut self, span: &Span, blobs: &[BlobEntry]) -> Vec<u32> {
        let mut scratch = Vec::new();
        let mut offset = 0;
        let mut damaged = vec![];
        for (index, entry) in (0..).zip(blobs) {
            scratch.clear();
            if self.blob(span, &BlobPlace { entry: *entry, offset }, &mut scratch).is_err() {
                damaged.push(index);
            }
            offset = offset.saturating_add(entry.stored);
        }
        damaged
    }
}
