//! How a restore goes about it: memory, order, stages. What comes back is for `round_trip`.

use strongroom_core::{Restore, RestoreOptions, Stage, Steer, Verify, VerifyOptions};

use crate::{
    host::{Path, Thing, Things, file, noise, path},
    round_trip::tree,
    vaults::TestVault,
};

const MIB: usize = 1 << 20;

#[test]
fn however_well_files_compress_a_lane_gives_at_most_16_mib_at_once_and_the_host_holds_64() {
    let mut vault = TestVault::create(1);
    let source: Things =
        (0..24).map(|number| (path(&format!("{number:02}")), file(noise(number, 256).repeat(10 * MIB / 256), 0))).collect();
    let (report, _) = vault.back_up(&source, 2);
    assert!(report.bytes_stored < 24 << 20, "the files compress");
    let (mut host, handle) = vault.open(2);
    let options = RestoreOptions { lanes: 2, ..RestoreOptions::default() };
    host.run(&mut Restore::new(&handle, report.snapshot, vec![vec![]], options, [3; 32])).ok();
    assert!(host.sink == source);
    assert!(host.most_produced <= 16 * MIB, "{} bytes came out of a lane at once", host.most_produced);
    assert!(host.most_held <= 64 * MIB, "{} bytes were held", host.most_held);
}

#[test]
fn a_stream_gets_one_file_after_the_other_and_nobody_waits_for_answers() {
    let mut vault = TestVault::create(1);
    let source = tree();
    let (report, _) = vault.back_up(&source, 2);
    let order = |options: RestoreOptions, shuffle: Option<u64>| {
        let (host, handle) = vault.open(2);
        let mut host = shuffle.into_iter().fold(host, |host, seed| host.shuffled(seed));
        host.run(&mut Restore::new(&handle, report.snapshot, vec![vec![]], options, [3; 32])).ok();
        host.asked.dedup();
        (host.asked, host.most_pending_writes)
    };
    let stream = RestoreOptions { lanes: 2, parallel: 64, sequential: true, ..RestoreOptions::default() };
    let (one_by_one, _): (Vec<Path>, _) = order(RestoreOptions { parallel: 1, ..stream.clone() }, None);
    assert_eq!(one_by_one.len(), source.len(), "every file and folder once, its parts in one go");
    for seed in 0..4 {
        let (streamed, pending) = order(stream.clone(), Some(seed));
        assert_eq!(streamed, one_by_one);
        assert!(pending > 8, "{pending} asks of the sink at one time");
    }
}

#[test]
fn a_run_that_is_over_says_so() {
    let mut vault = TestVault::create(1);
    let (report, _) = vault.back_up(&Things::from([(path("file"), file("text", 1))]), 2);
    let (mut host, handle) = vault.open(1);
    let mut restore = Restore::new(&handle, report.snapshot, vec![vec![]], RestoreOptions::default(), [3; 32]);
    host.run_with(&mut restore, |restore, _| assert_ne!(restore.progress().stage, Stage::Done)).ok();
    assert_eq!(restore.progress().stage, Stage::Done);
    let mut verify = Verify::new(&handle, VerifyOptions { data: true, lanes: 1 });
    host.run_with(&mut verify, |verify, _| assert_ne!(verify.progress().stage, Stage::Done)).ok();
    assert_eq!(verify.progress().stage, Stage::Done);
}

