//! Pack directories and indexes.

use proptest::prelude::*;
use strongroom_core::{
    BlobEntry, BlobKind, Code, Codec, Header, Id, Kind, Name, PACK_LENGTH,
    index::{Index, IndexedPack},
    pack::{Packer, Packers, read_directory},
    seal::{HEADER, Seal, payload_capacity},
};

use crate::support::{noise, ring, rng};

fn entry(id: u8, length: u32) -> BlobEntry {
    BlobEntry { kind: BlobKind::Data, codec: Codec::Raw, id: Id([id; 32]), stored: length, plain: length }
}

fn seal() -> Seal {
    ring(1).sealer(Kind::Pack)
}

#[test]
fn a_pack_lists_its_blobs_in_order_and_carries_their_bytes() {
    let mut packer = Packer::new();
    let blobs: Vec<_> = (1..=5u8).map(|id| (entry(id, 1000 * u32::from(id)), noise(id, 1000 * usize::from(id)))).collect();
    blobs.iter().for_each(|(entry, bytes)| packer.push(*entry, bytes));
    let (pack, object) = packer.close(false, &seal(), [3; 32]);
    assert_eq!((pack.length, object.len()), (16_384, 16_384), "the least power of two");
    assert_eq!(pack.header, Header::of(&object).unwrap());
    let payload = seal().open(&object).unwrap();
    let listed = read_directory(&payload).unwrap();
    assert_eq!(listed, pack.blobs);
    assert_eq!(listed, blobs.iter().map(|(entry, _)| *entry).collect::<Vec<_>>());
    assert!(payload.starts_with(&blobs.iter().flat_map(|(_, bytes)| bytes.clone()).collect::<Vec<_>>()));
}

#[test]
fn a_full_pack_is_sixteen_mebibytes_even_with_one_byte_in_it() {
    let mut packer = Packer::new();
    packer.push(entry(1, 1), &[9]);
    let (pack, object) = packer.close(true, &seal(), [3; 32]);
    assert_eq!((pack.length, object.len()), (PACK_LENGTH, PACK_LENGTH as usize));
    assert_eq!(read_directory(&seal().open(&object).unwrap()).unwrap(), pack.blobs);
}

#[test]
fn a_pack_can_be_filled_to_its_last_byte_and_no_further() {
    let capacity = payload_capacity(PACK_LENGTH.into()).unwrap() as usize;
    let mut packer = Packer::new();
    packer.push(entry(1, 8 << 20), &vec![1; 8 << 20]);
    let rest = capacity - (8 << 20) - 2 * 42 - 4;
    assert!(packer.fits(rest) && !packer.fits(rest + 1));
    packer.push(entry(2, rest as u32), &vec![2; rest]);
    assert!(!packer.fits(1));
    let (_, object) = packer.close(true, &seal(), [3; 32]);
    assert_eq!(read_directory(&seal().open(&object).unwrap()).unwrap().len(), 2);
}

#[test]
fn two_packs_are_open_and_chance_says_where_a_blob_goes() {
    let mut packers = Packers::new(rng(4));
    for id in 0..40 {
        assert!(packers.push(entry(id, 1000), &noise(id, 1000), &seal()).is_none());
    }
    let tails = packers.flush();
    let ids: Vec<Vec<u8>> = tails.iter().map(|(blobs, _)| blobs.iter().map(|blob| blob.id.0[0]).collect()).collect();
    let [first, second] = &ids[..] else { panic!("two tails, not {}", ids.len()) };
    assert_eq!(first.len() + second.len(), 40);
    assert!(first.len() > 8 && second.len() > 8);
    assert!(first.windows(2).any(|pair| pair[1] != pair[0] + 1), "not in runs");
    assert!(tails.iter().all(|(blobs, bytes)| bytes.len() == 1000 * blobs.len()));
    assert!(packers.flush().is_empty());
}

#[test]
fn packs_that_fill_are_closed_whole_and_every_blob_is_in_one_of_them_or_in_a_tail() {
    let mut packers = Packers::new(rng(4));
    let mut found = Vec::new();
    for id in 0..30 {
        if let Some((pack, object)) = packers.push(entry(id, 2 << 20), &vec![id; 2 << 20], &seal()) {
            assert_eq!(object.len(), PACK_LENGTH as usize);
            found.extend(pack.blobs.iter().map(|blob| blob.id.0[0]));
        }
    }
    assert!(!found.is_empty());
    found.extend(packers.flush().iter().flat_map(|(blobs, _)| blobs.iter().map(|blob| blob.id.0[0])));
    found.sort_unstable();
    assert_eq!(found, (0..30).collect::<Vec<_>>());
}

/// `blobs ‖ padding ‖ directory ‖ length`.
fn payload(blobs: &[u8], padding: &[u8], entries: &[u8]) -> Vec<u8> {
    [blobs, padding, entries, &(entries.len() as u32).to_le_bytes()].concat()
}

fn raw_entry(kind: u8, codec: u8, stored: u32, plain: u32) -> Vec<u8> {
    [&[kind, codec][..], &[7; 32], &stored.to_le_bytes(), &plain.to_le_bytes()].concat()
}

