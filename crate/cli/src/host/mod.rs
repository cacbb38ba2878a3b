//! Fulfils what a machine asks, in threads: jobs on lanes, objects in a storage, files of a source, files of a sink.
//! Holds no logic about backups; bytes go from thread to thread by move.

mod held;
mod lanes;
mod pool;
mod sink;
mod source;
mod storage;
mod there;
mod unfinished;

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::{Duration, Instant, SystemTime},
};

use strongroom_core::{Ask, AskId, Body, Code, Error, HostError, Job, Machine, Millis, Poll, Reply};

use held::Shelf;
use lanes::Lanes;
use pool::Pool;
use there::There;

pub use sink::Sink;
pub use source::Source;
pub use storage::{Broker, Bucket, Storage, bucket_address};

/// A person looks at progress this often.
const GLANCE: Duration = Duration::from_millis(100);
const STORAGE_THREADS: usize = 4;
const SINK_THREADS: usize = 2;

/// What threads answer with.
type Answer = (AskId, Reply);

/// The world of a machine.
pub struct Host {
    send: Sender<Answer>,
    receive: Receiver<Answer>,
    shelf: Arc<Shelf>,
    storage: Arc<Storage>,
    storage_pool: Pool,
    source: Arc<Source>,
    source_pool: Pool,
    sink: Option<Arc<Sink>>,
    there: Arc<There>,
    /// One thread each, so that the parts of one file stay in order.
    sink_pools: Vec<Pool>,
    lanes: Lanes,
}

impl Host {
    /// A host over that storage, with nothing to read and nowhere to write.
    pub fn new(storage: Storage) -> Self {
        Self::with(storage, Source::default(), None)
    }

    /// A host that reads files of a source.
    pub fn with_source(storage: Storage, source: Source) -> Self {
        Self::with(storage, source, None)
    }

    /// A host that writes files to a sink.
    pub fn with_sink(storage: Storage, sink: Arc<Sink>) -> Self {
        Self::with(storage, Source::default(), Some(sink))
    }

    fn with(storage: Storage, source: Source, sink: Option<Arc<Sink>>) -> Self {
        let (send, receive) = channel();
        let (shelf, source, there) = (Arc::new(Shelf::default()), Arc::new(source), Arc::new(There::default()));
        Self {
            lanes: Lanes::new(&shelf, &source, &there, &send),
            send,
            receive,
            shelf,
            storage: Arc::new(storage),
            storage_pool: Pool::new("storage", STORAGE_THREADS),
            source,
            source_pool: Pool::new("source", 1),
            sink,
            there,
            sink_pools: (0..SINK_THREADS).map(|_| Pool::new("sink", 1)).collect(),
        }
    }

    /// Whether a server keeps the vault.
    pub fn is_server(&self) -> bool {
        matches!(*self.storage, Storage::Broker(_))
    }

    /// How many lanes there are.
    pub fn lanes(&self) -> u32 {
        self.lanes.count()
    }

    /// Gives every lane the keys of the vault.
    pub fn set_up(&self, job: &Job) {
        self.lanes.set_up(job);
    }

    /// Runs a machine to its end. `glance` sees it now and then, and may steer it.
    ///
    /// # Errors
    /// What the machine ends with.
    pub fn run<M: Machine>(&self, machine: &mut M, mut glance: impl FnMut(&mut M)) -> Result<M::Output, Error> {
        let mut glanced = Instant::now();
        loop {
            let until = loop {
                match machine.poll(now()) {
                    Poll::Ask(id, ask) => self.start(id, ask),
                    Poll::Wait(until) => break until,
                    Poll::Done(result) => return result,
                }
            };
            if glanced.elapsed() >= GLANCE {
                glance(machine);
                glanced = Instant::now();
                // It may have spoken to the machine.
                continue;
            }
            let patience = until.map_or(GLANCE, |until| Duration::from_millis((until - now()).max(0).unsigned_abs()).min(GLANCE));
            match self.receive.recv_timeout(patience) {
                Ok((id, reply)) => machine.handle(id, reply, now()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => unreachable!("this host keeps a sender"),
            }
        }
    }

    fn start(&self, id: AskId, ask: Ask) {
        let (send, shelf, storage) = (self.send.clone(), Arc::clone(&self.shelf), Arc::clone(&self.storage));
        let answer = move |reply| drop(send.send((id, reply)));
        match ask {
            Ask::Put { object, body } => self.storage_pool.run(move || {
                answer(Reply::Done(match body {
                    Body::Inline(bytes) => storage.put(&object, &bytes),
                    Body::Held(held) => shelf.look(held).and_then(|bytes| storage.put(&object, &bytes)).inspect(|()| shelf.free(held)),
                }));
            }),
            Ask::Replace { object, body } => self.storage_pool.run(move || answer(Reply::Done(storage.replace(&object, &body)))),
            Ask::Get { object, range, hold } => self.storage_pool.run(move || {
                let bytes = storage.get(&object, range);
                answer(if hold { Reply::GotHeld(bytes.map(|bytes| shelf.hold(bytes, [0; 32]))) } else { Reply::Got(bytes) });
            }),
            Ask::List { vault, kind } => self.storage_pool.run(move || answer(Reply::Listed(storage.list(vault, kind)))),
            Ask::Erase { object } => self.storage_pool.run(move || answer(Reply::Done(storage.erase(&object)))),
            Ask::Walk => {
                let source = Arc::clone(&self.source);
                self.source_pool.run(move || answer(Reply::Walked(Ok(source.walk()))));
            }
            Ask::Look { file } => {
                let source = Arc::clone(&self.source);
                self.source_pool.run(move || answer(Reply::Looked(source.look(file))));
            }
            Ask::Run { lane, job } => self.lanes.run(lane, id, job),
            Ask::Folder { path, mtime } => self.sink(0, id, move |sink, _| sink.folder(&path, mtime)),
            Ask::Write(part) => self.sink(part.file, id, move |sink, shelf| sink.write(&part, shelf)),
            Ask::There { path, size } => {
                let (sink, there) = (self.sink.clone(), Arc::clone(&self.there));
                self.source_pool.run(move || {
                    let file = sink.and_then(|sink| sink.find(&path, size));
                    answer(Reply::There(Ok(file.map(|file| there.enter(file, size)))));
                });
            }
            Ask::Discard { file, .. } => self.sink(file, id, move |sink, _| {
                sink.discard(file);
                Ok(())
            }),
            Ask::Free(held) => shelf.free(held),
            Ask::Broker { call, body } => self.storage_pool.run(move || answer(Reply::Broker(storage.call(call, &body)))),
        }
    }

    fn sink(&self, file: u64, id: AskId, work: impl FnOnce(&Sink, &Shelf) -> Result<(), HostError> + Send + 'static) {
        let (send, shelf, sink) = (self.send.clone(), Arc::clone(&self.shelf), self.sink.clone());
        let pool = usize::try_from(file % SINK_THREADS as u64).expect("less than the number of threads");
        self.sink_pools[pool].run(move || {
            let nowhere = || HostError { code: Code::SinkFailed, message: "There is nowhere to write to.".into() };
            let result = sink.ok_or_else(nowhere).and_then(|sink| work(&sink, &shelf));
            drop(send.send((id, Reply::Done(result))));
        });
    }
}

/// Milliseconds since 1970, by the clock of this computer.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A seed for a machine.
///
/// # Errors
/// When the operating system has no randomness to give.
pub fn seed() -> Result<[u8; 32], Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| Error::new(Code::Internal, format!("The system gave no random numbers ({error}). Try again.")))?;
    Ok(seed)
}
