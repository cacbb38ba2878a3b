//! A host for tests: storage, source and sink in memory, real lanes run inline. It answers in order, or shuffled by a seeded
//! generator, and can fail or stop where a test says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use strongroom_core::{
    Ask, AskId, Body, Code, Entry, EntryKind, FileId, Held, HeldBuffer, HostError, Input, Job, Kind, Lane, Listed, Machine, Millis,
    ObjectPath, Outcome, Poll, Read, Reply, Seen, VaultHandle, Walked,
};

use crate::{broker::Broker, eraser::Eraser};

pub type Path = Vec<Vec<u8>>;

/// Something in a source or a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    File { data: Vec<u8>, mtime: Option<Millis> },
    Folder { mtime: Option<Millis> },
}

pub type Things = BTreeMap<Path, Thing>;

/// `a/b/c`.
pub fn path(text: &str) -> Path {
    if text.is_empty() { vec![] } else { text.split('/').map(|name| name.as_bytes().to_vec()).collect() }
}

pub fn file(data: impl Into<Vec<u8>>, mtime: Millis) -> Thing {
    Thing::File { data: data.into(), mtime: Some(mtime) }
}

/// Bytes that do not compress.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    ChaCha20Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

/// What outlives a host: the storage, and what was asked of it.
#[derive(Clone, Default)]
pub struct Storage {
    /// By `<kind>/<name>`.
    pub objects: BTreeMap<String, Vec<u8>>,
    /// Objects put, in order; also those that were there already.
    pub puts: Vec<String>,
    pub gets: Vec<(String, Option<(u64, u32)>)>,
    /// How often objects were listed.
    pub lists: usize,
    /// Time goes on, whoever uses the storage.
    pub now: Millis,
    /// What its broker was told to erase.
    pub eraser: Eraser,
}

impl Storage {
    pub fn names(&self, kind: &str) -> Vec<String> {
        self.objects.keys().filter(|name| name.starts_with(kind)).cloned().collect()
    }
}

/// Faults of the world.
#[derive(Default)]
pub struct Faults {
    /// End the run, as a crash does, when so many requests were answered.
    pub stop_at: Option<usize>,
    /// The n-th `Put` (counted from 0) fails, for good.
    pub fail_put: Option<usize>,
    /// The n-th `Put` is done, but its answer never comes: the run stops there.
    pub lose_put: Option<usize>,
    /// Packs that are put get no answer.
    pub silent_packs: bool,
    /// Files that cannot be read.
    pub unreadable: BTreeSet<Path>,
    pub deaths: Option<Deaths>,
    /// A `Put` is done when it is asked, and its answer comes in its time.
    pub eager: bool,
}

/// Lanes that die in mid-run, with all they have; a new one takes each one's place at once.
pub struct Deaths {
    /// So many more.
    pub left: usize,
    /// At one answer in so many.
    pub odds: u32,
    pub rng: ChaCha20Rng,
    /// Files that cannot be read any more after that.
    pub then_gone: BTreeSet<Path>,
}

impl Deaths {
    pub fn new(seed: u64, left: usize, odds: u32) -> Option<Self> {
        Some(Self { left, odds, rng: ChaCha20Rng::seed_from_u64(!seed), then_gone: BTreeSet::new() })
    }
}

