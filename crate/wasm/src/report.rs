//! Results as the page gets them: the types of ts/types.ts.

use serde::Serialize;
use strongroom_core::{self as core, Left, VaultHandle, VaultId};
use wasm_bindgen::JsValue;

use crate::message::names;

#[derive(Serialize)]
pub struct Created {
    pub vault: String,
    pub phrase: Vec<String>,
}

#[derive(Serialize)]
pub struct Unlocked<'a> {
    pub vault: String,
    /// What the broker knows this device by from now on.
    pub device: Option<&'a str>,
}

#[derive(Serialize)]
pub struct Snapshot {
    id: String,
    time: f64,
    label: String,
    writer: String,
    files: u64,
    folders: u64,
    bytes: u64,
    left: u64,
    head: bool,
}

impl From<core::SnapshotInfo> for Snapshot {
    fn from(snapshot: core::SnapshotInfo) -> Self {
        let core::SnapshotInfo { id, time, label, writer, files, folders, bytes, left, head } = snapshot;
        Self { id: id.to_string(), time: time as f64, label, writer, files, folders, bytes, left, head }
    }
}

pub fn snapshots(vault: &VaultHandle) -> Vec<Snapshot> {
    vault.snapshots().into_iter().map(Into::into).collect()
}

#[derive(Serialize)]
pub struct Passkey {
    id: String,
    name: String,
    made: Option<f64>,
    present: bool,
}

pub fn passkeys(passkeys: Vec<core::Passkey>) -> Vec<Passkey> {
    let plain = |passkey: core::Passkey| Passkey {
        id: VaultId(passkey.slot).to_string(),
        name: passkey.label,
        made: passkey.made.map(|made| made as f64),
        present: passkey.present,
    };
    passkeys.into_iter().map(plain).collect()
}

#[derive(Serialize)]
struct Heads {
    heads: Vec<Head>,
    lost: Vec<Head>,
}

#[derive(Serialize)]
struct Head {
    id: String,
    time: f64,
    words: String,
}

/// The heads, newest first, and those of a memory that are lost, or without one those that the last refresh found lost. A memory that
/// cannot be read has lost nothing that anyone knows of.
pub fn heads(vault: &VaultHandle, memory: Option<&[u8]>) -> Result<JsValue, core::Error> {
    let plain = |heads: Vec<core::Head>| {
        let head = |head: core::Head| Head { id: head.name.to_string(), time: head.time as f64, words: head.words() };
        heads.into_iter().map(head).collect()
    };
    let heads = match (memory, vault.rollback()) {
        (None, Some(rollback)) => Heads { heads: plain(rollback.heads), lost: plain(rollback.lost) },
        (None, None) => Heads { heads: plain(vault.heads_with_times()), lost: Vec::new() },
        (Some(memory), _) => Heads { heads: plain(vault.heads_with_times()), lost: plain(vault.lost(memory).unwrap_or_default()) },
    };
    serde_wasm_bindgen::to_value(&heads).map_err(|_| core::Error::new(core::Code::Internal, "The heads could not be told."))
}

#[derive(Serialize)]
pub struct Usage {
    chunks: u64,
    bytes: u64,
    packs: u64,
    stored: u64,
}

pub fn usage(vault: &VaultHandle) -> Usage {
    let core::Usage { chunks, bytes, packs, stored } = vault.usage();
    Usage { chunks, bytes, packs, stored }
}

#[derive(Serialize)]
pub struct Listing {
    entries: Vec<Entry>,
    total: u64,
    next: Option<String>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    kind: &'static str,
    mtime: Option<f64>,
    size: u64,
    files: u64,
    /// Of a find, the folder that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
}

impl Entry {
    fn of(entry: core::ListEntry, folder: Option<String>) -> Self {
        Self {
            name: text(entry.name),
            kind: if entry.folder { "folder" } else { "file" },
            mtime: entry.mtime.map(|time| time as f64),
            size: entry.size,
            files: entry.files,
            folder,
        }
    }
}

impl From<core::Listing> for Listing {
    fn from(listing: core::Listing) -> Self {
        let entries = listing.entries.into_iter().map(|entry| Entry::of(entry, None));
        Self { entries: entries.collect(), total: listing.total, next: listing.next.map(text) }
    }
}

#[derive(Serialize)]
pub struct Finds {
    finds: Vec<Entry>,
    looked: u64,
    unread: u64,
    next: Option<String>,
}

