//! Which pack holds which blob: flat rows of 29 bytes, by the first half of the id (FORMAT.md §8).
//!
//! A row knows 16 bytes of an id. Whoever reads a blob checks its whole id, so a row that only looks right is found out. Ids are keyed
//! hashes, so that their first bits spread rows evenly over buckets; a bucket is small enough to be kept in order row by row. So a
//! table of millions of rows takes hardly more than its rows do, also while it grows: memory that a browser's module took is never
//! given back.

extern crate alloc;
use alloc::vec::Vec;

use crate::{
    id::{Id, Name},
    ordered::{Map, Set},
    pack::{BlobEntry, BlobKind, Codec},
    seal::Header,
};

/// From so many rows a bucket on, there are twice as many buckets.
const FULL: usize = 64;

/// All blobs of a vault that this client knows a place of.
#[derive(Default)]
pub(crate) struct Table {
    /// A power of two of them, by the first bits of the prefix; in each, rows by prefix, and those of one prefix as they came.
    buckets: Vec<Vec<Row>>,
    rows: usize,
    /// The number of the first row of each bucket; none since something was added.
    starts: Vec<usize>,
    packs: Vec<Pack>,
    numbers: Map<Name, u32>,
}

pub(crate) type Prefix = [u8; 16];

/// 29 bytes: lengths inside a pack have 24 bits (FORMAT.md §13).
#[derive(Clone, Copy)]
struct Row {
    prefix: Prefix,
    /// The pack's number, 30 bits; above them the kind and the codec.
    pack: [u8; 4],
    offset: [u8; 3],
    stored: [u8; 3],
    plain: [u8; 3],
}

/// A pack that holds known blobs.
#[derive(Clone, Debug)]
pub(crate) struct Pack {
    pub name: Name,
    pub header: Header,
    pub length: u32,
    /// Indexes that name it and are not superseded.
    pub indexes: u32,
    /// Was named by indexes which are all superseded now.
    pub dead: bool,
    /// A tombstone that stands names it, or the last listing of packs did not: nothing new counts on it (FORMAT.md §16).
    pub doomed: bool,
    pub gone: bool,
    pub blobs: u32,
}

impl Pack {
    /// Whether its blobs need not be stored again.
    pub fn is_safe(&self) -> bool {
        !self.dead && !self.doomed && !self.gone
    }
}

/// A place of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Location {
    /// The pack's number in this table.
    pub pack: u32,
    /// Into the pack's payload.
    pub offset: u32,
    /// The id is the wanted one: the row knew only half of it.
    pub entry: BlobEntry,
}

/// A place of a blob that is known by half of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub blob: (Prefix, BlobKind),
    pub pack: u32,
    pub offset: u32,
    pub stored: u32,
}

/// What a vault keeps, and what that takes in the storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Chunks of files, each counted as often as it is stored: once, but for two writers at the same moment.
    pub chunks: u64,
    /// Their plaintext, bytes.
    pub bytes: u64,
    pub packs: u64,
    /// The packs as objects, bytes: compressed, sealed and padded, folder trees included.
    pub stored: u64,
}

impl Table {
    /// Adds a pack with its blobs, in the order in which they lie. A pack that is here already only gains `indexes`.
    pub fn add(&mut self, name: Name, header: Header, length: u32, blobs: &[BlobEntry], indexes: u32) -> u32 {
        if let Some(&number) = self.numbers.get(&name) {
            if let Some(pack) = self.packs.get_mut(number as usize) {
                pack.indexes += indexes;
                pack.dead &= pack.indexes == 0;
            }
            return number;
        }
        let number = u32::try_from(self.packs.len()).expect("fewer than 2^32 packs fit in memory");
        let count = u32::try_from(blobs.len()).expect("a directory has a 32-bit length");
        self.packs.push(Pack { name, header, length, indexes, dead: false, doomed: false, gone: false, blobs: count });
        self.numbers.insert(name, number);
        let mut offset = 0;
        for blob in blobs {
            self.insert(Row::new(blob, number, offset));
            offset = offset.saturating_add(blob.stored);
        }
        self.starts.clear();
        number
    }

    /// One more live index names this pack.
    pub fn indexed(&mut self, number: u32) {
        if let Some(pack) = self.packs.get_mut(number as usize) {
            pack.indexes += 1;
            pack.dead = false;
        }
    }

    /// An index that named this pack is superseded.
    pub fn unindexed(&mut self, number: u32) {
        if let Some(pack) = self.packs.get_mut(number as usize) {
            pack.indexes = pack.indexes.saturating_sub(1);
            pack.dead = pack.indexes == 0;
        }
    }

    /// Says which packs tombstones name.
    pub fn doom(&mut self, doomed: &Set<Name>) {
        self.packs.iter_mut().for_each(|pack| pack.doomed = doomed.contains(&pack.name));
    }

