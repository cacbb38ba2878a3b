use strongroom_core::{
    BlobKind, BlobPlace, ChunkRef, Code, EXTENT, FileId, Held, HostError, Job, Lane, Name, Outcome, PACK_LENGTH, Produced, Read,
    SealedPack, TailPiece, key::Ring, seal::object_range_for,
};

use crate::support::{noise, ring, text};

const READ: u32 = 1 << 20;

/// A lane with keys, its backup begun.
fn lane(ring: &Ring) -> Lane {
    let mut lane = Lane::new();
    assert!(matches!(lane.run(Job::Setup { keys: ring.lane_keys() }, vec![]).outcome, Outcome::Ready));
    assert!(matches!(lane.run(Job::Begin { seed: [1; 32] }, vec![]).outcome, Outcome::Ready));
    lane
}

fn read(file: u32, offset: u64, length: usize, last: bool) -> Read {
    Read { file: FileId(file), from: 0, offset, length: length as u32, last }
}

fn chunk(lane: &mut Lane, batch: u32, reads: Vec<Read>, inputs: Vec<Result<Vec<u8>, HostError>>) -> Vec<(Vec<ChunkRef>, Option<Code>)> {
    let Produced { outcome: Outcome::Chunked { batch: answered, files }, buffers } = lane.run(Job::Chunk { batch, reads }, inputs) else {
        panic!("chunked")
    };
    assert!(answered == batch && buffers.is_empty());
    files.into_iter().map(|file| (file.chunks, file.error.map(|error| error.code))).collect()
}

fn keep(lane: &mut Lane, batch: u32, keep: Vec<bool>) -> Vec<(SealedPack, Vec<u8>)> {
    let Produced { outcome: Outcome::Kept { packs }, buffers } = lane.run(Job::Keep { batch, keep }, vec![]) else { panic!("kept") };
    assert_eq!(packs.len(), buffers.len());
    packs.into_iter().zip(buffers).collect()
}

/// Flushes, and joins the tails.
fn finish(lane: &mut Lane) -> Vec<(SealedPack, Vec<u8>)> {
    let Produced { outcome: Outcome::Tails { tails }, buffers } = lane.run(Job::Flush, vec![]) else { panic!("tails") };
    let count = tails.len();
    let mut packs = vec![];
    for (number, (blobs, bytes)) in (1..).zip(tails.into_iter().zip(buffers)) {
        let job = Job::Join { tail: TailPiece { held: Held(0), blobs }, last: number == count };
        let Produced { outcome: Outcome::Kept { packs: joined }, buffers } = lane.run(job, vec![Ok(bytes)]) else { panic!("joined") };
        packs.extend(joined.into_iter().zip(buffers));
    }
    packs
}

/// A whole file through one lane, each slice a batch, all chunks kept.
fn back_up(lane: &mut Lane, file: &[u8]) -> (Vec<ChunkRef>, Vec<(SealedPack, Vec<u8>)>) {
    back_up_and(lane, file, |_, _| {})
}

/// The same; `kept` sees the packs that come out on the way.
fn back_up_and(
    lane: &mut Lane,
    file: &[u8],
    kept: impl Fn(&mut Lane, &[(SealedPack, Vec<u8>)]),
) -> (Vec<ChunkRef>, Vec<(SealedPack, Vec<u8>)>) {
    let (mut chunks, mut packs, mut offset) = (vec![], vec![], 0);
    for slice in file.chunks(READ as usize) {
        let last = offset + slice.len() == file.len();
        let answer = chunk(lane, 0, vec![read(0, offset as u64, slice.len(), last)], vec![Ok(slice.to_vec())]);
        let sealed = keep(lane, 0, vec![true; answer[0].0.len()]);
        kept(lane, &sealed);
        packs.extend(sealed);
        chunks.extend(answer[0].0.iter().copied());
        offset += slice.len();
    }
    packs.extend(finish(lane));
    (chunks, packs)
}

fn places(pack: &SealedPack) -> Vec<BlobPlace> {
    let mut offset = 0;
    let place = |entry: &strongroom_core::BlobEntry| {
        let place = BlobPlace { entry: *entry, offset };
        offset += entry.stored;
        place
    };
    pack.blobs.iter().map(place).collect()
}

