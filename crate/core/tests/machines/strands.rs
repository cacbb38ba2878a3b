//! A large file that several lanes read has the chunks that it has where one lane reads it alone.

use std::collections::BTreeSet;

use proptest::prelude::*;
use strongroom_core::{Backup, BackupOptions, BackupReport, BlobKind, Code, Id, Steer};

use crate::{
    host::{Deaths, End, Host, Thing, Things, file, noise, path},
    schedule::seeds,
    vaults::{TestVault, options},
};

/// Of one slice: as long as an average chunk of these vaults, so that a file of 1 MiB is shared already, and a strand keeps chunks
/// before it has surely fallen into step.
const SLICE: usize = 64 << 10;

fn sliced(lanes: u32, slice: usize) -> BackupOptions {
    BackupOptions { slice: slice as u64, ..options(lanes) }
}

fn one_file(data: &[u8]) -> Things {
    [(path("disk"), file(data, 1)), (path("note"), file("small", 1))].into()
}

/// The names of all tree blobs: the same where every file has the same chunks.
fn trees(vault: &TestVault) -> BTreeSet<Id> {
    let packs = vault.storage.names("pack/").into_iter();
    packs.flat_map(|pack| vault.directory(&pack)).filter(|blob| blob.kind == BlobKind::Tree).map(|blob| blob.id).collect()
}

/// A run into a new vault that stored everything.
struct Stored {
    vault: TestVault,
    report: BackupReport,
    host: Host,
}

impl Stored {
    fn restored(&self) -> Things {
        self.vault.restore(self.report.snapshot, &[""]).1.sink
    }
}

/// Backs it up.
fn back_up(data: &[u8], options: BackupOptions, seed: Option<u64>) -> Stored {
    let mut vault = TestVault::create(1);
    let (mut host, handle) = vault.open(options.lanes as usize);
    if let Some(seed) = seed {
        host = host.shuffled(seed);
    }
    host.set_source(&one_file(data));
    let report = host.run(&mut Backup::new(&handle, options, [3; 32])).ok();
    assert_eq!((report.left_count, host.held(), host.open_strands()), (0, 0, 0));
    assert_eq!(report.bytes_read, data.len() as u64 + 5, "each byte counts once");
    vault.storage = host.storage.clone();
    vault.no_blob_twice();
    Stored { vault, report, host }
}

/// Two that differ, and have so many slices and a little more.
fn two_states(slices: usize) -> [Vec<u8>; 2] {
    [1, 2].map(|seed| noise(seed, slices * SLICE + 1_000))
}

/// Does something to the host when it has given so many answers, and runs to the end.
fn run(host: &mut Host, backup: &mut Backup, moment: usize, act: impl FnOnce(&mut Host, &mut Backup)) -> End<BackupReport> {
    let (mut pending, mut act) = (vec![], Some(act));
    loop {
        if let Some(end) = host.turn(backup, &mut pending, false) {
            return end;
        }
        if host.answered >= moment
            && let Some(act) = act.take()
        {
            act(host, backup);
        }
    }
}

/// Bytes that were read of it.
fn read(host: &Host) -> u64 {
    host.reads.iter().filter(|(name, ..)| *name == path("disk")).map(|(.., length)| u64::from(*length)).sum()
}

#[derive(Clone, Debug)]
enum Part {
    Noise(u64, usize),
    Zeros(usize),
    /// Noise of that length again and again.
    Period(u64, usize, usize),
    Lines(u64, usize),
}

impl Part {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Noise(seed, length) => noise(*seed, *length),
            Self::Zeros(length) => vec![0; *length],
            Self::Period(seed, period, length) => noise(*seed, *period).into_iter().cycle().take(*length).collect(),
            Self::Lines(seed, length) => {
                (*seed..).flat_map(|line| format!("{line} is the number of this line\n").into_bytes()).take(*length).collect()
            }
        }
    }
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        (0..9u64, 1..1_500_000usize).prop_map(|(seed, length)| Part::Noise(seed, length)),
        (1..1_500_000usize).prop_map(Part::Zeros),
        (0..9u64, 1..200_000usize, 1..1_500_000usize).prop_map(|(seed, period, length)| Part::Period(seed, period, length)),
        (0..9u64, 1..1_500_000usize).prop_map(|(seed, length)| Part::Lines(seed, length)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(seeds(16) as u32))]
    #[test]
    fn whatever_is_in_it_and_however_many_lanes_read_it_in_whatever_order(parts in proptest::collection::vec(part(), 1..5), lanes in 2u32..5, seed: u64) {
        let data: Vec<u8> = parts.iter().flat_map(Part::bytes).collect();
        let alone = back_up(&data, sliced(1, SLICE), None);
        let shared = back_up(&data, sliced(lanes, SLICE), Some(seed));
        prop_assert_eq!(trees(&shared.vault), trees(&alone.vault));
        // Of data that repeats itself, where strands of so few chunks may not fall into step.
        let in_vain = shared.report.bytes_new - alone.report.bytes_new;
        prop_assert!(in_vain <= data.len() as u64 / 2, "{} bytes of {}", in_vain, data.len());
        prop_assert!(shared.restored() == one_file(&data));
    }
}

