//! The engine's worker: drives the core's machines, sends what they ask for where it can be answered, and tells the page.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};

use gloo_timers::callback::{Interval, Timeout};
use js_sys::{Array, ArrayBuffer};
use serde::Deserialize;
use strongroom_core::{Ask, AskId, Body, Code, HostError, Input, Job, Poll, Reply};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

use crate::{
    ask::Wanted,
    command::{self, Terms},
    courier::{Courier, FromCourier, Verb},
    crew::{Crew, Death},
    held::HeldBytes,
    js::{self, Envelope},
    lane::{LaneDone, LaneJob},
    message::{Answered, Command, FromPage, Look, Prune, Shown, Steer, ToPage},
    run::{Finish, Run},
    spent::Spent,
};

/// Between two reports of progress.
const PROGRESS_MS: u32 = 200;

thread_local! {
    /// One engine a worker.
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

struct Engine {
    page: DedicatedWorkerGlobalScope,
    courier: Courier,
    crew: Crew,
    held: HeldBytes,
    terms: Terms,
    runs: HashMap<u32, Run>,
    /// Backups and prunes that wait: lanes serve one at a time.
    later: Vec<(u32, Command)>,
    backup: Option<u32>,
    /// Unanswered asks, by the number they were sent under.
    sent: HashMap<u64, (u32, AskId, Wanted)>,
    next: u64,
    /// Why the courier waits.
    waiting: Option<String>,
    /// What the lanes' time went to lately.
    spent: Spent,
}

#[derive(Deserialize)]
struct Options {
    budget: f64,
}

/// Serves the page until the worker ends. `lanes` are ports, `options` is `{ budget }`.
#[wasm_bindgen]
pub fn run_engine(courier: MessagePort, lanes: Array, options: JsValue) -> Result<(), JsValue> {
    let options: Options = serde_wasm_bindgen::from_value(options)?;
    let page = js::worker();
    let ports = lanes.iter().map(JsCast::unchecked_into).collect();
    let crew = Crew::new(page.clone(), ports, |lane, data| with_engine(|engine| engine.hear_lane(lane, data)));
    let terms = Terms { lanes: crew.size(), budget: options.budget as u64, vault: None };
    listen(|data| with_engine(|engine| engine.hear_page(data)), |listener| page.set_onmessage(Some(listener)));
    listen(|data| with_engine(|engine| engine.hear_courier(data)), |listener| courier.set_onmessage(Some(listener)));
    Interval::new(PROGRESS_MS, || with_engine(Engine::report)).forget();
    let engine = Engine {
        page,
        courier: Courier(courier),
        crew,
        held: HeldBytes::default(),
        terms,
        runs: HashMap::new(),
        later: Vec::new(),
        backup: None,
        sent: HashMap::new(),
        next: 1,
        waiting: None,
        spent: Spent::default(),
    };
    ENGINE.set(Some(engine));
    Ok(())
}

/// Every event is one borrow: nothing that runs inside calls back.
fn with_engine(event: impl FnOnce(&mut Engine)) {
    ENGINE.with_borrow_mut(|engine| {
        if let Some(engine) = engine {
            event(engine);
        }
    });
}

fn listen(on_data: impl Fn(&JsValue) + 'static, set: impl FnOnce(&js_sys::Function)) {
    let closure = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| on_data(&event.data()));
    set(closure.as_ref().unchecked_ref());
    // Lives as long as the worker.
    closure.forget();
}

// What comes in.
impl Engine {
    fn hear_page(&mut self, data: &JsValue) {
        match js::head(data) {
            Some(FromPage::Begin { run, command }) => self.begin(run, command),
            Some(FromPage::Steer { run, steer }) => self.steer(run, steer),
            Some(FromPage::Answers(answers)) => {
                let mut runs = BTreeSet::new();
                for Answered { ask, answer } in answers {
                    let Some((run, ask, wanted)) = self.sent.remove(&ask) else { continue };
                    self.handle(run, ask, wanted.with_page(answer));
                    runs.insert(run);
                }
                runs.into_iter().for_each(|run| self.drive(run));
            }
            Some(FromPage::Look { run, look, at }) => self.look(run, look, &at),
            Some(FromPage::Lane { lane }) => {
                if let Ok(port) = Array::from(&js::get(data, "ports")).get(0).dyn_into() {
                    self.lane_started(lane, port);
                }
            }
            Some(FromPage::LaneDied { lane }) => self.lane_died(lane),
            None => {}
        }
    }

