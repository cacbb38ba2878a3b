//! Which pack holds which blob: flat rows of 32 bytes, sorted by the first half of the id (FORMAT.md §8).
//!
//! A row knows 16 bytes of an id. Whoever reads a blob checks its whole id, so a row that only looks right is found out.

extern crate alloc;
use alloc::vec::Vec;

use crate::{
    id::{Id, Name},
    ordered::{Map, Set},
    pack::{BlobEntry, BlobKind, Codec},
    seal::Header,
};

/// The unsorted part is merged when it has this many rows, or an eighth of the sorted ones.
const RECENT_MIN: usize = 1 << 14;

/// All blobs of a vault that this client knows a place of.
#[derive(Default)]
pub(crate) struct Table {
    /// By id prefix.
    sorted: Vec<Row>,
    /// What came since: id prefix and row number within `recent_rows`.
    recent: Set<(Prefix, u32)>,
    recent_rows: Vec<Row>,
    packs: Vec<Pack>,
    numbers: Map<Name, u32>,
}

pub(crate) type Prefix = [u8; 16];

/// 32 bytes.
#[derive(Clone, Copy)]
struct Row {
    prefix: Prefix,
    pack: u32,
    offset: u32,
    stored: u32,
    /// Plain length, 24 bits (at most 2^23); above them the kind (bit 24) and the codec (bit 25).
    plain: u32,
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
            let row = Row { prefix: prefix(&blob.id), pack: number, offset, stored: blob.stored, plain: packed(blob) };
            self.recent.insert((row.prefix, u32::try_from(self.recent_rows.len()).expect("merged long before")));
            self.recent_rows.push(row);
            offset = offset.saturating_add(blob.stored);
        }
        if self.recent_rows.len() > RECENT_MIN.max(self.sorted.len() / 8) {
            self.merge();
        }
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
        self.rows(id).any(|row| kind_of(row) == kind && self.packs.get(row.pack as usize).is_some_and(Pack::is_safe))
    }

    /// Every place of a blob, in a fixed order, those that can be counted on first.
    pub fn locations(&self, id: &Id, kind: BlobKind) -> Vec<Location> {
        let rows = || self.rows(id).filter(|row| kind_of(row) == kind && self.is_live(row));
        let safe = |row: &&Row| self.packs.get(row.pack as usize).is_some_and(Pack::is_safe);
        let place = |row: &Row| {
            let entry = BlobEntry { kind, codec: codec_of(row), id: *id, stored: row.stored, plain: row.plain & 0xff_ffff };
            Location { pack: row.pack, offset: row.offset, entry }
        };
        rows().filter(safe).chain(rows().filter(|row| !safe(row))).map(place).collect()
    }

    /// The row of each place of a blob, in the order of [`Table::rows_in_order`], as long as nothing is added.
    pub fn numbers_of(&mut self, id: &Id, kind: BlobKind, plain: Option<u32>) -> impl Iterator<Item = usize> {
        if !self.recent_rows.is_empty() {
            self.merge();
        }
        let prefix = prefix(id);
        let start = self.sorted.partition_point(|row| row.prefix < prefix);
        let rows = (start..).zip(self.sorted.get(start..).unwrap_or_default());
        let wanted = move |row: &Row| kind_of(row) == kind && plain.is_none_or(|plain| row.plain & 0xff_ffff == plain);
        rows.take_while(move |(_, row)| row.prefix == prefix).filter(move |(_, row)| wanted(row)).map(|(number, _)| number)
    }

    /// Every place of every blob, the places of one blob together.
    pub fn rows_in_order(&mut self) -> impl Iterator<Item = Place> {
        if !self.recent_rows.is_empty() {
            self.merge();
        }
        self.sorted.iter().map(|row| Place { blob: (row.prefix, kind_of(row)), pack: row.pack, offset: row.offset, stored: row.stored })
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
        let data = |row: &&Row| kind_of(row) == BlobKind::Data && self.is_live(row);
        let chunks = || self.sorted.iter().chain(&self.recent_rows).filter(data);
        Usage {
            chunks: chunks().map(|_| 1).sum(),
            bytes: chunks().map(|row| u64::from(row.plain & 0xff_ffff)).sum(),
            packs: self.packs().map(|_| 1).sum(),
            stored: self.packs().map(|(_, pack)| u64::from(pack.length)).sum(),
        }
    }

    /// The blobs of some packs, as entries whose ids are only half known: for sums, and to find damaged ones again.
    pub fn count(&self) -> u64 {
        self.packs().map(|(_, pack)| u64::from(pack.blobs)).sum()
    }

    fn is_live(&self, row: &Row) -> bool {
        self.packs.get(row.pack as usize).is_some_and(|pack| !pack.dead)
    }

    fn rows(&self, id: &Id) -> impl Iterator<Item = &Row> {
        let prefix = prefix(id);
        let start = self.sorted.partition_point(|row| row.prefix < prefix);
        let sorted = self.sorted.get(start..).unwrap_or_default().iter().take_while(move |row| row.prefix == prefix);
        let recent = self.recent.range((prefix, 0)..=(prefix, u32::MAX)).filter_map(|(_, at)| self.recent_rows.get(at as usize));
        sorted.chain(recent)
    }

    fn merge(&mut self) {
        let mut merged = Vec::with_capacity(self.sorted.len() + self.recent_rows.len());
        let mut recent = self.recent.iter().filter_map(|(_, at)| self.recent_rows.get(at as usize)).peekable();
        for row in &self.sorted {
            while let Some(before) = recent.next_if(|recent| recent.prefix < row.prefix) {
                merged.push(*before);
            }
            merged.push(*row);
        }
        merged.extend(recent);
        self.sorted = merged;
        self.recent.clear();
        self.recent_rows = Vec::new();
    }
}

fn prefix(id: &Id) -> Prefix {
    let mut prefix = [0; 16];
    prefix.copy_from_slice(&id.0[..16]);
    prefix
}

fn packed(blob: &BlobEntry) -> u32 {
    blob.plain | u32::from(blob.kind == BlobKind::Tree) << 24 | u32::from(blob.codec == Codec::Zstd) << 25
}

fn kind_of(row: &Row) -> BlobKind {
    if row.plain & 1 << 24 == 0 { BlobKind::Data } else { BlobKind::Tree }
}

fn codec_of(row: &Row) -> Codec {
    if row.plain & 1 << 25 == 0 { Codec::Raw } else { Codec::Zstd }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::HEADER;

    fn blob(byte: u8, plain: u32) -> BlobEntry {
        BlobEntry { kind: BlobKind::Data, codec: Codec::Zstd, id: Id([byte; 32]), stored: 10, plain }
    }

    #[test]
    fn a_row_has_32_bytes() {
        assert_eq!(size_of::<Row>(), 32);
    }

    #[test]
    fn blobs_are_found_before_and_after_a_merge_in_every_pack_that_holds_them() {
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
            table.merge();
        }
        let two = 2 * (8 << 20);
        assert_eq!(table.usage(), Usage { chunks: 3, bytes: 100 + two, packs: 2, stored: 8192 });
        table.unindexed(first);
        assert_eq!(table.usage(), Usage { chunks: 1, bytes: 8 << 20, packs: 1, stored: 4096 });
        assert!(!table.contains(&Id([1; 32]), BlobKind::Data));
        assert_eq!(table.locations(&Id([2; 32]), BlobKind::Data).len(), 1);
    }
}
