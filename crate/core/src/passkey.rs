//! Passkeys: slots that are added, named and removed while a vault is open (FORMAT.md §6, §10, §14).

extern crate alloc;
use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::str::FromStr;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use crate::{
    ask::{Ask, AskId, Body, Listed, Machine, Millis, ObjectPath, Poll, Reply},
    broker::{self, field, from_json, to_json},
    desk::Desk,
    error::{Code, Error},
    graph::{Node, Record, SlotRecord, SlotSet},
    id::Name,
    job::{Job, Outcome},
    key::{Secret, VaultId, derive, draw},
    limits::{LABEL_MAX, SLOTS_MAX},
    opaque::{Started, client_identity, register_start},
    refresh::Refresh,
    seal::Kind,
    slot::{Kdf, PASSKEY, Preamble, SlotId, SlotKind, seal_slot},
    vault::{VaultHandle, host_error, unexpected},
};

/// What a passkey gave at its use: whose slot it opens, and the bytes that open it.
#[derive(Clone)]
pub struct PasskeySecret {
    pub(crate) slot: SlotId,
    pub(crate) given: Secret<32>,
}

impl PasskeySecret {
    /// The slot's id as the passkey's user handle has it; the result of the extension `prf`.
    pub fn new(slot: SlotId, given: Secret<32>) -> Self {
        Self { slot, given }
    }

    /// The password of the passkey's own sign-in: `derive["passkey sign-in"](what it gave)` (FORMAT.md §14).
    pub fn sign_in_password(&self) -> Secret<32> {
        Secret::new(derive("passkey sign-in", &[self.given.expose()]))
    }
}

/// One passkey of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    pub slot: SlotId,
    /// Its name; none of one that no slot set knows, as a change that was interrupted leaves it.
    pub label: String,
    pub made: Option<Millis>,
    /// Its slot is in the storage; without it, it opens nothing.
    pub present: bool,
}

/// Lists a vault's passkeys: those of its history, in the order in which they were added, and slots that are there although the history
/// does not know them.
pub struct Passkeys {
    desk: Desk<Purpose>,
    handle: VaultHandle,
    refresh: Option<Refresh>,
    result: Option<Result<Vec<Passkey>, Error>>,
}

/// What is to become of a vault's passkeys.
#[derive(Clone)]
pub enum PasskeyChange {
    Add { secret: PasskeySecret, label: String },
    Rename { slot: SlotId, label: String },
    Remove { slot: SlotId },
}

/// Changes a slot where slots are kept, and writes a new slot set. Where there is a broker, the host's session must be fresh to add or
/// remove ([`crate::SignIn`] with [`crate::Scope::Delete`]); removing ends all other sessions.
pub struct ChangePasskeys {
    desk: Desk<Purpose>,
    rng: ChaCha20Rng,
    handle: VaultHandle,
    /// The vault's at its broker.
    name: Option<String>,
    change: PasskeyChange,
    /// First, so that the new slot set names what is there now.
    refresh: Option<Refresh>,
    started: Option<Started>,
    public_key: [u8; 32],
    /// The slot is as it should be.
    changed: bool,
    result: Option<Result<(), Error>>,
}

enum Purpose {
    Refresh(AskId),
    List,
    Start,
    Stretch,
    Finish,
    Slot(ObjectPath),
    Node(ObjectPath, Name, Box<Node>),
}

impl Passkeys {
    pub fn new(handle: &VaultHandle) -> Self {
        Self { desk: Desk::default(), handle: handle.clone(), refresh: Some(Refresh::new(handle)), result: None }
    }

    fn listed(&self, objects: &[Listed]) -> Vec<Passkey> {
        let mut there: Vec<SlotId> = objects.iter().filter_map(|object| VaultId::from_str(&object.name).ok()).map(|id| id.0).collect();
        there.retain(|id| SlotKind::of(PASSKEY, *id).is_ok());
        let (_, known) = self.handle.vault().graph.slots();
        let mut passkeys: Vec<Passkey> = Vec::new();
        for SlotRecord { id: slot, label, made, .. } in known.into_iter().filter(|slot| slot.kind == PASSKEY) {
            let present = there.contains(&slot);
            there.retain(|id| *id != slot);
            passkeys.push(Passkey { slot, label, made: Some(made), present });
        }
        passkeys.extend(there.into_iter().map(|slot| Passkey { slot, label: String::new(), made: None, present: true }));
        passkeys
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply, now: Millis) -> Result<(), Error> {
        match (purpose, reply) {
            (Purpose::Refresh(inner), reply) => {
                if let Some(refresh) = &mut self.refresh {
                    refresh.handle(inner, reply, now);
                }
                Ok(())
            }
            (Purpose::List, Reply::Listed(answer)) => {
                let objects = answer.map_err(|error| Error::new(error.code, error.message))?;
                self.result = Some(Ok(self.listed(&objects)));
                Ok(())
            }
            _ => Err(unexpected()),
        }
    }
}

