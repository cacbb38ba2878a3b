//! The end of what the lanes do: their open packs come out, unsealed, and one lane joins them.

use super::Lanes;
use crate::{
    ask::{Ask, HeldBuffer},
    backup::{Backup, Purpose},
    error::Error,
    job::{Job, Outcome, TailPiece},
    vault::unexpected,
};

/// The open packs of one lane have no more than this.
const OPEN_MAX: u64 = 32 << 20;

impl Lanes {
    /// After all open packs were handed out: there will be others.
    pub fn reopen(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.flushed = false);
    }

    /// All open packs were handed out.
    pub fn is_flushed(&self) -> bool {
        self.flushing == 0 && self.lanes.iter().all(|lane| lane.flushed)
    }
}

impl Backup {
    /// Whether the open packs fit the budget beside what is uploading: they come out of the lanes all at once.
    pub(in crate::backup) fn has_room_for_tails(&self) -> bool {
        let open: u64 = self.lanes.lanes.iter().map(|lane| lane.open.min(OPEN_MAX)).sum();
        self.store.uploading_bytes == 0 || open + self.store.uploading_bytes <= self.options.budget
    }

    /// Asks the lanes for their open packs.
    pub(in crate::backup) fn flush_lanes(&mut self) {
        for (number, lane) in (0..).zip(&mut self.lanes.lanes) {
            if !lane.flushed {
                lane.flushed = true;
                lane.open = 0;
                self.lanes.flushing += 1;
                self.desk.ask(Purpose::Flush, Ask::Run { lane: Some(number), job: Job::Flush });
            }
        }
    }

    /// A lane's open packs are here; the last one sets off their joining.
    pub(in crate::backup) fn flushed(&mut self, outcome: Outcome, buffers: Vec<HeldBuffer>) -> Result<(), Error> {
        let Outcome::Tails { tails } = outcome else { return Err(unexpected()) };
        if tails.len() != buffers.len() {
            return Err(unexpected());
        }
        self.lanes.flushing -= 1;
        self.lanes.tails.extend(tails.into_iter().zip(buffers).map(|(blobs, buffer)| TailPiece { held: buffer.held, blobs }));
        if self.lanes.flushing == 0 {
            // All to one lane, so that at most one pack is not full in the end.
            let tails = core::mem::take(&mut self.lanes.tails);
            let count = tails.len();
            for (number, tail) in (1..).zip(tails) {
                let job = Job::Join { tail, last: number == count };
                self.desk.ask(Purpose::Join, Ask::Run { lane: Some(0), job });
            }
        }
        Ok(())
    }

    /// Packs that the tails made.
    pub(in crate::backup) fn joined(&mut self, outcome: Outcome, buffers: Vec<HeldBuffer>) -> Result<(), Error> {
        let Outcome::Kept { packs } = outcome else { return Err(unexpected()) };
        self.put_all(packs, buffers)
    }
}
