//! A machine under way, whatever its kind: what comes of it is handed to the engine as a [`Finish`].

use gloo_timers::callback::Timeout;
use js_sys::Object;
use serde::Serialize;
use strongroom_core::{
    AskId, Backup, Call, CancelErasure, ChangePasskeys, ChangePassphrase, Create, Erasures, Error, Forget, List, Machine, Millis, Passkeys,
    Plan, Poll, Progress, Refresh, ReplacePassphrase, Reply, Restore, Search, SignIn, Unlock, VaultHandle, Verify, Versions,
};
use wasm_bindgen::JsValue;

use crate::{
    ask::ForPage,
    message::{Look, Steer},
    report,
};

/// One command of the page.
pub struct Run {
    pub machine: Box<dyn Drive>,
    /// Waits until any trouble of the storage is over; the others give up soon, so that a person hears of it.
    pub patient: bool,
    /// Wakes the machine at the time it asked for.
    pub timer: Option<Timeout>,
    pub told: Told,
    /// Not sent yet.
    pub for_page: ForPage,
}

/// What the page knows of a run.
#[derive(Default)]
pub struct Told {
    pub plan: Option<(Plan, bool)>,
    pub progress: Option<(Progress, Option<String>)>,
}

/// What a machine came to.
pub struct Finish {
    /// The vault, where one was opened.
    pub vault: Option<VaultHandle>,
    pub result: JsValue,
}

/// A machine without its type.
pub trait Drive {
    fn poll(&mut self, now: Millis) -> Poll<Finish>;
    fn handle(&mut self, id: AskId, reply: Reply, now: Millis);
    fn steer(&mut self, _steer: Steer) {}
    /// See [`strongroom_core::Steer`].
    fn is_past_cancelling(&self) -> bool {
        false
    }
    fn progress(&self) -> Option<Progress> {
        None
    }
    /// The plan, and whether it is whole.
    fn plan(&self) -> Option<(Plan, bool)> {
        None
    }
    /// What a person looks at, nothing where there is nothing to see.
    fn look(&mut self, _at: &Look) -> Result<JsValue, Error> {
        Ok(JsValue::UNDEFINED)
    }
}

impl Run {
    pub fn new(machine: impl Drive + 'static, patient: bool) -> Self {
        Self { machine: Box::new(machine), patient, timer: None, told: Told::default(), for_page: ForPage::default() }
    }
}

impl Finish {
    pub fn of(result: &impl Serialize) -> Self {
        Self { vault: None, result: plain(result) }
    }
}

fn plain(result: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(result).unwrap_or_else(|_| Object::new().into())
}

fn map<T>(poll: Poll<T>, finish: impl FnOnce(T) -> Finish) -> Poll<Finish> {
    match poll {
        Poll::Ask(id, ask) => Poll::Ask(id, ask),
        Poll::Wait(until) => Poll::Wait(until),
        Poll::Done(result) => Poll::Done(result.map(finish)),
    }
}

impl Drive for Create {
    fn poll(&mut self, now: Millis) -> Poll<Finish> {
        map(Machine::poll(self, now), |created| Finish {
            result: plain(&report::Created {
                vault: created.vault.id().to_string(),
                phrase: created.phrase.words().split(' ').map(str::to_owned).collect(),
            }),
            vault: Some(created.vault),
        })
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        Machine::handle(self, id, reply, now);
    }
}

impl Drive for Unlock {
    fn poll(&mut self, now: Millis) -> Poll<Finish> {
        let poll = Machine::poll(self, now);
        map(poll, |vault| Finish {
            result: plain(&report::Unlocked { vault: vault.id().to_string(), device: self.device() }),
            vault: Some(vault),
        })
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        Machine::handle(self, id, reply, now);
    }
}

/// Those at the door, which give nothing but the broker's own words, if anything.
macro_rules! at_the_broker {
    ($machine:ty, $given:ident => $result:expr) => {
        impl Drive for $machine {
            fn poll(&mut self, now: Millis) -> Poll<Finish> {
                map(Machine::poll(self, now), |$given| Finish { vault: None, result: $result })
            }

            fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
                Machine::handle(self, id, reply, now);
            }
        }
    };
}

