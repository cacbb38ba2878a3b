//! Two clients back up while others forget, prune and erase, all on one storage, in every order that a seed says; some die. Every
//! snapshot that was announced and that nobody forgot verifies and restores.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use strongroom_core::{Ask, Backup, Code, Erase, Forget, Forgotten, KeepRules, Keeper, Kind, Name, Prune, PruneOptions, VaultHandle};

use crate::{
    eraser::DELAY,
    host::{End, Host, Pending, Storage, Things, file, noise, path},
    schedule::seeds,
    vaults::{TestVault, options},
};

const FILES: u32 = 12;

/// Whoever does one thing after the other.
struct Client {
    host: Host,
    handle: VaultHandle,
    source: Things,
    doing: Option<(Doing, Vec<Pending>)>,
    /// Things still to do.
    left: u32,
    writes: bool,
}

enum Doing {
    Backup(Box<Backup>, Things),
    Forget(Box<Forget>),
    Prune(Box<Prune>),
    Erase(Box<Erase>),
}

#[derive(Debug, Default)]
struct Totals {
    announced: u64,
    forgotten: u64,
    pruned: u64,
    erased: u64,
    spared: u64,
    killed: u64,
    gave_up: u64,
    restored: u64,
}

struct Schedule {
    rng: ChaCha20Rng,
    vault: TestVault,
    storage: Storage,
    announced: BTreeMap<Name, Things>,
    forgotten: BTreeSet<Name>,
    totals: Totals,
}

/// A storage, the vault's id, its recovery phrase, and the snapshots with what is in them.
type Made = (Storage, [u8; 16], String, Vec<(Name, Things)>);

/// A vault with two snapshots, made once: Argon2id is slow.
fn start() -> (TestVault, Vec<(Name, Things)>) {
    static START: OnceLock<Made> = OnceLock::new();
    let (storage, id, phrase, made) = START.get_or_init(|| {
        let mut vault = TestVault::create(1);
        let sources: Vec<Things> = (0..2)
            .map(|half| (0..FILES).filter(|n| n % 3 != half).map(|n| (path(&format!("{n}")), file(noise(n.into(), 5_000), 1))).collect())
            .collect();
        let made = sources.into_iter().zip([2, 3]).map(|(source, seed)| (vault.back_up(&source, seed).0.snapshot, source)).collect();
        (vault.storage, vault.id.0, vault.phrase.words().to_string(), made)
    });
    let phrase = strongroom_core::RecoveryPhrase::parse(phrase).expect("its own");
    (TestVault { storage: storage.clone(), id: strongroom_core::VaultId(*id), phrase }, made.clone())
}

impl Schedule {
    fn new(seed: u64) -> Self {
        let (vault, made) = start();
        let storage = vault.storage.clone();
        let rng = ChaCha20Rng::seed_from_u64(seed);
        Self { rng, vault, storage, announced: made.into_iter().collect(), forgotten: BTreeSet::new(), totals: Totals::default() }
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.rng.next_u32() % limit
    }

    fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.rng.fill_bytes(&mut seed);
        seed
    }

    fn client(&mut self, writes: bool) -> Client {
        let (host, handle) = self.vault.open(1);
        let mut host = host.shuffled(self.rng.next_u64());
        host.storage = Storage::default();
        let source = self.announced.values().next().expect("two were made").clone();
        Client { host, handle, source, doing: None, left: if writes { 3 } else { 6 }, writes }
    }

    /// Some files are new, changed, gone, or back again as they were at first.
    fn edit(&mut self, source: &mut Things) {
        for _ in 0..3 {
            let (n, change) = (self.below(FILES), self.below(4));
            let name = path(&format!("{n}"));
            match change {
                0 => drop(source.remove(&name)),
                1 => drop(source.insert(name, file(noise(self.rng.next_u64(), 5_000), self.storage.now))),
                _ => drop(source.insert(name, file(noise(n.into(), 5_000), self.storage.now))),
            }
        }
        source.entry(path("always")).or_insert_with(|| file("something", 1));
    }

    fn begin(&mut self, client: &mut Client) -> Doing {
        let seed = self.seed();
        if client.writes {
            let mut source = std::mem::take(&mut client.source);
            self.edit(&mut source);
            client.source = source.clone();
            client.host.set_source(&source);
            return Doing::Backup(Box::new(Backup::new(&client.handle, options(1), seed)), source);
        }
        match self.below(4) {
            0 => {
                let rules = KeepRules { last: 1 + self.below(2), ..KeepRules::default() };
                Doing::Forget(Box::new(Forget::new(&client.handle, Forgotten::Rules(rules), false, seed)))
            }
            1 => Doing::Erase(Box::new(Erase::new(&client.handle, Keeper::Broker, None, seed))),
            _ => {
                let options = PruneOptions { threshold: [0, 50, 100][self.below(3) as usize], ..PruneOptions::new(Keeper::Broker) };
                Doing::Prune(Box::new(Prune::new(&client.handle, options, seed)))
            }
        }
    }

    /// One answer for one client.
    fn turn(&mut self, client: &mut Client) {
        let (mut doing, mut pending) = match client.doing.take() {
            Some(doing) => doing,
            None => (self.begin(client), vec![]),
        };
        std::mem::swap(&mut client.host.storage, &mut self.storage);
        let host = &mut client.host;
        let end = match &mut doing {
            Doing::Backup(backup, _) => host.turn(&mut **backup, &mut pending, false).map(|end| end.map(Ended::Backup)),
            Doing::Forget(forget) => host.turn(&mut **forget, &mut pending, false).map(|end| end.map(Ended::Forget)),
            Doing::Prune(prune) => host.turn(&mut **prune, &mut pending, false).map(|end| end.map(|_| Ended::Prune)),
            Doing::Erase(erase) => host.turn(&mut **erase, &mut pending, false).map(|end| end.map(Ended::Erase)),
        };
        std::mem::swap(&mut client.host.storage, &mut self.storage);
        let Some(end) = end else {
            // Some die in the middle, and what they had under way with them: but for who would have to say what it forgot.
            if self.below(600) == 0 && !matches!(doing, Doing::Forget(_)) {
                self.totals.killed += 1;
                *client = Client { left: client.left - 1, source: std::mem::take(&mut client.source), ..self.client_again(client.writes) };
            } else {
                client.doing = Some((doing, pending));
            }
            return;
        };
        client.left -= 1;
        match (end, doing) {
            (End::Done(Ok(Ended::Backup(report))), Doing::Backup(_, source)) => {
                assert_eq!(report.left, []);
                self.announced.insert(report.snapshot, source);
                self.totals.announced += 1;
            }
            (End::Done(Ok(Ended::Forget(report))), _) => {
                let names = report.verdicts.iter().filter(|verdict| verdict.kept.is_empty()).map(|verdict| verdict.snapshot.id);
                self.forgotten.extend(names);
                self.totals.forgotten += 1;
            }
            (End::Done(Ok(Ended::Prune)), _) => self.totals.pruned += 1,
            (End::Done(Ok(Ended::Erase(report))), _) => {
                self.totals.erased += report.objects;
                self.totals.spared += report.spared;
            }
            // Somebody else erased what this one was just reading, or called for.
            (End::Done(Err(error)), _) => {
                assert!(matches!(error.code, Code::Missing | Code::Denied), "{error:?}");
                self.totals.gave_up += 1;
            }
            _ => unreachable!("nothing stops"),
        }
    }

    fn client_again(&mut self, writes: bool) -> Client {
        self.vault.storage = self.storage.clone();
        self.client(writes)
    }

    fn run(&mut self) {
        let mut clients = vec![self.client(true), self.client(true), self.client(false), self.client(false)];
        while clients.iter().any(|client| client.left > 0) {
            let at = self.below(4) as usize;
            if clients[at].left > 0 {
                let mut client = clients.swap_remove(at);
                self.turn(&mut client);
                clients.push(client);
            }
            // A snapshot's URL does not hold for days: none is on its way meanwhile.
            let is_snapshot =
                |pending: &Pending| matches!(pending, Pending::World(_, Ask::Put { object, .. }) if object.kind == Kind::Snapshot);
            let on_its_way = |client: &Client| client.doing.as_ref().is_some_and(|(_, pending)| pending.iter().any(is_snapshot));
            if self.below(60) == 0 && !clients.iter().any(on_its_way) {
                self.storage.now += DELAY;
            }
        }
        self.vault.storage = self.storage.clone();
    }

    fn settle(&mut self) {
        let (_, handle) = self.vault.open(1);
        let known: BTreeSet<Name> = handle.snapshots().iter().map(|info| info.id).collect();
        let verified = self.vault.verify(true);
        // Packs that an index names and nothing needs may be gone: no file is.
        let files: Vec<_> = verified.damaged.iter().filter(|left| !left.path.starts_with("pack/")).collect();
        assert!(files.is_empty(), "{files:?}");
        for (snapshot, source) in &self.announced {
            assert!(known.contains(snapshot) != self.forgotten.contains(snapshot), "{snapshot}");
            if known.contains(snapshot) {
                assert!(self.vault.restore(*snapshot, &[""]).1.sink == *source);
                self.totals.restored += 1;
            }
        }
    }
}

enum Ended {
    Backup(strongroom_core::BackupReport),
    Forget(strongroom_core::ForgetReport),
    Prune,
    Erase(strongroom_core::EraseReport),
}

#[test]
fn whoever_prunes_beside_backups_every_snapshot_that_was_not_forgotten_stays_whole() {
    let count = seeds(1_000);
    let mut totals = Totals::default();
    for seed in 0..count {
        let mut schedule = Schedule::new(seed);
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            schedule.run();
            schedule.settle();
        }));
        assert!(run.is_ok(), "schedule {seed}");
        totals.announced += schedule.totals.announced;
        totals.forgotten += schedule.totals.forgotten;
        totals.pruned += schedule.totals.pruned;
        totals.erased += schedule.totals.erased;
        totals.spared += schedule.totals.spared;
        totals.killed += schedule.totals.killed;
        totals.gave_up += schedule.totals.gave_up;
        totals.restored += schedule.totals.restored;
    }
    println!("{count} schedules: {totals:?}");
    assert!(totals.erased > count && totals.pruned > count && totals.restored > count && totals.gave_up < totals.announced, "{totals:?}");
    assert!(totals.spared > 0 && totals.killed > 0, "{totals:?}");
}
