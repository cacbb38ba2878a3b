//! What a machine asks of its host, and what the host answers (ARCHITECTURE.md, *The core asks, the host answers*).

use alloc::{string::String, vec::Vec};

use crate::{
    error::{Error, HostError},
    job::{Input, Job, Outcome},
    key::VaultId,
    seal::Kind,
};

extern crate alloc;

/// Milliseconds since 1970-01-01T00:00:00Z, by the host's clock.
pub type Millis = i64;

/// Names one ask, so that its reply finds it. Unique within a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AskId(pub u64);

/// Names bytes that stay with the host (a sealed pack, fetched ciphertext, restored plaintext), so that bulk data never
/// passes through a machine. The host draws it, unique in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Held(pub u64);

/// A file of the source, by the number the host gave it in [`Entry`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct FileId(pub u32);

/// Where an object lies: `<vault id>/<kind>/<name>` (FORMAT.md §2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectPath {
    pub vault: VaultId,
    /// Pack, index, snapshot node or slot; never local state.
    pub kind: Kind,
    /// Lower-case hex: 64 digits of SHA-256, or 32 of a slot id.
    pub name: String,
}

/// The bytes of a `Put`.
#[derive(Clone, Debug)]
pub enum Body {
    Inline(Vec<u8>),
    /// The host forgets them once they are stored.
    Held(Held),
}

/// One wish of a machine.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Create an object. Success also when the same object is there already. Answer: [`Reply::Done`].
    Put { object: ObjectPath, body: Body },
    /// Put these bytes in the place of a slot, in one step: up to it the old ones are there, from then on the new, never none and never a
    /// part. Only of hosts whose storage has no broker. Answer: [`Reply::Done`].
    Replace { object: ObjectPath, body: Vec<u8> },
    /// Read an object, or `length` bytes of it from `offset`. Answer: [`Reply::Got`], or [`Reply::GotHeld`] when `hold`.
    Get { object: ObjectPath, range: Option<(u64, u32)>, hold: bool },
    /// All objects of one kind, in any order. Answer: [`Reply::Listed`].
    List { vault: VaultId, kind: Kind },
    /// The next entries of the source, some hundreds at a time. Answer: [`Reply::Walked`].
    Walk,
    /// What that file is now: it could not be read, and is to be tried again. From here on it is read as it is found to be. Answer:
    /// [`Reply::Looked`].
    Look { file: FileId },
    /// Run a job on that lane (jobs of a lane run in the order asked); `None` is a throwaway lane, ended afterwards,
    /// because Argon2id's memory never shrinks. Answer: [`Reply::Ran`].
    ///
    /// A lane that dies is replaced by a new one of the same number, given [`lane_setup`](crate::VaultHandle::lane_setup); every
    /// job that was under way on the dead one is answered with [`Code::LaneLost`](crate::Code::LaneLost), and what it was given is
    /// gone. The machine does what was lost again.
    Run { lane: Option<u32>, job: Job },
    /// Make a folder in the sink. What lies in it is asked for before the answer. Answer: [`Reply::Done`].
    Folder { path: Vec<Vec<u8>>, mtime: Option<Millis> },
    /// What lies in the sink at that path, where it is a file of just that size: a number by which lanes read it, as they read a source.
    /// It is read once at most. Answer: [`Reply::There`].
    There { path: Vec<Vec<u8>>, size: u64 },
    /// Write part of a file to the sink; parts of one file come in order. Answer: [`Reply::Done`].
    Write(SinkPart),
    /// The rest of this file cannot be restored: discard it if the sink can, else end it here. Answer: [`Reply::Done`].
    Discard { file: u64, path: Vec<Vec<u8>> },
    /// Erase an object whose delay is over, or the slot of a passkey that is removed; success also when it is not there. Only of hosts
    /// whose storage has no broker: a broker erases by itself (FORMAT.md §6, §16). Answer: [`Reply::Done`].
    Erase { object: ObjectPath },
    /// These bytes are not needed any more. No answer.
    Free(Held),
    /// `POST /api/v1/<call>` at the broker with this JSON, opaque to the host. Answer: [`Reply::Broker`].
    Broker { call: &'static str, body: Vec<u8> },
}

