//! The readers of what a storage gives, and of what a person types (FORMAT.md §4 to §10). What is accepted is written again as it was.

use std::sync::LazyLock;

use strongroom_core::{
    BlobEntry, BlobKind, Codec, Header, Id, Kind, Name, PACK_LENGTH, RecoveryPhrase,
    bytes::Write,
    codec::{Decoder, Encoder, Libzstd, Pure},
    graph::{Node, Record, SlotRecord, SlotSet, Snapshot, Tombstone},
    index::{Index, IndexedPack},
    key::Ring,
    pack::read_directory,
    seal::Seal,
    slot::{Kdf, Preamble, SlotKind, open_slot, seal_slot},
    tree::{FolderRef, Form, Tree},
};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// The keys of everything here.
static RING: LazyLock<Ring> = LazyLock::new(|| Ring::generate(18, &mut ChaCha20Rng::from_seed([1; 32])));
static OBJECTS: LazyLock<[Vec<u8>; 2]> =
    LazyLock::new(|| [seal().seal_small(&[3; 100], [2; 32], 0).expect("it fits"), seal().seal(&[4; 70_000], [5; 32])]);
static SLOTS: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    [(Kdf::None, SlotKind::Recovery), (Kdf::Opaque, SlotKind::Passphrase)].map(|(kdf, kind)| {
        let preamble = Preamble::new(kind, kdf, RING.vault, [5; 32]);
        seal_slot(&RING, &preamble, &preamble.slot_key(&[9; 32]), [6; 32]).expect("it fits")
    })
});

/// Makes what is made once: it is no reader's memory.
pub fn prepare() {
    LazyLock::force(&OBJECTS);
    LazyLock::force(&SLOTS);
}

fn entries() -> Vec<BlobEntry> {
    let entry = |id, codec, stored, plain| BlobEntry { kind: BlobKind::Data, codec, id: Id([id; 32]), stored, plain };
    vec![entry(1, Codec::Raw, 10, 10), entry(2, Codec::Zstd, 7, 100), entry(3, Codec::Zstd, 1_000, 8 << 20)]
}

pub fn directories() -> Vec<Vec<u8>> {
    let mut directory = Vec::new();
    for BlobEntry { kind, codec, id, stored, plain } in entries() {
        directory.put(&[kind as u8, codec as u8]);
        directory.put(&id.0);
        directory.put_u32(stored);
        directory.put_u32(plain);
    }
    let mut payload = vec![5; 1_017];
    payload.put(&[0; 90]);
    payload.put(&directory);
    payload.put_u32(directory.len() as u32);
    vec![payload]
}

pub fn directory(bytes: &[u8]) {
    if let Ok(blobs) = read_directory(bytes) {
        assert!(!blobs.is_empty() && blobs.iter().map(|blob| u64::from(blob.stored)).sum::<u64>() < bytes.len() as u64);
    }
}

pub fn indexes() -> Vec<Vec<u8>> {
    let pack = |name| IndexedPack { name: Name([name; 32]), length: PACK_LENGTH, header: Header([name; 76]), blobs: entries() };
    let one = Index { supersedes: vec![], packs: vec![pack(1)] };
    vec![one.encode(), Index { supersedes: vec![Name([1; 32]), Name([2; 32])], packs: vec![pack(3), pack(4)] }.encode()]
}

pub fn index(bytes: &[u8]) {
    if let Ok(index) = Index::decode(bytes) {
        assert!(index.encode() == bytes, "written otherwise");
    }
}

pub fn nodes() -> Vec<Vec<u8>> {
    let names = || vec![Name([4; 32]), Name([5; 32])];
    let snapshot = Snapshot {
        root: FolderRef { id: Id([3; 32]), form: Form::Folder },
        files: 1,
        folders: 2,
        bytes: 3,
        left: 4,
        baseline: Some(Name([9; 32])),
        label: "papers".into(),
        writer: "tab".into(),
    };
    let slots = vec![SlotRecord { id: [1; 16], kind: 1, public_key: [2; 32], made: -5, label: "passphrase".into() }];
    let records = [
        Record::Snapshot(snapshot),
        Record::SlotSet(SlotSet { replaced: names(), slots }),
        Record::Forget(names()),
        Record::Tombstone(Tombstone { packs: names(), indexes: vec![], nodes: names() }),
    ];
    records.map(|record| Node { time: 7, parents: names(), record }.encode()).into()
}

pub fn node(bytes: &[u8]) {
    if let Ok(node) = Node::decode(bytes) {
        assert!(node.encode() == bytes, "written otherwise");
    }
}