    /// Says which packs were listed.
    pub fn note_listed(&mut self, listed: &Map<Name, u32>) {
        self.packs.iter_mut().for_each(|pack| pack.gone = listed.get(&pack.name) != Some(&pack.length));
    }

    /// Whether some pack that can be counted on holds this blob.
    pub fn contains(&self, id: &Id, kind: BlobKind) -> bool {
        self.rows(id).any(|row| row.kind() == kind && self.packs.get(row.pack()).is_some_and(Pack::is_safe))
    }

    /// Every place of a blob, in a fixed order, those that can be counted on first.
    pub fn locations(&self, id: &Id, kind: BlobKind) -> Vec<Location> {
        let rows = || self.rows(id).filter(|row| row.kind() == kind && self.is_live(row));
        let safe = |row: &&Row| self.packs.get(row.pack()).is_some_and(Pack::is_safe);
        let place = |row: &Row| Location { pack: row.pack() as u32, offset: number_of(row.offset), entry: row.entry(id) };
        rows().filter(safe).chain(rows().filter(|row| !safe(row))).map(place).collect()
    }

    /// The row of each place of a blob, in the order of [`Table::rows_in_order`], as long as nothing is added.
    pub fn numbers_of(&mut self, id: &Id, kind: BlobKind, plain: Option<u32>) -> impl Iterator<Item = usize> {
        if self.starts.is_empty() {
            let mut next = 0;
            for bucket in &self.buckets {
                self.starts.push(next);
                next += bucket.len();
            }
        }
        let prefix = prefix(id);
        let number = bucket_of(&prefix, self.buckets.len());
        let rows = self.buckets.get(number).map(Vec::as_slice).unwrap_or_default();
        let first = rows.partition_point(|row| row.order() < order(&prefix));
        let start = self.starts.get(number).copied().unwrap_or_default() + first;
        let rows = (start..).zip(rows.get(first..).unwrap_or_default());
        let wanted = move |row: &Row| row.kind() == kind && plain.is_none_or(|plain| number_of(row.plain) == plain);
        rows.take_while(move |(_, row)| row.prefix == prefix).filter(move |(_, row)| wanted(row)).map(|(number, _)| number)
    }

    /// Every place of every blob, the places of one blob together.
    pub fn rows_in_order(&self) -> impl Iterator<Item = Place> {
        let place = |row: &Row| Place {
            blob: (row.prefix, row.kind()),
            pack: row.pack() as u32,
            offset: number_of(row.offset),
            stored: number_of(row.stored),
        };
        self.buckets.iter().flatten().map(place)
    }

    pub fn pack(&self, number: u32) -> Option<&Pack> {
        self.packs.get(number as usize)
    }

    pub fn number(&self, name: &Name) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// All live packs, with their numbers.
    pub fn packs(&self) -> impl Iterator<Item = (u32, &Pack)> {
        (0..).zip(&self.packs).filter(|(_, pack)| !pack.dead)
    }

    /// The same, for who changes the table meanwhile.
    pub fn by_number(&self) -> Map<u32, Pack> {
        let mut packs = Map::new();
        for (number, pack) in self.packs() {
            packs.insert(number, pack.clone());
        }
        packs
    }

    /// What the live packs hold and weigh.
    pub fn usage(&self) -> Usage {
        let data = |row: &&Row| row.kind() == BlobKind::Data && self.is_live(row);
        let chunks = || self.buckets.iter().flatten().filter(data);
        Usage {
            chunks: chunks().map(|_| 1).sum(),
            bytes: chunks().map(|row| u64::from(number_of(row.plain))).sum(),
            packs: self.packs().map(|_| 1).sum(),
            stored: self.packs().map(|(_, pack)| u64::from(pack.length)).sum(),
        }
    }

    /// The blobs of some packs, as entries whose ids are only half known: for sums, and to find damaged ones again.
    pub fn count(&self) -> u64 {
        self.packs().map(|(_, pack)| u64::from(pack.blobs)).sum()
    }

    fn is_live(&self, row: &Row) -> bool {
        self.packs.get(row.pack()).is_some_and(|pack| !pack.dead)
    }

    fn rows(&self, id: &Id) -> impl Iterator<Item = &Row> {
        let prefix = prefix(id);
        let rows = self.buckets.get(bucket_of(&prefix, self.buckets.len())).map(Vec::as_slice).unwrap_or_default();
        let start = rows.partition_point(|row| row.order() < order(&prefix));
        rows.get(start..).unwrap_or_default().iter().take_while(move |row| row.prefix == prefix)
    }