impl Ask {
    /// What the host holds for this ask and gives over when it is done.
    pub(crate) fn held(&self) -> Vec<Held> {
        let Self::Run { job, .. } = self else { return Vec::new() };
        let held = |input| match input {
            Input::Held(held) => Some(held),
            Input::Read(_) => None,
        };
        job.inputs().into_iter().filter_map(held).collect()
    }
}

/// Some bytes of a restored file.
#[derive(Clone, Debug)]
pub struct SinkPart {
    /// One number a file, for the life of the machine.
    pub file: u64,
    /// Names from the snapshot's root, as stored: the host makes them safe for its sink.
    pub path: Vec<Vec<u8>>,
    pub size: u64,
    pub mtime: Option<Millis>,
    /// Where these bytes begin; 0 opens the file.
    pub offset: u64,
    /// What to write, one after the other.
    pub pieces: Vec<Piece>,
    /// These are the last bytes: close the file.
    pub last: bool,
}

/// A range of held bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub held: Held,
    pub start: u32,
    pub end: u32,
}

/// What the host answers. Every variant names the asks it belongs to.
#[derive(Debug)]
pub enum Reply {
    /// `Put`, `Replace`, `Folder`, `Write`, `Discard`, `Erase`.
    Done(Result<(), HostError>),
    /// `Get` without `hold`.
    Got(Result<Vec<u8>, HostError>),
    /// `Get` with `hold`.
    GotHeld(Result<HeldBuffer, HostError>),
    /// `List`.
    Listed(Result<Vec<Listed>, HostError>),
    /// `Walk`.
    Walked(Result<Walked, HostError>),
    /// `Look`.
    Looked(Result<Seen, HostError>),
    /// `There`.
    There(Result<Option<FileId>, HostError>),
    /// `Run`: the outcome, and one entry for each buffer the lane produced, in order.
    Ran(Result<(Outcome, Vec<HeldBuffer>), HostError>),
    /// `Broker`: the JSON answered.
    Broker(Result<Vec<u8>, HostError>),
}

impl Reply {
    /// What the host began to hold with this reply.
    pub(crate) fn held(&self) -> Vec<Held> {
        let buffers: &[HeldBuffer] = match self {
            Self::Ran(Ok((_, buffers))) => buffers,
            Self::GotHeld(Ok(buffer)) => core::slice::from_ref(buffer),
            _ => &[],
        };
        buffers.iter().map(|buffer| buffer.held).collect()
    }
}

/// Bytes a host took into its keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldBuffer {
    pub held: Held,
    pub length: u32,
    /// SHA-256 of the bytes where [`Outcome::digests`] says so, else zeros.
    pub sha256: [u8; 32],
}

/// An object found by listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub length: u64,
}

/// Entries of the source. `done` says that there are no more.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    pub entries: Vec<Entry>,
    pub done: bool,
}

/// A file of the source, as it is when it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub size: u64,
    /// None: what was said of it before.
    pub mtime: Option<Millis>,
}

/// One file or folder of the source. Folders above it need not be given.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Names from the root, exactly as the source has them.
    pub path: Vec<Vec<u8>>,
    pub kind: EntryKind,
}

#[derive(Clone, Debug)]
pub enum EntryKind {
    File {
        file: FileId,
        size: u64,
        mtime: Option<Millis>,
    },
    Folder {
        mtime: Option<Millis>,
    },
    /// Something that cannot be backed up (a link, a device, an unreadable file), and why, as a sentence.
    Unreadable {
        why: String,
    },
}

/// What a machine answers to a poll.
#[derive(Debug)]
pub enum Poll<T> {
    /// Start this, then poll again.
    Ask(AskId, Ask),
    /// Nothing to do before a reply comes, or that time.
    Wait(Option<Millis>),
    /// Finished; never poll again.
    Done(Result<T, Error>),
}

/// A piece of logic without a world.
pub trait Machine {
    type Output;
    /// The next thing to do. Never blocks.
    fn poll(&mut self, now: Millis) -> Poll<Self::Output>;
    /// A reply to an earlier ask. Unknown ids are ignored.
    fn handle(&mut self, id: AskId, reply: Reply, now: Millis);
}