pub fn trees() -> Vec<Vec<u8>> {
    let mut folder = vec![1, 2, 0, 0, 0];
    folder.put_u8(1);
    folder.put_bytes16(b"a file");
    folder.put_i64(1);
    folder.put_u64(30);
    folder.put(&[0, 2, 0]);
    for (id, length) in [(1, 10), (2, 20)] {
        folder.put(&[id; 32]);
        folder.put_u32(length);
    }
    folder.put_u8(2);
    folder.put_bytes16(b"b folder");
    folder.put_i64(i64::MIN);
    folder.put_u8(1);
    folder.put(&[7; 32]);
    folder.put_u64(1);
    folder.put_u64(2);
    let mut parts = vec![2, 2, 0, 0, 0];
    for (last, id) in [(b"m", 1), (b"z", 2)] {
        parts.put_bytes16(last);
        parts.put(&[id; 32]);
        parts.put_u32(9);
    }
    let mut content = vec![3, 2, 0, 0, 0];
    let mut index = vec![4, 2, 0, 0, 0];
    for id in [1, 2] {
        content.put(&[id; 32]);
        content.put_u32(10);
        index.put(&[id; 32]);
        index.put_u64(10);
    }
    vec![folder, parts, content, index]
}

pub fn tree(bytes: &[u8]) {
    for form in [Form::Folder, Form::FolderIndex, Form::Content, Form::ContentIndex] {
        let tree = Tree::decode(bytes, form);
        assert!(tree.is_err() || bytes.first() == Some(&(form as u8)), "read as another form");
    }
}

fn seal() -> Seal {
    RING.sealer(Kind::Index)
}

pub fn objects() -> Vec<Vec<u8>> {
    OBJECTS.to_vec()
}

/// An object, whole and from its second half on; nothing that was changed opens.
pub fn object(bytes: &[u8]) {
    let seal = seal();
    let good = bytes == OBJECTS[0];
    assert!(seal.open_small(bytes, 0).is_ok_and(|body| body == [3; 100]) == good, "opened what was changed");
    if let Ok(opener) = Header::of(bytes).and_then(|header| seal.opener(&header, bytes.len() as u64)) {
        for offset in [0, 1, 65_536] {
            if let Some(range) = bytes.get(offset..)
                && let Ok(span) = opener.open_span(offset as u64, range.to_vec())
            {
                assert!(span.bytes.len() < bytes.len() && span.get(0..u64::MAX).is_err());
            }
        }
    }
}

pub fn phrases() -> Vec<Vec<u8>> {
    let words = RecoveryPhrase::generate(&mut ChaCha20Rng::from_seed([2; 32])).words().to_string();
    vec![words.to_uppercase().replace(' ', "\n").into_bytes(), words.into_bytes()]
}

pub fn phrase(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(phrase) = RecoveryPhrase::parse(text)
    {
        assert!(RecoveryPhrase::parse(&phrase.words()) == Ok(phrase), "its words are another phrase");
    }
}

pub fn rings() -> Vec<Vec<u8>> {
    vec![RING.encode().to_vec()]
}

pub fn ring(bytes: &[u8]) {
    if let Ok(ring) = Ring::decode(bytes, RING.vault) {
        assert!(*ring.encode() == bytes, "written otherwise");
    }
}

pub fn slots() -> Vec<Vec<u8>> {
    SLOTS.to_vec()
}

pub fn slot(bytes: &[u8]) {
    let good = SLOTS.iter().any(|slot| slot == bytes);
    assert!(Preamble::read(bytes, RING.vault).is_ok() || !good);
    assert!(open_slot(bytes, RING.vault, &[9; 32]).is_ok() == good, "opened what was changed");
}

pub fn frames() -> Vec<Vec<u8>> {
    let text: Vec<u8> = b"vault snapshot tree node chunk blob pack index slot epoch ".iter().cycle().take(3_000).copied().collect();
    let mut encoder = Encoder::new();
    let mut frame = |plain: &[u8]| [&(plain.len() as u32).to_le_bytes(), encoder.encode(plain).1].concat();
    vec![frame(&text), frame(&[0; 70_000]), frame(&text[..200])]
}

/// `plain length u32 ‖ frame`: what libzstd takes, the decoder without C takes, and gives the same. It takes some malformed sequences that
/// libzstd refuses, too; what comes out then has another id (FORMAT.md §7).
pub fn frame(bytes: &[u8]) {
    let Some((plain, frame)) = bytes.split_first_chunk() else { return };
    // No lie about lengths is believed beyond 8 MiB; here 1 MiB will do, so that more is tried.
    let plain = u32::from_le_bytes(*plain) % (1 << 20);
    let (mut one, mut other) = (Vec::new(), Vec::new());
    let result = Decoder::<Libzstd>::default().decode(Codec::Zstd, frame, plain, &mut one);
    let without = Decoder::<Pure>::default().decode(Codec::Zstd, frame, plain, &mut other);
    for (result, out) in [(&result, &one), (&without, &other)] {
        assert!(out.len() == if result.is_ok() { plain as usize } else { 0 }, "{result:?} with {} bytes of {plain}", out.len());
    }
    assert!(result.is_err() || (without.is_ok() && one == other), "libzstd takes it, without C {without:?}");
}
