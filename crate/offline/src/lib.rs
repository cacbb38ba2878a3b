//! `offline.wasm`: the core as the reader of `restore.html`. From the files of a folder, or of a ZIP, that holds a vault's objects it opens
//! the vault, lists its snapshots and folders, and restores. One worker is enough: what is heavy is done where it is asked for.
//!
//! Smaller than `vault.wasm`, because nothing that writes, signs in or compresses is linked.
#![forbid(unsafe_code)]

mod face;
mod reader;

pub use face::OfflineReader;
pub use reader::{Answer, Reader, Step};
