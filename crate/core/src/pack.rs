//! Packs: many blobs in one sealed object (FORMAT.md §7).

use alloc::{vec, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use crate::{
    bytes::{Reader, Write},
    error::{Code, Error},
    id::Id,
    job::SealedPack,
    key::draw,
    limits::{BLOB_MAX, OBJECT_MIN},
    seal::{HEADER, Header, PACK_LENGTH, Seal, payload_capacity},
};

extern crate alloc;

/// Length of a directory entry, bytes.
pub(crate) const ENTRY: usize = 42;
/// How many packs of each kind of blob are open at once.
const OPEN: usize = 2;
/// What a pack takes of memory before it takes all that it may: a vault of few bytes needs no 16 MiB for each open pack. Not by
/// doubling, since what that leaves behind is lost in memory that never shrinks.
const SMALL: usize = 1 << 20;

/// What a blob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum BlobKind {
    Data = 1,
    Tree = 2,
}

/// How a blob is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum Codec {
    Raw = 0,
    Zstd = 1,
}

/// An entry of a pack's directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BlobEntry {
    pub kind: BlobKind,
    pub codec: Codec,
    pub id: Id,
    /// Bytes in the pack.
    pub stored: u32,
    /// Bytes of plaintext.
    pub plain: u32,
}

impl BlobEntry {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.put(&[self.kind as u8, self.codec as u8]);
        out.put(&self.id.0);
        out.put_u32(self.stored);
        out.put_u32(self.plain);
    }

    /// # Errors
    /// `Unsupported` for another type, codec or too long a blob; `Damaged` for lengths that cannot be.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Code> {
        let kind = match reader.u8()? {
            1 => BlobKind::Data,
            2 => BlobKind::Tree,
            _ => return Err(Code::Unsupported),
        };
        let codec = match reader.u8()? {
            0 => Codec::Raw,
            1 => Codec::Zstd,
            _ => return Err(Code::Unsupported),
        };
        let entry = Self { kind, codec, id: Id(reader.array()?), stored: reader.u32()?, plain: reader.u32()? };
        if entry.plain > BLOB_MAX {
            return Err(Code::Unsupported);
        }
        let lengths = entry.stored >= 1 && entry.plain >= 1 && (codec == Codec::Zstd || entry.stored == entry.plain);
        if lengths { Ok(entry) } else { Err(Code::Damaged) }
    }
}

/// The directory of a pack, the blobs in the order in which they lie, the first at payload offset 0 (FORMAT.md §7).
///
/// # Errors
/// `Damaged` when there is none, when the blobs do not fit, or when padding is not zero; `Unsupported` beyond the limits.
pub fn read_directory(payload: &[u8]) -> Result<Vec<BlobEntry>, Error> {
    directory(payload).map_err(Error::of_object)
}

pub(crate) fn directory(payload: &[u8]) -> Result<Vec<BlobEntry>, Code> {
    let (rest, length) = payload.split_last_chunk::<4>().ok_or(Code::Damaged)?;
    let length = u32::from_le_bytes(*length) as usize;
    let split = rest.len().checked_sub(length).ok_or(Code::Damaged)?;
    let (content, directory) = rest.split_at(split);
    if directory.len() % ENTRY != 0 || directory.is_empty() {
        return Err(Code::Damaged);
    }
    let mut reader = Reader::new(directory);
    let mut blobs = Vec::with_capacity(directory.len() / ENTRY);
    let mut used = 0usize;
    while reader.remaining() > 0 {
        let entry = BlobEntry::read(&mut reader)?;
        used = used.checked_add(entry.stored as usize).filter(|used| *used <= content.len()).ok_or(Code::Damaged)?;
        blobs.push(entry);
    }
    let (_, padding) = content.split_at(used);
    if padding.iter().any(|byte| *byte != 0) {
        return Err(Code::Damaged);
    }
    Ok(blobs)
}

/// One open pack. Its object is made where its blobs lie.
#[derive(Debug, Default)]
pub struct Packer {
    blobs: Vec<BlobEntry>,
    /// Room for the header, then the blobs; nothing before the first blob.
    object: Vec<u8>,
}

impl Packer {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn is_empty(&self) -> bool {
        self.blobs.is_empty()
    }

    /// Whether another blob of that stored length has room.
    pub fn fits(&self, stored: usize) -> bool {
        self.payload() + stored + ENTRY <= full_capacity()
    }

    /// Adds a blob that fits.
    pub fn push(&mut self, entry: BlobEntry, bytes: &[u8]) {
        debug_assert!(self.fits(bytes.len()) && bytes.len() == entry.stored as usize);
        if self.object.is_empty() {
            self.object.resize(HEADER, 0);
        }
        let needed = self.object.len() + bytes.len();
        if needed > self.object.capacity() {
            let capacity = if needed <= SMALL { SMALL } else { PACK_LENGTH as usize };
            self.object.reserve_exact(capacity - self.object.len());
        }
        self.object.put(bytes);
        self.blobs.push(entry);
    }

