//! What crosses between the engine and the courier. Each message is `{ head, bytes? }`: the head one of these, the
//! bytes an `ArrayBuffer` that is transferred.

use serde::{Deserialize, Serialize};

/// From the engine.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromEngine {
    Request(Request),
    /// Nobody waits for this run's requests any more.
    Cancel {
        run: u32,
    },
}

#[derive(Debug, Deserialize)]
pub struct Request {
    /// Comes back with the answer.
    pub id: u64,
    pub run: u32,
    /// Wait until the trouble is over, however long; else give up after a few attempts.
    pub patient: bool,
    pub verb: Verb,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Create an object; the bytes come with the message. Answer: `Done`.
    Put { object: ObjectPath, sha256: String },
    /// Put the bytes that come along in the place of a key slot, in one step. Answer: `Done`.
    Replace { object: ObjectPath },
    /// Read an object, or `length` bytes from `offset`. Answer: `Bytes`.
    Get { object: ObjectPath, range: Option<(u64, u32)> },
    /// Answer: `Listed`.
    List { vault: String, kind: String },
    /// Erase an object whose delay is over; also when it is not there. Never where a broker erases. Answer: `Done`.
    Erase { object: ObjectPath },
    /// `POST /api/v1/<call>` with this JSON. Answer: `Told`.
    Broker { call: String, body: String },
}

/// `<vault>/<kind>/<name>` (FORMAT.md §2).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Hash)]
pub struct ObjectPath {
    pub vault: String,
    pub kind: String,
    pub name: String,
}

/// To the engine.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToEngine {
    Answer {
        id: u64,
        answer: Answer,
    },
    /// A sentence while requests wait for a trouble to pass; none when it is over.
    Waiting {
        why: Option<String>,
    },
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Done,
    /// The bytes come with the message.
    Bytes,
    Listed(Vec<Listed>),
    /// The broker's JSON.
    Told(String),
    Failed {
        code: String,
        message: String,
    },
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Listed {
    pub name: String,
    pub length: u64,
}

impl ObjectPath {
    /// `<kind>/<name>`, as the broker wants it.
    pub fn inside(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// Whether it is the slot of the passphrase or of the recovery phrase (FORMAT.md §6): only those of passkeys come and go.
    pub fn is_kept_forever(&self) -> bool {
        self.kind == "slot" && matches!(self.name.strip_prefix(&"0".repeat(31)), Some("1" | "2"))
    }

    /// `<vault>/<kind>/<name>`, as an app's own back end wants it.
    pub fn whole(&self) -> String {
        format!("{}/{}/{}", self.vault, self.kind, self.name)
    }
}
