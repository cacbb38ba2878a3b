//! A lane: does jobs one after the other, and keeps what goes from one to the next (keys, contexts, files in mid-slice, open
//! packs). Memory is bounded: the slices of a batch are dropped at its `Keep`, and at most two packs are open.

mod backup;
mod copy;
mod reading;

use alloc::{string::String, vec, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use crate::{
    chunk::Chunker,
    codec::Encoder,
    error::{Code, Error, HostError},
    job::{Job, Outcome, Produced},
    opaque,
};
use backup::Backup;
use copy::Copy;
use reading::Reading;
pub use reading::ReadingLane;

extern crate alloc;

/// Does jobs. One for each thread or worker, each with its own state.
#[derive(Default)]
pub struct Lane {
    vault: Option<Vault>,
    backup: Option<Backup>,
    /// Beside a backup: neither disturbs the other. One at a time, by its number.
    copy: Option<(u32, Copy)>,
}

/// What `Setup` gave, and the contexts to work with.
struct Vault {
    reading: Reading,
    chunker: Chunker,
    encoder: Encoder,
}

impl Lane {
    /// Knows no keys yet: the first job is `Setup`, or a stretching one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Does one job. `inputs` are what [`Job::inputs`] says, in that order, or why one cannot be had.
    pub fn run(&mut self, job: Job, inputs: Vec<Result<Vec<u8>, HostError>>) -> Produced {
        self.try_run(job, inputs).unwrap_or_else(failed)
    }

    /// Takes back the memory of a buffer that [`Lane::run`] produced, where the host has copied it.
    pub fn reuse(&mut self, buffer: Vec<u8>) {
        if let Some(backup) = &mut self.backup {
            backup.reuse(buffer);
        }
    }

    fn try_run(&mut self, job: Job, inputs: Vec<Result<Vec<u8>, HostError>>) -> Result<Produced, Error> {
        match job {
            Job::Setup { keys } => {
                let chunker = Chunker::new(keys.chunk_log2, &keys.gear);
                self.vault = Some(Vault { reading: Reading::new(keys), chunker, encoder: Encoder::new() });
                (self.backup, self.copy) = (None, None);
                Ok(bare(Outcome::Ready))
            }
            Job::Begin { seed } => {
                self.backup = Some(Backup::new(seed));
                Ok(bare(Outcome::Ready))
            }
            Job::Chunk { batch, reads } => {
                let (vault, backup) = self.backing_up()?;
                Ok(bare(backup.chunk(vault, batch, &reads, inputs)))
            }
            Job::Keep { batch, keep } => {
                let (vault, backup) = self.backing_up()?;
                backup.keep(vault, batch, &keep)
            }
            Job::CopyBegin { copy, seed } => {
                self.copy = Some((copy, Copy::new(seed)));
                Ok(bare(Outcome::Ready))
            }
            Job::Copy { copy, name, offsets, .. } => {
                let pack = one(inputs)?;
                let (vault, copy) = self.copying(copy)?;
                copy.take(vault, pack, name, &offsets)
            }
            Job::CopyEnd { copy } => {
                let (vault, copy) = self.copying(copy)?;
                Ok(copy.close(vault))
            }
            Job::Flush => Ok(self.backing_up()?.1.flush()),
            Job::Join { tail, last } => {
                let bytes = one(inputs)?;
                let (vault, backup) = self.backing_up()?;
                backup.join(vault, tail, &bytes, last)
            }
            Job::Compare { chunks, .. } => Ok(bare(self.set_up()?.reading.compare(&inputs, &chunks))),
            Job::Open { .. } | Job::Scan { .. } => self.set_up()?.reading.run(job, inputs),
            Job::Stretch { .. } => reading::stretch(job),
            Job::RegisterFinish { state, password, response, client, seed } => {
                let (state, password) = (Zeroizing::new(state), Zeroizing::new(password));
                let done = opaque::register_finish(&state, &password, &response, &client, &mut ChaCha20Rng::from_seed(seed))?;
                Ok(bare(Outcome::Registered { upload: done.upload, export_key: done.export_key.to_vec() }))
            }
            Job::LoginFinish { state, password, response, client, seed } => {
                let (state, password) = (Zeroizing::new(state), Zeroizing::new(password));
                let done = opaque::login_finish(&state, &password, &response, &client, &mut ChaCha20Rng::from_seed(seed))?;
                Ok(bare(Outcome::LoggedIn {
                    finalization: done.finalization,
                    export_key: done.export_key.to_vec(),
                    session_key: done.session_key.to_vec(),
                }))
            }
        }
    }

    fn set_up(&mut self) -> Result<&mut Vault, Error> {
        self.vault.as_mut().ok_or_else(|| bug("a lane got work before its keys"))
    }

    fn copying(&mut self, number: u32) -> Result<(&mut Vault, &mut Copy), Error> {
        match (&mut self.vault, &mut self.copy) {
            (Some(vault), Some((of, copy))) if *of == number => Ok((vault, copy)),
            (Some(_), _) => Err(Error::new(Code::LaneLost, "A new lane knows nothing of this copying.")),
            _ => Err(bug("a lane got work before its keys")),
        }
    }

    fn backing_up(&mut self) -> Result<(&mut Vault, &mut Backup), Error> {
        match (&mut self.vault, &mut self.backup) {
            (Some(vault), Some(backup)) => Ok((vault, backup)),
            // The lane that had begun it is gone, and this one stands in its place.
            (Some(_), None) => Err(Error::new(Code::LaneLost, "A new lane knows nothing of this backup.")),
            _ => Err(bug("a lane got work before its keys")),
        }
    }
}

/// An outcome without buffers.
fn bare(outcome: Outcome) -> Produced {
    Produced { outcome, buffers: vec![] }
}

/// All inputs, or why one cannot be had.
fn all(inputs: Vec<Result<Vec<u8>, HostError>>) -> Result<Vec<Vec<u8>>, Error> {
    inputs.into_iter().map(|input| input.map_err(|error| Error::new(error.code, error.message))).collect()
}

/// The only input.
fn one(inputs: Vec<Result<Vec<u8>, HostError>>) -> Result<Vec<u8>, Error> {
    all(inputs)?.pop().ok_or_else(|| bug("a lane got a job without its bytes"))
}

/// A job that could not be done.
fn failed(error: Error) -> Produced {
    bare(Outcome::Failed { code: error.code, message: error.message })
}

/// A job that no machine asks for.
fn bug(what: &str) -> Error {
    let mut message = String::from("A bug stopped the work: ");
    message.push_str(what);
    message.push_str(". Please report this, and start again.");
    Error::new(Code::Internal, message)
}
