//! What a backup is told, what it plans, and what it reports.

extern crate alloc;
use alloc::{string::String, vec::Vec};

use super::{
    rules::Rules,
    source::{NodeItem, Source},
};
use crate::{ask::Millis, id::Name, progress::Left};

/// The most that a host is asked to read at one time, bytes.
pub(super) const SLICE_MAX: u64 = 8 << 20;

/// How to back up.
#[derive(Clone, Debug)]
pub struct BackupOptions {
    /// The backup set's name, shown with the snapshot; at most 255 bytes are kept.
    pub label: String,
    /// Which program or device writes; at most 255 bytes are kept.
    pub writer: String,
    pub baseline: Baseline,
    /// What to take and what to leave out.
    pub rules: Rules,
    /// Lanes of the host, numbered from 0; 1 or more.
    pub lanes: u32,
    /// Bytes that may be read and not stored yet. Open packs, at most 32 MiB a lane, come beside it: they leave a lane only when they
    /// are full.
    pub budget: u64,
    /// The most bytes to read at one time, at most 8 MiB. A file that has more is large: it is read slice by slice, by several lanes
    /// where they have nothing else to do.
    pub slice: u64,
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
            rules: Rules::default(),
            lanes: 1,
            budget: 128 << 20,
            // Larger ones are no faster (measured), and a lane holds two.
            slice: 4 << 20,
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
    /// Files of the baseline that are gone, or left out now.
    pub removed_files: u64,
    /// Entries that cannot be read.
    pub unreadable: u64,
    /// What the rules leave out.
    pub excluded_files: u64,
    pub excluded_bytes: u64,
}

impl Plan {
    /// Of a source that was compared with a baseline, of which `removed` files are gone.
    pub(super) fn of(source: &Source, removed: u64) -> Self {
        let mut plan = Self { folders: source.folders, removed_files: removed, unreadable: source.unreadable(), ..Self::default() };
        for node in source.ids().filter_map(|id| source.get(id)) {
            let NodeItem::File(file) = &node.item else { continue };
            if node.out.is_some() {
                plan.excluded_files += 1;
                plan.excluded_bytes += file.size;
                plan.removed_files += u64::from(file.content().is_some() || file.changed);
                continue;
            }
            let (files, bytes) = match (file.content(), file.changed) {
                (Some(_), _) => (&mut plan.unchanged_files, &mut plan.unchanged_bytes),
                (None, true) => (&mut plan.changed_files, &mut plan.changed_bytes),
                (None, false) => (&mut plan.new_files, &mut plan.new_bytes),
            };
            *files += 1;
            *bytes += file.size;
            plan.files += 1;
            plan.bytes += file.size;
        }
        plan
    }
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
    /// What the rules left out.
    pub excluded_files: u64,
    pub excluded_bytes: u64,
    /// Of packs that an interrupted run had stored, bytes: they were taken over.
    pub resumed_bytes: u64,
    /// Entries that were left out and objects that could not be used, at most 1,000 of them named.
    pub left: Vec<Left>,
    pub left_count: u64,
}
