//! A machine's desk: asks waiting to be taken by the host, and what each answer will be for.

extern crate alloc;
use alloc::{collections::VecDeque, vec::Vec};

use crate::{
    ask::{Ask, AskId, Held, Machine, Millis, Poll},
    error::Error,
    ordered::Map,
};

/// Asks of one machine. `P` says what an answer is for.
pub(crate) struct Desk<P> {
    next: u64,
    out: VecDeque<(AskId, Ask)>,
    pending: Map<AskId, P>,
}

impl<P> Default for Desk<P> {
    fn default() -> Self {
        Self { next: 0, out: VecDeque::new(), pending: Map::new() }
    }
}

impl<P> Desk<P> {
    /// Puts an ask in line.
    pub fn ask(&mut self, purpose: P, ask: Ask) {
        let id = self.put(ask);
        self.pending.insert(id, purpose);
    }

    /// Lets the host forget bytes.
    pub fn free(&mut self, held: Held) {
        self.put(Ask::Free(held));
    }

    /// The next ask for the host.
    pub fn take(&mut self) -> Option<(AskId, Ask)> {
        self.out.pop_front()
    }

    /// What this answer is for; `None` for an answer that nobody waits for.
    pub fn answered(&mut self, id: AskId) -> Option<P> {
        self.pending.remove(&id)
    }

    /// Nothing is unanswered.
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty()
    }

    /// Nothing is unanswered, nor in line.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty() && self.out.is_empty()
    }

    /// Whether an unanswered ask has such a purpose.
    pub fn any(&self, wanted: impl Fn(&P) -> bool) -> bool {
        self.pending.values().any(wanted)
    }

    /// Passes on what a machine inside this one asks; gives its result once it has one.
    pub fn drive<M: Machine>(&mut self, inner: &mut M, wrap: impl Fn(AskId) -> P, now: Millis) -> Option<Result<M::Output, Error>> {
        loop {
            match inner.poll(now) {
                Poll::Ask(_, Ask::Free(held)) => self.free(held),
                Poll::Ask(id, ask) => self.ask(wrap(id), ask),
                Poll::Wait(_) => return None,
                Poll::Done(result) => return Some(result),
            }
        }
    }

    /// Forgets what is in line and was not taken yet, but for what is still wanted.
    pub fn clear(&mut self, wanted: impl Fn(&P) -> bool) {
        let pending = &mut self.pending;
        self.out.retain(|(id, _)| {
            let keep = pending.get(id).is_some_and(&wanted);
            if !keep {
                pending.remove(id);
            }
            keep
        });
    }

    /// Forgets all asks of such a purpose, answered or not; gives back those that the host has not taken.
    pub fn forget(&mut self, unwanted: impl Fn(&P) -> bool) -> Vec<Ask> {
        let (mut kept, mut untaken) = (VecDeque::new(), Vec::new());
        for (id, ask) in self.out.drain(..) {
            if self.pending.get(&id).is_some_and(&unwanted) {
                untaken.push(ask);
            } else {
                kept.push_back((id, ask));
            }
        }
        self.out = kept;
        self.pending.retain(|purpose| !unwanted(purpose));
        untaken
    }

    fn put(&mut self, ask: Ask) -> AskId {
        let id = AskId(self.next);
        self.next += 1;
        self.out.push_back((id, ask));
        id
    }
}