impl Machine for Passkeys {
    type Output = Vec<Passkey>;

    fn poll(&mut self, now: Millis) -> Poll<Vec<Passkey>> {
        if let Some(refresh) = &mut self.refresh
            && let Some(result) = self.desk.drive(refresh, Purpose::Refresh, now)
        {
            self.refresh = None;
            match result {
                Ok(()) => self.desk.ask(Purpose::List, Ask::List { vault: self.handle.id(), kind: Kind::Slot }),
                Err(error) => self.result = Some(Err(error)),
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
            self.result.get_or_insert(Err(error));
        }
    }
}

impl ChangePasskeys {
    /// `name` is the vault's at its broker, where it has one.
    pub fn new(handle: &VaultHandle, name: Option<String>, change: PasskeyChange, seed: [u8; 32]) -> Self {
        Self {
            desk: Desk::default(),
            rng: ChaCha20Rng::from_seed(seed),
            handle: handle.clone(),
            name,
            change,
            refresh: Some(Refresh::new(handle)),
            started: None,
            public_key: [0; 32],
            changed: false,
            result: None,
        }
    }

    fn kind(&self) -> Result<SlotKind, Error> {
        let (PasskeyChange::Add { secret: PasskeySecret { slot, .. }, .. }
        | PasskeyChange::Rename { slot, .. }
        | PasskeyChange::Remove { slot }) = &self.change;
        SlotKind::of(PASSKEY, *slot).map_err(|_| no_passkey())
    }

    fn begin(&mut self, now: Millis) -> Result<(), Error> {
        let kind = self.kind()?;
        let (_, slots) = self.handle.vault().graph.slots();
        let known = slots.iter().any(|slot| slot.id == kind.slot_id());
        match &self.change {
            PasskeyChange::Add { secret, label } => {
                check_label(label)?;
                if slots.len() >= SLOTS_MAX {
                    return Err(too_many());
                }
                if known {
                    return Err(Error::new(Code::BadRequest, "This passkey is one of the vault's already. Add another."));
                }
                match self.name {
                    Some(_) => {
                        let started = register_start(secret.sign_in_password().expose(), &mut self.rng)?;
                        let body = to_json(&broker::SlotStart { slot: kind.into(), request: broker::encode(&started.request) });
                        self.started = Some(started);
                        self.desk.ask(Purpose::Start, Ask::Broker { call: "slot/start", body });
                    }
                    None => {
                        let body = Body::Inline(self.seal(kind)?);
                        let object = self.slot(kind);
                        self.desk.ask(Purpose::Slot(object.clone()), Ask::Put { object, body });
                    }
                }
                Ok(())
            }
            PasskeyChange::Rename { label, .. } => {
                check_label(label)?;
                if known { self.put_node(now) } else { Err(no_passkey()) }
            }
            PasskeyChange::Remove { .. } => {
                match self.name {
                    Some(_) => {
                        let body = to_json(&broker::SlotRemove { slot: kind.into() });
                        self.desk.ask(Purpose::Finish, Ask::Broker { call: "slot/remove", body });
                    }
                    None => {
                        let object = self.slot(kind);
                        self.desk.ask(Purpose::Slot(object.clone()), Ask::Erase { object });
                    }
                }
                Ok(())
            }
        }
    }

    fn slot(&self, kind: SlotKind) -> ObjectPath {
        ObjectPath { vault: self.handle.id(), kind: Kind::Slot, name: kind.slot_name() }
    }

