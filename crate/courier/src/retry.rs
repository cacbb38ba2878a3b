//! Trying again until the trouble is over, and saying so meanwhile.

use std::cell::{Cell, RefCell};

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;

use crate::{
    backoff::{Trouble, delay_ms},
    fault::Fault,
};

/// Attempts of one who does not wait: some ten seconds.
const IMPATIENT_ATTEMPTS: u32 = 5;
/// Failures in a row before people are told.
const UNTOLD_FAILURES: u32 = 1;

/// Counts the requests in trouble, and tells when that begins and ends.
pub struct Retry {
    /// Requests that wait for an answer to anything: the first one that succeeds wakes them.
    asleep: RefCell<Vec<oneshot::Sender<()>>>,
    troubled: Cell<u32>,
    said: RefCell<Option<&'static str>>,
    say: Box<dyn Fn(Option<&'static str>)>,
}

/// One request in trouble; leaves the count however it ends.
struct Troubled<'a>(&'a Retry);

impl Retry {
    pub fn new(say: impl Fn(Option<&'static str>) + 'static) -> Self {
        Self { asleep: RefCell::default(), troubled: Cell::new(0), said: RefCell::new(None), say: Box::new(say) }
    }

    /// Attempts it until it succeeds or fails for good; only a few times if not `patient`, or where waiting does not help.
    ///
    /// # Errors
    /// The permanent fault, or the last passing one.
    pub async fn until_done<T>(&self, patient: bool, mut attempt: impl AsyncFnMut() -> Result<T, Fault>) -> Result<T, Fault> {
        let mut troubled = None;
        let (mut failures, mut barred) = (0, 0);
        loop {
            let fault = match attempt().await {
                Ok(done) => {
                    self.wake();
                    return Ok(done);
                }
                Err(fault) => fault,
            };
            let Some(trouble) = fault.passing else { return Err(fault) };
            failures += 1;
            barred = if trouble == Trouble::Barred { barred + 1 } else { 0 };
            if barred >= IMPATIENT_ATTEMPTS || !patient && failures >= IMPATIENT_ATTEMPTS {
                return Err(fault);
            }
            if failures > UNTOLD_FAILURES {
                troubled.get_or_insert_with(|| Troubled::enter(self));
                self.tell(Some(fault.waiting()));
            }
            self.sleep(trouble, delay_ms(trouble, failures - 1, js_sys::Math::random())).await;
        }
    }

    /// So long, or until the server answers somebody again. That it answers makes no room, though.
    async fn sleep(&self, trouble: Trouble, milliseconds: u32) {
        let time = TimeoutFuture::new(milliseconds);
        if trouble == Trouble::Full {
            return time.await;
        }
        let (wake, woken) = oneshot::channel();
        self.asleep.borrow_mut().push(wake);
        match select(time, woken).await {
            Either::Left(_) | Either::Right(_) => {}
        }
    }

    fn wake(&self) {
        for sleeper in self.asleep.take() {
            // Nobody there: its time had come before.
            let _ = sleeper.send(());
        }
    }

    fn tell(&self, sentence: Option<&'static str>) {
        if self.said.replace(sentence) != sentence {
            (self.say)(sentence);
        }
    }
}

impl<'a> Troubled<'a> {
    fn enter(retry: &'a Retry) -> Self {
        retry.troubled.set(retry.troubled.get() + 1);
        Self(retry)
    }
}

impl Drop for Troubled<'_> {
    fn drop(&mut self) {
        self.0.troubled.set(self.0.troubled.get() - 1);
        if self.0.troubled.get() == 0 {
            self.0.tell(None);
        }
    }
}