impl From<core::Found> for Finds {
    fn from(found: core::Found) -> Self {
        let finds = found.finds.into_iter().map(|find| Entry::of(find.entry, Some(names(&find.folder).join("/"))));
        Self { finds: finds.collect(), looked: found.looked, unread: found.unread, next: found.next.map(|path| place(&path)) }
    }
}

/// A path as something to be handed back: one character a byte, since a name need not be text.
fn place(path: &[Vec<u8>]) -> String {
    path.join(&b'/').into_iter().map(char::from).collect()
}

/// The path of such a place.
pub fn place_from(place: &str) -> Vec<Vec<u8>> {
    let bytes: Vec<u8> = place.chars().filter_map(|character| u8::try_from(character).ok()).collect();
    bytes.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect()
}

#[derive(Serialize)]
pub struct Version {
    snapshot: String,
    time: f64,
    since: f64,
    snapshots: u32,
    size: u64,
    mtime: Option<f64>,
}

pub fn versions(versions: Vec<core::Version>) -> Vec<Version> {
    let plain = |version: core::Version| Version {
        snapshot: version.snapshot.to_string(),
        time: version.time as f64,
        since: version.since as f64,
        snapshots: version.snapshots,
        size: version.size,
        mtime: version.mtime.map(|time| time as f64),
    };
    versions.into_iter().map(plain).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupReport {
    snapshot: String,
    started: f64,
    finished: f64,
    files: u64,
    folders: u64,
    bytes: u64,
    unchanged_files: u64,
    unchanged_bytes: u64,
    files_read: u64,
    bytes_read: u64,
    bytes_new: u64,
    bytes_stored: u64,
    excluded_files: u64,
    excluded_bytes: u64,
    resumed_bytes: u64,
    left: Vec<Left>,
    left_count: u64,
}

impl From<core::BackupReport> for BackupReport {
    fn from(report: core::BackupReport) -> Self {
        Self {
            snapshot: report.snapshot.to_string(),
            started: report.started as f64,
            finished: report.finished as f64,
            files: report.files,
            folders: report.folders,
            bytes: report.bytes,
            unchanged_files: report.unchanged_files,
            unchanged_bytes: report.unchanged_bytes,
            files_read: report.files_read,
            bytes_read: report.bytes_read,
            bytes_new: report.bytes_new,
            bytes_stored: report.bytes_stored,
            excluded_files: report.excluded_files,
            excluded_bytes: report.excluded_bytes,
            resumed_bytes: report.resumed_bytes,
            left: report.left,
            left_count: report.left_count,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RestoreReport {
    files: u64,
    folders: u64,
    bytes: u64,
    there_files: u64,
    there_bytes: u64,
    damaged: Vec<Left>,
    damaged_count: u64,
}

impl From<core::RestoreReport> for RestoreReport {
    fn from(report: core::RestoreReport) -> Self {
        let core::RestoreReport { files, folders, bytes, there_files, there_bytes, damaged, damaged_count } = report;
        Self { files, folders, bytes, there_files, there_bytes, damaged, damaged_count }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyReport {
    snapshots: u64,
    indexes: u64,
    packs: u64,
    blobs: u64,
    bytes: u64,
    damaged: Vec<Left>,
    damaged_count: u64,
}

impl From<core::VerifyReport> for VerifyReport {
    fn from(report: core::VerifyReport) -> Self {
        let core::VerifyReport { snapshots, indexes, packs, blobs, bytes, damaged, damaged_count } = report;
        Self { snapshots, indexes, packs, blobs, bytes, damaged, damaged_count }
    }
}

#[derive(Serialize)]
pub struct Forgotten {
    snapshots: Vec<Verdict>,
    /// Whether it is done.
    done: bool,
}

#[derive(Serialize)]
struct Verdict {
    snapshot: Snapshot,
    kept: Vec<core::Kept>,
}

impl From<core::ForgetReport> for Forgotten {
    fn from(report: core::ForgetReport) -> Self {
        let verdict = |verdict: core::Verdict| Verdict { snapshot: verdict.snapshot.into(), kept: verdict.kept };
        Self { snapshots: report.verdicts.into_iter().map(verdict).collect(), done: report.node.is_some() }
    }
}

#[derive(Serialize)]
pub struct Pruned {
    pub plan: core::PrunePlan,
    /// By which what is doomed can be called off.
    pub erasure: Option<String>,
    pub erased: core::EraseReport,
    /// What is to be erased after this.
    pub pending: Vec<core::Erasure>,
}

fn text(name: Vec<u8>) -> String {
    String::from_utf8(name).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
