//! Backs up a source: walk, compare, read what is new, pack, index, snapshot (FORMAT.md §12).

mod again;
mod compare;
mod finish;
mod lanes;
mod look;
mod names;
mod node;
mod options;
mod order;
mod paged;
mod pressure;
mod rules;
mod run;
mod source;
mod store;
mod survey;
mod trees;

extern crate alloc;
use alloc::{boxed::Box, string::String, vec::Vec};

pub use options::{BackupOptions, BackupReport, Baseline, Plan};
pub use rules::Rules;
pub use survey::{Part, Reason, Settled, SettledEntry, Survey, SurveyEntry};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::{
    adopt::Adopt,
    ask::{AskId, HeldBuffer, Machine, Millis, Poll, Reply},
    broker::outcome,
    desk::Desk,
    error::{Code, Error, HostError},
    graph::Node,
    id::Name,
    key::draw,
    limits::LABEL_MAX,
    losses::{Losses, is_loss},
    progress::{LeftList, Progress, Rate, Stage, Steer},
    refresh::Refresh,
    tree::ExtentKey,
    vault::{VaultHandle, unexpected},
};
use again::Failures;
use compare::Compare;
use lanes::Lanes;
use look::{Look, Looked};
use options::SLICE_MAX;
use pressure::Pressure;
use source::{NodeId, Source};
use store::Store;
use trees::Trees;

/// One backup run.
pub struct Backup {
    handle: VaultHandle,
    options: BackupOptions,
    rng: ChaCha20Rng,
    desk: Desk<Purpose>,
    phase: Phase,
    source: Source,
    walked: bool,
    /// Looks for packs that no index names, beside the walk.
    adopt: Option<Adopt>,
    lanes: Lanes,
    losses: Losses,
    store: Store,
    trees: Trees,
    plan: Option<Plan>,
    /// Files of the baseline that are gone.
    removed: u64,
    /// Of packs that an interrupted run had stored.
    resumed_bytes: u64,
    /// Files that were read, and empty ones, in that order.
    done: Vec<NodeId>,
    /// What the rules leave out, then what has not changed.
    skipped: Vec<NodeId>,
    pressure: Pressure,
    baseline: Option<Name>,
    parents: Vec<Name>,
    report: LeftList,
    failures: Failures,
    paused: bool,
    /// Nodes about erasing that this run knows of.
    erasing: usize,
    /// When everything was stored but the snapshot.
    ended: Option<Millis>,
    /// Why the run ends early; a last index is written before it does.
    ending: Option<Error>,
    /// That last index was tried.
    last_index: bool,
    /// Cancelled twice: not even that.
    at_once: bool,
    /// Cancelled when the snapshot was on its way.
    cancelled_late: bool,
    started: Option<Millis>,
    now: Millis,
    rate: Rate,
    bytes_total: u64,
    bytes_read: u64,
    bytes_new: u64,
    files_done: u64,
    files_read: u64,
}

enum Phase {
    Refreshing(Refresh),
    Walking,
    Comparing(Compare),
    /// Waits for `proceed`, and for the packs that no index names.
    Planned {
        confirmed: bool,
    },
    Reading,
    Flushing,
    /// Everything was sent; the last index, then the snapshot.
    Closing,
    Looking(Box<Look>),
    Snapshot(Name, Node, u64),
    Done(Name),
}

enum Purpose {
    Refresh(AskId),
    Walk,
    Look(NodeId),
    Adopt(AskId),
    List,
    Copy(AskId),
    Extent(ExtentKey),
    Begin,
    Chunk(u32),
    Keep { lane: u32, bytes: u64 },
    Flush,
    Join,
    PutPack(Name),
    PutIndex(Name, u64),
    PutSnapshot,
}

impl Purpose {
    /// Work on what the lanes have of this backup.
    fn is_of_lanes(&self) -> bool {
        matches!(self, Self::Begin | Self::Chunk(_) | Self::Keep { .. } | Self::Flush | Self::Join)
    }
}

