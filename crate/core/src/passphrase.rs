//! Puts another passphrase in the place of a vault's at its broker (FORMAT.md §6, §10, §12, §14).

extern crate alloc;
use alloc::{boxed::Box, format, string::String, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use crate::{
    ask::{Ask, AskId, Body, Machine, Millis, ObjectPath, Poll, Reply},
    broker::{self, field, from_json, to_json},
    desk::Desk,
    error::{Code, Error},
    graph::{Node, Record, SlotRecord, SlotSet},
    id::Name,
    job::{Job, Outcome},
    key::draw,
    limits::SLOTS_MAX,
    opaque::{Started, client_identity, register_start},
    refresh::Refresh,
    seal::Kind,
    slot::{Kdf, Preamble, SlotKind, seal_slot},
    vault::{VaultHandle, host_error, unexpected},
};

const SLOT: SlotKind = SlotKind::Passphrase;

/// Registers the passphrase, replaces the slot, and writes a new slot set. The host's session must be fresh ([`crate::SignIn`] with
/// [`crate::Scope::Delete`]); the broker ends all others.
pub struct ChangePassphrase {
    desk: Desk<Purpose>,
    rng: ChaCha20Rng,
    handle: VaultHandle,
    name: String,
    passphrase: Zeroizing<String>,
    /// First, so that the new slot set names what is there now.
    refresh: Option<Refresh>,
    started: Option<Started>,
    public_key: [u8; 32],
    /// The new passphrase is in force.
    changed: bool,
    result: Option<Result<(), Error>>,
}

enum Purpose {
    Refresh(AskId),
    Start,
    Stretch,
    Finish,
    Node(ObjectPath, Name, Box<Node>),
}

impl ChangePassphrase {
    /// `name` is the vault's at its broker.
    pub fn new(handle: &VaultHandle, name: String, passphrase: String, seed: [u8; 32]) -> Self {
        Self {
            desk: Desk::default(),
            rng: ChaCha20Rng::from_seed(seed),
            handle: handle.clone(),
            name,
            passphrase: broker::normalised(passphrase),
            refresh: Some(Refresh::new(handle)),
            started: None,
            public_key: [0; 32],
            changed: false,
            result: None,
        }
    }

    fn begin(&mut self) -> Result<(), Error> {
        if self.passphrase.is_empty() {
            return Err(Error::new(Code::WrongSecret, "A vault needs a passphrase. Type one."));
        }
        let started = register_start(self.passphrase.as_bytes(), &mut self.rng)?;
        let body = to_json(&broker::SlotStart { slot: SLOT.into(), request: broker::encode(&started.request) });
        self.started = Some(started);
        self.desk.ask(Purpose::Start, Ask::Broker { call: "slot/start", body });
        Ok(())
    }

    fn stretch(&mut self, response: Vec<u8>) -> Result<(), Error> {
        let started = self.started.take().ok_or_else(unexpected)?;
        let job = Job::RegisterFinish {
            state: started.state.to_vec(),
            password: self.passphrase.as_bytes().to_vec(),
            response,
            client: client_identity(SLOT, &self.name),
            seed: draw(&mut self.rng),
        };
        self.desk.ask(Purpose::Stretch, Ask::Run { lane: None, job });
        Ok(())
    }

    fn replace(&mut self, upload: &[u8], export_key: &[u8]) -> Result<(), Error> {
        let preamble = Preamble::new(SLOT, Kdf::Opaque, self.handle.id(), draw(&mut self.rng));
        let key = preamble.slot_key(export_key);
        self.public_key = preamble.x25519_public(&key);
        let object = seal_slot(&self.handle.vault().ring, &preamble, &key, draw(&mut self.rng))?;
        let body = to_json(&broker::Registration { slot: SLOT.into(), upload: broker::encode(upload), object: broker::encode(&object) });
        self.desk.ask(Purpose::Finish, Ask::Broker { call: "slot/finish", body });
        Ok(())
    }

    fn put_node(&mut self, now: Millis) -> Result<(), Error> {
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
            (Purpose::Start, Reply::Broker(answer)) => {
                let response = field(&from_json(answer)?.response, "response")?;
                self.stretch(response)
            }
            (Purpose::Stretch, Reply::Ran(answer)) => match broker::outcome(answer)? {
                Outcome::Registered { upload, export_key } => self.replace(&upload, &Zeroizing::new(export_key)),
                _ => Err(unexpected()),
            },
            (Purpose::Finish, Reply::Broker(answer)) => {
                from_json(answer)?;
                self.changed = true;
                self.put_node(now)
            }
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

/// The slots are those that were, but for the passphrase's.
pub(crate) fn slot_set(handle: &VaultHandle, public_key: [u8; 32], now: Millis) -> Record {
    let mine = SlotRecord { id: SLOT.slot_id(), kind: SLOT.byte(), public_key, made: now, label: String::from("passphrase") };
    let (replaced, mut slots) = handle.vault().graph.slots();
    slots.retain(|slot| slot.id != mine.id);
    slots.insert(0, mine);
    // Two passkeys that were added at the same time may be one too many: no reader would take that set. What is left out opens the vault
    // as before, and is listed without its name.
    slots.truncate(SLOTS_MAX);
    Record::SlotSet(SlotSet { replaced, slots })
}

impl Machine for ChangePassphrase {
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
