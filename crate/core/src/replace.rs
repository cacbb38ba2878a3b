//! Puts another passphrase in the place of a vault's where there is no broker (FORMAT.md §6, §10, §12).

extern crate alloc;
use alloc::{boxed::Box, format, string::String, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use crate::{
    ask::{Ask, AskId, Body, HeldBuffer, Machine, Millis, ObjectPath, Poll, Reply},
    broker,
    desk::Desk,
    error::{Code, Error, HostError},
    graph::Node,
    id::Name,
    job::{Job, Outcome},
    key::draw,
    passphrase::slot_set,
    refresh::Refresh,
    seal::Kind,
    sign_in::UnlockSecret,
    slot::{Argon2id, Kdf, Preamble, SlotKind, open_slot, seal_slot, wrong_secret},
    vault::{VaultHandle, host_error, unexpected},
};

const SLOT: SlotKind = SlotKind::Passphrase;

/// Opens a slot with the present secret, replaces the passphrase's in one step, and writes a new slot set. Whenever it ends early, one
/// of the two passphrases opens the vault, and the recovery phrase always does.
pub struct ReplacePassphrase {
    desk: Desk<Purpose>,
    rng: ChaCha20Rng,
    handle: VaultHandle,
    secret: UnlockSecret,
    passphrase: Zeroizing<String>,
    /// First, so that the new slot set names what is there now.
    refresh: Option<Refresh>,
    /// The one that the present secret is to open.
    slot: Vec<u8>,
    /// Of the new slot.
    preamble: Preamble,
    public_key: [u8; 32],
    /// The new passphrase is in force, as far as anybody knows.
    changed: bool,
    result: Option<Result<(), Error>>,
}

enum Purpose {
    Refresh(AskId),
    /// The slot that is to be replaced.
    Present(ObjectPath),
    /// The slot of the present secret, where that is another one.
    Own(ObjectPath),
    Stretch,
    StretchNew,
    Replace(ObjectPath),
    Node(ObjectPath, Name, Box<Node>),
}

impl ReplacePassphrase {
    /// `secret` opens the vault now.
    pub fn new(handle: &VaultHandle, secret: UnlockSecret, passphrase: String, seed: [u8; 32]) -> Self {
        let mut rng = ChaCha20Rng::from_seed(seed);
        let preamble = Preamble::new(SLOT, Kdf::Argon2id(Argon2id::WRITER), handle.id(), draw(&mut rng));
        Self {
            desk: Desk::default(),
            rng,
            handle: handle.clone(),
            secret,
            passphrase: broker::normalised(passphrase),
            refresh: Some(Refresh::new(handle)),
            slot: Vec::new(),
            preamble,
            public_key: [0; 32],
            changed: false,
            result: None,
        }
    }

    fn begin(&mut self) -> Result<(), Error> {
        if self.passphrase.is_empty() {
            return Err(Error::new(Code::WrongSecret, "A vault needs a passphrase. Type one."));
        }
        let object = self.object(SLOT);
        self.desk.ask(Purpose::Present(object.clone()), Ask::Get { object, range: None, hold: false });
        Ok(())
    }

    fn object(&self, kind: SlotKind) -> ObjectPath {
        ObjectPath { vault: self.handle.id(), kind: Kind::Slot, name: kind.slot_name() }
    }

    /// The slot of a broker's vault is not replaced in a copy of it: the broker would still hold the other one.
    fn present(&mut self, object: &ObjectPath, answer: Result<Vec<u8>, HostError>) -> Result<(), Error> {
        let kind = self.secret.kind();
        let slot = match answer {
            Err(error) if error.code != Code::Missing || kind == SLOT => return Err(host_error(error, object)),
            // Lost, or damaged beyond reading: whoever has another secret may put one in its place.
            answer => answer.unwrap_or_default(),
        };
        if matches!(Preamble::read(&slot, self.handle.id()), Ok(Preamble { kdf: Kdf::Opaque, .. })) {
            let message = "This vault's passphrase belongs to its server. Change it there.";
            return Err(Error::new(Code::NotSupported, message));
        }
        if kind == SLOT {
            return self.confirm(slot);
        }
        let object = self.object(kind);
        self.desk.ask(Purpose::Own(object.clone()), Ask::Get { object, range: None, hold: false });
        Ok(())
    }

    fn confirm(&mut self, slot: Vec<u8>) -> Result<(), Error> {
        let preamble = Preamble::read(&slot, self.handle.id())?;
        self.slot = slot;
        match (preamble.kdf, &self.secret) {
            (Kdf::Argon2id(argon2id), UnlockSecret::Passphrase(_)) => {
                self.desk.ask(Purpose::Stretch, stretch(&self.secret.password(), &preamble, argon2id));
                Ok(())
            }
            (Kdf::None, UnlockSecret::Recovery(_) | UnlockSecret::Passkey(_)) => {
                let entropy = self.secret.entropy();
                self.confirmed(&entropy)
            }
            _ => Err(wrong_secret(self.secret.kind())),
        }
    }

    fn confirmed(&mut self, secret: &[u8]) -> Result<(), Error> {
        let slot = core::mem::take(&mut self.slot);
        // The slot asked for and no other: see `Unlock`.
        if Preamble::read(&slot, self.handle.id())?.kind != self.secret.kind() {
            return Err(Error::new(Code::Damaged, "The storage gave another key slot than the one asked for. Use the other secret."));
        }
        open_slot(&slot, self.handle.id(), secret)?;
        self.desk.ask(Purpose::StretchNew, stretch(self.passphrase.as_bytes(), &self.preamble, Argon2id::WRITER));
        Ok(())
    }

    fn replace(&mut self, secret: &[u8]) -> Result<(), Error> {
        let key = self.preamble.slot_key(secret);
        self.public_key = self.preamble.x25519_public(&key);
        let body = seal_slot(&self.handle.vault().ring, &self.preamble, &key, draw(&mut self.rng))?;
        let object = self.object(SLOT);
        self.desk.ask(Purpose::Replace(object.clone()), Ask::Replace { object, body });
        Ok(())
    }

    fn replaced(&mut self, object: &ObjectPath, answer: Result<(), HostError>, now: Millis) -> Result<(), Error> {
        answer.map_err(|error| {
            let unknown = error.code == Code::Unavailable;
            let error = host_error(error, object);
            if !unknown {
                return error;
            }
            let message =
                format!("{} Whether the new passphrase is in force is not known: try that one first, then the old one.", error.message);
            Error { message, ..error }
        })?;
        self.changed = true;
        let record = slot_set(&self.handle, self.public_key, now);
        let (name, node, body) = self.handle.seal_node(record, now, &mut self.rng)?;
        let object = self.handle.object(Kind::Snapshot, &name);
        self.desk.ask(Purpose::Node(object.clone(), name, Box::new(node)), Ask::Put { object, body: Body::Inline(body) });
        Ok(())
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply, now: Millis) -> Result<(), Error> {
        match (purpose, reply) {
            (Purpose::Refresh(inner), reply) => {
                if let Some(refresh) = &mut self.refresh {
                    refresh.handle(inner, reply, now);
                }
                Ok(())
            }
            (Purpose::Present(object), Reply::Got(answer)) => self.present(&object, answer),
            (Purpose::Own(object), Reply::Got(answer)) => {
                let slot = answer.map_err(|error| host_error(error, &object))?;
                self.confirm(slot)
            }
            (Purpose::Stretch, Reply::Ran(answer)) => {
                let key = stretched(answer)?;
                self.confirmed(&key)
            }
            (Purpose::StretchNew, Reply::Ran(answer)) => {
                let key = stretched(answer)?;
                self.replace(&key)
            }
            (Purpose::Replace(object), Reply::Done(answer)) => self.replaced(&object, answer, now),
            (Purpose::Node(object, name, node), Reply::Done(answer)) => {
                answer.map_err(|error| host_error(error, &object))?;
                self.handle.vault_mut().graph.insert(name, *node);
                self.result = Some(Ok(()));
                Ok(())
            }
            _ => Err(unexpected()),
        }
    }

    fn fail(&mut self, error: Error) {
        let error = match self.changed {
            false => error,
            true => {
                let message = format!("The new passphrase is in force, but the vault's history could not note it: {}", error.message);
                Error { message, ..error }
            }
        };
        self.result.get_or_insert(Err(error));
    }
}

impl Machine for ReplacePassphrase {
    type Output = ();

    fn poll(&mut self, now: Millis) -> Poll<()> {
        if let Some(refresh) = &mut self.refresh
            && let Some(result) = self.desk.drive(refresh, Purpose::Refresh, now)
        {
            self.refresh = None;
            if let Err(error) = result.and_then(|()| self.begin()) {
                self.fail(error);
            }
        }
        if let Some(result) = self.result.take() {
            return Poll::Done(result);
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        let Some(purpose) = self.desk.answered(id) else { return };
        if let Err(error) = self.answer(purpose, reply, now) {
            self.fail(error);
        }
    }
}

fn stretch(passphrase: &[u8], preamble: &Preamble, argon2id: Argon2id) -> Ask {
    let job = Job::Stretch {
        passphrase: passphrase.to_vec(),
        salt: preamble.salt,
        memory_kib: argon2id.memory_kib(),
        passes: argon2id.passes(),
        lanes: argon2id.lanes(),
    };
    Ask::Run { lane: None, job }
}

fn stretched(answer: Result<(Outcome, Vec<HeldBuffer>), HostError>) -> Result<Zeroizing<Vec<u8>>, Error> {
    match broker::outcome(answer)? {
        Outcome::Stretched { key } => Ok(Zeroizing::new(key.to_vec())),
        _ => Err(unexpected()),
    }
}
