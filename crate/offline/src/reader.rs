//! One vault, read: drives one machine of core at a time, does its jobs, and passes on what only the world can answer.

use strongroom_core::{
    Ask, AskId, Code, Error, Held, HeldBuffer, HostError, Input, Job, List, Listed, Listing, Machine, Millis, Name, Outcome, Poll,
    ReadingLane, RecoveryPhrase, Reply, Restore, RestoreOptions, RestoreReport, Steer, UnlockLocal, UnlockSecret, VaultHandle, VaultId,
};

/// Files lined up for a ZIP, which takes one after the other.
const STREAMED: usize = 64;
/// Files written into a folder at one time.
const WRITTEN: usize = 8;

/// A vault that lies in a folder.
pub struct Reader {
    vault: VaultId,
    handle: Option<VaultHandle>,
    lane: ReadingLane,
    run: Option<Run>,
    /// What the world has not answered yet.
    asked: Vec<(AskId, Wanted)>,
    held: Vec<(Held, Vec<u8>)>,
    next: u64,
}

enum Run {
    Unlock(Box<UnlockLocal>),
    List(Box<List>),
    Restore(Box<Restore>),
}

#[derive(Clone, Copy)]
enum Wanted {
    Done,
    Got,
    GotHeld,
    Listed,
}

/// What to do next.
pub enum Step {
    /// One of `Get`, `List`, `Folder`, `Write` and `Discard`, to be answered under that number.
    Ask(u64, Ask),
    /// Nothing before an answer comes.
    Wait,
    /// The command is done.
    Done(Answer),
    Failed(Error),
}

/// What a command gives.
pub enum Answer {
    Opened(VaultHandle),
    Listed(Listing),
    Restored(RestoreReport),
}

impl Reader {
    pub fn new(vault: VaultId) -> Self {
        Self { vault, handle: None, lane: ReadingLane::new(), run: None, asked: vec![], held: vec![], next: 0 }
    }

    /// Opens the vault with 24 words.
    ///
    /// # Errors
    /// `BadPhrase` when they cannot be a recovery phrase.
    pub fn unlock_phrase(&mut self, words: &str) -> Result<(), Error> {
        let phrase = RecoveryPhrase::parse(words)?;
        self.unlock(&UnlockSecret::Recovery(phrase));
        Ok(())
    }

    /// Opens the vault with its passphrase, in NFKC.
    pub fn unlock_passphrase(&mut self, passphrase: String) {
        self.unlock(&UnlockSecret::Passphrase(passphrase));
    }

    fn unlock(&mut self, secret: &UnlockSecret) {
        self.begin(Run::Unlock(Box::new(UnlockLocal::new(self.vault, secret))));
    }

    /// Lists a page of a folder.
    ///
    /// # Errors
    /// `SignedOut` when the vault is not open.
    pub fn list(&mut self, snapshot: Name, path: Vec<Vec<u8>>, after: Option<Vec<u8>>, limit: usize) -> Result<(), Error> {
        let list = List::new(self.handle()?, snapshot, path, after, limit);
        self.begin(Run::List(Box::new(list)));
        Ok(())
    }

    /// Restores a selection; `sequential` into one stream.
    ///
    /// # Errors
    /// `SignedOut` when the vault is not open.
    pub fn restore(&mut self, snapshot: Name, selection: Vec<Vec<Vec<u8>>>, sequential: bool, seed: [u8; 32]) -> Result<(), Error> {
        let parallel = if sequential { STREAMED } else { WRITTEN };
        let options = RestoreOptions { lanes: 1, parallel, sequential, ..RestoreOptions::default() };
        let restore = Restore::new(self.handle()?, snapshot, selection, options, seed);
        self.begin(Run::Restore(Box::new(restore)));
        Ok(())
    }

    /// Ends the command at once; answers to what it asked are ignored from then on.
    pub fn cancel(&mut self) {
        self.run = None;
        self.asked.clear();
        self.held.clear();
    }

    /// Files and bytes, done and in all, of a restore.
    pub fn progress(&self) -> Option<(u64, u64, u64, u64)> {
        let Some(Run::Restore(restore)) = &self.run else { return None };
        let progress = restore.progress();
        Some((progress.files_done, progress.files_total, progress.bytes_stored, progress.bytes_total))
    }

    fn handle(&self) -> Result<&VaultHandle, Error> {
        self.handle.as_ref().ok_or_else(|| Error::new(Code::SignedOut, "The vault is not open. Unlock it first."))
    }

    fn begin(&mut self, run: Run) {
        self.cancel();
        self.run = Some(run);
    }

    /// The next step. Jobs are done in here.
    pub fn poll(&mut self, now: Millis) -> Step {
        loop {
            let Some(run) = &mut self.run else { return Step::Wait };
            match run.poll(now) {
                Poll::Ask(id, Ask::Run { job, .. }) => self.work(id, job, now),
                Poll::Ask(_, Ask::Free(held)) => drop(self.take(held)),
                Poll::Ask(id, ask) => match wanted(&ask) {
                    Some(wanted) => {
                        self.asked.push((id, wanted));
                        return Step::Ask(id.0, ask);
                    }
                    None => {
                        return self.end(Err(Error::new(Code::NotSupported, "This reader only reads. Use the page or the command line.")));
                    }
                },
                Poll::Wait(_) => return Step::Wait,
                Poll::Done(result) => return self.end(result),
            }
        }
    }

