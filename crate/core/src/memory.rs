//! What a client remembers of a vault from one visit to the next: the heads that it saw, sealed as local state (FORMAT.md §10).

extern crate alloc;
use alloc::{format, string::String, vec::Vec};

use crate::{
    ask::Millis,
    bytes::{Reader, Write},
    error::{Code, Error, Place},
    graph::Graph,
    id::Name,
    limits::PARENTS_MAX,
    phrase,
    seal::Kind,
    vault::{VaultHandle, object_name},
};

const VERSION: u8 = 1;
/// Of a head, for people to compare: 11 bits each.
const WORDS: usize = 4;

/// A head of the history as people know it: by its time, and by a few words that differ for any two histories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub name: Name,
    pub time: Millis,
}

impl Head {
    /// The first 44 bits of the name, as four words of the recovery phrase's list.
    pub fn words(&self) -> String {
        phrase::words_of(&self.name.0, WORDS)
    }
}

/// A storage that shows an older state than this client has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    /// Heads that were there.
    pub lost: Vec<Head>,
    /// Those that are there now, newest first.
    pub heads: Vec<Head>,
}

impl VaultHandle {
    /// What the last refresh found, if it ended with `RolledBack`.
    pub fn rollback(&self) -> Option<Rollback> {
        self.vault().rollback.clone()
    }

    /// The heads of the history, newest first.
    pub fn heads_with_times(&self) -> Vec<Head> {
        let vault = self.vault();
        heads_of(&vault.graph, &vault.graph.heads())
    }

    /// What a client keeps until its next visit; a new seed each time. What `before` remembers and this vault has not seen is
    /// remembered still: another tab may have been later, or a storage may show each of them something else.
    ///
    /// # Errors
    /// None that can happen with heads.
    pub fn memory(&self, before: Option<&[u8]>, seed: [u8; 32]) -> Result<Vec<u8>, Error> {
        let mut kept = self.heads_with_times();
        // A memory that cannot be read is as good as none.
        kept.extend(before.and_then(|before| self.lost(before).ok()).unwrap_or_default());
        kept.truncate(PARENTS_MAX);
        let mut body = Vec::with_capacity(1 + 40 * kept.len());
        body.put_u8(VERSION);
        for head in kept {
            body.put(&head.name.0);
            body.put_i64(head.time);
        }
        self.seal_note(&body, seed)
    }

    /// What [`VaultHandle::memory`] remembers and is gone: neither there nor named by a forget node. A head that is there and damaged
    /// is not missed: it is among [`VaultHandle::damaged`].
    ///
    /// # Errors
    /// `Damaged` when this is no memory of this vault.
    pub fn lost(&self, memory: &[u8]) -> Result<Vec<Head>, Error> {
        let remembered = decode(&self.open_note(memory)?).map_err(Error::of_object)?;
        let vault = self.vault();
        let gone = vault.graph.lost(&remembered.iter().map(|head| head.name).collect::<Vec<_>>());
        let missed = |head: &Head| gone.contains(&head.name) && !vault.damaged.contains_key(&(Kind::Snapshot, head.name));
        Ok(remembered.into_iter().filter(missed).collect())
    }

    /// Checks what [`VaultHandle::memory`] gave at an earlier visit.
    ///
    /// # Errors
    /// `RolledBack` when a head is gone; `Damaged` when this is no memory of this vault.
    pub fn check_memory(&self, memory: &[u8]) -> Result<(), Error> {
        match self.lost(memory)?.first() {
            None => Ok(()),
            head => Err(rolled_back(head)),
        }
    }
}

/// These nodes of the graph, newest first.
pub(crate) fn heads_of(graph: &Graph, names: &[Name]) -> Vec<Head> {
    let mut heads: Vec<Head> = names.iter().filter_map(|name| Some(Head { name: *name, time: graph.time(name)? })).collect();
    heads.sort_by_key(|head| core::cmp::Reverse(head.time));
    heads
}

fn decode(body: &[u8]) -> Result<Vec<Head>, Code> {
    let mut reader = Reader::new(body);
    if reader.u8()? != VERSION {
        return Err(Code::Unsupported);
    }
    let mut heads = Vec::new();
    while reader.remaining() > 0 {
        if heads.len() == PARENTS_MAX {
            return Err(Code::Unsupported);
        }
        heads.push(Head { name: Name(reader.array()?), time: reader.i64()? });
    }
    Ok(heads)
}

/// The error of a head that is gone.
pub(crate) fn rolled_back(head: Option<&Head>) -> Error {
    let (object, which) = match head {
        Some(head) => {
            let object = object_name(Kind::Snapshot, &head.name);
            let which = format!("the record {object} (“{}”) is gone", head.words());
            (Place::Object(object), which)
        }
        None => (Place::Nothing, String::from("a record is gone")),
    };
    let message = format!(
        "The storage shows an older state of this vault than this device has seen before: {which}. Do not back up into it; ask whoever \
         runs the storage, or compare with another device."
    );
    Error { code: Code::RolledBack, message, place: object }
}
