//! Indexes: which pack holds which blob (FORMAT.md §8).

use alloc::vec::Vec;

use crate::{
    bytes::{Reader, Write},
    error::{Code, Error},
    id::Name,
    limits::OBJECT_MAX,
    ordered::{Map, Set},
    pack::{BlobEntry, ENTRY},
    seal::{HEADER, Header, check_length, payload_capacity},
};

extern crate alloc;

const VERSION: u8 = 1;
/// A writer's index has a body of about so many bytes.
pub(crate) const BODY: usize = 8 << 20;
/// Least length of a pack's record, bytes.
const PACK: usize = 32 + 4 + HEADER + 4;

/// The body of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// Names of indexes that this one replaces.
    pub supersedes: Vec<Name>,
    pub packs: Vec<IndexedPack>,
}

/// One pack, as an index records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedPack {
    pub name: Name,
    /// Of the object, bytes.
    pub length: u32,
    pub header: Header,
    /// In the order in which they lie.
    pub blobs: Vec<BlobEntry>,
}

impl IndexedPack {
    /// Bytes of an index that this pack takes.
    pub fn encoded_length(&self) -> usize {
        PACK + ENTRY * self.blobs.len()
    }
}

impl Index {
    /// Takes packs out of those that are to be named, as many as one index has.
    pub(crate) fn gather(packs: &mut Map<Name, IndexedPack>) -> Self {
        let (mut index, mut body) = (Self::default(), 0);
        while let Some((name, pack)) = packs.pop_first() {
            body += pack.encoded_length();
            if body > BODY && !index.packs.is_empty() {
                packs.insert(name, pack);
                break;
            }
            index.packs.push(pack);
        }
        index
    }

    /// The body, lists put in their order. At most 65,535 superseded indexes.
    pub fn encode(&self) -> Vec<u8> {
        let supersedes: Set<Name> = self.supersedes.iter().copied().collect();
        let mut packs = Map::new();
        for pack in &self.packs {
            packs.get_or_insert_with(pack.name, || pack);
        }
        let mut out = Vec::with_capacity(7 + 32 * supersedes.len() + packs.values().map(|pack| pack.encoded_length()).sum::<usize>());
        out.put_u8(VERSION);
        out.put_u16(u16::try_from(supersedes.len()).expect("at most 65,535 superseded indexes"));
        supersedes.iter().for_each(|name| out.put(&name.0));
        out.put_u32(u32::try_from(packs.len()).expect("an index fits an object of 16 MiB"));
        for pack in packs.values() {
            out.put(&pack.name.0);
            out.put_u32(pack.length);
            out.put(&pack.header.0);
            out.put_u32(u32::try_from(pack.blobs.len()).expect("a directory fits a pack"));
            pack.blobs.iter().for_each(|blob| blob.write(&mut out));
        }
        out
    }

    /// Reads a body (FORMAT.md §8).
    ///
    /// # Errors
    /// `Damaged` when it is none; `Unsupported` for another version.
    pub fn decode(body: &[u8]) -> Result<Self, Error> {
        Self::parse(body).map_err(Error::of_object)
    }

    fn parse(body: &[u8]) -> Result<Self, Code> {
        let mut reader = Reader::new(body);
        if reader.u8()? != VERSION {
            return Err(Code::Unsupported);
        }
        let count = reader.u16()?.into();
        let mut supersedes = Vec::new();
        for _ in 0..count {
            supersedes.push(Name(reader.array()?));
        }
        if !supersedes.is_sorted_by(|a, b| a < b) {
            return Err(Code::Damaged);
        }
        let count = reader.count32(OBJECT_MAX, PACK)?;
        if count == 0 && supersedes.is_empty() {
            return Err(Code::Damaged);
        }
        let mut packs = Vec::with_capacity(count);
        for _ in 0..count {
            packs.push(IndexedPack::read(&mut reader)?);
        }
        reader.end()?;
        if packs.is_sorted_by(|a, b| a.name < b.name) { Ok(Self { supersedes, packs }) } else { Err(Code::Damaged) }
    }
}

impl IndexedPack {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Code> {
        let name = Name(reader.array()?);
        let length = reader.u32()?;
        check_length(length.into())?;
        let header = Header(reader.array()?);
        let count = reader.count32(OBJECT_MAX, ENTRY)?;
        let blobs: Vec<_> = (0..count).map(|_| BlobEntry::read(reader)).collect::<Result<_, _>>()?;
        let stored: u64 = blobs.iter().map(|blob| u64::from(blob.stored)).sum();
        let directory = (ENTRY * count + 4) as u64;
        let fits = payload_capacity(length.into()).is_some_and(|capacity| stored + directory <= capacity);
        if blobs.is_empty() || !fits { Err(Code::Damaged) } else { Ok(Self { name, length, header, blobs }) }
    }
}
