//! Restores a selection of a snapshot to a sink. What is damaged is named in the report; the rest comes back.

mod blobs;
mod fetch;
mod files;
mod options;
mod there;

extern crate alloc;
use alloc::{boxed::Box, collections::VecDeque, vec::Vec};

pub use options::{RestoreOptions, RestoreReport};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::{
    adopt::{Adopt, report_ignored},
    ask::{AskId, Machine, Millis, Poll, Reply},
    backup::cancelled,
    broker::outcome,
    desk::Desk,
    error::Error,
    id::Name,
    job::ChunkRef,
    list::no_snapshot,
    progress::{LeftList, Progress, Rate, Stage, Steer, display_path},
    refresh::Refresh,
    tree::{ExtentKey, Selection, Step, WalkEvent, Walker},
    vault::{VaultHandle, unexpected},
};
use blobs::{Blobs, Wanted};
use fetch::{Fetch, Group};
use files::Files;
use there::There;

/// The window has at most so many chunks, files and folders.
const WINDOW_ITEMS: usize = 1 << 14;

/// One restore run.
pub struct Restore {
    handle: VaultHandle,
    snapshot: Name,
    options: RestoreOptions,
    rng: ChaCha20Rng,
    desk: Desk<Purpose>,
    phase: Phase,
    selection: Selection,
    /// Files that may lie in the sink already.
    there: There,
    /// The file whose chunks are lined up, and those that are not in the window yet.
    walking: Option<u64>,
    /// The walk is in that file, and more of its chunks may come.
    in_file: bool,
    backlog: VecDeque<ChunkRef>,
    walk_ended: bool,
    /// The window is being filled; what it wants is fetched afterwards.
    filling: bool,
    files: Files,
    blobs: Blobs,
    fetch: Fetch,
    report: RestoreReport,
    damaged: LeftList,
    paused: bool,
    failure: Option<Error>,
    now: Millis,
    rate: Rate,
    totals: (u64, u64),
    files_done: u64,
    bytes_read: u64,
}

enum Phase {
    Refreshing(Refresh),
    /// The snapshot is known, with or without a look.
    Known,
    Adopting(Adopt),
    Restoring(Box<Walker>),
    Done,
}

enum Purpose {
    Refresh(AskId),
    Adopt(AskId),
    Extent(ExtentKey),
    Fetch(Group),
    Open(Group),
    Folder(Vec<Vec<u8>>),
    Write { file: u64, used: Vec<Wanted>, bytes: u64, first: bool },
    Discard(u64),
    There(u64),
    Compare(Vec<u64>),
}

impl Restore {
    /// `selection`: paths of files and folders, as names from the root; one empty path is everything.
    pub fn new(handle: &VaultHandle, snapshot: Name, selection: Vec<Vec<Vec<u8>>>, mut options: RestoreOptions, seed: [u8; 32]) -> Self {
        options.lanes = options.lanes.max(1);
        let fetch = Fetch::new(options.lanes);
        let known = handle.vault().graph.snapshot(&snapshot).is_some();
        let phase = if known && !options.refresh { Phase::Known } else { Phase::Refreshing(Refresh::new(handle)) };
        Self {
            handle: handle.clone(),
            snapshot,
            options,
            rng: ChaCha20Rng::from_seed(seed),
            desk: Desk::default(),
            phase,
            selection: Selection::of(&selection),
            there: There::default(),
            walking: None,
            in_file: false,
            backlog: VecDeque::new(),
            walk_ended: false,
            filling: true,
            files: Files::default(),
            blobs: Blobs::default(),
            fetch,
            report: RestoreReport::default(),
            damaged: LeftList::default(),
            paused: false,
            failure: None,
            now: 0,
            rate: Rate::default(),
            totals: (0, 0),
            files_done: 0,
            bytes_read: 0,
        }
    }

