//! The courier as the engine sees it: the mirror of crate/courier/src/message.rs.

use js_sys::ArrayBuffer;
use serde::{Deserialize, Serialize};
use strongroom_core::{Listed, ObjectPath};
use web_sys::MessagePort;

use crate::{js::Envelope, message::Told};

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ToCourier {
    Request { id: u64, run: u32, patient: bool, verb: Verb },
    Cancel { run: u32 },
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Put { object: Object, sha256: String },
    Replace { object: Object },
    Get { object: Object, range: Option<(u64, u32)> },
    List { vault: String, kind: &'static str },
    Erase { object: Object },
    Broker { call: &'static str, body: String },
}

#[derive(Serialize)]
pub struct Object {
    vault: String,
    kind: &'static str,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromCourier {
    Answer { id: u64, answer: Answer },
    Waiting { why: Option<String> },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Done,
    /// The bytes come with the message.
    Bytes,
    Listed(Vec<Found>),
    Told(String),
    Failed(Told),
}

/// An object found.
#[derive(Deserialize)]
pub struct Found {
    name: String,
    length: u64,
}

impl From<Found> for Listed {
    fn from(found: Found) -> Self {
        Self { name: found.name, length: found.length }
    }
}

impl From<&ObjectPath> for Object {
    fn from(object: &ObjectPath) -> Self {
        Self { vault: object.vault.to_string(), kind: object.kind.folder(), name: object.name.clone() }
    }
}

/// The port to the courier.
pub struct Courier(pub MessagePort);

impl Courier {
    /// A request; its answer comes as a message with the same id. A patient one waits until any trouble is over.
    pub fn send(&self, id: u64, run: u32, patient: bool, verb: Verb, bytes: Option<&ArrayBuffer>) {
        let envelope = Envelope::new(&ToCourier::Request { id, run, patient, verb });
        match bytes {
            Some(bytes) => envelope.with("bytes", bytes).post(&self.0),
            None => envelope.post(&self.0),
        }
    }

    /// Nobody waits for this run's requests any more.
    pub fn cancel(&self, run: u32) {
        Envelope::new(&ToCourier::Cancel { run }).post(&self.0);
    }
}