pub struct Host {
    pub storage: Storage,
    pub source: Things,
    files: Vec<Path>,
    /// Sizes and times, as the files were walked, or looked at last.
    seen: Vec<(u64, Option<Millis>)>,
    walk: VecDeque<Entry>,
    pub sink: Things,
    /// The sink was not empty.
    pub overwrites: bool,
    /// What lay in the sink when it was asked for, by the number it is read by.
    there: BTreeMap<u32, Path>,
    /// The paths of all writes and folders in the order in which they were asked for, and the most of them at one time.
    pub asked: Vec<Path>,
    pub most_pending_writes: usize,
    pub discarded: Vec<Path>,
    lanes: Vec<Lane>,
    /// What a lane is given first.
    setup: Option<Job>,
    held: BTreeMap<Held, Vec<u8>>,
    next_held: u64,
    /// The most bytes that were held at one time, and in one buffer that a lane produced.
    pub most_held: usize,
    pub most_produced: usize,
    pub reads: Vec<(Path, u64, u32)>,
    /// Bytes that each lane has read.
    pub read_by: BTreeMap<u32, u64>,
    /// Strands of files that lanes have begun to read and not ended, by lane and file: where each began, and where its next slice does.
    strands: BTreeMap<(Option<u32>, FileId), (u64, u64)>,
    pub faults: Faults,
    shuffle: Option<ChaCha20Rng>,
    pub broker: Option<Broker>,
    /// Objects that are there and that no list shows, by `<kind>/<name>`.
    pub unlisted: BTreeSet<String>,
    pub answered: usize,
    putted: usize,
}

/// How a run ended.
#[derive(Debug)]
pub enum End<T> {
    Done(Result<T, strongroom_core::Error>),
    Stopped,
}

impl<T> End<T> {
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> End<U> {
        match self {
            Self::Done(result) => End::Done(result.map(with)),
            Self::Stopped => End::Stopped,
        }
    }

    #[track_caller]
    pub fn ok(self) -> T {
        match self {
            Self::Done(Ok(value)) => value,
            Self::Done(Err(error)) => panic!("{error:?}"),
            Self::Stopped => panic!("stopped"),
        }
    }

    #[track_caller]
    pub fn code(self) -> Code {
        match self {
            Self::Done(Ok(_)) => panic!("no error"),
            Self::Done(Err(error)) => error.code,
            Self::Stopped => panic!("stopped"),
        }
    }
}

pub enum Pending {
    Reply(AskId, Option<u32>, Reply),
    World(AskId, Ask),
}

impl Host {
    pub fn new(mut storage: Storage, lanes: usize) -> Self {
        storage.now = storage.now.max(1_763_760_000_000);
        Self {
            storage,
            source: Things::new(),
            files: vec![],
            seen: vec![],
            walk: VecDeque::new(),
            sink: Things::new(),
            overwrites: false,
            there: BTreeMap::new(),
            asked: vec![],
            most_pending_writes: 0,
            discarded: vec![],
            lanes: (0..lanes).map(|_| Lane::new()).collect(),
            setup: None,
            held: BTreeMap::new(),
            next_held: 0,
            most_held: 0,
            most_produced: 0,
            reads: vec![],
            read_by: BTreeMap::new(),
            strands: BTreeMap::new(),
            faults: Faults::default(),
            shuffle: None,
            broker: None,
            unlisted: BTreeSet::new(),
            answered: 0,
            putted: 0,
        }
    }

    /// Answers in an order that this seed says.
    pub fn shuffled(mut self, seed: u64) -> Self {
        self.shuffle = Some(ChaCha20Rng::seed_from_u64(seed));
        self
    }

    pub fn set_up_lanes(&mut self, handle: &VaultHandle) {
        self.setup = Some(handle.lane_setup());
        for lane in 0..self.lanes.len() {
            let (outcome, _) = self.job(Some(lane as u32), handle.lane_setup());
            assert!(matches!(outcome, Outcome::Ready));
        }
    }

    pub fn set_source(&mut self, source: &Things) {
        self.source = source.clone();
        self.files.clear();
        self.seen.clear();
        self.walk.clear();
        for (path, thing) in source {
            let kind = match thing {
                Thing::Folder { mtime } => EntryKind::Folder { mtime: *mtime },
                Thing::File { data, mtime } => {
                    self.files.push(path.clone());
                    self.seen.push((data.len() as u64, *mtime));
                    EntryKind::File { file: FileId(self.files.len() as u32 - 1), size: data.len() as u64, mtime: *mtime }
                }
            };
            self.walk.push_back(Entry { path: path.clone(), kind });
        }
    }

