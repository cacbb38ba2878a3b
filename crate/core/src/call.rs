//! One call of a broker whose answer is for the host alone: the core neither reads nor needs it.

extern crate alloc;
use alloc::vec::Vec;

use crate::{
    ask::{Ask, AskId, Machine, Millis, Poll, Reply},
    desk::Desk,
    error::Error,
    vault::unexpected,
};

/// Sends JSON, gives JSON.
pub struct Call {
    desk: Desk<()>,
    result: Option<Result<Vec<u8>, Error>>,
}

impl Call {
    /// `call` as crate/server/API.md names it.
    pub fn new(call: &'static str, body: Vec<u8>) -> Self {
        let mut desk = Desk::default();
        desk.ask((), Ask::Broker { call, body });
        Self { desk, result: None }
    }
}

impl Machine for Call {
    type Output = Vec<u8>;

    fn poll(&mut self, _now: Millis) -> Poll<Vec<u8>> {
        if let Some(result) = self.result.take() {
            return Poll::Done(result);
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, _now: Millis) {
        if self.desk.answered(id).is_some() {
            self.result = Some(match reply {
                Reply::Broker(answer) => answer.map_err(|error| Error::new(error.code, error.message)),
                _ => Err(unexpected()),
            });
        }
    }
}
