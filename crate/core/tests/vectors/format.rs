//! Keys, seals, slots, packs, indexes, cut points.

use serde_json::{Value, json};
use strongroom_core::{
    BlobEntry, BlobKind, Code, Codec, Id, Kind, Name, PasskeySecret, RecoveryPhrase, SlotKind, VaultId,
    chunk::{Chunker, Stream},
    codec::Decoder,
    graph::{Node, Record, Tombstone},
    index::{Index, IndexedPack},
    key::{Ring, Secret, derive_into},
    opaque::client_identity,
    pack::{Packer, read_directory},
    seal::Seal,
    slot::{Argon2id, Kdf, Preamble, open_slot, seal_slot},
};

use crate::golden::{Damage, counting, hold, ring};

const V: [u8; 16] = [0x0a; 16];

#[test]
fn vectors_of_keys_and_ids() {
    let ring = ring();
    let subkeys: Vec<Value> = [1, 3]
        .map(|epoch| {
            let key = |kind| hex::encode(ring.subkey(kind, epoch).expect("in the ring").expose());
            json!({ "epoch": epoch, "pack": key(Kind::Pack), "index": key(Kind::Index), "snapshot": key(Kind::Snapshot), "local": key(Kind::Local) })
        })
        .into();
    let mut gear = [0; 2048];
    derive_into("gear table", &[&[0x0b; 32], &V], &mut gear);
    let empty: &[u8] = b"";
    let ids: Vec<Value> = [empty, b"abc"]
        .map(|plain| {
            json!({ "plain": hex::encode(plain), "chunk_id": hex::encode(ring.chunk_id(plain).0), "tree_id": hex::encode(ring.tree_id(plain).0) })
        })
        .into();
    hold(
        "keys",
        &json!({
            "about": "FORMAT.md §3: a ring, and what is derived from it.",
            "ring": hex::encode(&*ring.encode()),
            "subkeys": subkeys,
            "folder_cut_key": hex::encode(ring.folder_cut_key().expose()),
            "gear_table": hex::encode(gear),
            "ids": ids,
        }),
    );
}

#[test]
fn vectors_of_a_small_sealed_object() {
    let ring = ring();
    let salt = [0x11; 32];
    let object = ring.sealer(Kind::Index).seal_small(b"a small body", salt, 0).expect("it fits");
    let read = |object: &[u8]| ring.open_small(Kind::Index, object).map_err(|error| error.code);
    assert_eq!(read(&object).unwrap(), b"a small body");
    let unlike_zero = Seal::new(ring.subkey(Kind::Index, 3).expect("in the ring"), Kind::Index, 3, VaultId(V));
    let padded = unlike_zero.seal(&[&12u32.to_le_bytes()[..], b"a small body", &[0; 3987], &[1]].concat(), salt);
    let damages: Vec<Value> = [
        Damage::xor("magic", 0, 1),
        Damage::xor("another suite", 4, 3),
        Damage::xor("another kind", 5, 1),
        Damage::xor("another segment size", 6, 1),
        Damage::xor("reserved byte", 7, 1),
        Damage::xor("an epoch outside the ring", 8, 4),
        Damage::xor("the other epoch", 8, 2),
        Damage::xor("salt", 12, 1),
        Damage::xor("commitment", 75, 0x80),
        Damage::xor("first byte of ciphertext", 76, 1),
        Damage::xor("last byte of the tag", 4095, 1),
        Damage::truncate("cut to nothing", 0),
        Damage::truncate("cut within the header", 75),
        Damage::truncate("a byte less", 4095),
        Damage::append("a byte more", 1),
        Damage::append("padded to the next length", 4096),
    ]
    .iter()
    .map(|damage| damage.record(&object, read))
    .collect();
    hold(
        "sealed-small",
        &json!({
            "about": "FORMAT.md §4, §5: an index of the ring of keys.json, epoch 3; `padded` has a byte of padding that is not zero.",
            "kind": Kind::Index as u8, "epoch": 3, "vault": hex::encode(V), "salt": hex::encode(salt),
            "body": hex::encode(b"a small body"), "object": hex::encode(&object), "name": Name::of(&object).to_string(),
            "damage": damages, "padded": hex::encode(&padded), "padded_verdict": crate::golden::verdict(read(&padded)),
        }),
    );
}