    fn hear_courier(&mut self, data: &JsValue) {
        match js::head(data) {
            Some(FromCourier::Answer { id, answer }) => {
                let Some((run, ask, wanted)) = self.sent.remove(&id) else { return };
                let reply = wanted.with_courier(run, answer, js::get(data, "bytes").dyn_into().ok(), &mut self.held);
                self.answer(run, ask, reply);
            }
            Some(FromCourier::Waiting { why }) => {
                self.waiting = why;
                self.report();
            }
            None => {}
        }
    }

    fn hear_lane(&mut self, lane: u32, data: &JsValue) {
        let Some(LaneDone { id, outcome, sha256, memory, spent }) = js::unpack(data) else { return };
        self.spent.add(spent);
        self.crew.answered(lane, id, memory);
        let Some((run, ask, _)) = self.sent.remove(&id) else { return };
        let digests = sha256.into_iter().map(|name| Some(name.0)).chain(std::iter::repeat(None));
        let buffers = js::buffers(data, "buffers").into_iter().zip(digests);
        let buffers = buffers.map(|(bytes, digest)| self.held.keep(run, bytes, digest.unwrap_or_default())).collect();
        self.answer(run, ask, Reply::Ran(Ok((outcome, buffers))));
    }
}

// Lanes that come and go.
impl Engine {
    fn lane_died(&mut self, lane: u32) {
        match self.crew.died(lane) {
            Death::Failed(ticket) => self.lose(ticket),
            Death::Hopeless => self.tell(&ToPage::LaneLost),
            Death::Replaced | Death::Known => {}
        }
    }

    /// A lane is there. If it takes the place of another, it is given the keys and what waited for it, and the machines do anew what was lost.
    fn lane_started(&mut self, lane: u32, port: MessagePort) {
        let (lost, waiting) = self.crew.started(lane, port);
        if let (true, Some(vault)) = (lane < self.crew.size(), &self.terms.vault) {
            self.crew.send(lane, LaneJob { id: 0, job: vault.lane_setup() }, &[]);
        }
        for (job, buffers) in waiting {
            self.crew.send(lane, job, &buffers);
        }
        lost.into_iter().for_each(|ticket| self.lose(ticket));
    }

    /// The lane of that job died.
    fn lose(&mut self, ticket: u64) {
        let Some((run, ask, wanted)) = self.sent.remove(&ticket) else { return };
        let message = "A worker ended unexpectedly, perhaps for want of memory. Close other tabs and try again.".into();
        self.answer(run, ask, wanted.failed(HostError { code: Code::LaneLost, message }));
    }
}

// Runs.
impl Engine {
    fn begin(&mut self, run: u32, command: Command) {
        if matches!(command, Command::Backup { .. } | Command::Prune(Prune { preview: false, .. })) {
            if self.backup.is_some() {
                self.later.push((run, command));
                return;
            }
            self.backup = Some(run);
        }
        self.runs.insert(run, command::begin(command, &self.terms));
        self.drive(run);
    }

    fn steer(&mut self, run: u32, steer: Steer) {
        if let Some(place) = self.later.iter().position(|(later, _)| *later == run) {
            // A backup that waits for another has nothing to pause; one that is cancelled never begins.
            if matches!(steer, Steer::Cancel) {
                self.later.remove(place);
                let cancelled = strongroom_core::Error::new(Code::Cancelled, "This was cancelled.");
                self.tell(&ToPage::Failed { run, failure: cancelled.into() });
            }
            return;
        }
        let Some(running) = self.runs.get_mut(&run) else { return };
        let calls_back = matches!(steer, Steer::Cancel) && !running.machine.is_past_cancelling();
        running.machine.steer(steer);
        if calls_back {
            self.courier.cancel(run);
        }
        self.drive(run);
        self.report();
    }