#[test]
fn what_lies_in_the_sink_and_is_right_is_neither_fetched_nor_written_and_what_is_not_comes_back() {
    let mut vault = TestVault::create(1);
    let mut source = tree();
    source.insert(path("large"), file(noise(9, 9 * MIB), 5));
    source.insert(path("large and wrong at its end"), file(noise(10, 9 * MIB), 5));
    source.insert(path("large and wrong in front"), file(noise(11, 9 * MIB), 5));
    source.extend((0..300).map(|number| (path(&format!("small/{number:03}")), file(noise(number, 3_000), 7))));
    source.insert(path("small"), Thing::Folder { mtime: None });
    let (report, _) = vault.back_up(&source, 2);
    for seed in 0..2 {
        let (host, handle) = vault.open(2);
        let mut host = host.shuffled(seed);
        host.sink = source.clone();
        host.overwrites = true;
        // As a restore leaves them that was cut off, and worse: of the right size and not right.
        for number in (0..300).step_by(3) {
            host.sink.remove(&path(&format!("small/{number:03}")));
        }
        let wrong = |host: &mut crate::host::Host, name: &str, at: usize| {
            let Some(Thing::File { data, .. }) = host.sink.get_mut(&path(name)) else { panic!("{name} is a file") };
            data[at] ^= 1;
        };
        wrong(&mut host, "small/001", 2_999);
        wrong(&mut host, "large and wrong at its end", 9 * MIB - 1);
        wrong(&mut host, "large and wrong in front", 0);
        let Some(Thing::File { data, .. }) = host.sink.get_mut(&path("small/002")) else { panic!("a file") };
        data.push(0);
        let options = RestoreOptions { lanes: 2, resume: true, ..RestoreOptions::default() };
        let mut restore = Restore::new(&handle, report.snapshot, vec![vec![]], options, [3; 32]);
        let done = host.run(&mut restore).ok();
        let (files, bytes) = source.values().fold((0, 0), |(files, bytes), thing| match thing {
            Thing::File { data, .. } => (files + 1, bytes + data.len() as u64),
            Thing::Folder { .. } => (files, bytes),
        });
        assert!(host.sink == source);
        assert_eq!((done.files, done.bytes), (104, 102 * 3_000 + 18 * MIB as u64));
        assert_eq!((done.there_files, done.there_bytes), (files - done.files, bytes - done.bytes));
        assert_eq!(restore.progress().files_done, files);
        assert_eq!(restore.progress().bytes_there, done.there_bytes);
        assert!(host.asked.iter().all(|asked| *asked != path("large")), "what is right is not written");
        assert_eq!(host.held(), 0);
    }
}

#[test]
fn a_file_is_read_from_anywhere_on_and_little_of_what_comes_before_is_fetched() {
    let mut vault = TestVault::create(1);
    let whole = noise(12, 40 * MIB);
    let source = Things::from([(path("film"), file(whole.clone(), 5)), (path("other"), file(noise(13, 9 * MIB), 5))]);
    let (report, _) = vault.back_up(&source, 2);
    let (host, handle) = vault.open(2);
    let mut host = host.shuffled(4);
    for from in [0, 1, 5 * MIB, 39 * MIB + 12_345, 40 * MIB - 1, 40 * MIB, 50 * MIB] {
        host.sink.clear();
        host.storage.gets.clear();
        host.storage.lists = 0;
        let options = RestoreOptions {
            lanes: 2,
            parallel: 1,
            sequential: true,
            window: 4 << 20,
            from: from as u64,
            refresh: from == 0,
            ..RestoreOptions::default()
        };
        let done = host.run(&mut Restore::new(&handle, report.snapshot, vec![path("film")], options, [3; 32])).ok();
        let Some(Thing::File { data, .. }) = host.sink.get(&path("film")) else { panic!("a file") };
        let begin = whole.len() - done.bytes as usize;
        assert!(begin <= from && from.min(whole.len()) - begin <= 2 * MIB, "from {from} it comes from {begin} on");
        assert!(data.len() == whole.len() && data[begin..] == whole[begin..], "from {from}");
        assert_eq!((done.files, done.damaged_count, host.held()), (1, 0, 0), "from {from}");
        let fetched: u64 = host.storage.gets.iter().map(|(_, range)| range.map_or(0, |(_, length)| length.into())).sum();
        assert!(fetched <= 2 * done.bytes + 8 * MIB as u64, "from {from}, {fetched} bytes were fetched for {}", done.bytes);
        assert_eq!(host.storage.lists > 0, from == 0, "the storage is looked at once");
    }
}