#[test]
fn vectors_of_a_sealed_object_of_several_segments() {
    let seal = Seal::new(ring().subkey(Kind::Pack, 1).expect("in the ring"), Kind::Pack, 1, VaultId(V));
    let salt = [0x12; 32];
    let objects: Vec<Value> = [1, 65_444, 65_445, 65_444 + 65_520, 65_444 + 65_520 + 1]
        .map(|length| {
            let object = seal.seal(&counting(length), salt);
            assert_eq!(seal.open(&object), Ok(counting(length)));
            json!({ "payload_length": length, "object_length": object.len(), "sha256": Name::of(&object).to_string() })
        })
        .into();
    let object = seal.seal(&counting(65_444 + 65_520 + 65_520), salt);
    let damages: Vec<Value> = [
        Damage::xor("first byte of the second segment", 65_536, 1),
        Damage::xor("last byte of the second segment", 131_071, 1),
        Damage::swap("second and third segment exchanged", 1, 2),
        Damage::truncate("last segment missing", 131_072),
        Damage::truncate("last segment without payload", 131_072 + 16),
        Damage::truncate("last segment cut", 196_607),
        Damage::append("a byte more", 1),
        Damage::append("a segment more", 65_536),
    ]
    .iter()
    .map(|damage| damage.record(&object, |object| seal.open(object)))
    .collect();
    hold(
        "sealed-segments",
        &json!({
            "about": "FORMAT.md §4: payload byte i is i mod 251, under the pack key of epoch 1 of keys.json. Damage is to the object of 3 segments.",
            "kind": Kind::Pack as u8, "epoch": 1, "vault": hex::encode(V), "salt": hex::encode(salt),
            "objects": objects, "header": hex::encode(&object[..76]),
            "three_segments": { "payload_length": 196_484, "object_length": object.len(), "sha256": Name::of(&object).to_string() },
            "damage": damages,
        }),
    );
}

#[test]
fn vectors_of_a_recovery_slot() {
    let phrase = RecoveryPhrase::parse(&("zoo ".repeat(23) + "vote")).expect("a vector of BIP-39");
    let preamble = Preamble::new(SlotKind::Recovery, Kdf::None, VaultId(V), [0x13; 32]);
    let secret = phrase.entropy().expose();
    let mut found = slot(&preamble, secret);
    let fields = found.as_object_mut().expect("an object");
    fields.insert("about".into(), json!("FORMAT.md §6: a recovery slot around the ring of keys.json."));
    fields.insert("words".into(), json!(phrase.words().as_str()));
    fields.insert("sign_in_password".into(), json!(hex::encode(phrase.sign_in_password().expose())));
    hold("slot-recovery", &found);
}

#[test]
fn vectors_of_a_passphrase_slot() {
    let salt = [0x14; 32];
    let preamble = Preamble::new(SlotKind::Passphrase, Kdf::Argon2id(Argon2id::WRITER), VaultId(V), salt);
    let secret = Argon2id::WRITER.stretch("correct horse ü".as_bytes(), &salt).expect("64 MiB");
    let mut found = slot(&preamble, secret.expose());
    let fields = found.as_object_mut().expect("an object");
    fields.insert("about".into(), json!("FORMAT.md §6: a passphrase slot without a broker, around the ring of keys.json."));
    fields.insert("passphrase".into(), json!("correct horse ü"));
    hold("slot-argon2id", &found);
}

#[test]
fn vectors_of_a_passkey_slot() {
    let slot_id = [0x17; 16];
    let preamble = Preamble::new(SlotKind::Passkey(slot_id), Kdf::None, VaultId(V), [0x18; 32]);
    let given = Secret::new([0x19; 32]);
    let mut found = slot(&preamble, given.expose());
    let fields = found.as_object_mut().expect("an object");
    let [user_handle, client] = [[slot_id, V].concat(), client_identity(preamble.kind, "golden-vault")].map(hex::encode);
    let password = PasskeySecret::new(slot_id, given).sign_in_password();
    fields.insert(
        "about".into(),
        json!("FORMAT.md §6, §14: a passkey's slot around the ring of keys.json. `secret` is what the passkey gives."),
    );
    fields.insert("user_handle".into(), json!(user_handle));
    fields.insert("client".into(), json!(client));
    fields.insert("sign_in_password".into(), json!(hex::encode(password.expose())));
    hold("slot-passkey", &found);
}

