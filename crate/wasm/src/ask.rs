//! The page's and the courier's answers as the core takes them.

use js_sys::{ArrayBuffer, Uint8Array};
use strongroom_core::{Ask, Code, Entry, EntryKind, FileId, HostError, Reply, SinkPart, Walked};

use crate::{
    courier::Answer,
    held::HeldBytes,
    message::{PageAnswer, PageAsk, WalkedEntry, millis, names, split},
};

/// What an unanswered ask will be answered with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Done,
    Got,
    GotHeld,
    Listed,
    Walked,
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
            (_, PageAnswer::Failed(told)) => self.failed(told.into()),
            _ => self.failed(misfit()),
        }
    }
}

/// An ask that the page answers, and the bytes that go along.
pub fn for_page(ask: &Ask, held: &HeldBytes) -> Result<(PageAsk, Vec<ArrayBuffer>), HostError> {
    Ok(match ask {
        Ask::Folder { path, mtime } => (PageAsk::Folder { path: names(path), mtime: mtime.map(|time| time as f64) }, Vec::new()),
        Ask::Write(SinkPart { file, path, size, mtime, offset, pieces, last }) => {
            let parts = pieces.iter().map(|piece| held.piece(piece)).collect::<Result<_, _>>()?;
            let mtime = mtime.map(|time| time as f64);
            (PageAsk::Write { file: *file, path: names(path), size: *size, mtime, offset: *offset, last: *last }, parts)
        }
        Ask::Discard { file, path } => (PageAsk::Discard { file: *file, path: names(path) }, Vec::new()),
        _ => (PageAsk::Walk, Vec::new()),
    })
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
