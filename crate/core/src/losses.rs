//! Lanes that die in mid-run: what they had is done again, but not for ever.

extern crate alloc;

use crate::error::{Code, Error};

/// A run outlives so many deaths of lanes, each with all the jobs that were under way on it.
const DEATHS: usize = 3;

/// How many more lost jobs a run puts up with. What kills its lane whenever it is tried ends the run.
pub(crate) struct Losses {
    left: usize,
}

impl Losses {
    /// For a run with so many jobs under way at one time.
    pub fn new(jobs: usize) -> Self {
        Self { left: DEATHS * jobs }
    }

    /// A job was lost: it may be done again.
    ///
    /// # Errors
    /// `LaneLost` when that was so once too often.
    pub fn again(&mut self) -> Result<(), Error> {
        self.left = self.left.checked_sub(1).ok_or_else(lost)?;
        Ok(())
    }
}

/// Whether a job failed because its lane died, and nothing else.
pub(crate) fn is_loss(error: &Error) -> bool {
    error.code == Code::LaneLost
}

fn lost() -> Error {
    let message = "A working part of Strongroom ended unexpectedly several times, perhaps for want of memory. What is stored stays stored: \
                   close what else is open, start Strongroom anew, and begin this again; it goes on where it was.";
    Error::new(Code::LaneLost, message)
}
