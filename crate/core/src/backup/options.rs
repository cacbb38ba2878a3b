//! What a backup is told, what it plans, and what it reports.

extern crate alloc;
use alloc::{string::String, vec::Vec};

use crate::{ask::Millis, id::Name, progress::Left};

/// How to back up.
#[derive(Clone, Debug)]
pub struct BackupOptions {
    /// The backup set's name, shown with the snapshot; at most 255 bytes are kept.
    pub label: String,
    /// Which program or device writes; at most 255 bytes are kept.
    pub writer: String,
    pub baseline: Baseline,
    /// Lanes of the host, numbered from 0; 1 or more.
    pub lanes: u32,
    /// Bytes that may be held, sealed or uploaded at one time.
    pub budget: u64,
    /// Wait after the plan until `proceed`.
    pub confirm: bool,
    /// An index is written after so many packs,
    pub checkpoint_packs: usize,
    /// and after so many milliseconds while packs are completing.
    pub checkpoint_ms: Millis,
}

impl Default for BackupOptions {
    fn default() -> Self {
        Self {
            label: String::new(),
            writer: String::new(),
            baseline: Baseline::Latest,
            lanes: 1,
            budget: 192 << 20,
            confirm: false,
            checkpoint_packs: 64,
            checkpoint_ms: 30_000,
        }
    }
}

/// Against which snapshot unchanged files are recognised, by size and mtime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Baseline {
    /// The newest of the same label.
    #[default]
    Latest,
    /// None: read everything.
    None,
    Snapshot(Name),
}

/// What will go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub files: u64,
    pub folders: u64,
    pub bytes: u64,
    pub new_files: u64,
    pub new_bytes: u64,
    pub changed_files: u64,
    pub changed_bytes: u64,
    pub unchanged_files: u64,
    pub unchanged_bytes: u64,
    /// Files of the baseline that are gone.
    pub removed_files: u64,
    /// Entries that cannot be read.
    pub unreadable: u64,
}

/// What went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupReport {
    pub snapshot: Name,
    pub started: Millis,
    pub finished: Millis,
    pub files: u64,
    pub folders: u64,
    pub bytes: u64,
    pub unchanged_files: u64,
    pub unchanged_bytes: u64,
    pub files_read: u64,
    pub bytes_read: u64,
    /// Plaintext bytes that were not in the vault yet.
    pub bytes_new: u64,
    /// Bytes stored, as objects.
    pub bytes_stored: u64,
    /// Entries that were left out and objects that could not be used, at most 1,000 of them named.
    pub left: Vec<Left>,
    pub left_count: u64,
}
