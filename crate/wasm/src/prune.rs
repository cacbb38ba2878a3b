//! A prune as the page asks for it: a storage that was set back is noticed, what is due is erased, then what is needless is doomed, then
//! what is pending is told. A preview only looks.

use std::ops::ControlFlow;

use strongroom_core::{
    AskId, Erase, EraseReport, Erasure, Erasures, Machine, Millis, Poll, Progress, Prune, PruneOptions, PruneReport, Refresh, Reply, Stage,
    Steer as _, VaultHandle,
};

use crate::{
    js,
    message::Steer,
    report,
    run::{Drive, Finish},
};

/// One machine after the other: each is done with all of its asks before the next begins.
pub struct Pruning {
    vault: VaultHandle,
    options: PruneOptions,
    now: Now,
    paused: bool,
    erased: EraseReport,
    pruned: Option<PruneReport>,
}

enum Now {
    /// Nothing is erased on the ground of an older state.
    Checking(Box<Refresh>),
    Erasing(Box<Erase>),
    Pruning(Box<Prune>),
    /// Brings the vault up to date, too.
    Telling(Box<Erasures>),
}

impl Pruning {
    pub fn new(vault: VaultHandle, options: PruneOptions) -> Self {
        let now = Now::Checking(Box::new(Refresh::new(&vault)));
        Self { vault, options, now, paused: false, erased: EraseReport::default(), pruned: None }
    }

    fn report(&mut self, pending: Vec<Erasure>) -> Finish {
        let PruneReport { plan, tombstone } = self.pruned.unwrap_or(PruneReport { plan: Default::default(), tombstone: None });
        Finish::of(&report::Pruned { plan, erasure: tombstone.map(|name| name.to_string()), erased: self.erased, pending })
    }
}

/// Goes on with the output of a machine that is done; anything else is for the engine.
fn done<T>(poll: Poll<T>) -> ControlFlow<Poll<Finish>, T> {
    ControlFlow::Break(match poll {
        Poll::Ask(id, ask) => Poll::Ask(id, ask),
        Poll::Wait(until) => Poll::Wait(until),
        Poll::Done(Err(error)) => Poll::Done(Err(error)),
        Poll::Done(Ok(output)) => return ControlFlow::Continue(output),
    })
}

impl Pruning {
    fn erase(&self) -> Now {
        let mut erase = Erase::new(&self.vault, self.options.keeper, self.options.unlock.clone(), js::seed());
        if self.paused {
            erase.pause();
        }
        Now::Erasing(Box::new(erase))
    }

    fn prune(&self) -> Now {
        let mut prune = Prune::new(&self.vault, self.options.clone(), js::seed());
        if self.paused {
            prune.pause();
        }
        Now::Pruning(Box::new(prune))
    }

    /// Goes on until there is something for the engine to do.
    fn advance(&mut self, now: Millis) -> ControlFlow<Poll<Finish>, Vec<Erasure>> {
        loop {
            let next = match &mut self.now {
                Now::Checking(refresh) => {
                    done(Machine::poll(&mut **refresh, now))?;
                    match self.options.dry_run {
                        true => self.prune(),
                        false => self.erase(),
                    }
                }
                Now::Erasing(erase) => {
                    self.erased = done(Machine::poll(&mut **erase, now))?;
                    self.prune()
                }
                Now::Pruning(prune) => {
                    self.pruned = Some(done(Machine::poll(&mut **prune, now))?);
                    Now::Telling(Box::new(Erasures::new(&self.vault, self.options.keeper)))
                }
                Now::Telling(erasures) => return done(Machine::poll(&mut **erasures, now)),
            };
            self.now = next;
        }
    }
}

impl Drive for Pruning {
    fn poll(&mut self, now: Millis) -> Poll<Finish> {
        match self.advance(now) {
            ControlFlow::Continue(pending) => Poll::Done(Ok(self.report(pending))),
            ControlFlow::Break(poll) => poll,
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        match &mut self.now {
            Now::Checking(refresh) => Machine::handle(&mut **refresh, id, reply, now),
            Now::Erasing(erase) => Machine::handle(&mut **erase, id, reply, now),
            Now::Pruning(prune) => Machine::handle(&mut **prune, id, reply, now),
            Now::Telling(erasures) => Machine::handle(&mut **erasures, id, reply, now),
        }
    }

    fn steer(&mut self, steer: Steer) {
        self.paused = match steer {
            Steer::Pause => true,
            Steer::Resume => false,
            _ => self.paused,
        };
        let machine: &mut dyn strongroom_core::Steer = match &mut self.now {
            Now::Erasing(erase) => &mut **erase,
            Now::Pruning(prune) => &mut **prune,
            Now::Checking(_) | Now::Telling(_) => return,
        };
        match steer {
            Steer::Pause => machine.pause(),
            Steer::Resume => machine.resume(),
            Steer::Cancel => machine.cancel(),
            Steer::Proceed => {}
        }
    }

    fn is_past_cancelling(&self) -> bool {
        match &self.now {
            Now::Checking(_) => false,
            Now::Erasing(erase) => erase.is_past_cancelling(),
            Now::Pruning(prune) => prune.is_past_cancelling(),
            Now::Telling(_) => true,
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(match &self.now {
            Now::Checking(_) => Progress::default(),
            Now::Erasing(erase) => erase.progress(),
            Now::Pruning(prune) => prune.progress(),
            Now::Telling(_) => Progress { stage: Stage::Finishing, ..Progress::default() },
        })
    }
}