    /// Adds an entry that is not in the source's files: an unreadable one, or a hostile name.
    pub fn add_entry(&mut self, path: Path, kind: EntryKind) {
        self.walk.push_back(Entry { path, kind });
    }

    pub fn run<M: Machine>(&mut self, machine: &mut M) -> End<M::Output> {
        self.run_with(machine, |_, _| {})
    }

    /// Runs a machine; `watch` is called after every answer, with how many there were.
    pub fn run_with<M: Machine>(&mut self, machine: &mut M, watch: impl FnMut(&mut M, usize)) -> End<M::Output> {
        self.run_steered(machine, watch, false)
    }

    /// Runs a machine; `push` is called when it waits for a person.
    pub fn run_while_stuck<M: Machine>(&mut self, machine: &mut M, mut push: impl FnMut(&mut M)) -> End<M::Output> {
        loop {
            match self.run_steered(machine, |_, _| {}, true) {
                End::Stopped => push(machine),
                end => return end,
            }
        }
    }

    /// Runs a machine, where `may_rest` until it waits for a person.
    pub fn run_steered<M: Machine>(&mut self, machine: &mut M, mut watch: impl FnMut(&mut M, usize), may_rest: bool) -> End<M::Output> {
        let mut pending: Vec<Pending> = vec![];
        loop {
            if let Some(end) = self.turn(machine, &mut pending, may_rest) {
                return end;
            }
            watch(machine, self.answered);
        }
    }

    /// Polls a machine until it waits, and gives it one answer; how it ended, if it did.
    pub fn turn<M: Machine>(&mut self, machine: &mut M, pending: &mut Vec<Pending>, may_rest: bool) -> Option<End<M::Output>> {
        loop {
            self.storage.now += 7;
            match machine.poll(self.storage.now) {
                Poll::Done(result) => return Some(End::Done(result)),
                Poll::Ask(_, Ask::Free(held)) => {
                    assert!(self.held.remove(&held).is_some(), "freed what is not held: {held:?}");
                }
                Poll::Ask(id, Ask::Run { lane, job }) => {
                    // A lane does its jobs in the order asked; only the answers take their time.
                    let (outcome, buffers) = self.job(lane, job);
                    pending.push(Pending::Reply(id, lane, Reply::Ran(Ok((outcome, buffers)))));
                }
                Poll::Ask(_, Ask::Put { object, .. }) if self.faults.silent_packs && object.kind == Kind::Pack => {}
                Poll::Ask(id, ask @ Ask::Put { .. }) if self.faults.eager => match self.world(ask) {
                    Some(reply) => pending.push(Pending::Reply(id, None, reply)),
                    None => return Some(End::Stopped),
                },
                Poll::Ask(id, ask) => {
                    self.note(&ask);
                    pending.push(Pending::World(id, ask));
                    let to_sink = |pending: &&Pending| matches!(pending, Pending::World(_, Ask::Write(_) | Ask::Folder { .. }));
                    self.most_pending_writes = self.most_pending_writes.max(pending.iter().filter(to_sink).count());
                }
                Poll::Wait(until) => {
                    if pending.is_empty() {
                        if may_rest && until.is_none() {
                            return Some(End::Stopped);
                        }
                        self.storage.now = until.expect("a machine that waits for nothing is stuck").max(self.storage.now);
                        continue;
                    }
                    if self.faults.stop_at.is_some_and(|stop| self.answered >= stop) {
                        return Some(End::Stopped);
                    }
                    self.let_die(pending);
                    let at = self.choose(pending);
                    let (id, reply) = match pending.remove(at) {
                        Pending::Reply(id, _, reply) => (id, reply),
                        Pending::World(id, ask) => match self.world(ask) {
                            Some(reply) => (id, reply),
                            None => return Some(End::Stopped),
                        },
                    };
                    self.answered += 1;
                    machine.handle(id, reply, self.storage.now);
                    return None;
                }
            }
        }
    }

