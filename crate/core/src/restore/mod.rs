//! Restores a selection of a snapshot to a sink.

extern crate alloc;
use alloc::vec::Vec;

use crate::{
    ask::{AskId, Machine, Millis, Poll, Reply},
    id::Name,
    progress::{Left, Progress, Steer},
    vault::{VaultHandle, unexpected},
};

/// How to restore.
#[derive(Clone, Debug)]
pub struct RestoreOptions {
    /// Lanes of the host, numbered from 0; 1 or more.
    pub lanes: u32,
    /// Files written at one time; 1 where the sink is one stream.
    pub parallel: usize,
    /// Plaintext bytes that may be fetched ahead of what is written.
    pub window: u64,
}

impl Default for RestoreOptions {
    fn default() -> Self {
        Self { lanes: 1, parallel: 4, window: 64 << 20 }
    }
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreReport {
    /// Written whole.
    pub files: u64,
    pub folders: u64,
    pub bytes: u64,
    /// Files and folders that could not be restored, at most 1,000 of them named.
    pub damaged: Vec<Left>,
    pub damaged_count: u64,
}

/// One restore run.
pub struct Restore {}

impl Restore {
    /// `selection`: paths of files and folders, as names from the root; one empty path is everything.
    pub fn new(_handle: &VaultHandle, _snapshot: Name, _selection: Vec<Vec<Vec<u8>>>, _options: RestoreOptions, _seed: [u8; 32]) -> Self {
        Self {}
    }
}

impl Steer for Restore {
    fn pause(&mut self) {}
    fn resume(&mut self) {}
    fn cancel(&mut self) {}
    fn progress(&self) -> Progress {
        Progress::default()
    }
}

impl Machine for Restore {
    type Output = RestoreReport;

    fn poll(&mut self, _now: Millis) -> Poll<RestoreReport> {
        Poll::Done(Err(unexpected()))
    }

    fn handle(&mut self, _id: AskId, _reply: Reply, _now: Millis) {}
}
