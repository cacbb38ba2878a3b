use proptest::prelude::*;
use strongroom_core::{
    Code, Kind, VaultId,
    key::{Ring, derive},
};

use crate::support::{ring, rng};

#[test]
fn a_ring_comes_back_from_its_bytes() {
    let ring = ring(1);
    assert_eq!(Ring::decode(&ring.encode(), ring.vault), Ok(ring));
}

#[test]
fn a_ring_of_two_epochs_seals_under_the_newest_and_opens_both() {
    let old = ring(1);
    let new = with_epoch(&old, 7);
    assert_eq!((old.newest(), new.newest()), (1, 7));
    let body = b"index body";
    let sealed = old.seal_small(Kind::Index, body, &mut rng(2)).unwrap();
    assert_eq!(new.open_small(Kind::Index, &sealed).unwrap(), body);
    let sealed = new.seal_small(Kind::Index, body, &mut rng(2)).unwrap();
    assert_eq!(old.open_small(Kind::Index, &sealed).unwrap_err().code, Code::Damaged, "an epoch outside the ring");
}

#[test]
fn an_object_opens_as_no_other_kind() {
    let ring = ring(1);
    let kinds = [Kind::Pack, Kind::Index, Kind::Snapshot, Kind::Local];
    for kind in kinds {
        let sealed = ring.seal_small(kind, b"body", &mut rng(2)).unwrap();
        for other in kinds {
            assert_eq!(ring.open_small(other, &sealed).is_ok(), kind == other, "{kind:?} as {other:?}");
        }
    }
}

#[test]
fn another_vaults_object_does_not_open() {
    let sealed = ring(1).seal_small(Kind::Index, b"body", &mut rng(2)).unwrap();
    assert_eq!(ring(3).open_small(Kind::Index, &sealed).unwrap_err().code, Code::Damaged);
}

#[test]
fn the_same_bytes_have_another_id_as_tree_and_as_chunk_and_in_another_vault() {
    let (ring, other) = (ring(1), ring(2));
    assert_eq!(ring.chunk_id(b"x"), ring.chunk_id(b"x"));
    assert_ne!(ring.chunk_id(b"x"), ring.tree_id(b"x"));
    assert_ne!(ring.chunk_id(b"x"), other.chunk_id(b"x"));
}

#[test]
fn a_ring_out_of_order_of_another_vault_or_with_bytes_left_is_refused() {
    let ring = with_epoch(&ring(1), 7);
    let bytes = ring.encode().to_vec();
    let refused = |bytes: &[u8]| Ring::decode(bytes, ring.vault).unwrap_err().code;
    assert_eq!(Ring::decode(&bytes, VaultId([0; 16])).unwrap_err().code, Code::Damaged);
    assert_eq!(refused(&[&bytes[..], &[0]].concat()), Code::Damaged);
    assert_eq!(refused(&bytes[..bytes.len() - 1]), Code::Damaged);
    let change = |position: usize, value: u8| {
        let mut changed = bytes.clone();
        changed[position] = value;
        refused(&changed)
    };
    assert_eq!(change(0, 2), Code::Unsupported, "version");
    assert_eq!(change(17, 15), Code::Unsupported, "chunk size below the least");
    assert_eq!(change(17, 21), Code::Unsupported, "chunk size above the greatest");
    assert_eq!(change(50, 0), Code::Unsupported, "no epoch");
    assert_eq!(change(52, 0), Code::Damaged, "epoch 0");
    assert_eq!(change(52, 7), Code::Damaged, "the same epoch twice");
}

#[test]
fn secrets_are_not_shown() {
    let ring = ring(1);
    let shown = format!("{ring:?} {:?}", ring.lane_keys());
    for secret in [ring.folder_cut_key(), ring.subkey(Kind::Pack, 1).unwrap()] {
        assert!(!shown.contains(&hex::encode(secret.expose())) && !shown.contains(&format!("{:?}", secret.expose())));
    }
}

#[test]
fn derive_is_the_blake3_key_derivation_with_the_stated_context() {
    assert_eq!(derive("pack key", &[b"ab", b"c"]), blake3::derive_key("strongroom 2026-11-21 pack key", b"abc"));
}

#[test]
fn keys_cross_to_a_lane_unchanged() {
    let keys = ring(1).lane_keys();
    let bytes = postcard::to_allocvec(&keys).unwrap();
    assert_eq!(postcard::to_allocvec(&postcard::from_bytes::<strongroom_core::LaneKeys>(&bytes).unwrap()).unwrap(), bytes);
}

proptest! {
    #[test]
    fn bytes_that_are_no_ring_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Ring::decode(&bytes, VaultId([0; 16]));
    }
}

/// The same ring with one more epoch.
fn with_epoch(ring: &Ring, number: u32) -> Ring {
    let mut bytes = ring.encode().to_vec();
    let count = u16::from_le_bytes([bytes[50], bytes[51]]) + 1;
    bytes[50..52].copy_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&[0xab; 32]);
    Ring::decode(&bytes, ring.vault).unwrap()
}
