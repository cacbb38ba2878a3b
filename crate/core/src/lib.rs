//! The vault: chunking, ids, compression, sealing, packs, indexes, trees, the snapshot graph, and the machines that
//! create, unlock, change a passphrase and passkeys, back up, list, search, tell versions, restore, verify, forget, prune and
//! erase. Bytes are specified in FORMAT.md; every parser cites its section.
//!
//! Pure and deterministic: no I/O, no clock, no thread, no ambient randomness. A machine says what it wants of the world
//! ([`Ask`]), a host answers ([`Reply`]) in any order and in parallel; time is an argument, randomness a seed.
//!
//! ```text
//! loop { match machine.poll(now) {
//!     Poll::Ask(id, ask) => start it; when it ends: machine.handle(id, reply, now), then poll again,
//!     Poll::Wait(until)  => wait for a reply, or for that time,
//!     Poll::Done(result) => finished } }
//! ```
//!
//! **After every call that takes `&mut self`, poll to `Wait` or `Done` before waiting on the world.**
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice))] // no panic on foreign bytes

mod ask;
mod error;
mod job;
mod lane;
mod progress;

// The machines, and what they share.
mod adopt;
mod backup;
mod broker;
mod browse;
mod call;
mod copy;
mod create;
mod desk;
mod erase;
mod fixed;
mod forget;
mod fresh;
mod list;
mod live;
mod local;
mod losses;
mod memory;
mod ordered;
mod passkey;
mod passphrase;
mod prune;
mod refresh;
mod replace;
mod restore;
mod search;
mod sign_in;
mod table;
mod unlock;
mod vault;
mod verify;
mod versions;

// The format, each module a section or two of FORMAT.md.
pub mod bytes;
pub mod chunk;
pub mod codec;
pub mod graph;
pub mod id;
pub mod index;
pub mod key;
pub mod limits;
pub mod opaque;
pub mod pack;
pub mod phrase;
pub mod seal;
pub mod slot;
pub mod tree;

pub use ask::{
    Ask, AskId, Body, Entry, EntryKind, FileId, Held, HeldBuffer, Listed, Machine, Millis, ObjectPath, Piece, Poll, Reply, Seen, SinkPart,
    Walked,
};
pub use backup::{Backup, BackupOptions, BackupReport, Baseline, Part, Plan, Reason, Rules, Settled, SettledEntry, Survey, SurveyEntry};
pub use call::Call;
pub use create::{Create, CreateAccess, CreateOptions, Created};
pub use erase::{CancelErasure, Erase, EraseReport, Erasure, Erasures, Keeper};
pub use error::{Code, Error, HostError, Place};
pub use forget::{Forget, ForgetReport, Forgotten, KeepRules, Kept, Verdict, preview};
pub use fresh::FreshUnlock;
pub use id::{Id, Name};
pub use job::{BlobPlace, ChunkRef, Chunked, Input, Job, Opened, Outcome, Produced, Read, Scanned, SealedPack, TailPiece};
pub use key::{LaneKeys, Secret, VaultId};
pub use lane::{Lane, ReadingLane};
pub use list::{List, ListEntry, Listing};
pub use local::UnlockLocal;
pub use memory::{Head, Rollback};
pub use pack::{BlobEntry, BlobKind, Codec};
pub use passkey::{ChangePasskeys, Passkey, PasskeyChange, PasskeySecret, Passkeys};
pub use passphrase::ChangePassphrase;
pub use phrase::RecoveryPhrase;
pub use progress::{Bottleneck, Left, Progress, Stage, Steer};
pub use prune::{Prune, PruneOptions, PrunePlan, PruneReport};
pub use refresh::Refresh;
pub use replace::ReplacePassphrase;
pub use restore::{Restore, RestoreOptions, RestoreReport};
pub use seal::{EXTENT, Header, Kind, PACK_LENGTH};
pub use search::{Find, Found, Search, Wanted};
pub use sign_in::{Scope, SignIn, SignedIn, UnlockSecret};
pub use slot::SlotKind;
pub use table::Usage;
pub use unlock::{Access, Unlock};
pub use vault::{SnapshotInfo, VaultHandle};
pub use verify::{Verify, VerifyOptions, VerifyReport};
pub use versions::{Version, Versions};
