//! At most so many reads at a time, in order of arrival.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use futures_channel::oneshot;

/// A counted gate for the tasks of one worker.
#[derive(Clone)]
pub struct Gate(Rc<RefCell<State>>);

struct State {
    free: usize,
    waiting: VecDeque<oneshot::Sender<Pass>>,
}

/// Leave to be inside; dropping it lets the next one in.
pub struct Pass(Gate);

impl Gate {
    pub fn new(width: usize) -> Self {
        Self(Rc::new(RefCell::new(State { free: width, waiting: VecDeque::new() })))
    }

    pub async fn enter(&self) -> Pass {
        let receiver = {
            let mut state = self.0.borrow_mut();
            if state.free > 0 {
                state.free -= 1;
                return Pass(self.clone());
            }
            let (sender, receiver) = oneshot::channel();
            state.waiting.push_back(sender);
            receiver
        };
        receiver.await.expect("the gate keeps every sender until it has sent")
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut state = self.0.0.borrow_mut();
        let Some(next) = state.waiting.pop_front() else {
            state.free += 1;
            return;
        };
        drop(state);
        drop(next.send(Pass(self.0.clone())));
    }
}