fn open(lane: &mut Lane, pack: &SealedPack, bytes: &[u8], offset: u64, blobs: Vec<BlobPlace>) -> Vec<Result<Vec<u8>, Code>> {
    let job = Job::Open { range: Held(0), offset, pack_length: pack.length, header: pack.header, blobs };
    let Produced { outcome: Outcome::Opened { blobs }, buffers } = lane.run(job, vec![Ok(bytes.to_vec())]) else { panic!("opened") };
    let mut end = 0;
    let plain = blobs.into_iter().map(|opened| {
        opened.map(|(from, to)| {
            assert_eq!(from, end, "one after another");
            end = to;
            buffers[0][from as usize..to as usize].to_vec()
        })
    });
    let plain = plain.collect();
    assert_eq!(buffers[0].len(), end as usize, "nothing but good blobs");
    plain
}

fn scan(lane: &mut Lane, name: Name, bytes: &[u8], data: bool) -> Result<(SealedPack, Vec<u32>), Code> {
    let scanned = lane.run(Job::Scan { pack: Held(0), name: name.0, data }, vec![Ok(bytes.to_vec())]);
    let Produced { outcome: Outcome::Scanned(scanned), .. } = scanned else { panic!("scanned") };
    scanned.map(|found| (SealedPack { header: found.header, length: found.length, blobs: found.blobs }, found.damaged))
}

#[test]
fn packs_have_the_same_bytes_where_a_lane_gets_back_the_memory_of_earlier_ones() {
    let ring = ring(1);
    let file = noise(4, 80_000_000);
    let bytes = |(_, packs): (Vec<ChunkRef>, Vec<(SealedPack, Vec<u8>)>)| packs.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>();
    let fresh = bytes(back_up(&mut lane(&ring), &file));
    let reused = bytes(back_up_and(&mut lane(&ring), &file, |lane, packs| packs.iter().for_each(|(_, bytes)| lane.reuse(bytes.clone()))));
    assert!(fresh.len() >= 4 && fresh == reused);
}

#[test]
fn a_file_goes_into_packs_and_comes_out_again_byte_for_byte() {
    let ring = ring(1);
    let mut lane = lane(&ring);
    let file = [noise(1, 17_000_000), text(2, 9_000_000), vec![0; 5_000_000], noise(3, 17_000_000)].concat();
    let (chunks, packs) = back_up(&mut lane, &file);
    assert_eq!(chunks.iter().map(|chunk| chunk.length as usize).sum::<usize>(), file.len());
    assert!(packs.len() >= 3);
    let mut stored = std::collections::BTreeMap::new();
    for (pack, bytes) in &packs {
        assert_eq!(pack.length as usize, bytes.len());
        assert!(bytes.len().is_power_of_two());
        // Not all at once: that would be more than a lane gives.
        for places in places(pack).chunks(8) {
            for (place, plain) in places.iter().zip(open(&mut lane, pack, bytes, 0, places.to_vec())) {
                stored.insert(place.entry.id, plain.unwrap());
            }
        }
        let (scanned, damaged) = scan(&mut lane, Name::of(bytes), bytes, true).unwrap();
        assert!(scanned.blobs == pack.blobs && damaged.is_empty());
    }
    assert!(packs.iter().rev().skip(2).all(|(pack, _)| pack.length == PACK_LENGTH), "only the last are shorter");
    let restored: Vec<u8> = chunks.iter().flat_map(|chunk| stored[&chunk.id].clone()).collect();
    assert!(restored == file);
    assert!(chunks.iter().all(|chunk| ring.chunk_id(&stored[&chunk.id]) == chunk.id));
}

#[test]
fn many_small_files_in_one_batch_have_their_own_chunks_and_what_is_not_kept_is_not_stored() {
    let mut lane = lane(&ring(1));
    let files: Vec<Vec<u8>> = (0..50).map(|file| noise(file, 10 + 997 * usize::from(file))).collect();
    let reads = files.iter().zip(0..).map(|(file, number)| read(number, 0, file.len(), true)).collect();
    let answer = chunk(&mut lane, 7, reads, files.iter().cloned().map(Ok).collect());
    assert!(answer.iter().all(|(chunks, error)| chunks.len() == 1 && error.is_none()));
    assert!(keep(&mut lane, 7, (0..50).map(|file| file % 2 == 0).collect()).is_empty());
    let (pack, bytes) = finish(&mut lane).remove(0);
    let mut plain: Vec<_> = open(&mut lane, &pack, &bytes, 0, places(&pack)).into_iter().map(Result::unwrap).collect();
    plain.sort();
    let mut expected: Vec<_> = files.into_iter().step_by(2).collect();
    expected.sort();
    assert_eq!(plain, expected);
}

