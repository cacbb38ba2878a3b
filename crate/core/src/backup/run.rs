//! From phase to phase: up to date, walked, compared, planned, read, flushed, closed.

use super::{Backup, Baseline, Phase, Plan, Purpose, compare::Compare};
use crate::{
    adopt::{Adopt, report_ignored},
    ask::{Ask, Walked},
    error::Error,
    list::no_snapshot,
    tree::FolderRef,
};

impl Backup {
    /// Does what can be done now; true once the run is done.
    pub(super) fn advance(&mut self) -> Result<bool, Error> {
        loop {
            let next = match &mut self.phase {
                Phase::Refreshing(refresh) => match self.desk.drive(refresh, Purpose::Refresh, self.now) {
                    None => None,
                    Some(result) => {
                        result?;
                        self.begin()?;
                        Some(Phase::Walking)
                    }
                },
                _ if self.paused => return self.rest(),
                Phase::Walking => {
                    self.adopt()?;
                    self.walked.then(|| Phase::Comparing(Compare::new(&self.handle, self.baseline_root())))
                }
                Phase::Comparing(compare) => {
                    let done = compare.advance(&mut self.source, &mut self.report)?;
                    while let Some((key, ask)) = compare.reader.next_ask() {
                        self.desk.ask(Purpose::Extent(key), ask);
                    }
                    if done {
                        self.removed = compare.removed();
                        self.plan = Some(Plan::of(&self.source, self.removed));
                    }
                    self.adopt()?;
                    done.then_some(Phase::Planned { confirmed: !self.options.confirm })
                }
                Phase::Planned { confirmed } => {
                    let go = *confirmed;
                    self.adopt()?;
                    if go && self.adopt.is_none() {
                        self.skipped = self.source.settle_rules(&mut self.report);
                        self.bytes_total = self.lanes.line_up(&self.source);
                        self.settle_unread()?;
                        Some(Phase::Reading)
                    } else {
                        None
                    }
                }
                Phase::Reading => {
                    self.go_on_trying()?;
                    self.feed_lanes();
                    let idle = self.lanes.is_read() && !self.failures.is_busy();
                    if idle && self.try_changed_again() {
                        continue;
                    }
                    let read = idle && self.has_room_for_tails();
                    if read {
                        self.flush_lanes();
                    }
                    read.then_some(Phase::Flushing)
                }
                Phase::Flushing => {
                    let joining = self.desk.any(|purpose| matches!(purpose, Purpose::Join));
                    let flushed = self.lanes.is_flushed() && !joining;
                    if !flushed {
                        None
                    } else if let Some(reading) = self.back_to_reading() {
                        Some(reading)
                    } else {
                        self.flush_trees();
                        Some(Phase::Closing)
                    }
                }
                Phase::Closing => {
                    if let Some(reading) = self.back_to_reading() {
                        Some(reading)
                    } else if self.store.is_idle() && !self.checkpoint()? {
                        Some(self.look())
                    } else {
                        None
                    }
                }
                Phase::Looking(_) => self.go_on_looking()?,
                Phase::Snapshot(..) => None,
                Phase::Done(_) => return Ok(true),
            };
            match next {
                Some(phase) => self.phase = phase,
                None => break,
            }
        }
        if self.checkpoint_is_due() {
            self.checkpoint()?;
        }
        Ok(false)
    }

    /// In a pause: once nothing is under way, an index of what is confirmed.
    fn rest(&mut self) -> Result<bool, Error> {
        if self.desk.is_idle() {
            self.checkpoint()?;
        }
        Ok(matches!(self.phase, Phase::Done(_)))
    }

    /// The vault is up to date: chooses the baseline, walks, and looks for packs that no index names.
    fn begin(&mut self) -> Result<(), Error> {
        let vault = self.handle.vault();
        self.baseline = match self.options.baseline {
            Baseline::None => None,
            Baseline::Latest => {
                let snapshots = vault.graph.snapshots();
                snapshots.iter().find(|(.., snapshot)| snapshot.label == self.options.label).map(|(name, ..)| *name)
            }
            Baseline::Snapshot(name) => Some(vault.graph.snapshot(&name).map(|_| name).ok_or_else(|| no_snapshot(&name))?),
        };
        self.parents = vault.graph.parents();
        self.erasing = vault.graph.erasing();
        drop(vault);
        self.begin_lanes();
        self.adopt = Some(Adopt::new(&self.handle, self.options.lanes));
        self.desk.ask(Purpose::Walk, Ask::Walk);
        Ok(())
    }

    /// Looks for packs that no index names: before anything is read, so that nothing is sent again.
    fn adopt(&mut self) -> Result<(), Error> {
        if let Some(adopt) = &mut self.adopt
            && let Some(ignored) = self.desk.drive(adopt, Purpose::Adopt, self.now)
        {
            self.adopt = None;
            self.resumed_bytes = self.handle.vault().unindexed.values().map(|pack| u64::from(pack.length)).sum();
            report_ignored(&ignored?, &mut self.report);
            self.store.index_soon(self.now);
        }
        Ok(())
    }

    fn baseline_root(&self) -> Option<FolderRef> {
        let vault = self.handle.vault();
        self.baseline.and_then(|name| vault.graph.snapshot(&name).map(|snapshot| snapshot.root))
    }

    pub(super) fn walked(&mut self, walked: Walked) {
        for entry in walked.entries {
            self.source.add(entry, &mut self.report);
        }
        if walked.done {
            self.walked = true;
        } else {
            self.desk.ask(Purpose::Walk, Ask::Walk);
        }
    }
}
