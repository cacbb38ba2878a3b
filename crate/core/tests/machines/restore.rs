//! How a restore goes about it: memory, order, stages. What comes back is for `round_trip`.

use strongroom_core::{Restore, RestoreOptions, Stage, Steer, Verify, VerifyOptions};

use crate::{
    host::{Path, Things, file, noise, path},
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