    /// Seals the pack: of full length, or of the least that holds it (FORMAT.md §5). The pack is not empty.
    pub fn close(self, full: bool, seal: &Seal, salt: [u8; 32]) -> (SealedPack, Vec<u8>) {
        let least = if full { PACK_LENGTH.ilog2() } else { OBJECT_MIN.ilog2() };
        let payload = self.payload();
        let (length, capacity) = (least..=PACK_LENGTH.ilog2())
            .filter_map(|log2| Some((1 << log2, payload_capacity(1 << log2)? as usize)))
            .find(|(_, capacity)| *capacity >= payload)
            .expect("every blob was pushed only where it fits");
        let mut object = self.object;
        let directory = self.blobs.len() * ENTRY;
        object.reserve_exact(length as usize - object.len());
        object.resize(HEADER + capacity - directory - 4, 0);
        self.blobs.iter().for_each(|entry| entry.write(&mut object));
        object.put_u32(u32::try_from(directory).expect("at most 16 MiB"));
        let object = seal.seal_in_place(object, salt);
        let header = Header::of(&object).expect("every object begins with a header");
        (SealedPack { header, length, blobs: self.blobs }, object)
    }

    /// Adds blobs that lie one after the other, no more than a pack of them; gives back the pack that had to be closed for them.
    pub fn join(&mut self, blobs: Vec<BlobEntry>, mut bytes: &[u8], seal: &Seal, rng: &mut ChaCha20Rng) -> Option<(SealedPack, Vec<u8>)> {
        let mut closed = None;
        for entry in blobs {
            let (blob, after) = bytes.split_at(entry.stored as usize);
            if !self.fits(blob.len()) {
                closed = Some(core::mem::take(self).close(true, seal, draw(rng)));
            }
            self.push(entry, blob);
            bytes = after;
        }
        closed
    }

    /// The blobs so far, unsealed, one after the other.
    pub fn into_tail(self) -> (Vec<BlobEntry>, Vec<u8>) {
        let mut bytes = self.object;
        bytes.drain(..HEADER.min(bytes.len()));
        (self.blobs, bytes)
    }

    /// Length of the payload without padding.
    fn payload(&self) -> usize {
        self.object.len().saturating_sub(HEADER) + self.blobs.len() * ENTRY + 4
    }
}

/// The open packs of one kind of blob: two, and chance says which one a blob goes to (FORMAT.md §7, §15).
pub struct Packers {
    open: Vec<Packer>,
    /// What a pack lay in that is gone, for the next one: taken apart and put together again, memory that never shrinks would grow.
    spare: Option<Vec<u8>>,
    rng: ChaCha20Rng,
}

impl Packers {
    pub fn new(rng: ChaCha20Rng) -> Self {
        Self { open: vec![], spare: None, rng }
    }

    /// Adds a blob; gives back the pack that had to be closed for it. A blob has at most 8 MiB.
    pub fn push(&mut self, entry: BlobEntry, bytes: &[u8], seal: &Seal) -> Option<(SealedPack, Vec<u8>)> {
        if self.open.is_empty() {
            self.open.resize_with(OPEN, Packer::new);
        }
        let chosen = self.rng.next_u32() as usize % self.open.len();
        let packer = self.open.get_mut(chosen).expect("a number below the length");
        let mut closed = None;
        if !packer.fits(bytes.len()) {
            let full = core::mem::take(packer);
            closed = Some(full.close(true, seal, draw(&mut self.rng)));
        }
        if packer.is_empty()
            && let Some(spare) = self.spare.take()
        {
            packer.object = spare;
        }
        packer.push(entry, bytes);
        closed
    }

    /// Takes back the memory of a pack that was handed out and is not needed any more.
    pub fn reuse(&mut self, mut object: Vec<u8>) {
        if object.capacity() >= PACK_LENGTH as usize && !self.open.is_empty() {
            object.clear();
            self.spare = Some(object);
        }
    }

    /// Has what another had open, of whatever kind.
    pub fn take_over(&mut self, other: &mut Self) {
        self.open.append(&mut other.open);
    }

    /// Joins what is open in as few packs as hold it, and closes them. The fuller one takes the other, where it lies: a third one would
    /// take memory that never shrinks.
    pub fn finish(&mut self, seal: &Seal, rng: &mut ChaCha20Rng) -> Vec<(SealedPack, Vec<u8>)> {
        self.spare = None;
        self.open.sort_by_key(|packer| core::cmp::Reverse(packer.payload()));
        let mut open = self.open.drain(..).filter(|packer| !packer.is_empty());
        let Some(mut joined) = open.next() else { return vec![] };
        let mut closed: Vec<_> =
            open.filter_map(|other| joined.join(other.blobs, other.object.get(HEADER..).unwrap_or_default(), seal, rng)).collect();
        closed.push(joined.close(false, seal, draw(rng)));
        closed
    }

    /// Hands out what is open, unsealed: `(blobs, their bytes)` each.
    pub fn flush(&mut self) -> Vec<(Vec<BlobEntry>, Vec<u8>)> {
        self.spare = None;
        self.open.drain(..).filter(|packer| !packer.is_empty()).map(Packer::into_tail).collect()
    }
}

/// Payload of a full pack, bytes.
fn full_capacity() -> usize {
    payload_capacity(PACK_LENGTH.into()).expect("a pack carries a payload") as usize
}
