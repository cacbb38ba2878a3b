//! Who keeps the delay, and what is said to a broker that does (crate/server/API.md).

extern crate alloc;
use alloc::{
    collections::VecDeque,
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    ask::Millis,
    broker::nonsense,
    error::{Error, HostError},
    graph::Tombstone,
    id::Name,
    seal::Kind,
    vault::object_name,
};

/// Objects that one call to the broker names.
pub(super) const BATCH: usize = 256;

/// Who keeps the delay between a tombstone and the erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// The broker, by its own clock, and it erases.
    Broker,
    /// Nobody but the clients: this one, by its clock.
    Client { delay: Millis },
}

/// A tombstone that the broker was told of.
#[derive(Clone, Debug, serde::Deserialize)]
pub(super) struct Told {
    pub tombstone: String,
    pub objects: u64,
    pub due: Millis,
}

/// What the broker says of all of them, and its time.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub(super) struct Pending {
    pub erasures: Vec<Told>,
    pub now: Millis,
}

impl Pending {
    pub fn read(answer: Result<Vec<u8>, HostError>) -> Result<Self, Error> {
        let body = answer.map_err(|error| Error::new(error.code, error.message))?;
        serde_json::from_slice(&body).map_err(|_| nonsense("its answer is not the JSON of pending erasures"))
    }

    pub fn of(&self, tombstone: &Name) -> Option<&Told> {
        self.erasures.iter().find(|told| told.tombstone == tombstone.to_string())
    }
}

/// All that a tombstone names, by path: packs, then indexes, then nodes.
pub(super) fn paths(doomed: &Tombstone) -> Vec<String> {
    let of = |kind, names: &[Name]| names.iter().map(|name| object_name(kind, name)).collect::<Vec<_>>();
    [of(Kind::Pack, &doomed.packs), of(Kind::Index, &doomed.indexes), of(Kind::Snapshot, &doomed.nodes)].concat()
}

/// A call that names some objects of a tombstone. Names are hex: nothing in them needs JSON's escapes.
pub(super) fn call_body(tombstone: &Name, paths: &[String]) -> Vec<u8> {
    format!("{{\"tombstone\":\"{tombstone}\",\"paths\":[\"{}\"]}}", paths.join("\",\"")).into_bytes()
}

/// The bodies of the calls `erase/mark` that tell the broker of a tombstone.
pub(crate) fn mark_calls(tombstone: &Name, doomed: &Tombstone) -> VecDeque<Vec<u8>> {
    paths(doomed).chunks(BATCH).map(|paths| call_body(tombstone, paths)).collect()
}

/// The body of `erase/cancel`.
pub(super) fn cancel_body(tombstone: &Name) -> Vec<u8> {
    format!("{{\"tombstone\":\"{tombstone}\"}}").into_bytes()
}
