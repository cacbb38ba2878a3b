//! Checks that everything that snapshots need is there, and with `data` that every byte of it is what was written.
//!
//! It believes nothing that was read before: indexes, nodes and trees are fetched anew.

mod options;
mod packs;

extern crate alloc;
use alloc::{boxed::Box, string::String, vec::IntoIter};

pub use options::{VerifyOptions, VerifyReport};

use crate::{
    adopt::{Adopt, report_ignored},
    ask::{Ask, AskId, Machine, Millis, Poll, Reply},
    backup::cancelled,
    broker::outcome,
    desk::Desk,
    error::{Error, Place},
    id::Name,
    progress::{LeftList, Progress, Rate, Stage, Steer, display_path},
    refresh::Refresh,
    seal::Kind,
    tree::{ExtentKey, FolderRef, Step, WalkEvent, Walker},
    vault::{VaultHandle, unexpected},
};
use packs::Packs;

/// One verify run.
pub struct Verify {
    /// A vault of its own, with nothing read.
    handle: VaultHandle,
    options: VerifyOptions,
    desk: Desk<Purpose>,
    phase: Phase,
    packs: Packs,
    /// The file that the walk is in, until something is wrong with it.
    file: Option<String>,
    report: VerifyReport,
    damaged: LeftList,
    paused: bool,
    failure: Option<Error>,
    now: Millis,
    rate: Rate,
    files_total: u64,
    files_done: u64,
    bytes_read: u64,
}

enum Phase {
    Refreshing(Refresh),
    Adopting(Adopt),
    Listing,
    Scanning,
    Walking { walker: Box<Walker>, roots: IntoIter<FolderRef> },
    Done,
}

enum Purpose {
    Refresh(AskId),
    Adopt(AskId),
    List,
    Fetch(u32, Name),
    Scan(u32, Name),
    Extent(ExtentKey),
}

impl Verify {
    pub fn new(handle: &VaultHandle, mut options: VerifyOptions) -> Self {
        options.lanes = options.lanes.max(1);
        let handle = VaultHandle::new(handle.vault().ring.clone());
        Self {
            phase: Phase::Refreshing(Refresh::new(&handle)),
            handle,
            desk: Desk::default(),
            packs: Packs::new(options.lanes),
            options,
            file: None,
            report: VerifyReport::default(),
            damaged: LeftList::default(),
            paused: false,
            failure: None,
            now: 0,
            rate: Rate::default(),
            files_total: 0,
            files_done: 0,
            bytes_read: 0,
        }
    }

    /// Does what can be done now; true at the end.
    fn advance(&mut self) -> Result<bool, Error> {
        loop {
            let next = match &mut self.phase {
                Phase::Refreshing(refresh) => match self.desk.drive(refresh, Purpose::Refresh, self.now) {
                    None => None,
                    Some(result) => {
                        result?;
                        self.note_damaged();
                        Some(match Adopt::if_needed(&self.handle, self.options.lanes) {
                            Some(adopt) => Phase::Adopting(adopt),
                            None => self.listing(),
                        })
                    }
                },
                _ if self.paused => None,
                Phase::Adopting(adopt) => match self.desk.drive(adopt, Purpose::Adopt, self.now) {
                    None => None,
                    Some(ignored) => {
                        report_ignored(&ignored?, &mut self.damaged);
                        Some(self.listing())
                    }
                },
                Phase::Listing => None,
                Phase::Scanning => {
                    self.fetch();
                    self.packs.is_done().then(|| self.walking())
                }
                Phase::Walking { .. } => self.walk()?.then_some(Phase::Done),
                Phase::Done => return Ok(self.desk.is_idle()),
            };
            match next {
                Some(phase) => self.phase = phase,
                None => return Ok(false),
            }
        }
    }

    fn note_damaged(&mut self) {
        for error in self.handle.damaged() {
            let object = match &error.place {
                Place::Object(object) => object.clone(),
                _ => String::new(),
            };
            self.damaged.add_error(object, error);
        }
    }