#[test]
fn interleaved_files_are_cut_as_if_alone() {
    let ring = ring(1);
    let files = [noise(1, 3_000_000), text(2, 3_000_000)];
    let alone: Vec<_> = files.iter().map(|file| back_up(&mut lane(&ring), file).0).collect();
    let mut lane = lane(&ring);
    let mut together = [vec![], vec![]];
    for slice in 0..3u32 {
        let offset = 1_000_000 * slice as usize;
        let reads = (0..2).map(|file| read(file, offset as u64, 1_000_000, slice == 2)).collect();
        let inputs = files.iter().map(|file| Ok(file[offset..offset + 1_000_000].to_vec())).collect();
        for (chunks, (answer, _)) in together.iter_mut().zip(chunk(&mut lane, slice, reads, inputs)) {
            chunks.extend(answer);
        }
    }
    assert_eq!(together.to_vec(), alone);
}

#[test]
fn a_file_that_changes_or_cannot_be_read_fails_alone() {
    let mut lane = lane(&ring(1));
    let gone = HostError { code: Code::SourceGone, message: "gone".into() };
    let reads = vec![read(1, 0, 100, true), read(2, 0, 100, true), read(3, 0, 100, true), read(4, 0, 100, true), read(5, 0, 100, false)];
    let inputs = vec![Ok(vec![1; 100]), Ok(vec![1; 99]), Ok(vec![1; 101]), Err(gone.clone()), Err(gone)];
    let answer = chunk(&mut lane, 1, reads, inputs);
    let errors: Vec<_> = answer.iter().map(|(chunks, error)| (chunks.len(), *error)).collect();
    let changed = Some(Code::SourceChanged);
    assert_eq!(errors, [(1, None), (0, changed), (0, changed), (0, Some(Code::SourceGone)), (0, Some(Code::SourceGone))]);
    let answer = chunk(&mut lane, 2, vec![read(5, 100, 10, true), read(6, 0, 10, true)], vec![Ok(vec![1; 10]), Ok(vec![2; 10])]);
    assert_eq!(answer[0].1, Some(Code::SourceUnreadable), "the rest of a file whose front is missing");
    assert_eq!(answer[1].1, None);
    assert!(keep(&mut lane, 1, vec![true]).is_empty());
    assert!(keep(&mut lane, 2, vec![true]).is_empty());
    assert_eq!(finish(&mut lane)[0].0.blobs.len(), 2);
}

#[test]
fn the_next_backup_begins_without_anything_of_the_last() {
    let mut lane = lane(&ring(1));
    chunk(&mut lane, 1, vec![read(1, 0, 100, true), read(2, 0, 100, false)], vec![Ok(vec![1; 100]), Ok(vec![1; 100])]);
    keep(&mut lane, 1, vec![true]);
    lane.run(Job::Begin { seed: [2; 32] }, vec![]);
    let Outcome::Tails { tails } = lane.run(Job::Flush, vec![]).outcome else { panic!("tails") };
    assert!(tails.is_empty());
    let answer = chunk(&mut lane, 1, vec![read(2, 0, 5, true)], vec![Ok(vec![1; 5])]);
    assert_eq!((answer[0].0.len(), answer[0].1), (1, None));
}

#[test]
fn extents_of_a_pack_open_the_blobs_in_them_and_a_damaged_segment_spoils_only_its_own() {
    let mut lane = lane(&ring(1));
    let (_, packs) = back_up(&mut lane, &noise(1, 6_000_000));
    let [(pack, bytes)] = &packs[..] else { panic!("one pack") };
    let places = places(pack);
    for place in &places {
        let end = u64::from(place.offset) + u64::from(place.entry.stored);
        let range = object_range_for(place.offset.into(), end, pack.length.into());
        let part = &bytes[range.start as usize..range.end as usize];
        assert!(open(&mut lane, pack, part, range.start, vec![*place])[0].is_ok());
    }
    let mut changed = bytes.clone();
    changed[EXTENT as usize + 100] ^= 1;
    let opened = open(&mut lane, pack, &changed, 0, places.clone());
    let (first, after) = (65_444 + 15 * 65_520, 65_444 + 16 * 65_520);
    for (place, opened) in places.iter().zip(&opened) {
        let touched = place.offset < after && place.offset + place.entry.stored > first;
        assert_eq!(opened.is_err(), touched, "{place:?}");
    }
    assert!((1..=2).contains(&opened.iter().filter(|opened| opened.is_err()).count()));
}

