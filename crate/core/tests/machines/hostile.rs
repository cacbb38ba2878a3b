//! Well-sealed trees that lie: typed errors, bounded work, and what is beside them comes back.

use strongroom_core::{
    BlobEntry, BlobKind, Code, Codec, Header, Id, Kind, List, Name,
    bytes::Write,
    graph::{Node, Record, Snapshot},
    index::{Index, IndexedPack},
    key::Ring,
    pack::Packer,
    tree::{FolderRef, Form},
};

use crate::{
    host::{Thing, path},
    vaults::TestVault,
};

/// Writes trees that no backup would.
struct Forger {
    vault: TestVault,
    ring: Ring,
    packer: Packer,
}

impl Forger {
    fn new() -> Self {
        let vault = TestVault::create(1);
        let ring = vault.ring();
        Self { vault, ring, packer: Packer::new() }
    }

    fn blob(&mut self, kind: BlobKind, id: Id, plain: &[u8]) -> Id {
        let length = plain.len() as u32;
        self.packer.push(BlobEntry { kind, codec: Codec::Raw, id, stored: length, plain: length }, plain);
        id
    }

    fn tree(&mut self, plain: &[u8]) -> Id {
        let id = self.ring.tree_id(plain);
        self.blob(BlobKind::Tree, id, plain)
    }

    fn chunk(&mut self, plain: &[u8]) -> Id {
        let id = self.ring.chunk_id(plain);
        self.blob(BlobKind::Data, id, plain)
    }

    /// A folder of entries that were put together by hand.
    fn folder(&mut self, entries: &[Vec<u8>]) -> Id {
        let mut blob = vec![1];
        blob.put_u32(entries.len() as u32);
        entries.iter().for_each(|entry| blob.put(entry));
        self.tree(&blob)
    }

    /// Stores everything, with a snapshot of this root.
    fn store(mut self, root: Id) -> (TestVault, Name) {
        let packer = std::mem::take(&mut self.packer);
        let (pack, object) = packer.close(false, &self.ring.sealer(Kind::Pack), [1; 32]);
        let name = Name::of(&object);
        let header = Header::of(&object).expect("a header");
        self.vault.storage.objects.insert(format!("pack/{name}"), object);
        let packs = vec![IndexedPack { name, length: pack.length, header, blobs: pack.blobs }];
        self.put(Kind::Index, &Index { supersedes: vec![], packs }.encode());
        let root = FolderRef { id: root, form: Form::Folder };
        let snapshot =
            Snapshot { root, files: 1, folders: 1, bytes: 1, left: 0, baseline: None, label: String::new(), writer: String::new() };
        let node = Node { time: 1, parents: vec![], record: Record::Snapshot(snapshot) };
        let name = self.put(Kind::Snapshot, &node.encode());
        (self.vault, name)
    }

    fn put(&mut self, kind: Kind, body: &[u8]) -> Name {
        let object = self.ring.sealer(kind).seal_small(body, [2; 32], 0).expect("it fits");
        let name = Name::of(&object);
        self.vault.storage.objects.insert(format!("{}/{name}", kind.folder()), object);
        name
    }
}

fn folder_entry(name: &[u8], id: Id) -> Vec<u8> {
    let mut entry = vec![2];
    entry.put_bytes16(name);
    entry.put_i64(0);
    entry.put_u8(1);
    entry.put(&id.0);
    entry.put_u64(1);
    entry.put_u64(1);
    entry
}

fn file_entry(name: &[u8], size: u64, chunks: &[(Id, u32)]) -> Vec<u8> {
    let mut entry = vec![1];
    entry.put_bytes16(name);
    entry.put_i64(0);
    entry.put_u64(size);
    entry.put_u8(0);
    entry.put_u16(chunks.len() as u16);
    for (id, length) in chunks {
        entry.put(&id.0);
        entry.put_u32(*length);
    }
    entry
}

/// A file whose chunks are listed elsewhere: 1 in a content blob, 2 in an index of them.
fn listed_entry(name: &[u8], size: u64, form: u8, id: Id) -> Vec<u8> {
    let mut entry = vec![1];
    entry.put_bytes16(name);
    entry.put_i64(0);
    entry.put_u64(size);
    entry.put_u8(form);
    entry.put(&id.0);
    entry
}

/// A vault with one good file beside an entry that lies.
fn beside(lie: impl FnOnce(&mut Forger) -> Vec<u8>) -> (TestVault, Name) {
    let mut forger = Forger::new();
    let good = forger.chunk(b"good");
    let lie = lie(&mut forger);
    let inner = forger.folder(&[lie]);
    let root = forger.folder(&[file_entry(b"a good file", 4, &[(good, 4)]), folder_entry(b"bad", inner)]);
    forger.store(root)
}

/// The good file comes back, and this is said of the other.
#[track_caller]
fn assert_contained((vault, snapshot): (TestVault, Name), at: &str, code: Code) {
    let (report, host) = vault.restore(snapshot, &[""]);
    assert_eq!(report.damaged.iter().map(|left| (left.path.as_str(), left.code)).collect::<Vec<_>>(), [(at, code)]);
    assert_eq!(host.sink.get(&path("a good file")), Some(&Thing::File { data: b"good".to_vec(), mtime: Some(0) }));
    assert_eq!(host.sink.len(), 2, "{:?}", host.sink.keys());
    let found = vault.verify(true).damaged;
    assert!(found.iter().any(|left| left.path == at && left.code == code), "{found:?}");
}