#[test]
fn vectors_of_a_pack() {
    let ring = ring();
    let zstd = zstd_of_a(1000);
    let blobs = [
        (BlobKind::Data, Codec::Raw, counting(300), counting(300)),
        (BlobKind::Data, Codec::Zstd, vec![b'a'; 1000], zstd),
        (BlobKind::Tree, Codec::Raw, vec![1, 0, 0, 0, 0], vec![1, 0, 0, 0, 0]),
    ];
    let mut packer = Packer::new();
    let mut listed = Vec::new();
    for (kind, codec, plain, stored) in &blobs {
        let id = if *kind == BlobKind::Data { ring.chunk_id(plain) } else { ring.tree_id(plain) };
        let entry = BlobEntry { kind: *kind, codec: *codec, id, stored: stored.len() as u32, plain: plain.len() as u32 };
        packer.push(entry, stored);
        let mut decoded = Vec::new();
        Decoder::new().decode(*codec, stored, entry.plain, &mut decoded).expect("by hand, but zstd");
        assert_eq!(&decoded, plain);
        listed.push(json!({ "type": *kind as u8, "codec": *codec as u8, "id": hex::encode(id.0), "stored": hex::encode(stored), "plain": hex::encode(plain) }));
    }
    let salt = [0x15; 32];
    let (pack, object) = packer.close(false, &ring.sealer(Kind::Pack), salt);
    let payload = ring.sealer(Kind::Pack).open(&object).expect("just sealed");
    assert_eq!(read_directory(&payload).expect("just written"), pack.blobs);
    hold(
        "pack",
        &json!({
            "about": "FORMAT.md §7: a pack of the ring of keys.json: a raw chunk, a compressed one, an empty folder.",
            "salt": hex::encode(salt), "blobs": listed, "payload": hex::encode(&payload), "object": hex::encode(&object),
            "name": Name::of(&object).to_string(),
        }),
    );
}

#[test]
fn vectors_of_an_index() {
    let entry = |id: u8| BlobEntry { kind: BlobKind::Data, codec: Codec::Raw, id: Id([id; 32]), stored: 100, plain: 100 };
    let pack = |name: u8, blobs| IndexedPack { name: Name([name; 32]), length: 4096, header: strongroom_core::Header([name; 76]), blobs };
    let index =
        Index { supersedes: vec![Name([1; 32]), Name([2; 32])], packs: vec![pack(3, vec![entry(5), entry(6)]), pack(4, vec![entry(5)])] };
    let body = index.encode();
    assert_eq!(Index::decode(&body).expect("just written"), index);
    let read = |body: &[u8]| Index::decode(body).map_err(|error| error.code);
    let damages: Vec<Value> = [
        Damage::xor("another version", 0, 3),
        Damage::xor("superseded names out of order", 3, 4),
        Damage::xor("more packs than there are", 67, 1),
        Damage::xor("packs out of order", 71, 8),
        Damage::xor("a pack length that no object has", 103, 1),
        Damage::xor("another type of blob", 187, 2),
        Damage::xor("another codec", 188, 2),
        Damage::xor("stored and plain length differ in a raw blob", 221, 1),
        Damage::truncate("cut", body.len() - 1),
        Damage::append("a byte more", 1),
    ]
    .iter()
    .map(|damage| damage.record(&body, read))
    .collect();
    hold(
        "index",
        &json!({ "about": "FORMAT.md §8: the body of an index; two packs hold the same blob.", "body": hex::encode(&body), "damage": damages }),
    );
}

#[test]
fn vectors_of_nodes_and_indexes_about_erasing() {
    let names = |bytes: &[u8]| bytes.iter().map(|byte| Name([*byte; 32])).collect::<Vec<_>>();
    let read_node = |body: &[u8]| Node::decode(body).map(drop);
    let held = |body: &[u8], damages: &[Damage], read: &dyn Fn(&[u8]) -> Result<(), Code>| {
        assert_eq!(read(body), Ok(()));
        let damages: Vec<Value> = damages.iter().map(|damage| damage.record(body, read)).collect();
        json!({ "body": hex::encode(body), "damage": damages })
    };
    let forget = Node { time: -5, parents: names(&[1]), record: Record::Forget(names(&[2, 3])) }.encode();
    let doomed = Tombstone { packs: names(&[4, 5]), indexes: vec![], nodes: names(&[2]) };
    let tombstone = Node { time: 5, parents: names(&[1, 9]), record: Record::Tombstone(doomed) }.encode();
    let empty = Index { supersedes: names(&[6]), packs: vec![] }.encode();
    let read_index = |body: &[u8]| Index::decode(body).map(drop).map_err(|error| error.code);
    hold(
        "erasing",
        &json!({
            "about": "FORMAT.md §8, §10, §16: bodies of a forget node, of a tombstone, and of an index that leaves nothing of another one.",
            "forget": held(&forget, &[
                Damage::xor("another type", 1, 4),
                Damage::xor("names out of order", 48, 4),
                Damage::xor("a name more than there is", 44, 1),
                Damage::truncate("cut", forget.len() - 1),
                Damage::append("a byte more", 1),
            ], &read_node),
            "tombstone": held(&tombstone, &[
                Damage::xor("packs out of order", 80, 2),
                Damage::xor("an index that is none", 144, 1),
                Damage::truncate("without its nodes", tombstone.len() - 36),
                Damage::append("a byte more", 1),
            ], &read_node),
            "empty_index": held(&empty, &[
                Damage::xor("a pack that is not there", 35, 1),
                Damage::append("a byte more", 1),
            ], &read_index),
        }),
    );
    assert_eq!(read_index(&Index::default().encode()), Err(Code::Damaged), "an index of nothing that supersedes nothing");
}