    fn look(&mut self, run: u32, look: u32, at: &Look) {
        let seen = match self.runs.get_mut(&run) {
            Some(running) => {
                // A file that is tried again and fails at once leaves the figures as they were told, not the lists that go with them.
                if matches!(at, Look::Again { .. }) {
                    running.told.progress = None;
                }
                running.machine.look(at)
            }
            None => Ok(JsValue::UNDEFINED),
        };
        let (seen, failure) = match seen {
            Ok(seen) => (seen, None),
            Err(error) => (JsValue::UNDEFINED, Some(error.into())),
        };
        self.tell(&ToPage::Seen { look, seen, failure });
        self.tell_plan(run);
        // It may have been more than a look.
        self.drive(run);
    }

    fn answer(&mut self, run: u32, ask: AskId, reply: Reply) {
        self.handle(run, ask, reply);
        self.drive(run);
    }

    fn handle(&mut self, run: u32, ask: AskId, reply: Reply) {
        match self.runs.get_mut(&run) {
            Some(running) => running.machine.handle(ask, reply, js::now()),
            // The run is over; what came for it is not kept.
            None => self.held.free_run(run),
        }
    }

    /// Polls until the machine waits or is done.
    fn drive(&mut self, run: u32) {
        loop {
            let Some(running) = self.runs.get_mut(&run) else { return };
            match running.machine.poll(js::now()) {
                Poll::Ask(id, ask) => self.dispatch(run, id, ask),
                Poll::Wait(until) => {
                    running.for_page.post(run, &self.page);
                    running.timer = until.map(|until| {
                        let wait = (until - js::now()).clamp(0, i64::from(i32::MAX));
                        Timeout::new(wait as u32, move || with_engine(|engine| engine.drive(run)))
                    });
                    self.tell_whole_plan(run);
                    return;
                }
                Poll::Done(result) => {
                    self.finish(run, result);
                    return;
                }
            }
        }
    }

    fn finish(&mut self, run: u32, result: Result<Finish, strongroom_core::Error>) {
        self.tell_plan(run);
        self.tell_progress(run);
        self.runs.remove(&run);
        // Some of these may not even have been sent.
        self.sent.retain(|_, (of, ..)| *of != run);
        self.held.free_run(run);
        match result {
            Ok(Finish { vault, result }) => {
                if let Some(vault) = vault {
                    for lane in 0..self.crew.size() {
                        // Nobody waits for the answer: a lane does its jobs in order.
                        self.crew.send(lane, LaneJob { id: 0, job: vault.lane_setup() }, &[]);
                    }
                    self.terms.vault = Some(vault);
                }
                self.tell(&ToPage::Done { run, result });
            }
            Err(error) => self.tell(&ToPage::Failed { run, failure: error.into() }),
        }
        if self.backup == Some(run) {
            self.backup = None;
            if !self.later.is_empty() {
                let (run, command) = self.later.remove(0);
                self.begin(run, command);
            }
        }
        if self.runs.is_empty() {
            self.crew.rest();
        }
    }
}

// What goes out.
impl Engine {
    fn dispatch(&mut self, run: u32, id: AskId, ask: Ask) {
        let wanted = match &ask {
            Ask::Put { .. } | Ask::Replace { .. } | Ask::Folder { .. } | Ask::Write(_) | Ask::Discard { .. } | Ask::Erase { .. } => {
                Wanted::Done
            }
            Ask::Get { hold: true, .. } => Wanted::GotHeld,
            Ask::Get { hold: false, .. } => Wanted::Got,
            Ask::List { .. } => Wanted::Listed,
            Ask::Walk => Wanted::Walked,
            Ask::Look { .. } => Wanted::Looked,
            Ask::There { .. } => Wanted::There,
            Ask::Run { .. } => Wanted::Ran,
            Ask::Broker { .. } => Wanted::Broker,
            Ask::Free(held) => {
                if self.held.free(*held)
                    && let Some(running) = self.runs.get_mut(&run)
                {
                    running.for_page.free(*held);
                }
                return;
            }
        };
        let ticket = self.next;
        self.next += 1;
        self.sent.insert(ticket, (run, id, wanted));
        if let Err(error) = self.send(run, ticket, ask) {
            self.sent.remove(&ticket);
            if let Some(running) = self.runs.get_mut(&run) {
                running.machine.handle(id, wanted.failed(error), js::now());
            }
        }
    }

