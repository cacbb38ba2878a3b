//! The page's and the courier's answers as the core takes them.

use js_sys::{ArrayBuffer, Uint8Array};
use strongroom_core::{Ask, Code, Entry, EntryKind, FileId, Held, HostError, Millis, Reply, Seen, SinkPart, Walked};
use web_sys::DedicatedWorkerGlobalScope;

use crate::{
    courier::Answer,
    held::HeldBytes,
    js::Envelope,
    message::{PageAnswer, PageAsk, ToPage, WalkedEntry, What, millis, names, split},
};

/// What an unanswered ask will be answered with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Done,
    Got,
    GotHeld,
    Listed,
    Walked,
    Looked,
    There,
    Ran,
    Broker,
}

impl Wanted {
    /// The reply of the right shape for a failure.
    pub fn failed(self, error: HostError) -> Reply {
        match self {
            Self::Done => Reply::Done(Err(error)),
            Self::Got => Reply::Got(Err(error)),
            Self::GotHeld => Reply::GotHeld(Err(error)),
            Self::Listed => Reply::Listed(Err(error)),
            Self::Walked => Reply::Walked(Err(error)),
            Self::Looked => Reply::Looked(Err(error)),
            Self::There => Reply::There(Err(error)),
            Self::Ran => Reply::Ran(Err(error)),
            Self::Broker => Reply::Broker(Err(error)),
        }
    }

    pub fn with_courier(self, run: u32, answer: Answer, bytes: Option<ArrayBuffer>, held: &mut HeldBytes) -> Reply {
        match (self, answer, bytes) {
            (Self::Done, Answer::Done, _) => Reply::Done(Ok(())),
            (Self::Got, Answer::Bytes, Some(bytes)) => Reply::Got(Ok(Uint8Array::new(&bytes).to_vec())),
            (Self::GotHeld, Answer::Bytes, Some(bytes)) => Reply::GotHeld(Ok(held.keep(run, bytes, [0; 32]))),
            (Self::Listed, Answer::Listed(found), _) => Reply::Listed(Ok(found.into_iter().map(Into::into).collect())),
            (Self::Broker, Answer::Told(body), _) => Reply::Broker(Ok(body.into_bytes())),
            (_, Answer::Failed(told), _) => self.failed(told.into()),
            _ => self.failed(misfit()),
        }
    }

    pub fn with_page(self, answer: PageAnswer) -> Reply {
        match (self, answer) {
            (Self::Done, PageAnswer::Done) => Reply::Done(Ok(())),
            (Self::Walked, PageAnswer::Walked { entries, done }) => {
                Reply::Walked(Ok(Walked { entries: entries.into_iter().map(entry).collect(), done }))
            }
            (Self::Looked, PageAnswer::Looked { size, mtime }) => Reply::Looked(Ok(Seen { size: size as u64, mtime: millis(mtime) })),
            (Self::There, PageAnswer::There { file }) => Reply::There(Ok(file.map(FileId))),
            (_, PageAnswer::Failed(told)) => self.failed(told.into()),
            _ => self.failed(misfit()),
        }
    }
}

/// Asks that the page answers, gathered until the machine waits: one message for many small files.
#[derive(Default)]
pub struct ForPage {
    asks: Vec<PageAsk>,
    shelve: Vec<Held>,
    buffers: Vec<ArrayBuffer>,
    free: Vec<Held>,
}

impl ForPage {
    /// Adds an ask, and what of its bytes the page has not got yet.
    pub fn ask(&mut self, ask: u64, what: Ask, held: &mut HeldBytes) -> Result<(), HostError> {
        let millis = |time: Option<Millis>| time.map(|time| time as f64);
        let what = match what {
            Ask::Folder { path, mtime } => What::Folder { path: names(&path), mtime: millis(mtime) },
            Ask::Write(SinkPart { file, path, size, mtime, offset, pieces, last }) => {
                for piece in &pieces {
                    if let Some(bytes) = held.shelve(piece.held)? {
                        self.shelve.push(piece.held);
                        self.buffers.push(bytes);
                    }
                }
                let pieces = pieces.iter().map(|piece| (piece.held, piece.start, piece.end)).collect();
                What::Write { file, path: names(&path), size, mtime: millis(mtime), offset, last, pieces }
            }
            Ask::Look { file } => What::Look { file: file.0 },
            Ask::There { path, size } => What::There { path: names(&path), size },
            Ask::Discard { file, path } => What::Discard { file, path: names(&path) },
            _ => What::Walk,
        };
        self.asks.push(PageAsk { ask, what });
        Ok(())
    }

    /// The page may forget these bytes, which no ask still needs.
    pub fn free(&mut self, held: Held) {
        self.free.push(held);
    }

    /// Sends it all.
    pub fn post(&mut self, run: u32, page: &DedicatedWorkerGlobalScope) {
        let Self { asks, shelve, buffers, free } = std::mem::take(self);
        if !asks.is_empty() || !free.is_empty() {
            let message = ToPage::Asks { run, asks: &asks, shelve: &shelve, free: &free };
            Envelope::new(&message).with_all("buffers", &buffers).post_to_page(page);
        }
    }
}

fn entry(walked: WalkedEntry) -> Entry {
    let mtime = millis(walked.mtime);
    let kind = match (walked.unreadable, walked.file) {
        (Some(why), _) => EntryKind::Unreadable { why },
        (None, Some(file)) => EntryKind::File { file: FileId(file), size: walked.size.unwrap_or(0.0) as u64, mtime },
        (None, None) => EntryKind::Folder { mtime },
    };
    Entry { path: split(&walked.path), kind }
}

fn misfit() -> HostError {
    HostError { code: Code::Internal, message: "A bug stopped the work: an answer does not fit its question. Please report this.".into() }
}
