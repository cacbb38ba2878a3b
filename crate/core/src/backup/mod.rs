//! Backs up a source: walk, compare, read what is new, pack, index, snapshot (FORMAT.md §12).

mod options;

pub use options::{BackupOptions, BackupReport, Baseline, Plan};

use crate::{
    ask::{AskId, Machine, Millis, Poll, Reply},
    progress::{Progress, Steer},
    vault::{VaultHandle, unexpected},
};

/// One backup run.
pub struct Backup {
    plan: Option<Plan>,
}

impl Backup {
    pub fn new(_handle: &VaultHandle, _options: BackupOptions, _seed: [u8; 32]) -> Self {
        Self { plan: None }
    }

    /// What will go; known once the source is walked.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// Goes on after the plan, where `confirm` was set. Poll afterwards.
    pub fn proceed(&mut self) {}
}

impl Steer for Backup {
    fn pause(&mut self) {}
    fn resume(&mut self) {}
    fn cancel(&mut self) {}
    fn progress(&self) -> Progress {
        Progress::default()
    }
}

impl Machine for Backup {
    type Output = BackupReport;

    fn poll(&mut self, _now: Millis) -> Poll<BackupReport> {
        Poll::Done(Err(unexpected()))
    }

    fn handle(&mut self, _id: AskId, _reply: Reply, _now: Millis) {}
}
