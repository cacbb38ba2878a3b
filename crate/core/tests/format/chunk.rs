use proptest::prelude::*;
use rand_core::Rng;
use strongroom_core::{
    chunk::{Chunker, Stream},
    key::Secret,
};

use crate::support::{noise, rng};

fn table(seed: u8) -> Secret<2048> {
    let mut bytes = [0; 2048];
    rng(seed).fill_bytes(&mut bytes);
    Secret::new(bytes)
}

/// Average 64 KiB, so that small data has many chunks.
fn chunker() -> Chunker {
    Chunker::new(16, &table(1))
}

/// The file in slices of these lengths, cut.
fn cut(chunker: &Chunker, file: &[u8], slices: &[usize]) -> Vec<Vec<u8>> {
    let mut stream = Stream::default();
    let mut rest = file;
    let mut chunks = Vec::new();
    let mut lengths = slices.iter().cycle();
    loop {
        let (slice, after) = rest.split_at(rest.len().min(*lengths.next().expect("it goes round")));
        rest = after;
        chunks.extend(chunker.feed(&mut stream, slice.to_vec(), rest.is_empty()).iter().map(<[u8]>::to_vec));
        if rest.is_empty() {
            return chunks;
        }
    }
}

#[test]
fn chunks_are_between_the_least_and_the_greatest_length_and_join_to_the_file() {
    let file = noise(1, 5_000_000);
    let chunks = cut(&chunker(), &file, &[usize::MAX]);
    assert_eq!(chunks.concat(), file);
    let (_, inner) = chunks.split_last().unwrap();
    assert!(inner.iter().all(|chunk| (16_384..=524_288).contains(&chunk.len())));
    assert!((40..120).contains(&chunks.len()), "{} chunks of 64 KiB on average", chunks.len());
}

#[test]
fn the_crates_own_chunker_agrees_when_the_table_is_the_crates() {
    let (gear, _) = fastcdc::v2020::get_gear_with_seed(666);
    let bytes: Vec<u8> = gear.iter().flat_map(|word| word.to_le_bytes()).collect();
    let chunker = Chunker::new(16, &Secret::new(bytes.try_into().unwrap()));
    let file = noise(3, 3_000_000);
    let theirs = fastcdc::v2020::FastCDC::with_level_and_seed(&file, 16_384, 65_536, 524_288, fastcdc::v2020::Normalization::Level1, 666);
    let theirs: Vec<_> = theirs.map(|chunk| chunk.length).collect();
    let ours: Vec<_> = cut(&chunker, &file, &[100_000]).iter().map(Vec::len).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn the_same_file_is_cut_alike_however_it_is_sliced() {
    let mut file = noise(1, 2_500_000);
    file[800_000..1_900_000].fill(0); // longer than the greatest chunk
    let whole = cut(&chunker(), &file, &[usize::MAX]);
    assert!(whole.iter().any(|chunk| chunk.len() == 524_288));
    for slices in [&[1_000_000][..], &[524_288], &[524_287], &[65_536], &[10_007], &[3, 700_000, 1], &[2_500_000, 1]] {
        assert_eq!(cut(&chunker(), &file, slices), whole, "{slices:?}");
    }
}

#[test]
fn a_byte_inserted_in_front_changes_only_the_first_chunks() {
    let file = noise(1, 3_000_000);
    let before = cut(&chunker(), &file, &[usize::MAX]);
    let after = cut(&chunker(), &[&[1], &file[..]].concat(), &[usize::MAX]);
    let new = after.iter().filter(|chunk| !before.contains(chunk)).count();
    assert!(new <= 3, "{new} of {} chunks", after.len());
}

#[test]
fn cuts_that_begin_elsewhere_in_a_file_are_the_same_eight_average_chunks_further_on() {
    let file = noise(1, 6_000_000);
    let ends = |from: usize| {
        let chunks = cut(&chunker(), &file[from..], &[usize::MAX]);
        chunks
            .iter()
            .scan(from, |end, chunk| {
                *end += chunk.len();
                Some(*end)
            })
            .collect::<Vec<_>>()
    };
    let whole = ends(0);
    for from in (100_000..5_000_000).step_by(490_001) {
        let behind = |ends: &[usize]| ends.iter().copied().filter(|end| *end >= from + 8 * 65_536).collect::<Vec<_>>();
        assert_eq!(behind(&ends(from)), behind(&whole), "from {from}");
    }
}

#[test]
fn another_table_cuts_elsewhere() {
    let file = noise(1, 1_000_000);
    assert_ne!(cut(&chunker(), &file, &[usize::MAX]), cut(&Chunker::new(16, &table(2)), &file, &[usize::MAX]));
}

#[test]
fn an_empty_file_has_no_chunks_and_a_tiny_one_has_one() {
    assert!(cut(&chunker(), &[], &[usize::MAX]).is_empty());
    assert_eq!(cut(&chunker(), b"x", &[usize::MAX]), [b"x"]);
    assert_eq!(cut(&chunker(), b"xyz", &[1]), [b"xyz"]);
}

#[test]
fn an_empty_last_slice_ends_the_last_chunk() {
    let mut stream = Stream::default();
    assert!(chunker().feed(&mut stream, b"xyz".to_vec(), false).chunks.is_empty());
    let pieces = chunker().feed(&mut stream, vec![], true);
    assert_eq!(pieces.iter().collect::<Vec<_>>(), [b"xyz"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_slicing_cuts_like_the_whole(seed: u8, length in 0usize..900_000, zeros in 0usize..900_000, slices in proptest::collection::vec(1usize..300_000, 1..6)) {
        let mut file = noise(seed, length);
        let from = zeros.min(length);
        let to = (from + 400_000).min(length);
        file[from..to].fill(0);
        prop_assert_eq!(cut(&chunker(), &file, &slices), cut(&chunker(), &file, &[usize::MAX]));
    }
}