    /// Does what can be done now; true once all is written.
    fn advance(&mut self) -> Result<bool, Error> {
        if let Phase::Refreshing(refresh) = &mut self.phase {
            match self.desk.drive(refresh, Purpose::Refresh, self.now) {
                None => return Ok(false),
                Some(result) => result?,
            }
            self.phase = Phase::Known;
        }
        if matches!(self.phase, Phase::Known) {
            self.phase = match Adopt::if_needed(&self.handle, self.options.lanes) {
                Some(adopt) => Phase::Adopting(adopt),
                None => Phase::Restoring(Box::new(self.walker()?)),
            };
        }
        if self.paused {
            return Ok(false);
        }
        if let Phase::Adopting(adopt) = &mut self.phase {
            let Some(ignored) = self.desk.drive(adopt, Purpose::Adopt, self.now) else { return Ok(false) };
            report_ignored(&ignored?, &mut self.damaged);
            self.phase = Phase::Restoring(Box::new(self.walker()?));
        }
        loop {
            self.fill()?;
            self.fetch();
            self.write();
            core::mem::take(&mut self.blobs.free).into_iter().for_each(|held| self.desk.free(held));
            if !self.may_fill() {
                break;
            }
            self.filling = true;
            if matches!(self.fill()?, Filled::Waits) {
                break;
            }
        }
        Ok(self.is_walked() && self.files.is_idle() && self.desk.is_empty())
    }

    fn walker(&mut self) -> Result<Walker, Error> {
        let vault = self.handle.vault();
        let snapshot = vault.graph.snapshot(&self.snapshot).ok_or_else(|| no_snapshot(&self.snapshot))?;
        let root = snapshot.root;
        if self.selection == Selection::All {
            self.totals = (snapshot.files, snapshot.bytes);
        }
        drop(vault);
        Ok(Walker::new(&self.handle, root, self.selection.clone()).beginning_at(self.options.from))
    }

    /// Everything was come by, and is lined up or in the sink.
    fn is_walked(&self) -> bool {
        self.walk_ended && self.backlog.is_empty() && self.there.is_empty()
    }

    /// Half of the window is free again.
    fn may_fill(&self) -> bool {
        !self.is_walked() && !self.filling && self.blobs.bytes <= self.options.window / 2 && self.items() <= WINDOW_ITEMS / 2
    }

    fn items(&self) -> usize {
        self.blobs.uses + self.files.count()
    }

    /// Walks on until the window is full, the walk is at its end, or a tree blob or what lies in the sink must come first.
    fn fill(&mut self) -> Result<Filled, Error> {
        while self.filling {
            let full = self.blobs.bytes >= self.options.window || self.items() >= WINDOW_ITEMS;
            if full || self.is_walked() {
                self.filling = false;
                self.line_up();
                break;
            }
            if let Some(chunk) = self.backlog.pop_front() {
                if self.walking.is_some_and(|file| self.files.chunk(file, chunk)) {
                    self.blobs.need(&chunk, &self.handle.vault());
                }
                continue;
            }
            self.compare();
            if self.settle() {
                continue;
            }
            if self.walk_ended || self.there.is_full() {
                return Ok(Filled::Waits);
            }
            let Phase::Restoring(walker) = &mut self.phase else { return Ok(Filled::Waits) };
            let step = walker.step()?;
            while let Some((key, ask)) = walker.next_ask() {
                self.desk.ask(Purpose::Extent(key), ask);
            }
            if self.selection != Selection::All {
                self.totals = walker.selected;
            }
            match step {
                Step::Wait => return Ok(Filled::Waits),
                Step::End => self.walk_ended = true,
                Step::Event(event) => self.came_by(event),
            }
        }
        Ok(Filled::Full)
    }

