//! How far a run is, and what it left out.

extern crate alloc;
use alloc::{collections::VecDeque, string::String, vec::Vec};

use crate::{
    ask::Millis,
    error::{Code, Error},
};

/// At most so many entries are named in a report; all are counted.
pub const LEFT_NAMED: usize = 1_000;
/// The rate is over this much time, milliseconds.
const RATE_SPAN: Millis = 5_000;
/// Samples of the rate are at least this far apart, milliseconds.
const RATE_STEP: Millis = 200;

/// Runs that a person watches: back up, restore, verify.
pub trait Steer {
    /// Starts nothing new until [`Steer::resume`]; what is under way comes to its end.
    fn pause(&mut self);
    fn resume(&mut self);
    /// Ends the run with [`Code::Cancelled`]. What is stored stays stored; a backup writes a last index of it first, unless it is
    /// cancelled twice. Poll afterwards.
    fn cancel(&mut self);
    /// The last thing is on its way and cannot be called back: a first cancel is too late, and the host must let it come to its end.
    fn is_past_cancelling(&self) -> bool {
        false
    }
    fn progress(&self) -> Progress;
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    #[default]
    Walking,
    /// The plan is known and waits for `proceed`.
    Planned,
    Reading,
    Uploading,
    Finishing,
    Restoring,
    Verifying,
    Paused,
    Done,
}

/// What everything else waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bottleneck {
    /// Reading the files. Only a host knows it from what comes next: it says so in a machine's stead.
    Files,
    /// Compressing and sealing on this computer; or reading, where the host does not tell the two apart.
    Computer,
    /// The way to the storage, or the storage.
    Storage,
}

/// How far a run is. Bytes; times in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    pub stage: Stage,
    pub files_total: u64,
    /// Done, or found unchanged.
    pub files_done: u64,
    /// Of a backup: could not be read, as things stand.
    pub files_failed: u64,
    /// To be read from the source, or fetched, as plaintext.
    pub bytes_total: u64,
    /// Of these, read from the source or fetched.
    pub bytes_read: u64,
    /// Plaintext bytes that were not in the vault yet.
    pub bytes_new: u64,
    /// Bytes stored, as objects; or written to the sink.
    pub bytes_stored: u64,
    /// Of a restore: lay in the sink already.
    pub bytes_there: u64,
    /// Bytes a second over the last seconds.
    pub rate: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milliseconds_left: Option<f64>,
    /// What sets the pace, while that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bottleneck: Option<Bottleneck>,
    /// Paths in work right now, at most a handful.
    pub current: Vec<String>,
}

/// Something that was left out or is damaged.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Left {
    /// A path of the source or the snapshot, `/` between names, or an object: `pack/<name>`.
    pub path: String,
    pub code: Code,
    pub message: String,
}

/// What was left out: all counted, the first thousand named.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeftList {
    pub named: Vec<Left>,
    pub count: u64,
}

impl LeftList {
    pub fn add(&mut self, path: String, code: Code, message: String) {
        self.count += 1;
        if self.named.len() < LEFT_NAMED {
            self.named.push(Left { path, code, message });
        }
    }

    pub fn add_error(&mut self, path: String, error: Error) {
        self.add(path, error.code, error.message);
    }
}

/// Bytes a second over the last seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rate {
    samples: VecDeque<(Millis, u64)>,
}

impl Rate {
    /// Notes that `bytes` were done by `now`.
    pub fn note(&mut self, now: Millis, bytes: u64) {
        if self.samples.back().is_some_and(|(time, _)| now - time < RATE_STEP) {
            return;
        }
        self.samples.push_back((now, bytes));
        while self.samples.front().is_some_and(|(time, _)| now - time > RATE_SPAN) && self.samples.len() > 2 {
            self.samples.pop_front();
        }
    }

    /// Forgets, after a pause.
    pub fn reset(&mut self) {
        self.samples.clear();
    }

    pub fn per_second(&self) -> f64 {
        match (self.samples.front(), self.samples.back()) {
            (Some((start, first)), Some((end, last))) if end > start => last.saturating_sub(*first) as f64 * 1000.0 / (end - start) as f64,
            _ => 0.0,
        }
    }

    /// Milliseconds until that many bytes are done.
    pub fn left(&self, bytes: u64) -> Option<f64> {
        let rate = self.per_second();
        (rate > 0.0).then(|| bytes as f64 * 1000.0 / rate)
    }
}

/// A path for people: lossy UTF-8, `/` between names; the root is `/`.
pub(crate) fn display_path(path: &[Vec<u8>]) -> String {
    if path.is_empty() {
        return String::from("/");
    }
    let names: Vec<_> = path.iter().map(|name| String::from_utf8_lossy(name)).collect();
    names.join("/")
}
