//! Checks that everything that snapshots need is there, and with `data` that every byte of it is what was written.

extern crate alloc;
use alloc::vec::Vec;

use crate::{
    ask::{AskId, Machine, Millis, Poll, Reply},
    progress::{Left, Progress, Steer},
    vault::{VaultHandle, unexpected},
};

/// How to verify.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// Fetch every pack and check every byte, not only the structure.
    pub data: bool,
    /// Lanes of the host, numbered from 0; 1 or more.
    pub lanes: u32,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    pub snapshots: u64,
    pub indexes: u64,
    pub packs: u64,
    pub blobs: u64,
    /// Of packs, as objects.
    pub bytes: u64,
    /// Objects and files that are damaged or missing, at most 1,000 of them named.
    pub damaged: Vec<Left>,
    pub damaged_count: u64,
}

/// One verify run.
pub struct Verify {}

impl Verify {
    pub fn new(_handle: &VaultHandle, _options: VerifyOptions) -> Self {
        Self {}
    }
}

impl Steer for Verify {
    fn pause(&mut self) {}
    fn resume(&mut self) {}
    fn cancel(&mut self) {}
    fn progress(&self) -> Progress {
        Progress::default()
    }
}

impl Machine for Verify {
    type Output = VerifyReport;

    fn poll(&mut self, _now: Millis) -> Poll<VerifyReport> {
        Poll::Done(Err(unexpected()))
    }

    fn handle(&mut self, _id: AskId, _reply: Reply, _now: Millis) {}
}