impl Backup {
    pub fn new(handle: &VaultHandle, mut options: BackupOptions, seed: [u8; 32]) -> Self {
        options.lanes = options.lanes.max(1);
        options.slice = options.slice.clamp(1, SLICE_MAX);
        options.label = shortened(&options.label);
        options.writer = shortened(&options.writer);
        let mut rng = ChaCha20Rng::from_seed(seed);
        let trees = Trees::new(handle, ChaCha20Rng::from_seed(draw(&mut rng)));
        Self {
            handle: handle.clone(),
            desk: Desk::default(),
            phase: Phase::Refreshing(Refresh::new(handle)),
            source: Source::new(core::mem::take(&mut options.rules)),
            walked: false,
            adopt: None,
            lanes: Lanes::new(options.lanes, options.slice),
            losses: Losses::new(1),
            store: Store::default(),
            trees,
            plan: None,
            removed: 0,
            resumed_bytes: 0,
            done: Vec::new(),
            skipped: Vec::new(),
            pressure: Pressure::default(),
            baseline: None,
            parents: Vec::new(),
            report: LeftList::default(),
            failures: Failures::default(),
            paused: false,
            erasing: 0,
            ended: None,
            ending: None,
            last_index: false,
            at_once: false,
            cancelled_late: false,
            started: None,
            now: 0,
            rate: Rate::default(),
            bytes_total: 0,
            bytes_read: 0,
            bytes_new: 0,
            files_done: 0,
            files_read: 0,
            options,
            rng,
        }
    }

    /// Goes on after the plan, where `confirm` was set. Poll afterwards.
    pub fn proceed(&mut self) {
        self.options.confirm = false;
        if let Phase::Planned { confirmed } = &mut self.phase {
            *confirmed = true;
        }
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply) -> Result<(), Error> {
        match (purpose, reply) {
            (Purpose::Refresh(id), reply) => {
                match &mut self.phase {
                    Phase::Refreshing(refresh) => refresh.handle(id, reply, self.now),
                    Phase::Looking(look) => look.handle(Looked::Refresh(id), reply, self.now),
                    _ => {}
                }
                Ok(())
            }
            (Purpose::Walk, Reply::Walked(answer)) => {
                self.walked(answer.map_err(plain)?);
                Ok(())
            }
            (Purpose::Look(node), Reply::Looked(answer)) => {
                self.looked_again(node, answer);
                Ok(())
            }
            (Purpose::Adopt(id), reply) => {
                if let Some(adopt) = &mut self.adopt {
                    adopt.handle(id, reply, self.now);
                }
                Ok(())
            }
            (Purpose::Extent(key), reply) => {
                match &mut self.phase {
                    Phase::Comparing(compare) => compare.reader.handle(key, reply),
                    Phase::Looking(look) => look.handle(Looked::Extent(key), reply, self.now),
                    _ => {}
                }
                Ok(())
            }
            (Purpose::Copy(id), reply) => {
                if let Phase::Looking(look) = &mut self.phase {
                    look.handle(Looked::Copy(id), reply, self.now);
                }
                Ok(())
            }
            (Purpose::List, Reply::Listed(answer)) => self.packs_listed(answer),
            (Purpose::PutPack(name), Reply::Done(answer)) => self.pack_stored(name, answer),
            (Purpose::PutIndex(name, length), Reply::Done(answer)) => self.index_stored(name, length, answer),
            (Purpose::PutSnapshot, Reply::Done(answer)) => self.snapshot_stored(answer),
            (purpose, Reply::Ran(answer)) => self.ran(purpose, answer),
            _ => Err(unexpected()),
        }
    }

    fn ran(&mut self, purpose: Purpose, answer: Result<(crate::job::Outcome, Vec<HeldBuffer>), HostError>) -> Result<(), Error> {
        let buffers = answer.as_ref().map(|(_, buffers)| buffers.clone()).unwrap_or_default();
        let outcome = match outcome(answer) {
            Err(error) if is_loss(&error) => return self.lane_lost(),
            outcome => outcome?,
        };
        match purpose {
            Purpose::Begin => Ok(()),
            Purpose::Chunk(batch) => self.chunked(batch, outcome),
            Purpose::Keep { lane, bytes } => self.kept(lane, bytes, outcome, buffers),
            Purpose::Flush => self.flushed(outcome, buffers),
            Purpose::Join => self.joined(outcome, buffers),
            _ => Err(unexpected()),
        }
    }

