//! One file a command: opens the vault, runs a machine, says what came of it.

pub mod backup;
pub mod doctor;
pub mod erasures;
pub mod forget;
pub mod init;
pub mod ls;
pub mod passphrase;
pub mod prune;
pub mod restore;
pub mod snapshots;
pub mod verify;
