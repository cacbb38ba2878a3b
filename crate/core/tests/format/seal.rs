use strongroom_core::{
    Code, EXTENT, Header, Kind, PACK_LENGTH, VaultId,
    key::Secret,
    seal::{HEADER, Seal, object_range_for, payload_capacity},
};

use crate::support::{noise, rng};

const SEGMENT: usize = 65_536;

fn seal() -> Seal {
    Seal::new(Secret::new([7; 32]), Kind::Pack, 1, VaultId([9; 16]))
}

fn damaged(object: &[u8]) -> bool {
    seal().open(object) == Err(Code::Damaged)
}

#[test]
fn every_length_around_a_segment_comes_back_and_is_as_long_as_the_format_says() {
    for length in [1, 2, 65_443, 65_444, 65_445, 130_963, 130_964, 130_965, 300_000] {
        let payload = noise(1, length);
        let object = seal().seal(&payload, [3; 32]);
        assert_eq!(object.len() as u64, length as u64 + 76 + 16 * (object.len() as u64).div_ceil(65_536), "{length}");
        assert_eq!(payload_capacity(object.len() as u64), Some(length as u64));
        assert_eq!(seal().open(&object), Ok(payload), "{length}");
    }
}

#[test]
fn no_object_has_a_last_segment_without_a_byte_of_payload() {
    for length in [0, 1, 75, 76, 91, 92, 65_536 + 1, 65_536 + 16] {
        assert_eq!(payload_capacity(length), None, "{length}");
    }
    assert_eq!(payload_capacity(93), Some(1));
    assert_eq!(payload_capacity(65_536 + 17), Some(65_445));
}

#[test]
fn every_flipped_bit_of_a_small_object_is_found() {
    let object = seal().seal_small(b"body", [3; 32], 0).unwrap();
    assert_eq!(object.len(), 4096);
    for position in 0..object.len() {
        let mut changed = object.clone();
        changed[position] ^= 1 << (position % 8);
        let error = seal().open_small(&changed, 0).unwrap_err();
        assert!(matches!(error.code, Code::Damaged | Code::Unsupported), "byte {position}");
    }
}

#[test]
fn an_object_cut_at_any_place_is_refused() {
    let object = seal().seal(&noise(1, 200_000), [3; 32]);
    for length in [0, 1, 75, 76, 92, 93, SEGMENT, SEGMENT + 17, 2 * SEGMENT, 3 * SEGMENT, object.len() - 1] {
        assert!(damaged(&object[..length]), "{length}");
    }
}

#[test]
fn an_object_with_bytes_or_segments_behind_its_end_is_refused() {
    let object = seal().seal(&noise(1, 200_000), [3; 32]);
    assert!(damaged(&[&object[..], &[0]].concat()));
    let exact = seal().seal(&noise(1, 65_444 + 65_520), [3; 32]);
    assert_eq!(exact.len(), 2 * SEGMENT);
    assert!(damaged(&[&exact[..], &exact[SEGMENT..]].concat()), "the last segment twice");
}

#[test]
fn segments_in_another_order_or_from_another_object_are_refused() {
    let object = seal().seal(&noise(1, 250_000), [3; 32]);
    let other = seal().seal(&noise(2, 250_000), [4; 32]);
    let (second, third) = (SEGMENT..2 * SEGMENT, 2 * SEGMENT..3 * SEGMENT);
    let swapped = [&object[..SEGMENT], &object[third.clone()], &object[second.clone()], &object[third.end..]].concat();
    assert!(damaged(&swapped));
    let mixed = [&object[..SEGMENT], &other[second.clone()], &object[second.end..]].concat();
    assert!(damaged(&mixed));
}

#[test]
fn another_kind_epoch_vault_key_or_aux_does_not_open_it() {
    let payload = noise(1, 5000);
    let object = seal().seal(&payload, [3; 32]);
    let key = || Secret::new([7; 32]);
    let vault = VaultId([9; 16]);
    let others = [
        Seal::new(key(), Kind::Index, 1, vault),
        Seal::new(key(), Kind::Pack, 2, vault),
        Seal::new(key(), Kind::Pack, 1, VaultId([8; 16])),
        Seal::new(Secret::new([6; 32]), Kind::Pack, 1, vault),
        seal().with_aux([1; 32]),
    ];
    for other in others {
        assert_eq!(other.open(&object), Err(Code::Damaged), "{other:?}");
    }
}

#[test]
fn a_header_that_claims_another_kind_or_epoch_does_not_open_either() {
    let object = seal().seal(&noise(1, 5000), [3; 32]);
    let vault = VaultId([9; 16]);
    let mut relabelled = object.clone();
    relabelled[5] = Kind::Index as u8;
    assert_eq!(Seal::new(Secret::new([7; 32]), Kind::Index, 1, vault).open(&relabelled), Err(Code::Damaged));
    let mut later = object;
    later[8] = 2;
    assert_eq!(Seal::new(Secret::new([7; 32]), Kind::Pack, 2, vault).open(&later), Err(Code::Damaged));
}

#[test]
fn another_suite_is_unsupported() {
    let mut object = seal().seal(&noise(1, 5000), [3; 32]);
    object[4] = 2;
    assert_eq!(seal().open(&object), Err(Code::Unsupported));
}