#[test]
fn vectors_of_cut_points() {
    let mut gear = [0; 2048];
    derive_into("gear table", &[&[0x0b; 32], &V], &mut gear);
    let mut file = vec![0; 9_000_000];
    derive_into("vector file", &[&[]], &mut file[..6_000_000]);
    let cuts: Vec<Value> = [16, 18, 20]
        .map(|log2| {
            let pieces = Chunker::new(log2, &Secret::new(gear)).feed(&mut Stream::default(), file.clone(), true);
            let lengths: Vec<usize> = pieces.iter().map(<[u8]>::len).collect();
            json!({ "chunk_log2": log2, "lengths": lengths })
        })
        .into();
    hold(
        "cut-points",
        &json!({
            "about": "FORMAT.md §11: gear table of keys.json; the file is derive[\"vector file\"]() of 6,000,000 bytes and 3,000,000 zeros.",
            "cuts": cuts,
        }),
    );
}

/// A slot around the ring of the vectors, and damage to it.
fn slot(preamble: &Preamble, secret: &[u8; 32]) -> Value {
    let ring: Ring = ring();
    let seal_salt = [0x16; 32];
    let key = preamble.slot_key(secret);
    let object = seal_slot(&ring, preamble, &key, seal_salt).expect("it fits");
    let read = |object: &[u8]| open_slot(object, VaultId(V), secret).map_err(|error| error.code);
    assert_eq!(read(&object).unwrap(), ring);
    let damages: Vec<Value> = [
        Damage::xor("magic", 0, 1),
        Damage::xor("another version", 4, 3),
        Damage::xor("another kind", 5, 3),
        Damage::xor("another kdf", 6, 3),
        Damage::xor("reserved byte", 7, 1),
        Damage::xor("another slot id", 8, 1),
        Damage::xor("another vault", 24, 1),
        Damage::xor("salt", 40, 1),
        Damage::xor("memory: 1 MiB more", 73, 4),
        Damage::xor("memory: 2 GiB more", 75, 0x80),
        Damage::xor("passes: 128 more", 76, 0x80),
        Damage::xor("lanes: 64 more", 80, 0x40),
        Damage::xor("reserved byte behind", 127, 1),
        Damage::xor("the seal's salt", 128 + 12, 1),
        Damage::xor("ciphertext", 128 + 76, 1),
        Damage::truncate("cut", 4095),
        Damage::truncate("preamble only", 128),
    ]
    .iter()
    .map(|damage| damage.record(&object, read))
    .collect();
    json!({
        "vault": hex::encode(V), "slot": hex::encode(preamble.slot), "salt": hex::encode(preamble.salt), "secret": hex::encode(secret),
        "slot_key": hex::encode(key.expose()), "x25519_public": hex::encode(preamble.x25519_public(&key)),
        "ring": hex::encode(&*ring.encode()), "object": hex::encode(&object), "damage": damages,
    })
}

/// One zstd frame of `length` times `a`, 256 to 65,791, written by hand (RFC 8878 §3.1.1): no encoder's version shows.
fn zstd_of_a(length: u32) -> Vec<u8> {
    let block = length << 3 | 1 << 1 | 1; // run of one byte, the last
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x60];
    frame.extend_from_slice(&((length - 256) as u16).to_le_bytes());
    frame.extend_from_slice(&block.to_le_bytes()[..3]);
    frame.push(b'a');
    frame
}