#[test]
fn its_lanes_share_it_evenly_read_little_twice_and_store_nothing_in_vain() {
    // Sixteen chunks, as in every browser: 4 MiB of 256 KiB.
    let slice = 16 * SLICE;
    for data in [noise(1, 40 * slice), Part::Lines(1, 40 * slice).bytes()] {
        let alone = back_up(&data, sliced(1, slice), None);
        assert_eq!(read(&alone.host), data.len() as u64);
        let shared = back_up(&data, sliced(2, slice), None);
        assert_eq!(trees(&shared.vault), trees(&alone.vault));
        assert_eq!(shared.report.bytes_new, alone.report.bytes_new);
        // Two slices in front of where the other begins, and up to two after that.
        assert!(read(&shared.host) <= (data.len() + 4 * slice) as u64);
        let most = shared.host.read_by.values().max().expect("it was read");
        assert!(most * 2 <= read(&shared.host) + 2 * slice as u64, "{:?}", shared.host.read_by);
    }
}

#[test]
fn lanes_that_die_while_they_read_it_change_nothing() {
    let [data, _] = two_states(60);
    let alone = trees(&back_up(&data, sliced(1, SLICE), None).vault);
    let mut died = 0;
    for seed in 0..seeds(8) {
        let mut vault = TestVault::create(1);
        let (host, handle) = vault.open(3);
        let mut host = host.shuffled(seed);
        host.set_source(&one_file(&data));
        host.faults.deaths = Deaths::new(seed, 2, 40);
        let report = host.run(&mut Backup::new(&handle, sliced(3, SLICE), [3; 32])).ok();
        died += host.faults.deaths.as_ref().map_or(0, |deaths| 2 - deaths.left);
        assert_eq!((report.left_count, host.held()), (0, 0));
        vault.storage = host.storage;
        vault.no_blob_twice();
        assert_eq!(trees(&vault), alone, "seed {seed}");
    }
    assert!(died >= seeds(8) as usize, "{died} lanes died");
}

#[test]
fn one_that_changes_while_they_read_it_is_stored_as_it_was_or_as_it_is_and_never_half() {
    let [before, after] = two_states(40);
    let (mut as_it_was, mut as_it_is) = (0, 0);
    for seed in 0..seeds(24) {
        let mut vault = TestVault::create(1);
        let (host, handle) = vault.open(3);
        let mut host = host.shuffled(seed);
        host.set_source(&one_file(&before));
        let moment = host.answered + 4 + 6 * seed as usize;
        let end = run(&mut host, &mut Backup::new(&handle, sliced(3, SLICE), [3; 32]), moment, |host, _| {
            host.source.insert(path("disk"), file(after.clone(), 2));
        });
        let report = end.ok();
        assert_eq!((report.left_count, host.held(), host.open_strands()), (0, 0, 0), "seed {seed}");
        vault.storage = host.storage;
        let restored = vault.restore(report.snapshot, &["disk"]).1.sink;
        let Thing::File { data, .. } = &restored[&path("disk")] else { panic!("a file") };
        assert!(*data == before || *data == after, "seed {seed}: neither");
        if *data == before { as_it_was += 1 } else { as_it_is += 1 }
    }
    assert!(as_it_was > 0 && as_it_is > 0, "{as_it_was} as it was, {as_it_is} as it is");
}

#[test]
fn one_that_is_gone_in_the_middle_is_left_out_by_all_its_lanes_and_one_that_is_cancelled_goes_on_in_the_next_run() {
    let [data, _] = two_states(40);
    let alone = trees(&back_up(&data, sliced(1, SLICE), None).vault);
    let middle = {
        let (mut host, handle) = TestVault::create(1).open(3);
        host.set_source(&one_file(&data));
        let begun = host.answered;
        host.run(&mut Backup::new(&handle, sliced(3, SLICE), [3; 32])).ok();
        (host.answered - begun) * 2 / 3
    };
    let mut left = 0;
    for seed in 0..seeds(12) {
        let mut vault = TestVault::create(1);
        let (host, handle) = vault.open(3);
        let mut host = host.shuffled(seed);
        host.set_source(&one_file(&data));
        let moment = host.answered + 4 + 5 * seed as usize % middle;
        let end = run(&mut host, &mut Backup::new(&handle, sliced(3, SLICE), [3; 32]), moment, |host, _| {
            host.faults.unreadable.insert(path("disk"));
        });
        let report = end.ok();
        assert_eq!((host.held(), host.open_strands()), (0, 0), "seed {seed}");
        left += report.left_count;
        vault.storage = host.storage;
        assert_eq!(vault.verify(true).damaged, []);

        let mut vault = TestVault::create(1);
        let (host, handle) = vault.open(3);
        let mut host = host.shuffled(seed);
        host.set_source(&one_file(&data));
        let end = run(&mut host, &mut Backup::new(&handle, sliced(3, SLICE), [3; 32]), moment, |_, backup| backup.cancel());
        assert_eq!(end.map(drop).code(), Code::Cancelled, "seed {seed}");
        vault.storage = host.storage;
        let (mut host, handle) = vault.open(2);
        host.set_source(&one_file(&data));
        host.run(&mut Backup::new(&handle, sliced(2, SLICE), [4; 32])).ok();
        vault.storage = host.storage;
        assert!(trees(&vault).is_superset(&alone), "seed {seed}");
    }
    println!("left out {left} times; {middle} answers");
    assert!(left > 0, "it was left out");
}
