//! Lanes: threads that do the heavy jobs, each with its own [`Lane`], reading its own slices of the source.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{Builder, JoinHandle, available_parallelism},
};

use sha2::{Digest, Sha256};
use strongroom_core::{AskId, Code, HostError, Input, Job, Lane, Outcome, Reply};

use super::{
    Answer,
    held::Shelf,
    source::{Reader, Source},
    there::There,
};

/// More lanes than this bring nothing: storage and the machine's own thread are the walls then.
const MOST: usize = 16;

/// All lanes of a host. Dropping them waits for the jobs that were given.
pub struct Lanes {
    world: World,
    queues: Vec<Sender<Task>>,
    threads: Vec<JoinHandle<()>>,
}

/// What a lane works with.
#[derive(Clone)]
struct World {
    shelf: Arc<Shelf>,
    source: Arc<Source>,
    there: Arc<There>,
    send: Sender<Answer>,
}

/// A job, and whom to answer.
type Task = (Option<AskId>, Job);

impl Lanes {
    /// One lane for each processor, two at least.
    pub fn new(shelf: &Arc<Shelf>, source: &Arc<Source>, there: &Arc<There>, send: &Sender<Answer>) -> Self {
        let world = World { shelf: Arc::clone(shelf), source: Arc::clone(source), there: Arc::clone(there), send: send.clone() };
        let count = available_parallelism().map_or(2, usize::from).clamp(2, MOST);
        let (queues, threads) = (0..count).map(|number| start(&format!("lane {number}"), &world)).unzip();
        Self { world, queues, threads }
    }

    pub fn count(&self) -> u32 {
        u32::try_from(self.queues.len()).expect("at most 16 lanes")
    }

    /// The same job on every lane; nobody waits for its outcome.
    pub fn set_up(&self, job: &Job) {
        for queue in &self.queues {
            queue.send((None, job.clone())).expect("a lane waits for jobs until its queue is dropped");
        }
    }

    /// Runs a job on that lane, or on one of its own that ends with it.
    pub fn run(&self, lane: Option<u32>, id: AskId, job: Job) {
        let own;
        let queue = match lane {
            Some(number) => self.queues.get(number as usize % self.queues.len()).expect("taken modulo the length"),
            None => {
                own = start("throwaway lane", &self.world).0;
                &own
            }
        };
        queue.send((Some(id), job)).expect("a lane waits for jobs until its queue is dropped");
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        self.queues.clear();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn start(name: &str, world: &World) -> (Sender<Task>, JoinHandle<()>) {
    let (send, receive) = channel();
    let world = world.clone();
    let thread = Builder::new().name(name.into()).spawn(move || world.serve(&receive)).expect("the system can start a thread");
    (send, thread)
}

impl World {
    fn serve(&self, tasks: &Receiver<Task>) {
        let mut lane = Lane::new();
        let mut reader = Reader::new(&self.source, &self.there);
        for (id, job) in tasks {
            let ran = catch_unwind(AssertUnwindSafe(|| self.run(&mut lane, &mut reader, job)));
            let reply =
                ran.map_err(|_| HostError { code: Code::LaneLost, message: "A working thread failed. Run the command again.".into() });
            if let Some(id) = id {
                // A machine that has ended takes no answers.
                let _ = self.send.send((id, Reply::Ran(reply)));
            }
        }
    }

    fn run(&self, lane: &mut Lane, reader: &mut Reader, job: Job) -> (Outcome, Vec<strongroom_core::HeldBuffer>) {
        let inputs = job.inputs().into_iter().map(|input| match input {
            Input::Read(read) => reader.read(&read),
            Input::Held(held) => self.shelf.take(held),
        });
        let inputs = inputs.collect();
        let produced = lane.run(job, inputs);
        let digests = produced.outcome.digests();
        let hold = |bytes: Vec<u8>| {
            let sha256 = if digests { Sha256::digest(&bytes).into() } else { [0; 32] };
            self.shelf.hold(bytes, sha256)
        };
        (produced.outcome, produced.buffers.into_iter().map(hold).collect())
    }
}