    /// A lane dies, if the faults say so: nobody gets what it had under way.
    fn let_die(&mut self, pending: &mut [Pending]) {
        let Some(deaths) = self.faults.deaths.as_mut().filter(|deaths| deaths.left > 0) else { return };
        let (count, setup) = (self.lanes.len(), self.setup.clone().expect("lanes are set up"));
        if deaths.rng.next_u32() % deaths.odds != 0 {
            return;
        }
        deaths.left -= 1;
        self.faults.unreadable.append(&mut deaths.then_gone);
        let dying = deaths.rng.next_u32() as usize % count;
        self.lanes[dying] = Lane::new();
        self.lanes[dying].run(setup, vec![]);
        self.strands.retain(|(lane, _), _| *lane != Some(dying as u32));
        for pending in pending {
            if let Pending::Reply(_, Some(lane), reply) = pending
                && *lane as usize == dying
            {
                if let Reply::Ran(Ok((_, buffers))) = reply {
                    buffers.iter().for_each(|buffer| drop(self.held.remove(&buffer.held)));
                }
                *reply = Reply::Ran(Err(HostError { code: Code::LaneLost, message: "A lane died.".into() }));
            }
        }
    }

    fn note(&mut self, ask: &Ask) {
        match ask {
            Ask::Folder { path, .. } => {
                assert!(path.len() < 2 || self.asked.iter().any(|asked| *asked == path[..path.len() - 1]), "parents are asked for first");
                self.asked.push(path.clone());
            }
            Ask::Write(part) => self.asked.push(part.path.clone()),
            _ => {}
        }
    }

    fn choose(&mut self, pending: &[Pending]) -> usize {
        let Some(rng) = &mut self.shuffle else { return 0 };
        let at = rng.next_u32() as usize % pending.len();
        match &pending[at] {
            // The first answer of the same lane.
            Pending::Reply(_, lane, _) => {
                pending.iter().position(|other| matches!(other, Pending::Reply(_, of, _) if of == lane)).expect("itself at least")
            }
            Pending::World(..) => at,
        }
    }

    fn hold(&mut self, bytes: Vec<u8>, digest: bool) -> HeldBuffer {
        let held = Held(self.next_held);
        self.next_held += 1;
        let sha256 = if digest { Sha256::digest(&bytes).into() } else { [0; 32] };
        let buffer = HeldBuffer { held, length: bytes.len() as u32, sha256 };
        self.held.insert(held, bytes);
        self.most_held = self.most_held.max(self.held.values().map(Vec::len).sum());
        buffer
    }

    fn job(&mut self, lane: Option<u32>, job: Job) -> (Outcome, Vec<HeldBuffer>) {
        let inputs = job.inputs().into_iter().map(|input| self.input(lane, input)).collect();
        let produced = match lane {
            Some(lane) => self.lanes[lane as usize].run(job, inputs),
            None => Lane::new().run(job, inputs),
        };
        let digest = produced.outcome.digests();
        self.most_produced = produced.buffers.iter().map(Vec::len).fold(self.most_produced, usize::max);
        let buffers = produced.buffers.into_iter().map(|bytes| self.hold(bytes, digest)).collect();
        (produced.outcome, buffers)
    }

    fn input(&mut self, lane: Option<u32>, input: Input) -> Result<Vec<u8>, HostError> {
        match input {
            Input::Held(held) => Ok(self.held.remove(&held).expect("inputs are held")),
            Input::Read(read) => {
                let of_sink = self.there.get(&read.file.0);
                let path = of_sink.unwrap_or_else(|| &self.files[read.file.0 as usize]);
                self.reads.push((path.clone(), read.offset, read.length));
                *self.read_by.entry(lane.unwrap_or(u32::MAX)).or_default() += u64::from(read.length);
                follow(&mut self.strands, lane, &read);
                let gone = || HostError { code: Code::SourceGone, message: "The file is gone.".into() };
                if self.faults.unreadable.contains(path) {
                    return Err(gone());
                }
                let things = if of_sink.is_some() { &self.sink } else { &self.source };
                let Some(Thing::File { data, mtime }) = things.get(path) else { return Err(gone()) };
                let now = (data.len() as u64, *mtime);
                if read.last && of_sink.is_none() && self.seen.get(read.file.0 as usize) != Some(&now) {
                    return Err(HostError { code: Code::SourceChanged, message: "The file changed while it was read.".into() });
                }
                let start = (read.offset as usize).min(data.len());
                let end = (start + read.length as usize).min(data.len());
                Ok(data[start..end].to_vec())
            }
        }
    }

