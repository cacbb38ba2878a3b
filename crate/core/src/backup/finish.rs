//! The end of a run: its snapshot and report, or an error after a last index.

use super::{Backup, BackupReport, Phase, Purpose};
use crate::{
    ask::{Ask, Body},
    error::{Error, HostError},
    graph::{Node, Record, Snapshot},
    id::Name,
    seal::Kind,
    vault::{host_error, unexpected},
};

impl Backup {
    pub(super) fn put_snapshot(&mut self) -> Result<(Name, Node, u64), Error> {
        let built = self.source.folder_mut(0).and_then(|root| root.built);
        let (root, files, bytes) = built.ok_or_else(unexpected)?;
        let snapshot = Snapshot {
            root,
            files,
            folders: self.plan.map_or(0, |plan| plan.folders),
            bytes,
            left: self.source.left + self.failures.count(),
            baseline: self.baseline,
            label: self.options.label.clone(),
            writer: self.options.writer.clone(),
        };
        let node = Node { time: self.ended.unwrap_or(self.now), parents: self.parents.clone(), record: Record::Snapshot(snapshot) };
        let body = self.handle.vault().ring.seal_small(Kind::Snapshot, &node.encode(), &mut self.rng)?;
        let (name, length) = (Name::of(&body), body.len() as u64);
        let object = self.handle.object(Kind::Snapshot, &name);
        self.desk.ask(Purpose::PutSnapshot, Ask::Put { object, body: Body::Inline(body) });
        Ok((name, node, length))
    }

    pub(super) fn snapshot_stored(&mut self, answer: Result<(), HostError>) -> Result<(), Error> {
        let Phase::Snapshot(name, node, length) = &self.phase else { return Err(unexpected()) };
        let (name, length) = (*name, *length);
        answer.map_err(|error| host_error(error, &self.handle.object(Kind::Snapshot, &name)))?;
        self.handle.vault_mut().graph.insert(name, node.clone());
        self.store.stored_bytes += length;
        self.phase = Phase::Done(name);
        Ok(())
    }

    /// Ends early: an index of what is confirmed, once, then the error. True when it is time.
    pub(super) fn end(&mut self) -> bool {
        self.desk.clear(|purpose| matches!(purpose, Purpose::PutIndex(..)));
        if self.at_once {
            return true;
        }
        if self.store.is_indexing() {
            return false;
        }
        if self.last_index {
            return true;
        }
        self.last_index = true;
        !matches!(self.checkpoint(), Ok(true))
    }

    pub(super) fn report(&mut self, snapshot: Name) -> BackupReport {
        let plan = self.plan.unwrap_or_default();
        let built = self.source.folder_mut(0).and_then(|root| root.built);
        let (_, files, bytes) = built.map_or((None, 0, 0), |(root, files, bytes)| (Some(root), files, bytes));
        BackupReport {
            snapshot,
            started: self.started.unwrap_or(self.now),
            finished: self.now,
            files,
            folders: plan.folders,
            bytes,
            unchanged_files: plan.unchanged_files,
            unchanged_bytes: plan.unchanged_bytes,
            files_read: self.files_read,
            bytes_read: self.bytes_read,
            bytes_new: self.bytes_new,
            bytes_stored: self.store.stored_bytes,
            excluded_files: plan.excluded_files,
            excluded_bytes: plan.excluded_bytes,
            resumed_bytes: self.resumed_bytes,
            left: self.left_named(),
            left_count: self.report.count + self.failures.count(),
        }
    }
}