#[test]
fn names_that_would_leave_the_folder_are_refused() {
    for name in [&b".."[..], b".", b"a/b", b"/etc", b"a\0b", b"", &[b'x'; 4097]] {
        let code = if name.len() > 4096 { Code::Unsupported } else { Code::Damaged };
        assert_contained(beside(|forger| folder_entry(name, forger.ring.tree_id(b"x"))), "bad", code);
    }
}

#[test]
fn sizes_that_are_not_the_sum_of_the_chunks_are_refused() {
    assert_contained(beside(|forger| file_entry(b"lie", 1 << 40, &[(forger.ring.chunk_id(b"good"), 4)])), "bad", Code::Damaged);
    let list = |forger: &mut Forger| {
        let chunk = forger.ring.chunk_id(b"good");
        let mut blob = vec![3];
        blob.put_u32(2);
        for _ in 0..2 {
            blob.put(&chunk.0);
            blob.put_u32(4);
        }
        forger.tree(&blob)
    };
    assert_contained(
        beside(|forger| {
            let list = list(forger);
            listed_entry(b"lie", 9, 1, list)
        }),
        "bad/lie",
        Code::Damaged,
    );
    assert_contained(
        beside(|forger| {
            let list = list(forger);
            let mut index = vec![4];
            index.put_u32(2);
            for bytes in [8, 1 << 50] {
                index.put(&list.0);
                index.put_u64(bytes);
            }
            let index = forger.tree(&index);
            listed_entry(b"lie", 8 + (1 << 50), 2, index)
        }),
        "bad/lie",
        Code::Damaged,
    );
}

#[test]
fn a_chunk_of_another_length_or_that_is_nowhere_spoils_only_its_file() {
    assert_contained(beside(|forger| file_entry(b"lie", 5, &[(forger.ring.chunk_id(b"good"), 5)])), "bad/lie", Code::Missing);
    assert_contained(beside(|_| file_entry(b"lie", 5, &[(Id([9; 32]), 5)])), "bad/lie", Code::Missing);
}

#[test]
fn file_content_is_never_read_as_a_tree_nor_one_form_as_another() {
    // A chunk whose bytes are a folder.
    let data = |forger: &mut Forger| forger.chunk(&[1, 0, 0, 0, 0]);
    assert_contained_with_folder(beside(|forger| folder_entry(b"lie", data(forger))), "bad/lie", Code::Missing);
    // A list of chunks where a folder must stand.
    assert_contained_with_folder(beside(|forger| folder_entry(b"lie", forger.tree(&[3, 0, 0, 0, 0]))), "bad/lie", Code::Damaged);
    // A folder that claims more entries than there are bytes.
    let claim = [&[1][..], &u32::MAX.to_le_bytes()].concat();
    assert_contained_with_folder(beside(|forger| folder_entry(b"lie", forger.tree(&claim))), "bad/lie", Code::Unsupported);
    let claim = [&[1][..], &60_000_u32.to_le_bytes()].concat();
    assert_contained_with_folder(beside(|forger| folder_entry(b"lie", forger.tree(&claim))), "bad/lie", Code::Damaged);
    // A blob that is not what its id says.
    let forged = |forger: &mut Forger| forger.blob(BlobKind::Tree, Id([5; 32]), &[1, 0, 0, 0, 0]);
    assert_contained_with_folder(beside(|forger| folder_entry(b"lie", forged(forger))), "bad/lie", Code::Damaged);
}

/// As above; the folder itself is made, only what is in it is not known.
#[track_caller]
fn assert_contained_with_folder((vault, snapshot): (TestVault, Name), at: &str, code: Code) {
    let (report, host) = vault.restore(snapshot, &[""]);
    assert_eq!(report.damaged.iter().map(|left| (left.path.as_str(), left.code)).collect::<Vec<_>>(), [(at, code)]);
    assert_eq!(host.sink.keys().cloned().collect::<Vec<_>>(), ["a good file", "bad", at].map(path));
    let (mut host, handle) = vault.open(1);
    assert_eq!(host.run(&mut List::new(&handle, snapshot, path(at), None, 10)).code(), code);
}

#[test]
fn folders_deeper_than_the_limit_end_there() {
    let mut forger = Forger::new();
    let mut inner = forger.folder(&[]);
    for _ in 0..1_100 {
        inner = forger.folder(&[folder_entry(b"d", inner)]);
    }
    let (vault, snapshot) = forger.store(inner);
    let (report, host) = vault.restore(snapshot, &[""]);
    assert_eq!(report.damaged.iter().map(|left| left.code).collect::<Vec<_>>(), [Code::Unsupported]);
    assert_eq!(host.sink.len(), 1_024);
    assert_eq!(vault.verify(false).damaged.len(), 1);
}

#[test]
fn a_small_tree_that_unfolds_without_end_costs_a_verify_one_look_at_each_folder() {
    // 2^60 folders, by naming each folder twice.
    let mut forger = Forger::new();
    let mut inner = forger.folder(&[]);
    for _ in 0..60 {
        inner = forger.folder(&[folder_entry(b"a", inner), folder_entry(b"b", inner)]);
    }
    let (vault, _) = forger.store(inner);
    assert_eq!(vault.verify(true).damaged, []);
}
