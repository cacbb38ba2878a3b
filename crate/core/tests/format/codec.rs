use proptest::prelude::*;
use std::io::Read;
use strongroom_core::{
    Code,
    Codec::{self, Raw, Zstd},
    codec::{Decoder, Encoder, Frames, Libzstd, Pure},
};

use crate::support::{noise, text};

/// What both decoders say.
fn decode(codec: Codec, stored: &[u8], plain: usize) -> Result<Vec<u8>, Code> {
    let result = decode_by::<Libzstd>(codec, stored, plain);
    assert!(decode_by::<Pure>(codec, stored, plain) == result, "the two decoders do not agree");
    result
}

fn decode_by<F: Frames>(codec: Codec, stored: &[u8], plain: usize) -> Result<Vec<u8>, Code> {
    let mut out = b"before".to_vec();
    let result = Decoder::<F>::default().decode(codec, stored, plain as u32, &mut out);
    assert!(out.starts_with(b"before"));
    if result.is_err() {
        assert_eq!(out.len(), 6, "nothing is appended on failure");
    }
    result.map(|()| out.split_off(6))
}

#[test]
fn text_is_compressed_and_noise_is_stored_raw() {
    let mut encoder = Encoder::new();
    for length in [1, 100, 65_536, 2 << 20] {
        assert_eq!(encoder.encode(&noise(1, length)).0, Raw);
    }
    let plain = text(1, 300_000);
    let (codec, stored) = encoder.encode(&plain);
    assert!(codec == Zstd && stored.len() < plain.len() / 2);
}

#[test]
fn an_independent_decoder_reads_what_was_compressed_one_frame_of_stated_size() {
    let mut encoder = Encoder::new();
    for length in [200, 1000, 100_000, 8 << 20] {
        let plain = text(2, length);
        let (codec, stored) = encoder.encode(&plain);
        assert_eq!(codec, Zstd);
        let mut source = stored;
        let mut out = Vec::new();
        ruzstd::decoding::StreamingDecoder::new(&mut source).unwrap().read_to_end(&mut out).unwrap();
        assert!(out == plain && source.is_empty());
        assert_eq!(decode(Zstd, stored, length).as_ref(), Ok(&plain));
    }
}

#[test]
fn anything_but_one_whole_frame_of_the_stated_length_is_refused() {
    let plain = text(1, 100_000);
    let stored = Encoder::new().encode(&plain).1.to_vec();
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9];
    for (what, stored, plain) in [
        ("a byte less", &stored[..stored.len() - 1], 100_000),
        ("a byte more", &[&stored[..], &[0]].concat(), 100_000),
        ("two frames", &[&stored[..], &stored[..]].concat(), 200_000),
        ("a skippable frame before", &[&skippable[..], &stored[..]].concat(), 100_000),
        ("a skippable frame behind", &[&stored[..], &skippable[..]].concat(), 100_000),
        ("a plain length too small", &stored[..], 99_999),
        ("a plain length too great", &stored[..], 100_001),
        ("nothing", &[], 1),
    ] {
        assert_eq!(decode(Zstd, stored, plain), Err(Code::Damaged), "{what}");
    }
    assert_eq!(decode(Raw, b"abc", 2), Err(Code::Damaged));
}

#[test]
fn windows_beyond_the_limit_and_dictionaries_are_refused_before_they_are_decoded() {
    let block = [1u8, 0, 0]; // an empty raw block, the last
    let frame = |descriptor: u8, rest: &[u8]| [&[0x28, 0xb5, 0x2f, 0xfd, descriptor], rest, &block[..]].concat();
    let window = |log2: u8| (log2 - 10) << 3;
    for log2 in [24, 27, 31, 41] {
        assert_eq!(decode(Zstd, &frame(0, &[window(log2)]), 1), Err(Code::Unsupported), "2^{log2}");
    }
    assert_eq!(decode(Zstd, &frame(0, &[window(23) | 1]), 1), Err(Code::Unsupported), "a little more than 2^23");
    assert_eq!(decode(Zstd, &frame(0, &[window(23)]), 1), Err(Code::Damaged), "2^23 is allowed, but this decodes to nothing");
    assert_eq!(decode(Zstd, &frame(1, &[window(20), 7]), 1), Err(Code::Unsupported), "a dictionary");
    assert_eq!(decode(Zstd, &frame(0xe0, &u64::MAX.to_le_bytes()), 1), Err(Code::Damaged), "a false size");
}

#[test]
fn a_bomb_is_stopped_at_its_stated_length_and_at_the_limit_of_a_blob() {
    let zeros = vec![0; 8 << 20];
    let bomb = Encoder::new().encode(&zeros).1.to_vec();
    assert!(bomb.len() < 2000);
    assert_eq!(decode(Zstd, &bomb, 1 << 20), Err(Code::Damaged));
    assert_eq!(decode(Zstd, &bomb, (8 << 20) + 1), Err(Code::Unsupported));
    assert_eq!(decode(Zstd, &bomb, 8 << 20), Ok(zeros));
    // The same without a stated size: 128 KiB of one byte from 4 bytes, many times over.
    let mut lying = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (23 - 10) << 3];
    for block in 0..1000u32 {
        let header = (128 << 10) << 3 | 1 << 1 | u32::from(block == 999);
        lying.extend_from_slice(&header.to_le_bytes()[..3]);
        lying.push(0x55);
    }
    assert_eq!(decode(Zstd, &lying, 1 << 20), Err(Code::Damaged));
}

proptest! {
    #[test]
    fn whatever_is_encoded_decodes_to_itself(plain in proptest::collection::vec(0u8..4, 1..5000)) {
        let mut encoder = Encoder::new();
        let (codec, stored) = encoder.encode(&plain);
        prop_assert!(stored.len() <= plain.len());
        prop_assert_eq!(decode(codec, stored, plain.len()), Ok(plain.clone()));
    }

    #[test]
    fn a_changed_frame_never_panics_and_never_gives_another_length(position in 0usize..400, value: u8) {
        let plain = text(1, 1000);
        let mut stored = Encoder::new().encode(&plain).1.to_vec();
        let position = position % stored.len();
        stored[position] = value;
        if let Ok(decoded) = decode(Zstd, &stored, 1000) {
            prop_assert_eq!(decoded.len(), 1000);
        }
    }
}