    fn insert(&mut self, row: Row) {
        if self.rows >= FULL * self.buckets.len() {
            self.spread();
        }
        self.rows += 1;
        let number = bucket_of(&row.prefix, self.buckets.len());
        let bucket = self.buckets.get_mut(number).expect("there is a bucket for every prefix");
        if bucket.len() == bucket.capacity() {
            bucket.reserve_exact(4.max(bucket.len() / 8));
        }
        bucket.insert(bucket.partition_point(|other| other.order() <= row.order()), row);
    }

    /// Makes two buckets of each, or the first one.
    fn spread(&mut self) {
        let count = 2 * self.buckets.len();
        if count == 0 {
            return self.buckets.push(Vec::new());
        }
        let buckets = core::mem::replace(&mut self.buckets, Vec::with_capacity(count));
        for mut low in buckets {
            let last = self.buckets.len();
            let high = low.split_off(low.partition_point(|row| bucket_of(&row.prefix, count) <= last));
            low.shrink_to_fit();
            self.buckets.push(low);
            self.buckets.push(high);
        }
    }
}

impl Row {
    fn new(blob: &BlobEntry, pack: u32, offset: u32) -> Self {
        let flags = u32::from(blob.kind == BlobKind::Tree) << 30 | u32::from(blob.codec == Codec::Zstd) << 31;
        let pack = (pack | flags).to_le_bytes();
        Self { prefix: prefix(&blob.id), pack, offset: packed(offset), stored: packed(blob.stored), plain: packed(blob.plain) }
    }

    fn order(&self) -> u128 {
        order(&self.prefix)
    }

    fn pack(&self) -> usize {
        (u32::from_le_bytes(self.pack) & 0x3fff_ffff) as usize
    }

    fn kind(&self) -> BlobKind {
        if u32::from_le_bytes(self.pack) & 1 << 30 == 0 { BlobKind::Data } else { BlobKind::Tree }
    }

    fn codec(&self) -> Codec {
        if u32::from_le_bytes(self.pack) & 1 << 31 == 0 { Codec::Raw } else { Codec::Zstd }
    }

    fn entry(&self, id: &Id) -> BlobEntry {
        BlobEntry { kind: self.kind(), codec: self.codec(), id: *id, stored: number_of(self.stored), plain: number_of(self.plain) }
    }
}

fn prefix(id: &Id) -> Prefix {
    let mut prefix = [0; 16];
    prefix.copy_from_slice(&id.0[..16]);
    prefix
}

/// Compared as one number, not byte by byte.
fn order(prefix: &Prefix) -> u128 {
    u128::from_be_bytes(*prefix)
}

/// Which of so many buckets a row with that prefix is in: a power of two of them, so that its first bits say it.
fn bucket_of(prefix: &Prefix, count: usize) -> usize {
    let [a, b, c, d, ..] = *prefix;
    ((u64::from(u32::from_be_bytes([a, b, c, d])) * count as u64) >> 32) as usize
}

fn packed(number: u32) -> [u8; 3] {
    let [a, b, c, _] = number.to_le_bytes();
    [a, b, c]
}

fn number_of([a, b, c]: [u8; 3]) -> u32 {
    u32::from_le_bytes([a, b, c, 0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::HEADER;

    fn blob(byte: u8, plain: u32) -> BlobEntry {
        BlobEntry { kind: BlobKind::Data, codec: Codec::Zstd, id: Id([byte; 32]), stored: 10, plain }
    }

    #[test]
    fn a_row_has_29_bytes() {
        assert_eq!(size_of::<Row>(), 29);
    }

    #[test]
    fn blobs_are_found_before_and_after_buckets_are_spread_in_every_pack_that_holds_them() {
        let mut table = Table::default();
        let header = Header([0; HEADER]);
        let first = table.add(Name([1; 32]), header, 4096, &[blob(1, 100), blob(2, 8 << 20)], 1);
        let second = table.add(Name([2; 32]), header, 4096, &[blob(2, 8 << 20)], 0);
        for _ in 0..2 {
            let places = table.locations(&Id([2; 32]), BlobKind::Data);
            assert_eq!(places.iter().map(|place| (place.pack, place.offset)).collect::<Vec<_>>(), [(first, 10), (second, 0)]);
            assert!(places.iter().all(|place| place.entry == blob(2, 8 << 20)));
            assert!(!table.contains(&Id([3; 32]), BlobKind::Data));
            assert!(!table.contains(&Id([2; 32]), BlobKind::Tree));
            table.spread();
        }
        let two = 2 * (8 << 20);
        assert_eq!(table.usage(), Usage { chunks: 3, bytes: 100 + two, packs: 2, stored: 8192 });
        table.unindexed(first);
        assert_eq!(table.usage(), Usage { chunks: 1, bytes: 8 << 20, packs: 1, stored: 4096 });
        assert!(!table.contains(&Id([1; 32]), BlobKind::Data));
        assert_eq!(table.locations(&Id([2; 32]), BlobKind::Data).len(), 1);
    }
}