    fn end(&mut self, result: Result<Answer, Error>) -> Step {
        self.cancel();
        match result {
            Ok(answer) => {
                if let Answer::Opened(handle) = &answer {
                    self.lane.run(handle.lane_setup(), vec![]);
                    self.handle = Some(handle.clone());
                }
                Step::Done(answer)
            }
            Err(error) => Step::Failed(error),
        }
    }

    fn work(&mut self, id: AskId, job: Job, now: Millis) {
        let inputs = job.inputs().into_iter().map(|input| match input {
            Input::Held(held) => self.take(held).ok_or_else(gone),
            Input::Read(_) => Err(gone()),
        });
        let inputs = inputs.collect();
        let produced = self.lane.run(job, inputs);
        let buffers = produced.buffers.into_iter().map(|bytes| self.hold(bytes)).collect();
        self.reply(id, Reply::Ran(Ok::<(Outcome, Vec<HeldBuffer>), HostError>((produced.outcome, buffers))), now);
    }

    /// Bytes of an object, as they were asked for.
    pub fn got(&mut self, id: u64, bytes: Vec<u8>, now: Millis) {
        let reply = match self.answered(id) {
            Some(Wanted::Got) => Reply::Got(Ok(bytes)),
            Some(Wanted::GotHeld) => Reply::GotHeld(Ok(self.hold(bytes))),
            _ => return,
        };
        self.reply(AskId(id), reply, now);
    }

    /// What is there of one kind.
    pub fn listed(&mut self, id: u64, found: Vec<Listed>, now: Millis) {
        if self.answered(id).is_some() {
            self.reply(AskId(id), Reply::Listed(Ok(found)), now);
        }
    }

    /// The sink has it.
    pub fn done(&mut self, id: u64, now: Millis) {
        if self.answered(id).is_some() {
            self.reply(AskId(id), Reply::Done(Ok(())), now);
        }
    }

    /// It cannot be done.
    pub fn failed(&mut self, id: u64, error: HostError, now: Millis) {
        let reply = match self.answered(id) {
            Some(Wanted::Done) => Reply::Done(Err(error)),
            Some(Wanted::Got) => Reply::Got(Err(error)),
            Some(Wanted::GotHeld) => Reply::GotHeld(Err(error)),
            Some(Wanted::Listed) => Reply::Listed(Err(error)),
            None => return,
        };
        self.reply(AskId(id), reply, now);
    }

    /// A range of what is held, to be written.
    pub fn bytes(&self, held: Held, start: u32, end: u32) -> &[u8] {
        let bytes = self.held.iter().find(|(number, _)| *number == held).map(|(_, bytes)| bytes.as_slice());
        bytes.and_then(|bytes| bytes.get(start as usize..end as usize)).unwrap_or_default()
    }

    fn answered(&mut self, id: u64) -> Option<Wanted> {
        let place = self.asked.iter().position(|(asked, _)| asked.0 == id)?;
        Some(self.asked.swap_remove(place).1)
    }

    fn reply(&mut self, id: AskId, reply: Reply, now: Millis) {
        match &mut self.run {
            Some(Run::Unlock(machine)) => machine.handle(id, reply, now),
            Some(Run::List(machine)) => machine.handle(id, reply, now),
            Some(Run::Restore(machine)) => machine.handle(id, reply, now),
            None => {}
        }
    }

    fn hold(&mut self, bytes: Vec<u8>) -> HeldBuffer {
        self.next += 1;
        let length = u32::try_from(bytes.len()).expect("an object has at most 16 MiB");
        self.held.push((Held(self.next), bytes));
        HeldBuffer { held: Held(self.next), length, sha256: [0; 32] }
    }

    fn take(&mut self, held: Held) -> Option<Vec<u8>> {
        let place = self.held.iter().position(|(number, _)| *number == held)?;
        Some(self.held.swap_remove(place).1)
    }
}

impl Run {
    fn poll(&mut self, now: Millis) -> Poll<Answer> {
        match self {
            Self::Unlock(machine) => as_answer(machine.poll(now), Answer::Opened),
            Self::List(machine) => as_answer(machine.poll(now), Answer::Listed),
            Self::Restore(machine) => as_answer(machine.poll(now), Answer::Restored),
        }
    }
}

fn as_answer<T>(poll: Poll<T>, answer: impl FnOnce(T) -> Answer) -> Poll<Answer> {
    match poll {
        Poll::Ask(id, ask) => Poll::Ask(id, ask),
        Poll::Wait(until) => Poll::Wait(until),
        Poll::Done(result) => Poll::Done(result.map(answer)),
    }
}

/// The answer that belongs to it; none where only a writer asks.
fn wanted(ask: &Ask) -> Option<Wanted> {
    match ask {
        Ask::Get { hold: false, .. } => Some(Wanted::Got),
        Ask::Get { hold: true, .. } => Some(Wanted::GotHeld),
        Ask::List { .. } => Some(Wanted::Listed),
        Ask::Folder { .. } | Ask::Write(_) | Ask::Discard { .. } => Some(Wanted::Done),
        _ => None,
    }
}

fn gone() -> HostError {
    HostError { code: Code::Internal, message: "A bug stopped the work: bytes were asked for that are gone. Please report this.".into() }
}
