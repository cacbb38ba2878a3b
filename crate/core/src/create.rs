//! Creates a vault: its keys, its two slots, and the first node of its history (FORMAT.md §6, §10, §12, §14).

extern crate alloc;
use alloc::{boxed::Box, format, string::String, vec, vec::Vec};

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
    key::{Ring, Secret, draw},
    opaque::{Started, client_identity, register_start},
    phrase::RecoveryPhrase,
    seal::Kind,
    slot::{Argon2id, Kdf, Preamble, SlotKind, seal_slot},
    vault::{VaultHandle, host_error, unexpected},
};

/// How a new vault is opened later.
#[derive(Clone, Debug)]
pub enum CreateAccess {
    /// By its objects alone: the passphrase is stretched by Argon2id.
    Local,
    /// Through a broker that knows the vault by this name.
    Broker { name: String },
}

/// What a new vault is to be.
#[derive(Clone)]
pub struct CreateOptions {
    pub access: CreateAccess,
    pub passphrase: String,
    /// log₂ of the average chunk in bytes, 16 to 20; 18 is usual.
    pub chunk_log2: u8,
}

/// A new vault.
#[derive(Debug)]
pub struct Created {
    pub vault: VaultHandle,
    /// To be shown once and kept nowhere.
    pub phrase: RecoveryPhrase,
}

/// Writes a new vault: slots first, the slot set node last.
pub struct Create {
    desk: Desk<Purpose>,
    rng: ChaCha20Rng,
    access: CreateAccess,
    passphrase: Zeroizing<String>,
    phrase: RecoveryPhrase,
    ring: Ring,
    /// Passphrase, then recovery phrase.
    slots: [Slot; 2],
    state: State,
    result: Option<Result<(), Error>>,
    vault: Option<VaultHandle>,
}

struct Slot {
    kind: SlotKind,
    preamble: Preamble,
    started: Option<Started>,
    response: Vec<u8>,
    upload: Vec<u8>,
    /// What the preamble's kdf says.
    secret: Option<Zeroizing<Vec<u8>>>,
    object: Vec<u8>,
    public_key: [u8; 32],
}

enum State {
    Begin,
    /// Secrets of slots are on their way.
    Secrets,
    Slots,
    Node(Name, Box<Node>),
}

enum Purpose {
    Stretch,
    Start(usize),
    Finish(usize),
    Register,
    Slot(ObjectPath),
    Node(ObjectPath),
}

impl Create {
    pub fn new(options: CreateOptions, seed: [u8; 32]) -> Self {
        let mut rng = ChaCha20Rng::from_seed(seed);
        let phrase = RecoveryPhrase::generate(&mut rng);
        let ring = Ring::generate(options.chunk_log2.clamp(16, 20), &mut rng);
        let kdf = match options.access {
            CreateAccess::Local => Kdf::Argon2id(Argon2id::WRITER),
            CreateAccess::Broker { .. } => Kdf::Opaque,
        };
        let mut slot = |kind, kdf| Slot {
            kind,
            preamble: Preamble::new(kind, kdf, ring.vault, draw(&mut rng)),
            started: None,
            response: Vec::new(),
            upload: Vec::new(),
            secret: None,
            object: Vec::new(),
            public_key: [0; 32],
        };
        let slots = [slot(SlotKind::Passphrase, kdf), slot(SlotKind::Recovery, Kdf::None)];
        let passphrase = broker::normalised(options.passphrase);
        Self {
            desk: Desk::default(),
            rng,
            access: options.access,
            passphrase,
            phrase,
            ring,
            slots,
            state: State::Begin,
            result: None,
            vault: None,
        }
    }

    fn begin(&mut self) -> Result<(), Error> {
        self.state = State::Secrets;
        if self.passphrase.is_empty() {
            return Err(Error::new(Code::WrongSecret, "A vault needs a passphrase. Type one."));
        }
        let [passphrase, recovery] = &mut self.slots;
        recovery.secret = Some(Zeroizing::new(self.phrase.entropy().expose().to_vec()));
        match &self.access {
            CreateAccess::Local => {
                let argon2id = Argon2id::WRITER;
                let job = Job::Stretch {
                    passphrase: self.passphrase.as_bytes().to_vec(),
                    salt: passphrase.preamble.salt,
                    memory_kib: argon2id.memory_kib(),
                    passes: argon2id.passes(),
                    lanes: argon2id.lanes(),
                };
                self.desk.ask(Purpose::Stretch, Ask::Run { lane: None, job });
            }
            CreateAccess::Broker { name } => {
                broker::check_name(name)?;
                for (at, slot) in self.slots.iter_mut().enumerate() {
                    let started = register_start(&password(slot.kind, &self.passphrase, &self.phrase), &mut self.rng)?;
                    let body =
                        to_json(&broker::Start { name, slot: slot.kind.into(), request: broker::encode(&started.request), device: None });
                    slot.started = Some(started);
                    self.desk.ask(Purpose::Start(at), Ask::Broker { call: "register/start", body });
                }
            }
        }
        Ok(())
    }

    /// One after the other: each takes 64 MiB.
    fn finish_registration(&mut self, at: usize) {
        let CreateAccess::Broker { name } = &self.access else { return };
        let Some(slot) = self.slots.get(at) else { return };
        let Some(started) = &slot.started else { return };
        let job = Job::RegisterFinish {
            state: started.state.to_vec(),
            password: password(slot.kind, &self.passphrase, &self.phrase).to_vec(),
            response: slot.response.clone(),
            client: client_identity(slot.kind, name),
            seed: draw(&mut self.rng),
        };
        self.desk.ask(Purpose::Finish(at), Ask::Run { lane: None, job });
    }