#[test]
fn small_objects_take_the_least_power_of_two() {
    for (body, outside, length) in
        [(0, 0, 4096), (4000, 0, 4096), (4001, 0, 8192), (3872, 128, 4096), (3873, 128, 8192), (70_000, 0, 131_072)]
    {
        let object = seal().seal_small(&noise(1, body), [3; 32], outside).unwrap();
        assert_eq!(object.len() + outside, length, "{body} bytes");
        assert_eq!(seal().open_small(&object, outside).unwrap(), noise(1, body));
    }
    assert_eq!(seal().seal_small(&vec![0; 1 << 24], [3; 32], 0).unwrap_err().code, Code::Unsupported);
}

#[test]
fn padding_that_is_not_zero_a_body_longer_than_the_payload_and_a_length_that_is_no_power_of_two_are_refused() {
    let payload = |length: u32, last: u8| [&length.to_le_bytes()[..], &[0; 4096 - 76 - 16 - 5], &[last]].concat();
    assert!(seal().open_small(&seal().seal(&payload(10, 0), [3; 32]), 0).is_ok());
    assert_eq!(seal().open_small(&seal().seal(&payload(10, 1), [3; 32]), 0).unwrap_err().code, Code::Damaged);
    assert_eq!(seal().open_small(&seal().seal(&payload(5000, 0), [3; 32]), 0).unwrap_err().code, Code::Damaged);
    assert_eq!(seal().open_small(&seal().seal(&payload(u32::MAX, 0), [3; 32]), 0).unwrap_err().code, Code::Damaged);
    assert_eq!(seal().open_small(&seal().seal(&[0; 5000], [3; 32]), 0).unwrap_err().code, Code::Damaged);
}

#[test]
fn a_range_opens_to_its_part_of_the_payload_and_a_damaged_segment_spoils_only_itself() {
    let payload = noise(1, 400_000);
    let mut object = seal().seal(&payload, [3; 32]);
    let opener = seal().opener(&Header::of(&object).unwrap(), object.len() as u64).unwrap();
    let (start, part) = opener.open_range(2 * SEGMENT as u64, &object[2 * SEGMENT..5 * SEGMENT]).unwrap();
    assert_eq!(start, 65_444 + 65_520);
    assert_eq!(part, payload[start as usize..][..3 * 65_520]);
    let (start, end) = opener.open_range(6 * SEGMENT as u64, &object[6 * SEGMENT..]).unwrap();
    assert_eq!(end, payload[start as usize..]);

    object[3 * SEGMENT + 5] ^= 1;
    assert_eq!(opener.open_range(0, &object), Err(Code::Damaged));
    let span = opener.open_span(0, object).unwrap();
    let bad = 65_444 + 2 * 65_520..65_444 + 3 * 65_520;
    assert_eq!(span.damaged, core::slice::from_ref(&bad));
    assert_eq!(span.get(0..bad.start), Ok(&payload[..bad.start as usize]));
    assert_eq!(span.get(bad.end..bad.end + 10), Ok(&payload[bad.end as usize..][..10]));
    assert_eq!(span.get(bad.start - 1..bad.start + 1), Err(Code::Damaged));
    assert_eq!(span.get(bad.end - 1..bad.end + 1), Err(Code::Damaged));
    assert!(span.bytes[bad.start as usize..bad.end as usize].iter().all(|byte| *byte == 0), "no plaintext of a damaged segment");
}

#[test]
fn a_range_that_does_not_lie_on_segments_is_refused() {
    let object = seal().seal(&noise(1, 400_000), [3; 32]);
    let opener = seal().opener(&Header::of(&object).unwrap(), object.len() as u64).unwrap();
    for (offset, bytes) in
        [(1, &object[1..SEGMENT]), (0, &object[..SEGMENT - 1]), (0, &[]), (u64::MAX, &object[..1]), (SEGMENT as u64, &object[..])]
    {
        assert_eq!(opener.open_span(offset, bytes.to_vec()).err(), Some(Code::Damaged));
    }
}

#[test]
fn a_length_that_the_object_does_not_have_opens_no_last_segment() {
    let object = seal().seal(&noise(1, 65_444 + 65_520), [3; 32]);
    let opener = seal().opener(&Header::of(&object).unwrap(), SEGMENT as u64).unwrap();
    assert_eq!(opener.open_range(0, &object[..SEGMENT]), Err(Code::Damaged));
}

#[test]
fn the_range_fetched_for_a_blob_is_whole_extents_that_hold_it() {
    let pack = u64::from(PACK_LENGTH);
    let capacity = payload_capacity(pack).unwrap();
    let mut rng = rng(5);
    for _ in 0..2000 {
        let start = rand_core::Rng::next_u64(&mut rng) % capacity;
        let end = (start + 1 + rand_core::Rng::next_u64(&mut rng) % 3_000_000).min(capacity);
        let range = object_range_for(start, end, pack);
        assert!(range.start.is_multiple_of(EXTENT) && range.end.is_multiple_of(EXTENT) && range.end <= pack);
        let first_payload = payload_before(range.start);
        assert!(first_payload <= start && payload_before(range.end) >= end, "{start}..{end} in {range:?}");
    }
    assert_eq!(object_range_for(0, 1, 4096), 0..4096);
}

/// Bytes of payload in front of a segment's offset in the object.
fn payload_before(offset: u64) -> u64 {
    if offset == 0 { 0 } else { offset - 16 * offset / 65_536 - HEADER as u64 }
}
