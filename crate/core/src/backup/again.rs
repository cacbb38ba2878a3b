//! Files that could not be read, and another try of them within the same run.

extern crate alloc;
use alloc::{
    collections::VecDeque,
    rc::Rc,
    string::{String, ToString},
    vec::Vec,
};

use super::{
    Backup, Phase, Purpose,
    source::{NodeId, NodeItem},
};
use crate::{
    ask::{Ask, Seen},
    error::{Code, Error, HostError},
    ordered::Set,
    progress::{LEFT_NAMED, Left},
};

/// Files looked at again at one time.
const AT_ONCE: usize = 64;

/// Files that could not be read, and those of them on their way to another try.
#[derive(Default)]
pub(super) struct Failures {
    /// In the order in which they failed.
    list: Vec<Failure>,
    /// To be looked at.
    wanted: VecDeque<NodeId>,
    /// Looks under way.
    looking: usize,
    /// Looked at: as they are now.
    seen: Vec<(NodeId, Seen)>,
    /// Failed once, and were tried again by themselves.
    retried: Set<NodeId>,
}

pub(super) struct Failure {
    pub node: NodeId,
    pub code: Code,
    /// Many fail for one reason.
    pub message: Rc<str>,
}

impl Failures {
    pub fn list(&self) -> &[Failure] {
        &self.list
    }

    pub fn count(&self) -> u64 {
        self.list.len() as u64
    }

    /// Something is to be tried again.
    pub fn is_busy(&self) -> bool {
        !self.wanted.is_empty() || self.looking > 0 || !self.seen.is_empty()
    }

    pub fn add(&mut self, node: NodeId, code: Code, message: &str) {
        let message = match self.list.last() {
            Some(last) if *last.message == *message => Rc::clone(&last.message),
            _ => Rc::from(message),
        };
        self.list.push(Failure { node, code, message });
    }

    /// Takes some out of the list, to be tried again; says how many.
    fn take(&mut self, mut wanted: impl FnMut(&Failure) -> bool) -> usize {
        let before = self.list.len();
        let Self { list, wanted: line, .. } = self;
        list.retain(|failure| {
            let again = wanted(failure);
            if again {
                line.push_back(failure.node);
            }
            !again
        });
        before - self.list.len()
    }
}

impl Backup {
    /// Looks at files that could not be read once more and reads them, within this run: those at these paths, or all of them. Says how
    /// many are tried; none once the snapshot is on its way. Poll afterwards.
    pub fn try_again(&mut self, paths: Option<&[String]>) -> usize {
        if matches!(self.phase, Phase::Snapshot(..) | Phase::Done(_)) {
            return 0;
        }
        let at = |paths: &[String]| paths.iter().filter_map(|path| self.source.at(path)).collect::<Set<NodeId>>();
        let named = paths.map(at);
        self.failures.take(|failure| named.as_ref().is_none_or(|named| named.contains(&failure.node)))
    }

    /// A file that changed, or was put in the place of another, while it was read is most often whole a moment later: each is tried once
    /// more when the rest is read. True if there is one.
    pub(super) fn try_changed_again(&mut self) -> bool {
        let mut retried = core::mem::take(&mut self.failures.retried);
        let passes = |failure: &Failure| matches!(failure.code, Code::SourceChanged | Code::SourceGone);
        let taken = self.failures.take(|failure| passes(failure) && retried.insert(failure.node));
        self.failures.retried = retried;
        taken > 0
    }

    /// Looks at what is to be tried again, and lines up what was looked at.
    pub(super) fn go_on_trying(&mut self) -> Result<(), Error> {
        while self.failures.looking < AT_ONCE
            && let Some(node) = self.failures.wanted.pop_front()
        {
            if let Some(file) = self.source.failed_mut(node) {
                self.failures.looking += 1;
                self.desk.ask(Purpose::Look(node), Ask::Look { file: file.file });
            }
        }
        for (node, seen) in core::mem::take(&mut self.failures.seen) {
            // What the lanes still say of the try before is not about this one.
            if self.lanes.are_reading(node) {
                self.failures.seen.push((node, seen));
            } else {
                self.reopen(node, seen)?;
            }
        }
        Ok(())
    }

    /// A file was looked at again.
    pub(super) fn looked_again(&mut self, node: NodeId, answer: Result<Seen, HostError>) {
        self.failures.looking -= 1;
        match answer {
            Ok(seen) => self.failures.seen.push((node, seen)),
            Err(error) => self.failures.add(node, error.code, &error.message),
        }
    }

    /// Back to reading, if there is something to be tried again: packs may be open again from then on.
    pub(super) fn back_to_reading(&mut self) -> Option<Phase> {
        if !self.failures.is_busy() {
            return None;
        }
        self.ended = None;
        self.lanes.reopen();
        Some(Phase::Reading)
    }

    fn reopen(&mut self, id: NodeId, seen: Seen) -> Result<(), Error> {
        let Some(node) = self.source.get_mut(id) else { return Ok(()) };
        let NodeItem::File(file) = &mut node.item else { return Ok(()) };
        (file.size, file.failed) = (seen.size, false);
        node.note_mtime(seen.mtime);
        self.source.open_above(id);
        if seen.size == 0 {
            return self.file_read(id);
        }
        self.bytes_total += seen.size;
        self.lanes.line_up_one(id, seen.size);
        Ok(())
    }

    /// Everything that is left out, at most a thousand of it named.
    pub(super) fn left_named(&self) -> Vec<Left> {
        let files = self.failures.list.iter().map(|failure| Left {
            path: self.source.path(failure.node),
            code: failure.code,
            message: failure.message.to_string(),
        });
        self.report.named.iter().cloned().chain(files).take(LEFT_NAMED).collect()
    }
}
