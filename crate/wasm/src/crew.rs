//! The lanes as the engine sees them: those that stay, and throwaway ones for work whose memory must go away again.

use std::collections::{BTreeSet, HashMap};

use js_sys::ArrayBuffer;
use strongroom_core::Job;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

use crate::{js::Envelope, lane::LaneJob, message::ToPage};

/// The first number of a throwaway lane.
const THROWAWAY: u32 = 1_000;

/// A lane that has taken more than this is not kept when the work is done: bytes. A backup's lanes have; those of a restore have not.
const KEPT: u32 = 40 << 20;

/// Gets every message of a lane, with its number.
pub type OnMessage = fn(u32, &JsValue);

pub struct Crew {
    page: DedicatedWorkerGlobalScope,
    on_message: OnMessage,
    lanes: Vec<Lane>,
    throwaway: HashMap<u32, Throwaway>,
    next: u32,
}

/// A lane's port, listened to.
struct Lane {
    port: MessagePort,
    _listening: Closure<dyn FnMut(MessageEvent)>,
    /// Jobs it was given and has not answered.
    unanswered: BTreeSet<u64>,
    /// It is being replaced.
    dead: bool,
    /// It stands in for another, and has not answered anything yet.
    untried: bool,
    /// What its module has taken of memory: bytes.
    memory: u32,
    /// It was ended when there was nothing to do: what it is to do waits until another stands in for it.
    rest: Option<Vec<Waiting>>,
}

/// A job, and the bytes that go with it.
pub type Waiting = (LaneJob, Vec<ArrayBuffer>);

/// What is to be done about a lane that died.
pub enum Death {
    /// The page starts a new one.
    Replaced,
    /// A lane that dies before it has done anything is not replaced again.
    Hopeless,
    /// A throwaway lane's job failed.
    Failed(u64),
    /// That is known already, or was no lane.
    Known,
}

enum Throwaway {
    /// The page is starting it, for this job.
    Starting(LaneJob),
    Running(Lane),
}

impl Crew {
    pub fn new(page: DedicatedWorkerGlobalScope, ports: Vec<MessagePort>, on_message: OnMessage) -> Self {
        let lanes = ports.into_iter().zip(0..).map(|(port, lane)| Lane::listen(port, lane, on_message)).collect();
        Self { page, on_message, lanes, throwaway: HashMap::new(), next: THROWAWAY }
    }

    /// How many lanes stay.
    pub fn size(&self) -> u32 {
        u32::try_from(self.lanes.len()).expect("a page starts a handful of lanes")
    }

    /// Gives a job to a lane that stays; its files follow by way of the page. False if there is no such lane.
    pub fn send(&mut self, lane: u32, job: LaneJob, buffers: &[ArrayBuffer]) -> bool {
        let Some(to) = self.lanes.get_mut(lane as usize) else { return false };
        if let Some(waiting) = &mut to.rest {
            if waiting.is_empty() {
                Envelope::new(&ToPage::StartLane { lane }).post_to_page(&self.page);
            }
            waiting.push((job, buffers.to_vec()));
            return true;
        }
        let files = first_reads(&job.job);
        if !files.is_empty() {
            Envelope::new(&ToPage::Give { lane, files }).post_to_page(&self.page);
        }
        to.send(&job, buffers);
        true
    }

    /// Gives a job, which has no inputs, to a lane of its own.
    pub fn send_throwaway(&mut self, job: LaneJob) {
        let lane = self.next;
        self.next += 1;
        self.throwaway.insert(lane, Throwaway::Starting(job));
        Envelope::new(&ToPage::StartLane { lane }).post_to_page(&self.page);
    }

    /// Ends the lanes that have taken much memory: a module never gives any back, and a tab may stay open for days. To be called when
    /// nothing runs; each comes back with its next job.
    pub fn rest(&mut self) {
        for (lane, number) in self.lanes.iter_mut().zip(0..) {
            if lane.memory > KEPT && lane.unanswered.is_empty() && !lane.dead && lane.rest.is_none() {
                lane.let_go();
                lane.rest = Some(Vec::new());
                Envelope::new(&ToPage::EndLane { lane: number }).post_to_page(&self.page);
            }
        }
    }

    /// The page has started a lane: a throwaway one, or one in the place of one that died or rests. Gives the jobs that died with that
    /// one, and those that waited for the new one; it is to be given the keys first.
    pub fn started(&mut self, number: u32, port: MessagePort) -> (BTreeSet<u64>, Vec<Waiting>) {
        if let Some(Throwaway::Starting(job)) = self.throwaway.remove(&number) {
            let mut lane = Lane::listen(port, number, self.on_message);
            lane.send(&job, &[]);
            self.throwaway.insert(number, Throwaway::Running(lane));
            return Default::default();
        }
        let Some(place) = self.lanes.get_mut(number as usize) else { return Default::default() };
        let lane = Lane { untried: true, ..Lane::listen(port, number, self.on_message) };
        let before = std::mem::replace(place, lane);
        before.let_go();
        (before.unanswered, before.rest.unwrap_or_default())
    }

    /// A lane has answered that job: a throwaway one has done its duty.
    pub fn answered(&mut self, lane: u32, job: u64, memory: u32) {
        if let Some(done) = self.throwaway.remove(&lane) {
            self.end(lane, &done);
        } else if let Some(lane) = self.lanes.get_mut(lane as usize) {
            lane.unanswered.remove(&job);
            lane.untried = false;
            lane.memory = memory;
        }
    }

    /// A lane is dead, by the word of the page.
    pub fn died(&mut self, number: u32) -> Death {
        if let Some(lane) = self.throwaway.remove(&number) {
            self.end(number, &lane);
            return match lane {
                Throwaway::Starting(job) => Death::Failed(job.id),
                Throwaway::Running(lane) => lane.unanswered.first().copied().map_or(Death::Known, Death::Failed),
            };
        }
        match self.lanes.get_mut(number as usize) {
            Some(lane) if !lane.dead && lane.rest.is_none() => {
                lane.dead = true;
                if lane.untried {
                    return Death::Hopeless;
                }
                Envelope::new(&ToPage::StartLane { lane: number }).post_to_page(&self.page);
                Death::Replaced
            }
            _ => Death::Known,
        }
    }

    fn end(&self, number: u32, lane: &Throwaway) {
        if let Throwaway::Running(lane) = lane {
            lane.let_go();
        }
        Envelope::new(&ToPage::EndLane { lane: number }).post_to_page(&self.page);
    }
}

impl Lane {
    fn listen(port: MessagePort, lane: u32, on_message: OnMessage) -> Self {
        let listening = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| on_message(lane, &event.data()));
        port.set_onmessage(Some(listening.as_ref().unchecked_ref()));
        Self { port, _listening: listening, unanswered: BTreeSet::new(), dead: false, untried: false, memory: 0, rest: None }
    }

    /// Hears no more of it.
    fn let_go(&self) {
        self.port.set_onmessage(None);
    }

    fn send(&mut self, job: &LaneJob, buffers: &[ArrayBuffer]) {
        self.unanswered.insert(job.id);
        Envelope::packed(job).with_all("buffers", buffers).post(&self.port);
    }
}

/// The files of which a job begins to read a strand.
fn first_reads(job: &Job) -> Vec<u32> {
    match job {
        Job::Chunk { reads, .. } | Job::Compare { reads, .. } => {
            reads.iter().filter(|read| read.begins()).map(|read| read.file.0).collect()
        }
        _ => Vec::new(),
    }
}