#[test]
fn a_range_of_another_pack_or_place_opens_nothing() {
    let mut lane = lane(&ring(1));
    let (_, packs) = back_up(&mut lane, &noise(1, 6_000_000));
    let (_, others) = back_up(&mut lane, &noise(2, 6_000_000));
    let ((pack, bytes), (_, other)) = (&packs[0], &others[0]);
    let places = places(pack);
    let all_damaged = |opened: Vec<Result<Vec<u8>, Code>>| opened.iter().all(|opened| *opened == Err(Code::Damaged));
    assert!(all_damaged(open(&mut lane, pack, other, 0, places.clone())));
    assert!(all_damaged(open(&mut lane, pack, &bytes[EXTENT as usize..2 * EXTENT as usize], 2 * EXTENT, places.clone())));
    assert!(all_damaged(open(&mut lane, pack, &bytes[..1000], 0, places.clone())));
    let mut foreign = self::lane(&ring(2));
    assert!(all_damaged(open(&mut foreign, pack, bytes, 0, places)));
}

#[test]
fn a_blob_whose_entry_lies_is_refused() {
    let mut lane = lane(&ring(1));
    let (_, packs) = back_up(&mut lane, &[text(1, 300_000), noise(1, 300_000)].concat());
    let (pack, bytes) = &packs[0];
    let place = places(pack)[0];
    let mut lie = |change: fn(&mut BlobPlace)| {
        let mut place = place;
        change(&mut place);
        open(&mut lane, pack, bytes, 0, vec![place]).remove(0)
    };
    assert!(lie(|_| ()).is_ok());
    assert_eq!(lie(|place| place.entry.id.0[0] ^= 1), Err(Code::Damaged));
    assert_eq!(lie(|place| place.entry.kind = BlobKind::Tree), Err(Code::Damaged), "a chunk is never read as a tree");
    assert_eq!(lie(|place| place.entry.plain -= 1), Err(Code::Damaged));
    assert_eq!(lie(|place| place.entry.stored -= 1), Err(Code::Damaged));
    assert_eq!(lie(|place| place.offset = u32::MAX), Err(Code::Damaged));
    assert_eq!(lie(|place| place.offset += 1), Err(Code::Damaged));
    assert_eq!(lie(|place| place.entry.plain = u32::MAX), Err(Code::Unsupported));
}

#[test]
fn any_changed_byte_of_a_pack_fails_its_scan_and_so_does_another_name() {
    let mut lane = lane(&ring(1));
    let (_, packs) = back_up(&mut lane, &noise(1, 2000));
    let (pack, bytes) = &packs[0];
    assert_eq!(bytes.len(), 4096);
    let name = Name::of(bytes);
    assert_eq!(scan(&mut lane, name, bytes, false).unwrap().0.blobs, pack.blobs);
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 1 << (position % 8);
        assert_eq!(scan(&mut lane, name, &changed, false).err(), Some(Code::Damaged), "byte {position} against the name");
        let code = scan(&mut lane, Name::of(&changed), &changed, true).err();
        assert!(matches!(code, Some(Code::Damaged | Code::Unsupported)), "byte {position} under its own name");
    }
}

#[test]
fn work_before_its_keys_and_verdicts_without_a_batch_are_told_as_failures() {
    let failed = |produced: Produced| match produced.outcome {
        Outcome::Failed { code, .. } => code,
        other => panic!("{other:?}"),
    };
    let mut lane = Lane::new();
    assert_eq!(failed(lane.run(Job::Flush, vec![])), Code::Internal);
    // With its keys only it stands in for one that died.
    lane.run(Job::Setup { keys: ring(1).lane_keys() }, vec![]);
    assert_eq!(failed(lane.run(Job::Flush, vec![])), Code::LaneLost);
    let mut lane = self::lane(&ring(1));
    assert_eq!(failed(lane.run(Job::Keep { batch: 9, keep: vec![] }, vec![])), Code::Internal);
    chunk(&mut lane, 1, vec![read(1, 0, 3, true)], vec![Ok(vec![1; 3])]);
    assert_eq!(failed(lane.run(Job::Keep { batch: 1, keep: vec![] }, vec![])), Code::Internal);
    let tail = TailPiece { held: Held(0), blobs: vec![] };
    assert_eq!(failed(lane.run(Job::Join { tail, last: true }, vec![])), Code::Internal);
    let lost = HostError { code: Code::LaneLost, message: "lost".into() };
    assert_eq!(failed(lane.run(Job::Scan { pack: Held(1), name: [0; 32], data: true }, vec![Err(lost)])), Code::LaneLost);
    let weak = Job::Stretch { passphrase: b"x".to_vec(), salt: [0; 32], memory_kib: 8, passes: 1, lanes: 1 };
    assert_eq!(failed(lane.run(weak, vec![])), Code::BadParameters);
}

