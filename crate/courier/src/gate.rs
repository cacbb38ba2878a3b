//! At most so many at a time, in order of arrival.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use futures_channel::oneshot;

/// A counted gate for the tasks of one thread.
#[derive(Clone)]
pub struct Gate {
    state: Rc<RefCell<State>>,
}

struct State {
    free: usize,
    waiting: VecDeque<oneshot::Sender<Pass>>,
}

/// Leave to be inside; dropping it lets the next one in.
pub struct Pass {
    gate: Gate,
}

impl Gate {
    pub fn new(width: usize) -> Self {
        Self { state: Rc::new(RefCell::new(State { free: width, waiting: VecDeque::new() })) }
    }

    /// Waits for leave to enter.
    pub async fn enter(&self) -> Pass {
        let receiver = {
            let mut state = self.state.borrow_mut();
            if state.free > 0 {
                state.free -= 1;
                return Pass { gate: self.clone() };
            }
            let (sender, receiver) = oneshot::channel();
            state.waiting.push_back(sender);
            receiver
        };
        receiver.await.expect("the gate keeps every sender until it has sent")
    }

    fn leave(&self) {
        let next = {
            let mut state = self.state.borrow_mut();
            let next = state.waiting.pop_front();
            if next.is_none() {
                state.free += 1;
            }
            next
        };
        // A task that gave up drops its pass right here, which lets the one after it in.
        if let Some(next) = next {
            drop(next.send(Pass { gate: self.clone() }));
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.gate.leave();
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
