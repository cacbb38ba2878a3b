//! What a restore is told, and what it reports.

extern crate alloc;
use alloc::vec::Vec;

use crate::progress::Left;

/// How to restore.
#[derive(Clone, Debug)]
pub struct RestoreOptions {
    /// Lanes of the host, numbered from 0; 1 or more.
    pub lanes: u32,
    /// Files and folders that the sink has not answered for, at most.
    pub parallel: usize,
    /// The sink is one stream: a file is asked for only when all of the one before was. Answers are not waited for.
    pub sequential: bool,
    /// What lies in the sink already and is right is left as it is, and not fetched: a restore that was cut off goes on. The host answers
    /// [`Ask::There`](crate::Ask::There).
    pub resume: bool,
    /// Plaintext bytes that may be fetched ahead of what is written.
    pub window: u64,
    /// Where each file begins: chunks that end before that are neither fetched nor written, and neither are the parts of a list that names
    /// no others. What is written says where it stands. Not together with `resume`.
    pub from: u64,
    /// Looks at the storage anew first. Without, only for a snapshot that is not known yet: who reads a file piece by piece has looked.
    pub refresh: bool,
}

impl Default for RestoreOptions {
    fn default() -> Self {
        Self { lanes: 1, parallel: 4, sequential: false, resume: false, window: 16 << 20, from: 0, refresh: true }
    }
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreReport {
    /// Written whole.
    pub files: u64,
    pub folders: u64,
    /// Written to the sink.
    pub bytes: u64,
    /// Lay there already and are what was backed up, by their chunks: neither fetched nor written.
    pub there_files: u64,
    pub there_bytes: u64,
    /// Files and folders that could not be restored, at most 1,000 of them named.
    pub damaged: Vec<Left>,
    pub damaged_count: u64,
}
