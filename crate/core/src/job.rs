//! Heavy work, done on a *lane*: a thread natively, a worker in the browser. Jobs and outcomes are plain data that cross
//! between them (`postcard` bytes in the browser); bulk bytes go beside them, as inputs and produced buffers.

extern crate alloc;
use alloc::{string::String, vec::Vec};

use crate::{
    ask::{FileId, Held},
    error::{Code, HostError},
    fixed,
    id::Id,
    key::LaneKeys,
    pack::BlobEntry,
    seal::Header,
};

/// Most plaintext that one `Open` may ask for, bytes: a lane's memory never shrinks.
pub(crate) const OPEN_MAX: u32 = 16 << 20;

/// One piece of work for a lane.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Job {
    /// The keys of the vault; before any other job but the stretching ones. Outcome: `Ready`.
    Setup { keys: LaneKeys },
    /// A backup begins: forget what an earlier one left, draw salts and pack choices from this seed, which no lane and no
    /// backup ever had before. Outcome: `Ready`.
    Begin {
        #[serde(with = "fixed")]
        seed: [u8; 32],
    },
    /// Cut and identify these slices (one input each). The lane keeps their bytes until `Keep`. Outcome: `Chunked`.
    Chunk { batch: u32, reads: Vec<Read> },
    /// Which chunks of that batch, in the order reported, to compress and pack; drop the others. Outcome: `Kept`.
    Keep { batch: u32, keep: Vec<bool> },
    /// Hand out the open packs, unsealed (one buffer each). Outcome: `Tails`.
    Flush,
    /// Add a tail (one input) to the pack that joins them all; `last` closes it. All tails go to one lane, so that a run
    /// ends with at most one pack that is not full. Outcome: `Kept`.
    Join { tail: TailPiece, last: bool },
    /// Decrypt, decompress and check blobs, of at most 16 MiB together, out of a range of a pack (one input: the range's bytes).
    /// Outcome: `Opened`.
    Open { range: Held, offset: u64, pack_length: u32, header: Header, blobs: Vec<BlobPlace> },
    /// Whether the bytes of these slices (one input each) are those chunks, one list for each. A slice that cannot be read is not.
    /// Outcome: `Compared`.
    Compare { reads: Vec<Read>, chunks: Vec<Vec<ChunkRef>> },
    /// Check a whole pack (one input): name, directory, and every blob if `data`. Outcome: `Scanned`.
    Scan {
        pack: Held,
        #[serde(with = "fixed")]
        name: [u8; 32],
        data: bool,
    },
    /// Copying begins, under that number: forget what an earlier one left, draw salts and pack choices from this seed. Outcome: `Ready`.
    CopyBegin {
        copy: u32,
        #[serde(with = "fixed")]
        seed: [u8; 32],
    },
    /// Copy the blobs that begin at these payload offsets out of a whole pack (one input), as they are stored. Outcome: `Kept`.
    Copy {
        copy: u32,
        pack: Held,
        #[serde(with = "fixed")]
        name: [u8; 32],
        offsets: Vec<u32>,
    },
    /// Close the packs that copying left open. Outcome: `Kept`.
    CopyEnd { copy: u32 },
    /// Argon2id for a slot without a broker (FORMAT.md §6). Outcome: `Stretched`.
    Stretch {
        passphrase: Vec<u8>,
        #[serde(with = "fixed")]
        salt: [u8; 32],
        memory_kib: u32,
        passes: u32,
        lanes: u32,
    },
    /// OPAQUE registration, last client step (FORMAT.md §14). Outcome: `Registered`.
    RegisterFinish {
        state: Vec<u8>,
        password: Vec<u8>,
        response: Vec<u8>,
        client: Vec<u8>,
        #[serde(with = "fixed")]
        seed: [u8; 32],
    },
    /// OPAQUE login, last client step (FORMAT.md §14). Outcome: `LoggedIn`.
    LoginFinish {
        state: Vec<u8>,
        password: Vec<u8>,
        response: Vec<u8>,
        client: Vec<u8>,
        #[serde(with = "fixed")]
        seed: [u8; 32],
    },
}

/// What a host must supply to a job, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Bytes `[offset, offset + length)` of that file of the source.
    Read(Read),
    /// Bytes the host holds; given over, not copied.
    Held(Held),
}

