//! What a verify is told, and what it reports.

extern crate alloc;
use alloc::vec::Vec;

use crate::progress::Left;

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
