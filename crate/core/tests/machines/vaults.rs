//! Vaults for tests.

use std::collections::BTreeSet;

use strongroom_core::{
    Access, Backup, BackupOptions, BackupReport, BlobEntry, BlobKind, Create, CreateAccess, CreateOptions, Created, Header, Kind, Name,
    RecoveryPhrase, Restore, RestoreOptions, RestoreReport, Unlock, UnlockSecret, VaultHandle, VaultId, Verify, VerifyOptions,
    VerifyReport, key::Ring, pack::read_directory, slot::open_slot,
};

use crate::host::{End, Host, Path, Storage, Things, path};

pub const PASSPHRASE: &str = "correct horse battery staple";

/// A vault's storage, and how to open it.
#[derive(Clone)]
pub struct TestVault {
    pub storage: Storage,
    pub id: VaultId,
    pub phrase: RecoveryPhrase,
}

impl TestVault {
    pub fn create(seed: u8) -> Self {
        let mut host = Host::new(Storage::default(), 1);
        let Created { vault, phrase } = Self::create_in(&mut host, seed).ok();
        Self { storage: host.storage, id: vault.id(), phrase }
    }

    pub fn create_in(host: &mut Host, seed: u8) -> End<Created> {
        let options = CreateOptions { access: CreateAccess::Local, passphrase: PASSPHRASE.into(), chunk_log2: 16 };
        host.run(&mut Create::new(options, [seed; 32]))
    }

    /// The ring, as whoever has the recovery phrase gets it.
    pub fn ring(&self) -> Ring {
        let slot = self.storage.names("slot/").into_iter().find(|name| name.ends_with('2')).expect("the recovery slot");
        open_slot(&self.storage.objects[&slot], self.id, self.phrase.entropy().expose()).expect("it opens")
    }

    /// The blobs of a pack.
    pub fn directory(&self, name: &str) -> Vec<BlobEntry> {
        let object = &self.storage.objects[name];
        let seal = self.ring().seal_of(Kind::Pack, &Header::of(object).expect("a header")).expect("an epoch");
        read_directory(&seal.open(object).expect("a pack")).expect("a directory")
    }

    pub fn kind_of_pack(&self, name: &str) -> BlobKind {
        self.directory(name).first().expect("a pack has blobs").kind
    }

    /// No blob is in two packs: nothing was sent twice.
    #[track_caller]
    pub fn no_blob_twice(&self) {
        let mut seen = BTreeSet::new();
        for name in self.storage.names("pack/") {
            for blob in self.directory(&name) {
                assert!(seen.insert(blob.id), "{:?} of {name} is in another pack too", blob.id);
            }
        }
    }

    /// A host over a copy of the storage, and the vault unlocked in it, lanes set up.
    pub fn open(&self, lanes: usize) -> (Host, VaultHandle) {
        let mut host = Host::new(self.storage.clone(), lanes);
        let handle = self.unlock(&mut host);
        (host, handle)
    }

    pub fn unlock(&self, host: &mut Host) -> VaultHandle {
        let secret = UnlockSecret::Recovery(self.phrase.clone());
        let handle = host.run(&mut Unlock::new(Access::Local { vault: self.id }, secret, [9; 32])).ok();
        host.set_up_lanes(&handle);
        handle
    }

    /// Backs a source up into this vault.
    pub fn back_up(&mut self, source: &Things, seed: u8) -> (BackupReport, Host) {
        let (mut host, handle) = self.open(2);
        host.set_source(source);
        host.storage.puts.clear();
        let report = host.run(&mut Backup::new(&handle, options(2), [seed; 32])).ok();
        assert_eq!(host.held(), 0, "nothing stays held");
        self.storage = host.storage.clone();
        (report, host)
    }

    /// Restores from this vault.
    pub fn restore(&self, snapshot: Name, selection: &[&str]) -> (RestoreReport, Host) {
        let (mut host, handle) = self.open(2);
        let options = RestoreOptions { lanes: 2, parallel: 3, window: 4 << 20, ..RestoreOptions::default() };
        let selection: Vec<Path> = selection.iter().map(|text| path(text)).collect();
        let report = host.run(&mut Restore::new(&handle, snapshot, selection, options, [3; 32])).ok();
        assert_eq!(host.held(), 0, "nothing stays held");
        (report, host)
    }

    pub fn verify(&self, data: bool) -> VerifyReport {
        let (mut host, handle) = self.open(2);
        let report = host.run(&mut Verify::new(&handle, VerifyOptions { data, lanes: 2 })).ok();
        assert_eq!(host.held(), 0, "nothing stays held");
        report
    }
}

pub fn options(lanes: u32) -> BackupOptions {
    BackupOptions { label: "papers".into(), writer: "test".into(), lanes, ..BackupOptions::default() }
}
