//! A fresh unlock: a broker lets a session do what cannot be undone for some minutes after a sign-in alone (crate/server/API.md, *Scopes*).

extern crate alloc;
use alloc::{boxed::Box, rc::Rc, string::String};
use core::cell::Cell;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::{
    ask::{AskId, Machine, Millis, Reply},
    desk::Desk,
    error::Error,
    key::draw,
    sign_in::{Scope, SignIn, UnlockSecret},
};

/// A sign-in counts as fresh for so long: a minute less than it does for the broker.
const FRESH: Millis = 4 * 60_000;

/// The secret once more, for a run that may need it several times. Clones know of each other's sign-ins.
#[derive(Clone)]
pub struct FreshUnlock {
    /// The vault's at its broker.
    name: String,
    secret: UnlockSecret,
    device: Option<String>,
    at: Rc<Cell<Option<Millis>>>,
}

impl FreshUnlock {
    pub fn new(name: String, secret: UnlockSecret) -> Self {
        Self { name, secret, device: None, at: Rc::default() }
    }

    /// As [`SignIn::from_device`], of one that is known already.
    pub fn from_device(mut self, device: Option<String>) -> Self {
        self.device = device;
        self
    }
}

impl core::fmt::Debug for FreshUnlock {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("FreshUnlock(…)")
    }
}

/// Signs in whenever the last sign-in is no longer fresh; never, where there is no broker.
pub(crate) struct Door {
    unlock: Option<FreshUnlock>,
    rng: ChaCha20Rng,
    sign_in: Option<Box<SignIn>>,
}

impl Door {
    /// Draws from another stream of the run's own seed.
    pub fn new(unlock: Option<FreshUnlock>, seed: [u8; 32]) -> Self {
        let mut rng = ChaCha20Rng::from_seed(seed);
        rng.set_stream(1);
        Self { unlock, rng, sign_in: None }
    }

    /// Whether the session is fresh now. If not, a sign-in is on its way: ask again after each answer.
    ///
    /// # Errors
    /// `WrongSecret`, and what else a sign-in ends with.
    pub fn is_open<P>(&mut self, desk: &mut Desk<P>, wrap: impl Fn(AskId) -> P, now: Millis) -> Result<bool, Error> {
        let Some(unlock) = &self.unlock else { return Ok(true) };
        if self.sign_in.is_none() && unlock.at.get().is_some_and(|at| (at..at.saturating_add(FRESH)).contains(&now)) {
            return Ok(true);
        }
        let rng = &mut self.rng;
        let begin = || {
            let sign_in = SignIn::new(unlock.name.clone(), &unlock.secret, Scope::Delete, draw(rng));
            Box::new(sign_in.from_device(unlock.device.clone(), false))
        };
        let sign_in = self.sign_in.get_or_insert_with(begin);
        let Some(result) = desk.drive(&mut **sign_in, wrap, now) else { return Ok(false) };
        self.sign_in = None;
        result?;
        unlock.at.set(Some(now));
        Ok(true)
    }

    pub fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        if let Some(sign_in) = &mut self.sign_in {
            sign_in.handle(id, reply, now);
        }
    }
}
