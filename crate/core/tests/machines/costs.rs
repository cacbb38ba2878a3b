//! What a run costs, in counts that no machine changes: bytes read, uploaded and downloaded for each byte, and requests. Each is what
//! another 80 MiB cost, so that what every run has to pay once is counted by itself.

use strongroom_core::{Backup, Restore, RestoreOptions};

use crate::{
    host::{Host, Things, file, noise, path},
    vaults::{TestVault, options},
};

const MIB: u64 = 1 << 20;
const PART: u64 = 8 * MIB;
const SMALL: u64 = 5;
const MORE: u64 = 10;

#[derive(Clone, Copy, Debug, Default)]
struct Costs {
    read: u64,
    uploaded: u64,
    downloaded: u64,
    requests: u64,
}

impl Costs {
    /// Of what that host was asked for.
    fn of(host: &Host) -> Self {
        let storage = &host.storage;
        let length = |name: &String| storage.objects[name].len() as u64;
        let fetched = |(name, range): &(String, Option<(u64, u32)>)| match range {
            None => length(name),
            Some((offset, wanted)) => u64::from(*wanted).min(length(name) - offset),
        };
        Self {
            read: host.reads.iter().map(|(.., length)| u64::from(*length)).sum(),
            uploaded: storage.puts.iter().map(length).sum(),
            downloaded: storage.gets.iter().map(fetched).sum(),
            requests: (storage.puts.len() + storage.gets.len() + storage.lists) as u64,
        }
    }

    /// For each byte more.
    fn each(of: fn(&Self) -> u64, few: &Self, many: &Self) -> f64 {
        (of(many) as f64 - of(few) as f64) / (MORE * PART) as f64
    }

    fn requests_per_gb(few: &Self, many: &Self) -> f64 {
        Self::each(|costs| costs.requests, few, many) * 1e9
    }
}

/// First backup, unchanged backup, restore.
fn costs(files: u64) -> [Costs; 3] {
    let source: Things = (0..files).map(|number| (path(&format!("part {number}")), file(noise(number, PART as usize), 1))).collect();
    let mut vault = TestVault::create(1);
    let mut costs = [Costs::default(); 3];
    let forget = |host: &mut Host| {
        host.storage.puts.clear();
        host.storage.gets.clear();
        host.storage.lists = 0;
        host.reads.clear();
    };
    let mut snapshot = None;
    for (seed, costs) in costs.iter_mut().take(2).enumerate() {
        let (mut host, handle) = vault.open(2);
        host.set_source(&source);
        forget(&mut host);
        snapshot = Some(host.run(&mut Backup::new(&handle, options(2), [seed as u8; 32])).ok().snapshot);
        *costs = Costs::of(&host);
        vault.storage = host.storage;
    }
    let (mut host, handle) = vault.open(2);
    forget(&mut host);
    let options = RestoreOptions { lanes: 2, ..RestoreOptions::default() };
    host.run(&mut Restore::new(&handle, snapshot.expect("two backups"), vec![vec![]], options, [3; 32])).ok();
    costs[2] = Costs::of(&host);
    assert!(host.sink == source);
    costs
}

#[test]
fn a_byte_is_read_once_and_uploaded_once_and_an_unchanged_one_is_not_asked_for() {
    let (few, many) = (costs(SMALL), costs(SMALL + MORE));
    let [(first, more_first), (unchanged, more_unchanged), (restored, more_restored)] = [0, 1, 2].map(|at| (&few[at], &many[at]));
    // Today: 1 read, 1.002 uploaded, 60 requests a GB (a pack has 16 MiB) and 11 for the least backup.
    assert_eq!((first.read, more_first.read), (SMALL * PART, (SMALL + MORE) * PART));
    let uploaded = Costs::each(|costs| costs.uploaded, first, more_first);
    assert!(uploaded < 1.01, "{uploaded} bytes uploaded for one");
    let requests = Costs::requests_per_gb(first, more_first);
    assert!(requests < 65.0 && first.requests <= 12, "{requests} requests a GB, {} for the first 40 MiB", first.requests);
    // Today: one look at the tree, and a snapshot in 7 requests.
    for costs in [unchanged, more_unchanged] {
        assert_eq!((costs.read, costs.uploaded), (0, 4_096));
        assert!(costs.requests <= 7 && costs.downloaded <= 128 << 10, "{costs:?}");
    }
    // Today: 1.24 downloaded, since extents that two files share come twice when they are far apart; 286 requests a GB.
    let downloaded = Costs::each(|costs| costs.downloaded, restored, more_restored);
    assert!(downloaded < 1.3, "{downloaded} bytes downloaded for one");
    let requests = Costs::requests_per_gb(restored, more_restored);
    assert!(requests < 310.0, "{requests} requests a GB");
}