    fn stage(&self) -> Stage {
        match self.phase {
            Phase::Done(_) => Stage::Done,
            _ if self.paused => Stage::Paused,
            Phase::Refreshing(_) | Phase::Walking | Phase::Comparing(_) => Stage::Walking,
            Phase::Planned { .. } => Stage::Planned,
            Phase::Reading => Stage::Reading,
            Phase::Flushing => Stage::Uploading,
            Phase::Closing if !self.store.is_idle() => Stage::Uploading,
            Phase::Closing | Phase::Looking(_) | Phase::Snapshot(..) => Stage::Finishing,
        }
    }
}

impl Steer for Backup {
    fn pause(&mut self) {
        self.paused = true;
    }

    fn resume(&mut self) {
        self.paused = false;
        self.rate.reset();
    }

    fn cancel(&mut self) {
        if self.is_past_cancelling() {
            self.cancelled_late = true;
            return;
        }
        if self.ending.replace(cancelled()).is_some() {
            self.at_once = true;
        }
    }

    fn is_past_cancelling(&self) -> bool {
        matches!(self.phase, Phase::Snapshot(..) | Phase::Done(_)) && self.ending.is_none() && !self.cancelled_late
    }

    fn progress(&self) -> Progress {
        let plan = self.plan_so_far();
        let stage = self.stage();
        let planning = matches!(stage, Stage::Walking | Stage::Planned);
        Progress {
            stage,
            files_total: plan.files,
            files_done: self.files_done,
            files_failed: self.failures.count(),
            // Of what has been planned so far only the size is known; then only what has changed is read.
            bytes_total: if planning { plan.bytes } else { self.bytes_total },
            bytes_read: self.bytes_read,
            bytes_new: self.bytes_new,
            bytes_stored: self.store.stored_bytes,
            bytes_there: 0,
            rate: self.rate.per_second(),
            milliseconds_left: self.rate.left(self.bytes_total.saturating_sub(self.bytes_read)).filter(|_| self.plan.is_some()),
            bottleneck: self.pressure.bottleneck(stage),
            current: self.lanes.current().into_iter().map(|node| self.source.path(node)).collect(),
        }
    }
}

impl Machine for Backup {
    type Output = BackupReport;

    fn poll(&mut self, now: Millis) -> Poll<BackupReport> {
        self.now = now;
        self.started.get_or_insert(now);
        self.rate.note(now, self.bytes_read);
        self.pressure.note(now, self.is_held_up_by_the_storage());
        if self.ending.is_none() {
            match self.advance() {
                Err(error) => self.ending = Some(error),
                Ok(true) => {
                    if let Phase::Done(name) = self.phase {
                        return Poll::Done(Ok(self.report(name)));
                    }
                }
                Ok(false) => {}
            }
        }
        if self.ending.is_some()
            && self.end()
            && let Some(error) = self.ending.take()
        {
            return Poll::Done(Err(error));
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None if self.paused || self.ending.is_some() => Poll::Wait(None),
            None => Poll::Wait(self.checkpoint_at()),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        self.now = now;
        let Some(purpose) = self.desk.answered(id) else {
            // Of lanes that were begun anew since.
            return reply.held().into_iter().for_each(|held| self.desk.free(held));
        };
        if let Err(error) = self.answer(purpose, reply) {
            self.ending.get_or_insert(error);
        }
    }
}

pub(crate) fn cancelled() -> Error {
    Error::new(Code::Cancelled, "The run was cancelled. What is stored stays stored.")
}

/// A host's error about nothing in particular.
fn plain(error: HostError) -> Error {
    Error::new(error.code, error.message)
}

/// At most 255 bytes, cut between characters.
fn shortened(text: &str) -> String {
    let end = (0..=LABEL_MAX.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    text.get(..end).unwrap_or_default().into()
}