    fn send(&mut self, run: u32, ticket: u64, ask: Ask) -> Result<(), HostError> {
        match ask {
            Ask::Put { object, body } => {
                let bytes = match body {
                    Body::Inline(bytes) => js_sys::Uint8Array::from(&bytes[..]).buffer(),
                    Body::Held(held) => self.held.take(held)?,
                };
                // The name of everything but a slot is the hash of its bytes.
                let sha256 = object.name.clone();
                self.courier(run, ticket, Verb::Put { object: (&object).into(), sha256 }, Some(&bytes));
            }
            Ask::Replace { object, body } => {
                let bytes = js_sys::Uint8Array::from(&body[..]).buffer();
                self.courier(run, ticket, Verb::Replace { object: (&object).into() }, Some(&bytes));
            }
            Ask::Get { object, range, .. } => self.courier(run, ticket, Verb::Get { object: (&object).into(), range }, None),
            Ask::List { vault, kind } => {
                self.courier(run, ticket, Verb::List { vault: vault.to_string(), kind: kind.folder() }, None);
            }
            Ask::Broker { call, body } => {
                let body = String::from_utf8_lossy(&body).into_owned();
                self.courier(run, ticket, Verb::Broker { call, body }, None);
            }
            Ask::Run { lane, job } => self.run(ticket, lane, job)?,
            Ask::Erase { object } => self.courier(run, ticket, Verb::Erase { object: (&object).into() }, None),
            ask => {
                if let Some(running) = self.runs.get_mut(&run) {
                    running.for_page.ask(ticket, ask, &mut self.held)?;
                }
            }
        }
        Ok(())
    }

    fn courier(&self, run: u32, ticket: u64, verb: Verb, bytes: Option<&ArrayBuffer>) {
        let patient = self.runs.get(&run).is_some_and(|run| run.patient);
        self.courier.send(ticket, run, patient, verb, bytes);
    }

    fn run(&mut self, ticket: u64, lane: Option<u32>, job: Job) -> Result<(), HostError> {
        let held = job.inputs().into_iter().filter_map(|input| match input {
            Input::Held(held) => Some(self.held.take(held)),
            Input::Read(_) => None,
        });
        let buffers = held.collect::<Result<Vec<_>, _>>()?;
        let job = LaneJob { id: ticket, job };
        match lane {
            None => self.crew.send_throwaway(job),
            Some(lane) => {
                if !self.crew.send(lane, job, &buffers) {
                    return Err(HostError { code: Code::LaneLost, message: "There is no such lane. Unlock the vault again.".into() });
                }
            }
        }
        Ok(())
    }

    fn tell(&self, message: &ToPage) {
        Envelope::new(message).post_to_page(&self.page);
    }

    /// At once when the plan is whole; until then it changes with every entry.
    fn tell_whole_plan(&mut self, run: u32) {
        if self.runs.get(&run).is_some_and(|running| running.machine.plan().is_some_and(|(_, whole)| whole)) {
            self.tell_plan(run);
        }
    }

    fn tell_plan(&mut self, run: u32) {
        let Some(running) = self.runs.get_mut(&run) else { return };
        let Some(now) = running.machine.plan() else { return };
        if running.told.plan != Some(now) {
            let (plan, whole) = now;
            Envelope::new(&ToPage::Plan { run, plan: &plan, whole }).post_to_page(&self.page);
            running.told.plan = Some(now);
        }
    }

    /// Tells the page how far every run is, if that has changed.
    fn report(&mut self) {
        let runs: Vec<u32> = self.runs.keys().copied().collect();
        for run in runs {
            self.tell_plan(run);
            self.tell_progress(run);
        }
    }

    fn tell_progress(&mut self, run: u32) {
        let Some(running) = self.runs.get_mut(&run) else { return };
        let Some(mut progress) = running.machine.progress() else { return };
        self.spent.tell_apart(&mut progress);
        let now = (progress, self.waiting.clone());
        if running.told.progress.as_ref() != Some(&now) {
            let progress = Shown { progress: &now.0, waiting: now.1.as_deref() };
            Envelope::new(&ToPage::Progress { run, progress }).post_to_page(&self.page);
            running.told.progress = Some(now);
        }
    }
}