#[test]
fn directories_that_cannot_be_are_refused() {
    let code = |payload: &[u8]| read_directory(payload).map(|blobs| blobs.len()).map_err(|error| error.code);
    let good = raw_entry(1, 0, 10, 10);
    assert_eq!(code(&payload(&[5; 10], &[0; 20], &good)), Ok(1));
    assert_eq!(code(&payload(&[5; 10], &[0, 0, 1, 0], &good)), Err(Code::Damaged), "padding that is not zero");
    assert_eq!(code(&payload(&[5; 9], &[], &good)), Err(Code::Damaged), "a blob beyond the bytes");
    assert_eq!(code(&payload(&[5; 10], &[], &[&good[..], &[0]].concat())), Err(Code::Damaged), "part of an entry");
    assert_eq!(code(&payload(&[], &[0; 20], &[])), Err(Code::Damaged), "no blobs");
    assert_eq!(code(&[0xff; 4]), Err(Code::Damaged), "a directory longer than the payload");
    assert_eq!(code(&[]), Err(Code::Damaged));
    assert_eq!(code(&payload(&[5; 10], &[], &raw_entry(3, 0, 10, 10))), Err(Code::Unsupported), "another type");
    assert_eq!(code(&payload(&[5; 10], &[], &raw_entry(0, 0, 10, 10))), Err(Code::Unsupported), "no type");
    assert_eq!(code(&payload(&[5; 10], &[], &raw_entry(1, 2, 10, 10))), Err(Code::Unsupported), "another codec");
    assert_eq!(code(&payload(&[5; 10], &[], &raw_entry(1, 0, 10, 11))), Err(Code::Damaged), "raw of two lengths");
    assert_eq!(code(&payload(&[5; 10], &[], &raw_entry(1, 1, 10, 0))), Err(Code::Damaged), "an empty blob");
    assert_eq!(code(&payload(&[5; 10], &[], &raw_entry(1, 1, 0, 10))), Err(Code::Damaged), "a blob without bytes");
    assert_eq!(code(&payload(&[5; 10], &[], &raw_entry(1, 1, 10, (8 << 20) + 1))), Err(Code::Unsupported), "too long a blob");
    let overflow = [raw_entry(1, 1, u32::MAX, 10), raw_entry(1, 1, u32::MAX, 10)].concat();
    assert_eq!(code(&payload(&[5; 10], &[], &overflow)), Err(Code::Damaged), "lengths that overflow");
}

fn index() -> Index {
    let pack = |name: u8, blobs| IndexedPack { name: Name([name; 32]), length: PACK_LENGTH, header: Header([name; HEADER]), blobs };
    Index {
        supersedes: vec![Name([1; 32]), Name([2; 32])],
        packs: vec![pack(3, vec![entry(1, 10), entry(2, 20)]), pack(4, vec![entry(3, 30)])],
    }
}

#[test]
fn an_index_comes_back_from_its_bytes_with_its_lists_in_order() {
    assert_eq!(Index::decode(&index().encode()), Ok(index()));
    let mut shuffled = index();
    shuffled.packs.reverse();
    shuffled.supersedes.reverse();
    assert_eq!(Index::decode(&shuffled.encode()), Ok(index()));
    assert_eq!(index().encode().len(), 1 + 2 + 64 + 4 + index().packs.iter().map(IndexedPack::encoded_length).sum::<usize>());
}

#[test]
fn indexes_that_cannot_be_are_refused() {
    let bytes = index().encode();
    let code = |bytes: &[u8]| Index::decode(bytes).map(|_| ()).map_err(|error| error.code);
    let with = |position: usize, new: &[u8]| {
        let mut changed = bytes.clone();
        changed[position..position + new.len()].copy_from_slice(new);
        code(&changed)
    };
    let packs = 1 + 2 + 64;
    let first = packs + 4;
    assert_eq!(with(0, &[2]), Err(Code::Unsupported), "version");
    assert_eq!(with(3, &[2; 32]), Err(Code::Damaged), "superseded twice");
    assert_eq!(with(3, &[9; 32]), Err(Code::Damaged), "superseded out of order");
    assert_eq!(with(packs, &[0, 0, 0, 0]), Err(Code::Damaged), "no pack");
    assert_eq!(with(packs, &[0xff, 0xff, 0xff, 0]), Err(Code::Damaged), "more packs than bytes");
    assert_eq!(with(packs, &[0xff; 4]), Err(Code::Unsupported), "more packs than an object holds");
    assert_eq!(with(first, &[4; 32]), Err(Code::Damaged), "a pack twice");
    assert_eq!(with(first + 32, &4095u32.to_le_bytes()), Err(Code::Damaged), "a length that no object has");
    assert_eq!(with(first + 32, &(1u32 << 25).to_le_bytes()), Err(Code::Damaged), "a length beyond the greatest");
    assert_eq!(with(first + 112, &[0xff, 0xff, 0, 0]), Err(Code::Damaged), "more blobs than bytes");
    assert_eq!(with(first + 116 + 34, &[0, 0, 0, 1]), Err(Code::Damaged), "raw of two lengths");
    assert_eq!(code(&bytes[..bytes.len() - 1]), Err(Code::Damaged), "cut");
    assert_eq!(code(&[&bytes[..], &[0]].concat()), Err(Code::Damaged), "trailing");
    let mut empty = index();
    empty.packs[0].blobs.clear();
    assert_eq!(code(&empty.encode()), Err(Code::Damaged), "a pack without blobs");
    let mut stuffed = index();
    stuffed.packs[0].length = 4096;
    stuffed.packs[0].blobs = vec![entry(1, 4000)];
    assert_eq!(code(&stuffed.encode()), Err(Code::Damaged), "more than the pack holds");
}

proptest! {
    #[test]
    fn a_changed_index_never_panics_and_what_is_accepted_encodes_to_the_same_bytes(changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = index().encode();
        for (position, value) in changes {
            let position = position.index(bytes.len());
            bytes[position] = value;
        }
        if let Ok(index) = Index::decode(&bytes) {
            prop_assert_eq!(index.encode(), bytes);
        }
    }

    #[test]
    fn bytes_that_are_no_directory_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), length in 0u32..300) {
        bytes.extend_from_slice(&length.to_le_bytes());
        let _ = read_directory(&bytes);
        let _ = Index::decode(&bytes);
    }
}
