//! Limits of the format (FORMAT.md §5, §13). Readers refuse more before they allocate for it.

/// Least length of an object, bytes.
pub const OBJECT_MIN: u32 = 1 << 12;
/// Greatest length of an object, and the length of every full pack, bytes.
pub const OBJECT_MAX: u32 = 1 << 24;
/// Greatest plain length of a blob, bytes.
pub const BLOB_MAX: u32 = 8 << 20;
/// Greatest depth of folders.
pub const DEPTH_MAX: usize = 1024;
/// Greatest length of a name, bytes.
pub const NAME_MAX: usize = 4096;
/// Most entries of one tree blob.
pub const ENTRIES_MAX: u32 = 65_536;
/// log₂ of the greatest zstd window.
pub const WINDOW_LOG_MAX: u32 = 23;
/// Most slots of a vault.
pub const SLOTS_MAX: usize = 16;
/// Most parents of a node.
pub const PARENTS_MAX: usize = 1024;
/// Greatest length of a label, bytes.
pub const LABEL_MAX: usize = 255;
/// Most names in a tombstone.
pub const DOOMED_MAX: usize = 65_536;
/// Most epochs of a ring.
pub const EPOCHS_MAX: usize = 1024;
