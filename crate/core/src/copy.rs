//! Copies blobs out of packs into new ones, as they are stored: for prune, and for a backup that finds packs doomed that it counts on.
//!
//! One lane does it, so that at most one new pack is not full. A lane that dies begins anew: what is stored twice then is found by the
//! next prune.

extern crate alloc;
use alloc::collections::VecDeque;

use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use crate::{
    ask::{Ask, AskId, Body, HeldBuffer, Machine, Millis, Poll, Reply},
    broker::outcome,
    desk::Desk,
    error::Error,
    id::Name,
    index::IndexedPack,
    job::{Job, Outcome},
    key::draw,
    losses::{Losses, is_loss},
    ordered::{Map, Set},
    seal::Kind,
    vault::{VaultHandle, host_error, unexpected},
};

/// Packs fetched or in the lane at one time.
const AT_ONCE: usize = 2;
/// New packs on their way to the storage, bytes: above, none is fetched.
const UPLOADING: u64 = 32 << 20;
const LANE: u32 = 0;

/// What to copy, by the number of its pack: where in the payload each blob begins.
pub(crate) type Wanted = Map<u32, Set<u32>>;

/// Copies, and puts the new packs. They are in no index then ([`Vault::unindexed`](crate::vault::Vault)).
pub(crate) struct Copy {
    handle: VaultHandle,
    rng: ChaCha20Rng,
    desk: Desk<Purpose>,
    wanted: Wanted,
    /// By which the lane knows this copying.
    number: u32,
    queue: VecDeque<u32>,
    running: usize,
    uploading: Map<Name, IndexedPack>,
    uploading_bytes: u64,
    closed: bool,
    losses: Losses,
    failure: Option<Error>,
    /// Of new packs that are confirmed.
    pub stored_bytes: u64,
    pub packs: u64,
}

enum Purpose {
    Begin,
    Fetch(u32),
    Copy,
    Close,
    Put(Name),
}

impl Copy {
    pub fn new(handle: &VaultHandle, wanted: Wanted, rng: ChaCha20Rng) -> Self {
        let mut copy = Self {
            handle: handle.clone(),
            rng,
            desk: Desk::default(),
            wanted,
            number: 0,
            queue: VecDeque::new(),
            running: 0,
            uploading: Map::new(),
            uploading_bytes: 0,
            closed: false,
            losses: Losses::new(1),
            failure: None,
            stored_bytes: 0,
            packs: 0,
        };
        copy.begin();
        copy
    }

    fn begin(&mut self) {
        self.queue = self.wanted.keys().collect();
        (self.running, self.closed) = (0, false);
        self.number = self.rng.next_u32();
        let job = Job::CopyBegin { copy: self.number, seed: draw(&mut self.rng) };
        self.desk.ask(Purpose::Begin, Ask::Run { lane: Some(LANE), job });
    }

    fn advance(&mut self) {
        while self.running < AT_ONCE && self.uploading_bytes <= UPLOADING {
            let Some(number) = self.queue.pop_front() else { break };
            let Some(name) = self.handle.vault().table.pack(number).map(|pack| pack.name) else { continue };
            self.running += 1;
            let object = self.handle.object(Kind::Pack, &name);
            self.desk.ask(Purpose::Fetch(number), Ask::Get { object, range: None, hold: true });
        }
        if self.queue.is_empty() && self.running == 0 && !self.closed {
            self.closed = true;
            self.desk.ask(Purpose::Close, Ask::Run { lane: Some(LANE), job: Job::CopyEnd { copy: self.number } });
        }
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply) -> Result<(), Error> {
        match (purpose, reply) {
            (Purpose::Fetch(number), Reply::GotHeld(answer)) => {
                let name = self.handle.vault().table.pack(number).map(|pack| pack.name).ok_or_else(unexpected)?;
                let buffer = answer.map_err(|error| host_error(error, &self.handle.object(Kind::Pack, &name)))?;
                let offsets = self.wanted.get(&number).map(|offsets| offsets.iter().collect()).unwrap_or_default();
                let job = Job::Copy { copy: self.number, pack: buffer.held, name: name.0, offsets };
                self.desk.ask(Purpose::Copy, Ask::Run { lane: Some(LANE), job });
                Ok(())
            }
            (Purpose::Put(name), Reply::Done(answer)) => {
                let pack = self.uploading.remove(&name).ok_or_else(unexpected)?;
                answer.map_err(|error| host_error(error, &self.handle.object(Kind::Pack, &name)))?;
                self.uploading_bytes -= u64::from(pack.length);
                self.stored_bytes += u64::from(pack.length);
                self.packs += 1;
                self.handle.vault_mut().add_unindexed(pack);
                Ok(())
            }
            (purpose, Reply::Ran(answer)) => {
                let buffers = answer.as_ref().map(|(_, buffers)| buffers.clone()).unwrap_or_default();
                match outcome(answer) {
                    Err(error) if is_loss(&error) => self.again(),
                    Err(error) => Err(error),
                    Ok(outcome) => self.ran(&purpose, outcome, &buffers),
                }
            }
            _ => Err(unexpected()),
        }
    }

    fn ran(&mut self, purpose: &Purpose, outcome: Outcome, buffers: &[HeldBuffer]) -> Result<(), Error> {
        let packs = match (purpose, outcome) {
            (Purpose::Begin, Outcome::Ready) => return Ok(()),
            (Purpose::Copy, Outcome::Kept { packs }) => {
                self.running -= 1;
                packs
            }
            (Purpose::Close, Outcome::Kept { packs }) => packs,
            _ => return Err(unexpected()),
        };
        if packs.len() != buffers.len() {
            return Err(unexpected());
        }
        for (pack, buffer) in packs.into_iter().zip(buffers) {
            let name = Name(buffer.sha256);
            self.uploading_bytes += u64::from(pack.length);
            self.uploading.insert(name, IndexedPack { name, length: pack.length, header: pack.header, blobs: pack.blobs });
            let put = Ask::Put { object: self.handle.object(Kind::Pack, &name), body: Body::Held(buffer.held) };
            self.desk.ask(Purpose::Put(name), put);
        }
        Ok(())
    }

    /// A lane died: all over again, but for what is on its way to the storage.
    fn again(&mut self) -> Result<(), Error> {
        self.losses.again()?;
        for ask in self.desk.forget(|purpose| !matches!(purpose, Purpose::Put(_))) {
            ask.held().into_iter().for_each(|held| self.desk.free(held));
        }
        self.begin();
        Ok(())
    }
}

impl Machine for Copy {
    type Output = ();

    fn poll(&mut self, _now: Millis) -> Poll<()> {
        if let Some(error) = self.failure.take() {
            return Poll::Done(Err(error));
        }
        self.advance();
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None if self.desk.is_idle() => Poll::Done(Ok(())),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, _now: Millis) {
        let Some(purpose) = self.desk.answered(id) else {
            // Of a lane that died since.
            return reply.held().into_iter().for_each(|held| self.desk.free(held));
        };
        if let Err(error) = self.answer(purpose, reply) {
            self.failure.get_or_insert(error);
        }
    }
}