    fn listing(&mut self) -> Phase {
        let vault = self.handle.vault();
        let snapshots = vault.graph.snapshots();
        self.report.snapshots = snapshots.len() as u64;
        self.report.indexes = vault.indexes.len() as u64;
        self.report.blobs = vault.table.count();
        self.files_total = snapshots.iter().map(|(.., snapshot)| snapshot.files).max().unwrap_or_default();
        self.desk.ask(Purpose::List, Ask::List { vault: vault.ring.vault, kind: Kind::Pack });
        Phase::Listing
    }

    fn walking(&self) -> Phase {
        let roots: alloc::vec::Vec<FolderRef> = self.handle.vault().graph.snapshots().iter().map(|(.., snapshot)| snapshot.root).collect();
        Phase::Walking { walker: Box::new(Walker::once(&self.handle)), roots: roots.into_iter() }
    }

    /// Walks every snapshot, each folder once; true at the end.
    fn walk(&mut self) -> Result<bool, Error> {
        loop {
            let Phase::Walking { walker, roots } = &mut self.phase else { return Ok(true) };
            let step = walker.step()?;
            while let Some((key, ask)) = walker.next_ask() {
                self.desk.ask(Purpose::Extent(key), ask);
            }
            match step {
                Step::Wait => return Ok(false),
                Step::End => match roots.next() {
                    Some(root) => walker.enter_root(root),
                    None => return Ok(true),
                },
                Step::Event(event) => self.came_by(event),
            }
        }
    }

    fn came_by(&mut self, event: WalkEvent) {
        match event {
            WalkEvent::Folder { .. } | WalkEvent::Before(_) => {}
            WalkEvent::File { path, .. } => {
                self.files_done += 1;
                self.file = Some(display_path(&path));
            }
            WalkEvent::Chunks(chunks) => {
                let wrong = chunks.iter().find_map(|chunk| self.packs.check(chunk, &self.handle));
                if let Some(error) = wrong {
                    self.wrong(error);
                }
            }
            WalkEvent::FileEnd(Ok(())) => self.file = None,
            WalkEvent::FileEnd(Err(error)) => self.wrong(error),
            WalkEvent::Damaged { path, error } => self.damaged.add_error(display_path(&path), error),
        }
    }

    /// Names the file in work, once.
    fn wrong(&mut self, error: Error) {
        if let Some(path) = self.file.take() {
            self.damaged.add_error(path, error);
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
            (Purpose::List, Reply::Listed(answer)) => {
                let objects = answer.map_err(|error| Error::new(error.code, error.message))?;
                self.packs_listed(&objects);
                self.phase = Phase::Scanning;
                Ok(())
            }
            (Purpose::Fetch(number, name), Reply::GotHeld(answer)) => self.fetched(number, name, answer),
            (Purpose::Scan(number, name), Reply::Ran(answer)) => self.scanned(number, name, outcome(answer)),
            (Purpose::Extent(key), reply) => {
                if let Phase::Walking { walker, .. } = &mut self.phase {
                    walker.handle(key, reply);
                }
                Ok(())
            }
            _ => Err(unexpected()),
        }
    }
}

impl Steer for Verify {
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
        let bytes_total = if self.options.data { self.report.bytes } else { 0 };
        Progress {
            stage: match self.phase {
                Phase::Done => Stage::Done,
                _ if self.paused => Stage::Paused,
                _ => Stage::Verifying,
            },
            files_total: self.files_total.max(self.files_done),
            files_done: self.files_done,
            files_failed: 0,
            bytes_total,
            bytes_read: self.bytes_read,
            bytes_new: 0,
            bytes_stored: 0,
            bytes_there: 0,
            rate: self.rate.per_second(),
            milliseconds_left: self.rate.left(bytes_total.saturating_sub(self.bytes_read)).filter(|_| self.options.data),
            bottleneck: None,
            current: self.file.iter().cloned().collect(),
        }
    }
}

impl Machine for Verify {
    type Output = VerifyReport;

    fn poll(&mut self, now: Millis) -> Poll<VerifyReport> {
        self.now = now;
        self.rate.note(now, self.bytes_read);
        if self.failure.is_none() {
            match self.advance() {
                Err(error) => self.failure = Some(error),
                Ok(true) => {
                    let mut report = core::mem::take(&mut self.report);
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