/// A slice of a file. Several lanes may read one file, each a *strand* of it, which it cuts as if the file began there. Slices of one
/// strand come in order, to one lane, and of no other of that file until its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Read {
    pub file: FileId,
    /// Where the strand begins.
    pub from: u64,
    pub offset: u64,
    /// At most 8 MiB.
    pub length: u32,
    /// The file ends with this slice, and the strand. One that is over before is ended by a slice without bytes, at the end of the file:
    /// what it has not cut is dropped. Here a host says whether the file changed while the strand was read.
    pub last: bool,
}

impl Read {
    /// The first slice of its strand.
    pub fn begins(&self) -> bool {
        self.offset == self.from
    }

    /// All of the file.
    pub fn is_whole(&self) -> bool {
        self.offset == 0 && self.last
    }
}

/// Unsealed blobs of an open pack.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct TailPiece {
    pub held: Held,
    pub blobs: Vec<BlobEntry>,
}

/// A blob inside a pack, `offset` bytes into the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BlobPlace {
    pub entry: BlobEntry,
    pub offset: u32,
}

/// A chunk of a file: its id and plaintext length in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChunkRef {
    pub id: Id,
    pub length: u32,
}

/// What a slice gave. The chunks that *ended* in it; a chunk may have begun in the slice before.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Chunked {
    pub file: FileId,
    pub chunks: Vec<ChunkRef>,
    /// Why this file cannot be read (its chunks of this batch are empty then).
    pub error: Option<HostError>,
}

/// A pack that was closed; its bytes are the next produced buffer, its name their SHA-256.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct SealedPack {
    pub header: Header,
    pub length: u32,
    pub blobs: Vec<BlobEntry>,
}

/// Where one blob lies in the produced buffer, or what is wrong with it.
pub type Opened = Result<(u32, u32), Code>;

/// What is in a pack, and which of its blobs are damaged.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Scanned {
    pub header: Header,
    pub length: u32,
    pub blobs: Vec<BlobEntry>,
    /// Indices into `blobs`.
    pub damaged: Vec<u32>,
}

/// What a job gave.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Outcome {
    Ready,
    /// One for each read, in order.
    Chunked {
        batch: u32,
        files: Vec<Chunked>,
    },
    /// Packs that became full; one buffer each.
    Kept {
        packs: Vec<SealedPack>,
    },
    /// One buffer each; each is one kind of blob (data or tree).
    Tails {
        tails: Vec<Vec<BlobEntry>>,
    },
    /// One buffer: the plaintext of the good blobs one after another.
    Opened {
        blobs: Vec<Opened>,
    },
    /// One for each read, in order.
    Compared {
        same: Vec<bool>,
    },
    /// No buffer. `Err` when nothing of the pack can be believed.
    Scanned(Result<Scanned, Code>),
    Stretched {
        #[serde(with = "fixed")]
        key: [u8; 32],
    },
    Registered {
        upload: Vec<u8>,
        export_key: Vec<u8>,
    },
    LoggedIn {
        finalization: Vec<u8>,
        export_key: Vec<u8>,
        session_key: Vec<u8>,
    },
    /// The job could not be done; `code` is `WrongSecret` for a login with the wrong passphrase.
    Failed {
        code: Code,
        message: String,
    },
}

impl Job {
    /// What the host must supply, in order.
    pub fn inputs(&self) -> Vec<Input> {
        match self {
            Self::Chunk { reads, .. } | Self::Compare { reads, .. } => reads.iter().map(|read| Input::Read(*read)).collect(),
            Self::Join { tail, .. } => alloc::vec![Input::Held(tail.held)],
            Self::Open { range, .. } => alloc::vec![Input::Held(*range)],
            Self::Scan { pack, .. } | Self::Copy { pack, .. } => alloc::vec![Input::Held(*pack)],
            _ => Vec::new(),
        }
    }
}

impl Outcome {
    /// Whether the host must give the SHA-256 of each produced buffer with the reply.
    pub fn digests(&self) -> bool {
        matches!(self, Self::Kept { .. })
    }
}

/// What `Lane::run` returns: the outcome, and bytes for the host to hold.
#[derive(Debug)]
pub struct Produced {
    pub outcome: Outcome,
    pub buffers: Vec<Vec<u8>>,
}