    fn came_by(&mut self, event: WalkEvent) {
        match event {
            WalkEvent::Folder { path, mtime } => self.files.folder(path, mtime),
            WalkEvent::File { path, size, mtime } if self.options.resume && there::is_compared(size) => self.look_there(path, size, mtime),
            WalkEvent::File { path, size, mtime } => {
                self.walking = Some(self.files.file(path, size, mtime));
                self.in_file = true;
            }
            WalkEvent::Before(bytes) => {
                if let Some(file) = self.walking {
                    self.files.before(file, bytes);
                }
            }
            WalkEvent::Chunks(chunks) => self.backlog.extend(self.there.chunks(chunks)),
            WalkEvent::FileEnd(result) => {
                let Some(result) = self.there.ended(result) else { return };
                self.in_file = false;
                if let (Some(file), Err(error)) = (self.walking.take(), result) {
                    self.files.damaged(file, error);
                }
            }
            WalkEvent::Damaged { path, error } => self.damaged.add_error(display_path(&path), error),
        }
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply) -> Result<(), Error> {
        match (purpose, reply) {
            (Purpose::Refresh(id), reply) => {
                if let Phase::Refreshing(refresh) = &mut self.phase {
                    refresh.handle(id, reply, self.now);
                }
                Ok(())
            }
            (Purpose::Adopt(id), reply) => {
                if let Phase::Adopting(adopt) = &mut self.phase {
                    adopt.handle(id, reply, self.now);
                }
                Ok(())
            }
            (Purpose::Extent(key), reply) => {
                if let Phase::Restoring(walker) = &mut self.phase {
                    walker.handle(key, reply);
                }
                Ok(())
            }
            (Purpose::Fetch(group), Reply::GotHeld(answer)) => self.fetched(group, answer),
            (Purpose::Open(group), Reply::Ran(answer)) => {
                let buffers = answer.as_ref().map(|(_, buffers)| buffers.clone()).unwrap_or_default();
                self.opened(group, outcome(answer), &buffers)
            }
            (Purpose::Folder(path), Reply::Done(answer)) => self.folder_made(&path, answer),
            (Purpose::Write { file, used, bytes, first }, Reply::Done(answer)) => self.written(file, &used, bytes, first, answer),
            (Purpose::Discard(file), Reply::Done(answer)) => {
                self.finish(file);
                answer.map_err(|error| Error::new(error.code, error.message))
            }
            (Purpose::There(number), Reply::There(answer)) => {
                self.there.found(number, answer.ok().flatten());
                Ok(())
            }
            (Purpose::Compare(numbers), Reply::Ran(answer)) => {
                self.compared(&numbers, outcome(answer).ok());
                Ok(())
            }
            _ => Err(unexpected()),
        }
    }
}

/// Why the filling of the window stopped.
enum Filled {
    Full,
    Waits,
}

impl Steer for Restore {
    fn pause(&mut self) {
        self.paused = true;
    }

    fn resume(&mut self) {
        self.paused = false;
        self.rate.reset();
    }

    fn cancel(&mut self) {
        self.failure.get_or_insert_with(cancelled);
    }

    fn progress(&self) -> Progress {
        let (files_total, bytes_total) = self.totals;
        Progress {
            stage: match self.phase {
                Phase::Done => Stage::Done,
                _ if self.paused => Stage::Paused,
                _ => Stage::Restoring,
            },
            files_total,
            files_done: self.files_done,
            files_failed: 0,
            bytes_total,
            bytes_read: self.bytes_read,
            bytes_new: 0,
            bytes_stored: self.report.bytes,
            bytes_there: self.report.there_bytes,
            rate: self.rate.per_second(),
            milliseconds_left: self.rate.left(bytes_total.saturating_sub(self.report.bytes + self.report.there_bytes)),
            bottleneck: None,
            current: self.files.current().collect(),
        }
    }
}

impl Machine for Restore {
    type Output = RestoreReport;

    fn poll(&mut self, now: Millis) -> Poll<RestoreReport> {
        self.now = now;
        self.rate.note(now, self.report.bytes);
        if self.failure.is_none() {
            match self.advance() {
                Err(error) => self.failure = Some(error),
                Ok(true) => {
                    self.phase = Phase::Done;
                    let mut report = self.report.clone();
                    report.damaged = core::mem::take(&mut self.damaged.named);
                    report.damaged_count = self.damaged.count;
                    return Poll::Done(Ok(report));
                }
                Ok(false) => {}
            }
        }
        if let Some(error) = self.failure.take() {
            return Poll::Done(Err(error));
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        self.now = now;
        let Some(purpose) = self.desk.answered(id) else { return };
        if let Err(error) = self.answer(purpose, reply) {
            self.failure.get_or_insert(error);
        }
    }
}
