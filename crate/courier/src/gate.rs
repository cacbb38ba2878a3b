//! At most so many at a time, in order of arrival.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use futures_channel::oneshot;

/// A counted gate for the tasks of one thread.
#[derive(Clone)]
pub struct Gate {
    state: Rc<RefCell<State>>,
}

struct State {
    width: usize,
    inside: usize,
    /// Somebody had to wait.
    waited: bool,
    waiting: VecDeque<oneshot::Sender<Pass>>,
}

/// Leave to be inside; dropping it lets the next one in.
pub struct Pass {
    gate: Gate,
}

impl Gate {
    pub fn new(width: usize) -> Self {
        Self { state: Rc::new(RefCell::new(State { width, inside: 0, waited: false, waiting: VecDeque::new() })) }
    }

    /// Waits for leave to enter.
    pub async fn enter(&self) -> Pass {
        let receiver = {
            let mut state = self.state.borrow_mut();
            if state.inside < state.width {
                state.inside += 1;
                return Pass { gate: self.clone() };
            }
            state.waited = true;
            let (sender, receiver) = oneshot::channel();
            state.waiting.push_back(sender);
            receiver
        };
        receiver.await.expect("the gate keeps every sender until it has sent")
    }

    /// Lets so many in at a time from now on; who is inside stays.
    pub fn set_width(&self, width: usize) {
        self.state.borrow_mut().width = width;
        while self.let_in() {}
    }

    /// Whether somebody waits, or had to since this was asked before.
    pub fn has_been_waited_at(&self) -> bool {
        let mut state = self.state.borrow_mut();
        std::mem::take(&mut state.waited) || !state.waiting.is_empty()
    }

    /// Lets the next one in, if one waits and there is a place.
    fn let_in(&self) -> bool {
        let next = {
            let mut state = self.state.borrow_mut();
            let next = if state.inside < state.width { state.waiting.pop_front() } else { None };
            state.inside += usize::from(next.is_some());
            next
        };
        // A task that gave up drops its pass right here, which lets the one after it in.
        next.map(|next| drop(next.send(Pass { gate: self.clone() }))).is_some()
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.gate.state.borrow_mut().inside -= 1;
        self.gate.let_in();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn no_more_than_its_width_are_inside_and_who_came_first_is_first() {
        let gate = Gate::new(2);
        let first = gate.enter().now_or_never().expect("free");
        let _second = gate.enter().now_or_never().expect("free");
        let mut third = Box::pin(gate.enter());
        let mut fourth = Box::pin(gate.enter());
        assert!(third.as_mut().now_or_never().is_none());
        assert!(fourth.as_mut().now_or_never().is_none());
        drop(first);
        assert!(fourth.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_some());
    }

    #[test]
    fn a_gate_that_gets_wider_lets_those_in_who_wait_and_one_that_gets_narrower_waits_until_some_have_left() {
        let gate = Gate::new(1);
        let first = gate.enter().now_or_never().expect("free");
        assert!(!gate.has_been_waited_at());
        let mut second = Box::pin(gate.enter());
        assert!(second.as_mut().now_or_never().is_none());
        assert!(gate.has_been_waited_at() && gate.has_been_waited_at());
        gate.set_width(2);
        let second = second.as_mut().now_or_never().expect("a place was made");
        assert!(!gate.has_been_waited_at());
        gate.set_width(1);
        drop(first);
        let mut third = Box::pin(gate.enter());
        assert!(third.as_mut().now_or_never().is_none());
        drop(second);
        assert!(third.as_mut().now_or_never().is_some());
    }

    #[test]
    fn one_who_gives_up_does_not_keep_its_place() {
        let gate = Gate::new(1);
        let inside = gate.enter().now_or_never().expect("free");
        let mut gone = Box::pin(gate.enter());
        assert!(gone.as_mut().now_or_never().is_none());
        drop(gone);
        drop(inside);
        assert!(gate.enter().now_or_never().is_some());
    }
}
