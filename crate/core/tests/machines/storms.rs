//! Everything at once, by seeds: storages that refuse and lose answers, lanes that die, runs that are killed, two devices. Whatever
//! happens, every snapshot that a run announced is there for good and comes back as it was.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use strongroom_core::{Backup, BackupOptions, Code, Name, Restore, RestoreOptions, Verify, VerifyOptions};

use crate::{
    host::{Deaths, End, Faults, Things, file, noise, path},
    schedule::seeds,
    vaults::{TestVault, options},
};

const ROUNDS: u64 = 4;

/// How runs ended.
#[derive(Debug, Default)]
struct Totals {
    announced: u64,
    killed: u64,
    refused: u64,
    lanes_lost: u64,
    restored: u64,
}

struct Storm {
    rng: ChaCha20Rng,
    seed: u64,
    vault: TestVault,
    source: Things,
    announced: Vec<(Name, Things)>,
    totals: Totals,
}

impl Storm {
    fn new(seed: u64) -> Self {
        let source = (0..30).map(|n| (path(&format!("file {n}")), file(noise(n, 150_000), 1)));
        let big = (0..2).map(|n| (path(&format!("big {n}")), file(noise(100 + n, 11 << 20), 1)));
        Self {
            rng: ChaCha20Rng::seed_from_u64(seed),
            seed,
            vault: TestVault::create(1),
            source: source.chain(big).collect(),
            announced: vec![],
            totals: Totals::default(),
        }
    }

    fn below(&mut self, limit: u32) -> usize {
        (self.rng.next_u32() % limit) as usize
    }

    /// Some files are new, changed or gone.
    fn edit(&mut self, round: u64) {
        for n in 0..3 {
            let at = self.below(40);
            let data = noise(1_000 * round + n, 1 + self.below(600_000));
            self.source.insert(path(&format!("file {at}")), file(data, 2 + round as i64));
        }
        let gone = self.below(40);
        self.source.remove(&path(&format!("file {gone}")));
    }

    fn faults(&mut self) -> Faults {
        let kind = self.below(5);
        Faults {
            stop_at: (kind == 0).then(|| self.below(80)),
            fail_put: (kind == 1).then(|| self.below(6)),
            lose_put: (kind == 2).then(|| self.below(6)),
            deaths: (kind != 4).then(|| Deaths::new(self.rng.next_u64(), self.rng.next_u32() as usize % 6, 15)).flatten(),
            eager: self.below(2) == 0,
            ..Faults::default()
        }
    }

    /// One or two devices back up at the same time: neither sees what the other stores.
    fn round(&mut self, round: u64) {
        self.edit(round);
        let mut objects = self.vault.storage.objects.clone();
        for device in 0..=self.below(2) as u64 {
            let (host, handle) = self.vault.open(2);
            let mut host = host.shuffled(self.rng.next_u64());
            host.set_source(&self.source);
            host.faults = self.faults();
            let mut seed = [7; 32];
            seed[..8].copy_from_slice(&(self.seed * 100 + round * 10 + device).to_le_bytes());
            match host.run(&mut Backup::new(&handle, BackupOptions { checkpoint_packs: 1, ..options(2) }, seed)) {
                End::Done(Ok(report)) => {
                    assert_eq!(report.left, []);
                    self.announced.push((report.snapshot, self.source.clone()));
                    self.totals.announced += 1;
                }
                End::Done(Err(error)) if error.code == Code::LaneLost => self.totals.lanes_lost += 1,
                End::Done(Err(error)) => {
                    assert_eq!(error.code, Code::StorageFull);
                    self.totals.refused += 1;
                }
                End::Stopped => self.totals.killed += 1,
            }
            objects.extend(host.storage.objects);
            self.vault.storage.now = self.vault.storage.now.max(host.storage.now);
        }
        self.vault.storage.objects = objects;
    }

    /// Every announced snapshot comes back, though lanes die again; what nobody announced is whole, too.
    fn settle(&mut self) {
        let (host, handle) = self.vault.open(2);
        let known: Vec<Name> = handle.snapshots().iter().map(|info| info.id).collect();
        let mut host = host.shuffled(self.rng.next_u64());
        host.faults.deaths = Deaths::new(self.rng.next_u64(), 2, 10);
        let verified = host.run(&mut Verify::new(&handle, VerifyOptions { data: true, lanes: 2 })).ok();
        assert_eq!((verified.damaged, host.held()), (vec![], 0), "seed {}", self.seed);
        for (snapshot, source) in &self.announced {
            assert!(known.contains(snapshot), "seed {}: {snapshot} is gone", self.seed);
            host.sink.clear();
            host.faults.deaths = Deaths::new(self.rng.next_u64(), 2, 10);
            let options = RestoreOptions { lanes: 2, parallel: 4, window: 16 << 20, ..RestoreOptions::default() };
            let restored = host.run(&mut Restore::new(&handle, *snapshot, vec![vec![]], options, [7; 32])).ok();
            assert_eq!((restored.damaged, host.held()), (vec![], 0));
            assert!(host.sink == *source, "seed {}: {snapshot} is not what was backed up", self.seed);
            self.totals.restored += 1;
        }
    }
}

#[test]
fn whatever_storms_come_every_snapshot_that_was_announced_verifies_and_restores() {
    let mut totals = Totals::default();
    let count = seeds(6);
    for seed in 0..count {
        let mut storm = Storm::new(seed);
        (0..ROUNDS).for_each(|round| storm.round(round));
        storm.settle();
        totals.announced += storm.totals.announced;
        totals.killed += storm.totals.killed;
        totals.refused += storm.totals.refused;
        totals.lanes_lost += storm.totals.lanes_lost;
        totals.restored += storm.totals.restored;
    }
    println!("{count} storms: {totals:?}");
    assert!(totals.announced >= count && totals.killed > 0 && totals.refused > 0, "{totals:?}");
}