at_the_broker!(SignIn, _signed_in => JsValue::UNDEFINED);
at_the_broker!(ChangePassphrase, _changed => JsValue::UNDEFINED);
at_the_broker!(ChangePasskeys, _changed => JsValue::UNDEFINED);
at_the_broker!(ReplacePassphrase, _changed => JsValue::UNDEFINED);
at_the_broker!(CancelErasure, _cancelled => JsValue::UNDEFINED);
at_the_broker!(Call, json => String::from_utf8_lossy(&json).into_owned().into());

/// Something of the vault, brought up to date.
pub struct Refreshed {
    pub vault: VaultHandle,
    pub refresh: Refresh,
    pub show: fn(&VaultHandle) -> Finish,
}

impl Drive for Refreshed {
    fn poll(&mut self, now: Millis) -> Poll<Finish> {
        map(self.refresh.poll(now), |()| (self.show)(&self.vault))
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        self.refresh.handle(id, reply, now);
    }
}

/// Those that browse, or change what is to be seen.
macro_rules! browsing {
    ($machine:ty, $report:path) => {
        impl Drive for $machine {
            fn poll(&mut self, now: Millis) -> Poll<Finish> {
                map(Machine::poll(self, now), |found| Finish::of(&$report(found)))
            }

            fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
                Machine::handle(self, id, reply, now);
            }
        }
    };
}

browsing!(List, report::Listing::from);
browsing!(Search, report::Finds::from);
browsing!(Versions, report::versions);
browsing!(Passkeys, report::passkeys);
browsing!(Forget, report::Forgotten::from);
browsing!(Erasures, std::convert::identity);

/// The three that a person watches.
macro_rules! watched {
    ($machine:ty, $report:ty, $steer:ident => $proceed:expr, { $($more:tt)* }) => {
        impl Drive for $machine {
            fn poll(&mut self, now: Millis) -> Poll<Finish> {
                map(Machine::poll(self, now), |done| Finish::of(&<$report>::from(done)))
            }

            fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
                Machine::handle(self, id, reply, now);
            }

            fn steer(&mut self, steer: Steer) {
                use strongroom_core::Steer as _;
                let $steer = self;
                match steer {
                    Steer::Pause => $steer.pause(),
                    Steer::Resume => $steer.resume(),
                    Steer::Cancel => $steer.cancel(),
                    Steer::Proceed => $proceed,
                }
            }

            fn is_past_cancelling(&self) -> bool {
                strongroom_core::Steer::is_past_cancelling(self)
            }

            fn progress(&self) -> Option<Progress> {
                Some(strongroom_core::Steer::progress(self))
            }

            $($more)*
        }
    };
}

watched!(Backup, report::BackupReport, machine => machine.proceed(), {
    fn plan(&self) -> Option<(Plan, bool)> {
        Some((self.plan_so_far(), Backup::plan(self).is_some()))
    }

    fn look(&mut self, at: &Look) -> Result<JsValue, Error> {
        Ok(match at {
            Look::Choose(rules) => {
                self.choose(rules.parse()?);
                plain(&self.plan_so_far())
            }
            Look::Folder { path, limit } => plain(&self.survey(path, *limit as usize)),
            Look::Again { paths } => (self.try_again(paths.as_deref()) as f64).into(),
            Look::Entries { part, from, limit } => plain(&self.settled(*part, *from as usize, *limit as usize)),
        })
    }
});
watched!(Restore, report::RestoreReport, _machine => (), {});
watched!(Verify, report::VerifyReport, _machine => (), {});

/// A command whose end is known before it begins.
pub struct Known(pub Option<Result<JsValue, Error>>);

impl Drive for Known {
    fn poll(&mut self, _now: Millis) -> Poll<Finish> {
        match self.0.take() {
            Some(result) => Poll::Done(result.map(|result| Finish { vault: None, result })),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, _id: AskId, _reply: Reply, _now: Millis) {}
}