    fn stretch(&mut self, response: Vec<u8>) -> Result<(), Error> {
        let (PasskeyChange::Add { secret, .. }, Some(name), Some(started)) = (&self.change, &self.name, self.started.take()) else {
            return Err(unexpected());
        };
        let job = Job::RegisterFinish {
            state: started.state.to_vec(),
            password: secret.sign_in_password().expose().to_vec(),
            response,
            client: client_identity(SlotKind::Passkey(secret.slot), name),
            seed: draw(&mut self.rng),
        };
        self.desk.ask(Purpose::Stretch, Ask::Run { lane: None, job });
        Ok(())
    }

    fn register(&mut self, upload: &[u8]) -> Result<(), Error> {
        let kind = self.kind()?;
        let object = self.seal(kind)?;
        let body = to_json(&broker::Registration { slot: kind.into(), upload: broker::encode(upload), object: broker::encode(&object) });
        self.desk.ask(Purpose::Finish, Ask::Broker { call: "slot/finish", body });
        Ok(())
    }

    /// The slot of the passkey that is added.
    fn seal(&mut self, kind: SlotKind) -> Result<Vec<u8>, Error> {
        let PasskeyChange::Add { secret, .. } = &self.change else { return Err(unexpected()) };
        let preamble = Preamble::new(kind, Kdf::None, self.handle.id(), draw(&mut self.rng));
        let key = preamble.slot_key(secret.given.expose());
        self.public_key = preamble.x25519_public(&key);
        seal_slot(&self.handle.vault().ring, &preamble, &key, draw(&mut self.rng))
    }

    /// The slots are those that were, but for this one.
    fn put_node(&mut self, now: Millis) -> Result<(), Error> {
        let id = self.kind()?.slot_id();
        let (replaced, before) = self.handle.vault().graph.slots();
        let mut slots = before.clone();
        match &self.change {
            PasskeyChange::Add { label, .. } => {
                slots.push(SlotRecord { id, kind: PASSKEY, public_key: self.public_key, made: now, label: label.clone() });
            }
            PasskeyChange::Rename { label, .. } => {
                slots.iter_mut().filter(|slot| slot.id == id).for_each(|slot| slot.label.clone_from(label));
            }
            PasskeyChange::Remove { .. } => slots.retain(|slot| slot.id != id),
        }
        if slots == before {
            self.result = Some(Ok(()));
            return Ok(());
        }
        // Two that were added at the same time may be one too many: no reader would take that set.
        if slots.len() > SLOTS_MAX {
            return Err(too_many());
        }
        let (name, node, body) = self.handle.seal_node(Record::SlotSet(SlotSet { replaced, slots }), now, &mut self.rng)?;
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
                Outcome::Registered { upload, export_key } => {
                    // What the passkey gives opens the slot, with a broker and without.
                    drop(Zeroizing::new(export_key));
                    self.register(&upload)
                }
                _ => Err(unexpected()),
            },
            (Purpose::Finish, Reply::Broker(answer)) => {
                from_json(answer)?;
                self.changed = true;
                self.put_node(now)
            }
            (Purpose::Slot(object), Reply::Done(answer)) => {
                answer.map_err(|error| host_error(error, &object))?;
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
        let done = match &self.change {
            _ if !self.changed => "",
            PasskeyChange::Remove { .. } => "The passkey opens the vault no more, but the vault's history could not note it: ",
            _ => "The passkey opens the vault, but the vault's history could not note it: ",
        };
        let message = format!("{done}{}", error.message);
        self.result.get_or_insert(Err(Error { message, ..error }));
    }
}

impl Machine for ChangePasskeys {
    type Output = ();

    fn poll(&mut self, now: Millis) -> Poll<()> {
        if let Some(refresh) = &mut self.refresh
            && let Some(result) = self.desk.drive(refresh, Purpose::Refresh, now)
        {
            self.refresh = None;
            if let Err(error) = result.and_then(|()| self.begin(now)) {
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

fn check_label(label: &str) -> Result<(), Error> {
    if (1..=LABEL_MAX).contains(&label.len()) {
        return Ok(());
    }
    Err(Error::new(Code::BadRequest, "A passkey's name has 1 to 255 bytes. Give it a short one, such as the device that keeps it."))
}

fn too_many() -> Error {
    Error::new(Code::BadRequest, "A vault has at most 16 key slots, of which 14 are for passkeys. Remove a passkey that is not needed.")
}

fn no_passkey() -> Error {
    Error::new(Code::BadRequest, "This is none of the vault's passkeys. Choose one of the list.")
}