#[test]
fn a_strand_is_cut_as_if_the_file_began_there_and_one_that_is_over_leaves_nothing() {
    let ring = ring(1);
    let mut lane = lane(&ring);
    let file = noise(1, 4_000_000);
    let (front, rest) = file.split_at(1_000_000);
    let strand = |offset: u64, length: usize, last| Read { from: 1_000_000, ..read(0, offset, length, last) };
    // Two strands of one file do not disturb each other.
    let first = chunk(&mut lane, 0, vec![read(0, 0, front.len(), false)], vec![Ok(front.to_vec())]);
    let (begun, ended) = rest.split_at(2_000_000);
    let mut cut = chunk(&mut lane, 1, vec![strand(1_000_000, begun.len(), false)], vec![Ok(begun.to_vec())]).remove(0).0;
    cut.extend(chunk(&mut lane, 2, vec![strand(3_000_000, ended.len(), true)], vec![Ok(ended.to_vec())]).remove(0).0);
    assert_eq!(cut, chunk(&mut self::lane(&ring), 0, vec![read(0, 0, rest.len(), true)], vec![Ok(rest.to_vec())]).remove(0).0);
    // What it has not cut is dropped, and what would follow does not.
    assert!(first[0].0.iter().map(|chunk| chunk.length).sum::<u32>() < 1_000_000);
    let over = read(0, 4_000_000, 0, true);
    assert_eq!(chunk(&mut lane, 3, vec![over], vec![Ok(vec![])]), [(vec![], None)]);
    let more = chunk(&mut lane, 4, vec![read(0, 1_000_000, begun.len(), false)], vec![Ok(begun.to_vec())]);
    assert_eq!(more, [(vec![], Some(Code::SourceUnreadable))]);
    // A host that knows more may still say so.
    let changed = HostError { code: Code::SourceChanged, message: "changed".into() };
    assert_eq!(chunk(&mut lane, 5, vec![over], vec![Err(changed)]), [(vec![], Some(Code::SourceChanged))]);
}

#[test]
fn jobs_and_outcomes_cross_as_plain_data() {
    let keys = ring(1).lane_keys();
    let bytes = postcard::to_allocvec(&Job::Setup { keys }).unwrap();
    let mut lane = Lane::new();
    lane.run(postcard::from_bytes(&bytes).unwrap(), vec![]);
    lane.run(Job::Begin { seed: [1; 32] }, vec![]);
    let (_, packs) = back_up(&mut lane, &noise(1, 2000));
    let outcome = Outcome::Kept { packs: vec![packs[0].0.clone()] };
    let Outcome::Kept { packs: back } = postcard::from_bytes(&postcard::to_allocvec(&outcome).unwrap()).unwrap() else { panic!("kept") };
    assert_eq!((back[0].header, &back[0].blobs), (packs[0].0.header, &packs[0].0.blobs));
}

#[test]
fn tails_of_several_lanes_end_in_at_most_one_pack_that_is_not_full() {
    let ring = ring(1);
    let (mut tails, mut chunks) = (vec![], vec![]);
    for seed in 0..3 {
        let mut lane = self::lane(&ring);
        let file = noise(seed, 7 << 20);
        let answer = chunk(&mut lane, 0, vec![read(0, 0, file.len(), true)], vec![Ok(file)]);
        assert!(keep(&mut lane, 0, vec![true; answer[0].0.len()]).is_empty());
        chunks.extend(answer[0].0.iter().map(|chunk| chunk.id));
        let Produced { outcome: Outcome::Tails { tails: more }, buffers } = lane.run(Job::Flush, vec![]) else { panic!("tails") };
        tails.extend(more.into_iter().zip(buffers));
    }
    let (mut lane, count, mut packs) = (self::lane(&ring), tails.len(), vec![]);
    for (number, (blobs, bytes)) in (1..).zip(tails) {
        let job = Job::Join { tail: TailPiece { held: Held(0), blobs }, last: number == count };
        let Produced { outcome: Outcome::Kept { packs: joined }, .. } = lane.run(job, vec![Ok(bytes)]) else { panic!("joined") };
        packs.extend(joined);
    }
    assert_eq!(packs.iter().map(|pack| pack.length).collect::<Vec<_>>(), [16 << 20, 8 << 20]);
    let mut stored: Vec<_> = packs.iter().flat_map(|pack| &pack.blobs).map(|blob| blob.id).collect();
    stored.sort();
    chunks.sort();
    assert_eq!(stored, chunks);
}