    fn world(&mut self, ask: Ask) -> Option<Reply> {
        Some(match ask {
            Ask::Put { object, body } => {
                let number = self.putted;
                self.putted += 1;
                if self.faults.fail_put == Some(number) {
                    return Some(Reply::Done(Err(HostError { code: Code::StorageFull, message: "The storage is full.".into() })));
                }
                let bytes = match body {
                    Body::Inline(bytes) => bytes,
                    Body::Held(held) => self.held.remove(&held).expect("what is put is held"),
                };
                assert!(bytes.len().is_power_of_two() && (4096..=1 << 24).contains(&bytes.len()), "{} bytes", bytes.len());
                let name = name(&object);
                if object.name.len() == 64 {
                    assert_eq!(hex::encode(Sha256::digest(&bytes)), object.name, "an object is named by its bytes");
                }
                self.storage.puts.push(name.clone());
                self.storage.objects.entry(name).or_insert(bytes);
                if self.faults.lose_put == Some(number) {
                    return None;
                }
                Reply::Done(Ok(()))
            }
            Ask::Replace { object, body } => {
                assert_eq!(object.kind, Kind::Slot, "nothing else is ever replaced");
                let (number, name) = (self.putted, name(&object));
                self.putted += 1;
                if self.faults.fail_put == Some(number) {
                    return Some(Reply::Done(Err(HostError { code: Code::Denied, message: "The storage replaces nothing.".into() })));
                }
                self.storage.puts.push(name.clone());
                self.storage.objects.insert(name, body);
                if self.faults.lose_put == Some(number) {
                    return None;
                }
                Reply::Done(Ok(()))
            }
            Ask::Get { object, range, hold } => {
                let name = name(&object);
                self.storage.gets.push((name.clone(), range));
                let answer = self.storage.objects.get(&name).map(|bytes| match range {
                    None => bytes.clone(),
                    Some((offset, length)) => {
                        assert!(offset % (1 << 20) == 0, "ranges begin at whole MiB");
                        let start = (offset as usize).min(bytes.len());
                        bytes[start..(start + length as usize).min(bytes.len())].to_vec()
                    }
                });
                let missing = || HostError { code: Code::Missing, message: "No such object.".into() };
                match (answer, hold) {
                    (Some(bytes), false) => Reply::Got(Ok(bytes)),
                    (Some(bytes), true) => Reply::GotHeld(Ok(self.hold(bytes, false))),
                    (None, false) => Reply::Got(Err(missing())),
                    (None, true) => Reply::GotHeld(Err(missing())),
                }
            }
            Ask::List { kind, .. } => {
                self.storage.lists += 1;
                let prefix = format!("{}/", kind.folder());
                let listed =
                    self.storage.objects.iter().filter(|(name, _)| !self.unlisted.contains(*name)).filter_map(|(name, bytes)| {
                        Some(Listed { name: name.strip_prefix(&prefix)?.to_string(), length: bytes.len() as u64 })
                    });
                Reply::Listed(Ok(listed.collect()))
            }
            Ask::Walk => {
                let count = self.walk.len().min(100);
                let entries = self.walk.drain(..count).collect();
                Reply::Walked(Ok(Walked { entries, done: self.walk.is_empty() }))
            }
            Ask::Look { file } => {
                let path = &self.files[file.0 as usize];
                let there = self.source.get(path).filter(|_| !self.faults.unreadable.contains(path));
                if let Some(Thing::File { data, mtime }) = there {
                    self.seen[file.0 as usize] = (data.len() as u64, *mtime);
                }
                let gone = HostError { code: Code::SourceGone, message: "The file is gone.".into() };
                Reply::Looked(match there {
                    Some(Thing::File { data, mtime }) => Ok(Seen { size: data.len() as u64, mtime: *mtime }),
                    _ => Err(gone),
                })
            }
            Ask::Folder { path, mtime } => {
                self.sink.insert(path, Thing::Folder { mtime });
                Reply::Done(Ok(()))
            }
            Ask::There { path, size } => {
                let lies = matches!(self.sink.get(&path), Some(Thing::File { data, .. }) if data.len() as u64 == size);
                Reply::There(Ok(lies.then(|| {
                    let number = u32::MAX - self.there.len() as u32;
                    self.there.insert(number, path);
                    FileId(number)
                })))
            }
            Ask::Write(part) => {
                let bytes: Vec<u8> = part
                    .pieces
                    .iter()
                    .flat_map(|piece| {
                        self.held.get(&piece.held).expect("pieces are held")[piece.start as usize..piece.end as usize].to_vec()
                    })
                    .collect();
                if part.offset == 0 || !self.sink.contains_key(&part.path) {
                    // One that is wanted from further on has nothing in front.
                    let data = vec![0; part.offset as usize];
                    let before = self.sink.insert(part.path.clone(), Thing::File { data, mtime: part.mtime });
                    assert!(before.is_none() || self.overwrites, "a file is opened once");
                }
                let Some(Thing::File { data, .. }) = self.sink.get_mut(&part.path) else { panic!("a write into no file") };
                assert_eq!(data.len() as u64, part.offset, "parts come in order");
                data.extend(bytes);
                assert_eq!(part.last, data.len() as u64 == part.size);
                Reply::Done(Ok(()))
            }
            Ask::Discard { path, .. } => {
                self.sink.remove(&path);
                self.discarded.push(path);
                Reply::Done(Ok(()))
            }
            Ask::Erase { object } => {
                self.storage.objects.remove(&name(&object));
                Reply::Done(Ok(()))
            }
            Ask::Broker { call: "erase/mark" | "erase/confirm", .. }
                if self.broker.as_ref().is_some_and(|broker| !broker.is_fresh(self.storage.now)) =>
            {
                Reply::Broker(Err(HostError { code: Code::Denied, message: "Unlock anew.".into() }))
            }
            Ask::Broker { call, body } if call.starts_with("erase/") => Reply::Broker(self.storage.erase(call, &body)),
            Ask::Broker { call, body } => Reply::Broker(self.broker.as_mut().expect("a broker").answer(call, &body, self.storage.now)),
            Ask::Run { .. } | Ask::Free(_) => unreachable!("done at once"),
        })
    }

    /// Strands that a lane keeps a file open for.
    pub fn open_strands(&self) -> usize {
        self.strands.len()
    }

    /// How many bytes are held now.
    pub fn held(&self) -> usize {
        self.held.values().map(Vec::len).sum()
    }
}

/// Sees to it that a lane reads of a file one strand after the other, each in order to its end.
fn follow(strands: &mut BTreeMap<(Option<u32>, FileId), (u64, u64)>, lane: Option<u32>, read: &Read) {
    let key = (lane, read.file);
    if read.begins() {
        // One that another lane's death has left behind may be there still.
        strands.insert(key, (read.from, read.offset));
    }
    if let Some((from, next)) = strands.get_mut(&key) {
        assert!(*from == read.from && (*next == read.offset || read.length == 0 && read.last), "{read:?} after {next} of {from}");
        *next = read.offset + u64::from(read.length);
    }
    if read.last {
        strands.remove(&key);
    }
}

pub fn name(object: &ObjectPath) -> String {
    format!("{}/{}", object.kind.folder(), object.name)
}
