//! A world for vaults and sources that are too large to be made of bytes: files are generated when they are read, objects lie in a
//! folder. One lane works inline, and answers come in the order asked.

#![allow(dead_code)] // each program that has it uses its part

mod simulated;
mod source;

use std::{
    collections::{HashMap, VecDeque},
    fs,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use sha2::{Digest, Sha256};
use strongroom_core::{
    Access, Ask, AskId, Body, Code, Held, HeldBuffer, HostError, Input, Job, Kind, Lane, Listed, Machine, Millis, ObjectPath, PACK_LENGTH,
    Poll, Reply, Unlock, UnlockSecret, VaultHandle,
};

pub use simulated::{Simulated, phrase};
pub use source::Source;

/// What machines asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub lists: u64,
    pub gets: u64,
    pub bytes_got: u64,
    pub puts: u64,
    pub bytes_put: u64,
    pub bytes_read: u64,
}

pub struct World {
    folder: PathBuf,
    pub source: Source,
    walked: u64,
    lane: Lane,
    held: HashMap<Held, Vec<u8>>,
    next: u64,
    pub asked: Asked,
}

impl World {
    /// Over the objects in that folder.
    pub fn new(folder: impl Into<PathBuf>, source: Source) -> Self {
        Self { folder: folder.into(), source, walked: 0, lane: Lane::new(), held: HashMap::new(), next: 0, asked: Asked::default() }
    }

    /// Unlocks the vault that [`Simulated`] made there.
    pub fn unlock(&mut self) -> VaultHandle {
        let vault = fs::read_to_string(self.folder.join("vault")).expect("a vault was made").parse().expect("its id");
        let handle = self.run(&mut Unlock::new(Access::Local { vault }, UnlockSecret::Recovery(phrase()), [9; 32]));
        self.lane.run(handle.lane_setup(), vec![]);
        handle
    }

    /// Runs a machine to its end.
    ///
    /// # Panics
    /// It fails.
    pub fn run<M: Machine>(&mut self, machine: &mut M) -> M::Output {
        let mut pending: VecDeque<(AskId, Ask)> = VecDeque::new();
        self.walked = 0;
        loop {
            match machine.poll(now()) {
                Poll::Done(result) => return result.unwrap_or_else(|error| panic!("{error:?}")),
                Poll::Ask(_, Ask::Free(held)) => drop(self.held.remove(&held)),
                Poll::Ask(id, ask) => pending.push_back((id, ask)),
                Poll::Wait(_) => {
                    let (id, ask) = pending.pop_front().expect("a machine waits only for answers");
                    let reply = self.answer(ask);
                    machine.handle(id, reply, now());
                }
            }
        }
    }

    fn answer(&mut self, ask: Ask) -> Reply {
        match ask {
            Ask::List { kind, .. } => {
                self.asked.lists += 1;
                Reply::Listed(Ok(self.list(kind)))
            }
            Ask::Get { object, range, hold } => {
                self.asked.gets += 1;
                match (self.get(&object, range), hold) {
                    (Ok(bytes), true) => Reply::GotHeld(Ok(self.hold(bytes, false))),
                    (Err(error), true) => Reply::GotHeld(Err(error)),
                    (answer, false) => Reply::Got(answer),
                }
            }
            Ask::Put { object, body } => {
                let bytes = match body {
                    Body::Inline(bytes) => bytes,
                    Body::Held(held) => self.held.remove(&held).expect("what is put is held"),
                };
                self.asked.puts += 1;
                self.asked.bytes_put += bytes.len() as u64;
                put(&self.folder, object.kind, &object.name, &bytes);
                Reply::Done(Ok(()))
            }
            Ask::Walk => Reply::Walked(Ok(self.source.walk(&mut self.walked))),
            Ask::Run { job, .. } => Reply::Ran(Ok(self.job(job))),
            other => panic!("nobody here answers {other:?}"),
        }
    }

    fn list(&self, kind: Kind) -> Vec<Listed> {
        let there = fs::read_dir(self.folder.join(kind.folder())).into_iter().flatten().map(|entry| {
            let entry = entry.expect("the folder can be read");
            let length = entry.metadata().expect("the folder can be read").len();
            Listed { name: entry.file_name().into_string().expect("hex digits"), length }
        });
        let mut listed: Vec<Listed> = there.collect();
        if kind == Kind::Pack {
            let simulated = fs::read(self.folder.join("packs")).unwrap_or_default();
            listed.extend(simulated.chunks(32).map(|name| Listed { name: hex::encode(name), length: PACK_LENGTH.into() }));
        }
        listed
    }

    fn get(&mut self, object: &ObjectPath, range: Option<(u64, u32)>) -> Result<Vec<u8>, HostError> {
        let path = self.folder.join(object.kind.folder()).join(&object.name);
        let bytes = fs::read(path).map_err(|_| HostError { code: Code::Missing, message: "No such object.".into() })?;
        let bytes = match range {
            None => bytes,
            Some((offset, length)) => {
                let start = (offset as usize).min(bytes.len());
                bytes[start..(start + length as usize).min(bytes.len())].to_vec()
            }
        };
        self.asked.bytes_got += bytes.len() as u64;
        Ok(bytes)
    }

    fn job(&mut self, job: Job) -> (strongroom_core::Outcome, Vec<HeldBuffer>) {
        let input = |input| match input {
            Input::Held(held) => Ok(self.held.remove(&held).expect("inputs are held")),
            Input::Read(read) => {
                self.asked.bytes_read += u64::from(read.length);
                Ok(self.source.bytes(read.file, read.offset, read.length))
            }
        };
        let inputs = job.inputs().into_iter().map(input).collect();
        let produced = self.lane.run(job, inputs);
        let digest = produced.outcome.digests();
        let buffers = produced.buffers.into_iter().map(|bytes| self.hold(bytes, digest)).collect();
        (produced.outcome, buffers)
    }

    fn hold(&mut self, bytes: Vec<u8>, digest: bool) -> HeldBuffer {
        let held = Held(self.next);
        self.next += 1;
        let sha256 = if digest { Sha256::digest(&bytes).into() } else { [0; 32] };
        let buffer = HeldBuffer { held, length: u32::try_from(bytes.len()).expect("at most 16 MiB"), sha256 };
        self.held.insert(held, bytes);
        buffer
    }
}

/// Writes an object where a [`World`] finds it.
fn put(folder: &std::path::Path, kind: Kind, name: &str, bytes: &[u8]) {
    let folder = folder.join(kind.folder());
    fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(name), bytes)).expect("the disk has room");
}

fn now() -> Millis {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as Millis
}
