//! How much memory core asks for: counts of its allocations, which no machine changes. A program of its own, because it counts them all.

mod counting;
mod world;

use counting::{Counts, counted};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use strongroom_core::{Backup, BackupOptions, FileId, Job, Lane, Outcome, Read, key::Ring};
use world::{Simulated, Source, World};

#[test]
fn a_vault_takes_no_more_than_32_bytes_of_memory_a_chunk_and_256_a_pack_also_while_it_opens() {
    const CHUNKS: u64 = 400_000;
    const PACKS: u64 = CHUNKS / 64;
    let folder = tempfile::tempdir().expect("a folder");
    let mut vault = Simulated::create(folder.path(), 18);
    vault.chunks(CHUNKS);
    vault.snapshots(1);
    let mut world = World::new(folder.path(), Source::default());
    let (handle, counts) = counted(|| world.unlock());
    assert_eq!(handle.usage().chunks, CHUNKS);
    let most = (32 * CHUNKS + 256 * PACKS) as i64;
    println!("{:.1} bytes a chunk, packs included", counts.live as f64 / CHUNKS as f64);
    assert!(counts.live <= most, "{} bytes", counts.live);
    // One index is in hand, as it came and as it is read.
    assert!(counts.peak <= most + (1 << 20), "{} bytes at the peak", counts.peak);
}

#[test]
fn a_lane_allocates_three_times_for_two_chunks_and_two_bytes_for_three() {
    const SLICE: usize = 4 << 20;
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let mut lane = Lane::new();
    let ring = Ring::generate(18, &mut rng);
    lane.run(Job::Setup { keys: ring.lane_keys() }, vec![]);
    lane.run(Job::Begin { seed: [2; 32] }, vec![]);
    let (mut chunks, mut bytes, mut all) = (0, 0, Counts::default());
    for batch in 0..24u32 {
        let mut slice = vec![0; SLICE];
        rng.fill_bytes(&mut slice);
        let read = Read { file: FileId(0), from: 0, offset: u64::from(batch) * SLICE as u64, length: SLICE as u32, last: false };
        let (number, counts) = counted(|| {
            let chunked = lane.run(Job::Chunk { batch, reads: vec![read] }, vec![Ok(slice)]);
            let Outcome::Chunked { files, .. } = chunked.outcome else { panic!("{:?}", chunked.outcome) };
            let keep = vec![true; files.iter().map(|file| file.chunks.len()).sum()];
            let number = keep.len();
            for buffer in lane.run(Job::Keep { batch, keep }, vec![]).buffers {
                lane.reuse(buffer);
            }
            number
        });
        // What the first packs lie in is taken once.
        if batch >= 12 {
            (chunks, bytes) = (chunks + number, bytes + SLICE);
            (all.times, all.bytes) = (all.times + counts.times, all.bytes + counts.bytes);
        }
    }
    let (times, each) = (all.times as f64 / chunks as f64, all.bytes as f64 / bytes as f64);
    println!("{times:.2} times a chunk, {each:.3} bytes a byte");
    // A chunk's place in its pack's directory, which grows; and of each slice what a chunk that began before it may end in.
    assert!(times <= 1.5, "{times} times a chunk");
    assert!(each <= 0.67, "{each} bytes a byte");
}

#[test]
fn a_backup_takes_no_more_than_760_bytes_of_memory_a_tiny_file_and_190_an_unchanged_one() {
    const FEW: u64 = 30_000;
    const MANY: u64 = 90_000;
    // Of the first backup, where chunks so small that all of them lie in open packs take the most, and of one in which nothing has changed.
    let peaks = |files| {
        let folder = tempfile::tempdir().expect("a folder");
        drop(Simulated::create(folder.path(), 18));
        [3, 4].map(|seed| {
            let mut world = World::new(folder.path(), Source { files, edition: 0 });
            let handle = world.unlock();
            let options = BackupOptions { label: "notes".into(), writer: "test".into(), ..BackupOptions::default() };
            let (report, counts) = counted(|| world.run(&mut Backup::new(&handle, options, [seed; 32])));
            assert_eq!((report.files, report.left_count), (files, 0));
            counts.peak as f64
        })
    };
    let (few, many) = (peaks(FEW), peaks(MANY));
    let each = [0, 1].map(|at| (many[at] - few[at]) / (MANY - FEW) as f64);
    println!("{:.0} bytes a file at first, {:.0} when nothing has changed", each[0], each[1]);
    assert!(each[0] <= 760.0 && each[1] <= 190.0, "{each:?} bytes a file");
}
