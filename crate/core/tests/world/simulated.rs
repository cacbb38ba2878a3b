//! Vaults that are mostly said to be there: their indexes name chunks that nobody stored.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use strongroom_core::{
    BlobEntry, BlobKind, Codec, Header, Id, Kind, Name, PACK_LENGTH, RecoveryPhrase,
    bytes::Write,
    graph::{Node, Record, Snapshot},
    index::{Index, IndexedPack},
    key::Ring,
    pack::Packer,
    slot::{Kdf, Preamble, SlotKind, seal_slot},
    tree::{FolderRef, Form},
};

/// Packs an index names that a writer leaves at a checkpoint (FORMAT.md §12).
const PACKS: u64 = 64;

/// What opens every vault made here.
pub fn phrase() -> RecoveryPhrase {
    RecoveryPhrase::generate(&mut ChaCha20Rng::from_seed([7; 32]))
}

/// A vault in a folder, as it is being made.
pub struct Simulated {
    folder: PathBuf,
    ring: Ring,
    rng: ChaCha20Rng,
    last: Option<Name>,
    root: Option<FolderRef>,
}

impl Simulated {
    /// With chunks of about 2^`chunk_log2` bytes.
    pub fn create(folder: &Path, chunk_log2: u8) -> Self {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let ring = Ring::generate(chunk_log2, &mut rng);
        let preamble = Preamble::new(SlotKind::Recovery, Kdf::None, ring.vault, [5; 32]);
        let slot = seal_slot(&ring, &preamble, &preamble.slot_key(phrase().entropy().expose()), [6; 32]).expect("a ring fits");
        super::put(folder, Kind::Slot, &SlotKind::Recovery.slot_name(), &slot);
        fs::write(folder.join("vault"), ring.vault.to_string()).expect("the disk has room");
        Self { folder: folder.to_owned(), ring, rng, last: None, root: None }
    }

    /// Indexes that name so many chunks in full packs, as a writer leaves them.
    pub fn chunks(&mut self, count: u64) {
        let mut left = count;
        let each = u64::from(PACK_LENGTH) >> self.ring.chunk_log2;
        let mut listed = OpenOptions::new().create(true).append(true).open(self.folder.join("packs")).expect("the folder is there");
        while left > 0 {
            let mut packs = Vec::new();
            while left > 0 && (packs.len() as u64) < PACKS {
                packs.push(self.pack(each.min(left)));
                left -= each.min(left);
            }
            packs.iter().for_each(|pack| listed.write_all(&pack.name.0).expect("the disk has room"));
            self.put(Kind::Index, &Index { supersedes: vec![], packs }.encode());
        }
    }

    /// So many snapshots, one after the other, all of one folder with one empty file.
    pub fn snapshots(&mut self, count: u64) {
        let root = *self.root.get_or_insert_with(|| Self::store_root(&self.folder, &self.ring));
        for number in 0..count {
            let snapshot = Snapshot {
                root,
                files: 1,
                folders: 0,
                bytes: 0,
                left: 0,
                baseline: self.last,
                label: "papers".into(),
                writer: "simulated".into(),
            };
            let time = 1_700_000_000_000 + 3_600_000 * number as i64;
            let node = Node { time, parents: self.last.into_iter().collect(), record: Record::Snapshot(snapshot) };
            self.last = Some(self.put(Kind::Snapshot, &node.encode()));
        }
    }

    fn pack(&mut self, chunks: u64) -> IndexedPack {
        let stored = (1u32 << self.ring.chunk_log2) - 2_048;
        let blobs = (0..chunks).map(|_| {
            let id = Id(self.draw());
            BlobEntry { kind: BlobKind::Data, codec: Codec::Zstd, id, stored, plain: 1 << self.ring.chunk_log2 }
        });
        let blobs = blobs.collect();
        let mut header = [0; 76];
        self.rng.fill_bytes(&mut header);
        IndexedPack { name: Name(self.draw()), length: PACK_LENGTH, header: Header(header), blobs }
    }

    fn draw(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    fn put(&mut self, kind: Kind, body: &[u8]) -> Name {
        let object = self.ring.seal_small(kind, body, &mut self.rng).expect("it fits");
        let name = Name::of(&object);
        super::put(&self.folder, kind, &name.to_string(), &object);
        name
    }

    /// A folder with one empty file, in a real pack that a real index names.
    fn store_root(folder: &Path, ring: &Ring) -> FolderRef {
        let mut blob = vec![1];
        blob.put_u32(1);
        blob.put_u8(1);
        blob.put_bytes16(b"empty");
        blob.put_i64(1);
        blob.put_u64(0);
        blob.put_u8(0);
        blob.put_u16(0);
        let (id, length) = (ring.tree_id(&blob), blob.len() as u32);
        let mut packer = Packer::new();
        packer.push(BlobEntry { kind: BlobKind::Tree, codec: Codec::Raw, id, stored: length, plain: length }, &blob);
        let (pack, object) = packer.close(false, &ring.sealer(Kind::Pack), [1; 32]);
        let name = Name::of(&object);
        super::put(folder, Kind::Pack, &name.to_string(), &object);
        let packs = vec![IndexedPack { name, length: pack.length, header: pack.header, blobs: pack.blobs }];
        let index = ring.sealer(Kind::Index).seal_small(&Index { supersedes: vec![], packs }.encode(), [2; 32], 0).expect("it fits");
        super::put(folder, Kind::Index, &Name::of(&index).to_string(), &index);
        FolderRef { id, form: Form::Folder }
    }
}