    fn seal_slots(&mut self) -> Result<(), Error> {
        for slot in &mut self.slots {
            let secret = slot.secret.as_ref().ok_or_else(unexpected)?;
            let key: Secret<32> = slot.preamble.slot_key(secret);
            slot.public_key = slot.preamble.x25519_public(&key);
            slot.object = seal_slot(&self.ring, &slot.preamble, &key, draw(&mut self.rng))?;
        }
        self.state = State::Slots;
        match &self.access {
            CreateAccess::Local => {
                for slot in &self.slots {
                    let object = ObjectPath { vault: self.ring.vault, kind: Kind::Slot, name: slot.kind.slot_name() };
                    let ask = Ask::Put { object: object.clone(), body: Body::Inline(slot.object.clone()) };
                    self.desk.ask(Purpose::Slot(object), ask);
                }
            }
            CreateAccess::Broker { name } => {
                let slots = self.slots.iter().map(|slot| broker::Registration {
                    slot: slot.kind.into(),
                    upload: broker::encode(&slot.upload),
                    object: broker::encode(&slot.object),
                });
                let body = to_json(&broker::RegisterFinish { name, vault: format!("{}", self.ring.vault), slots: slots.collect() });
                self.desk.ask(Purpose::Register, Ask::Broker { call: "register/finish", body });
            }
        }
        Ok(())
    }

    fn put_node(&mut self, now: Millis) -> Result<(), Error> {
        let slots = self.slots.iter().map(|slot| SlotRecord {
            id: slot.preamble.slot,
            kind: slot.kind.byte(),
            public_key: slot.public_key,
            made: now,
            label: String::from(if slot.kind == SlotKind::Passphrase { "passphrase" } else { "recovery phrase" }),
        });
        let node = Node { time: now, parents: vec![], record: Record::SlotSet(SlotSet { replaced: vec![], slots: slots.collect() }) };
        let body = self.ring.seal_small(Kind::Snapshot, &node.encode(), &mut self.rng)?;
        let name = Name::of(&body);
        let object = ObjectPath { vault: self.ring.vault, kind: Kind::Snapshot, name: format!("{name}") };
        self.desk.ask(Purpose::Node(object.clone()), Ask::Put { object, body: Body::Inline(body) });
        self.state = State::Node(name, Box::new(node));
        Ok(())
    }

    fn done(&mut self) {
        if let State::Node(name, node) = core::mem::replace(&mut self.state, State::Slots) {
            let handle = VaultHandle::new(self.ring.clone());
            handle.vault_mut().graph.insert(name, *node);
            self.vault = Some(handle);
            self.result = Some(Ok(()));
        }
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply, now: Millis) -> Result<(), Error> {
        match (purpose, reply) {
            (Purpose::Stretch, Reply::Ran(answer)) => match broker::outcome(answer)? {
                Outcome::Stretched { key } => {
                    self.slots[0].secret = Some(Zeroizing::new(key.to_vec()));
                    self.seal_slots()
                }
                _ => Err(unexpected()),
            },
            (Purpose::Start(at), Reply::Broker(answer)) => {
                let answer = from_json(answer)?;
                if let Some(slot) = self.slots.get_mut(at) {
                    slot.response = field(&answer.response, "response")?;
                }
                if self.slots.iter().all(|slot| !slot.response.is_empty()) {
                    self.finish_registration(0);
                }
                Ok(())
            }
            (Purpose::Finish(at), Reply::Ran(answer)) => match broker::outcome(answer)? {
                Outcome::Registered { upload, export_key } => {
                    let slot = self.slots.get_mut(at).ok_or_else(unexpected)?;
                    slot.upload = upload;
                    let export_key = Zeroizing::new(export_key);
                    if slot.secret.is_none() {
                        slot.secret = Some(export_key);
                    }
                    if at == 0 {
                        self.finish_registration(1);
                        return Ok(());
                    }
                    self.seal_slots()
                }
                _ => Err(unexpected()),
            },
            (Purpose::Register, Reply::Broker(answer)) => {
                from_json(answer)?;
                self.put_node(now)
            }
            (Purpose::Slot(object), Reply::Done(answer)) => {
                answer.map_err(|error| host_error(error, &object))?;
                if self.desk.is_idle() { self.put_node(now) } else { Ok(()) }
            }
            (Purpose::Node(object), Reply::Done(answer)) => {
                answer.map_err(|error| host_error(error, &object))?;
                self.done();
                Ok(())
            }
            _ => Err(unexpected()),
        }
    }
}

impl Machine for Create {
    type Output = Created;

    fn poll(&mut self, _now: Millis) -> Poll<Created> {
        if matches!(self.state, State::Begin)
            && let Err(error) = self.begin()
        {
            self.result = Some(Err(error));
        }
        match (self.result.take(), self.vault.take()) {
            (Some(Err(error)), _) => return Poll::Done(Err(error)),
            (Some(Ok(())), Some(vault)) => return Poll::Done(Ok(Created { vault, phrase: self.phrase.clone() })),
            _ => {}
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        let Some(purpose) = self.desk.answered(id) else { return };
        if let Err(error) = self.answer(purpose, reply, now) {
            self.result.get_or_insert(Err(error));
        }
    }
}

/// The password with which a slot signs in (FORMAT.md §14).
fn password(kind: SlotKind, passphrase: &str, phrase: &RecoveryPhrase) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(if kind == SlotKind::Passphrase { passphrase.as_bytes().to_vec() } else { phrase.sign_in_password().expose().to_vec() })
}
