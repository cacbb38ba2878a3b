//! Opens a vault: a secret opens a slot, the slot holds the ring (FORMAT.md §6, §14).

extern crate alloc;
use alloc::{string::String, vec::Vec};
use core::str::FromStr;

use zeroize::Zeroizing;

use crate::{
    ask::{Ask, AskId, Machine, Millis, ObjectPath, Poll, Reply},
    broker::{self, field},
    desk::Desk,
    error::{Code, Error, Place},
    job::{Job, Outcome},
    key::VaultId,
    refresh::Refresh,
    seal::Kind,
    sign_in::{Scope, SignIn, SignedIn, UnlockSecret},
    slot::{Kdf, Preamble, SlotKind, open_slot, wrong_secret},
    vault::{VaultHandle, host_error, unexpected},
};

/// How to get at a vault's slots.
#[derive(Clone, Debug)]
pub enum Access {
    /// From the storage itself.
    Local { vault: VaultId },
    /// From a broker, after sign-in.
    Broker { name: String },
}

/// Opens a vault and reads its indexes and its history.
pub struct Unlock {
    desk: Desk<Purpose>,
    vault: Option<VaultId>,
    kind: SlotKind,
    /// What a passphrase is stretched from.
    password: Zeroizing<Vec<u8>>,
    /// What opens the slot of the recovery phrase, or of a passkey.
    entropy: Zeroizing<Vec<u8>>,
    sign_in: Option<SignIn>,
    device: Option<String>,
    slot: Vec<u8>,
    opened: Option<(VaultHandle, Refresh)>,
    failure: Option<Error>,
}

enum Purpose {
    Slot(ObjectPath),
    Stretch(VaultId),
    SignIn(AskId),
    Refresh(AskId),
}

impl Unlock {
    pub fn new(access: Access, secret: UnlockSecret, seed: [u8; 32]) -> Self {
        let entropy = secret.entropy();
        let (vault, sign_in) = match access {
            Access::Local { vault } => (Some(vault), None),
            Access::Broker { name } => (None, Some(SignIn::new(name, &secret, Scope::Usual, seed))),
        };
        Self {
            desk: Desk::default(),
            vault,
            kind: secret.kind(),
            password: secret.password(),
            entropy,
            sign_in,
            device: None,
            slot: Vec::new(),
            opened: None,
            failure: None,
        }
    }

    /// See [`SignIn::from_device`].
    pub fn from_device(mut self, device: Option<String>, remember: bool) -> Self {
        self.sign_in = self.sign_in.map(|sign_in| sign_in.from_device(device, remember));
        self
    }

    /// See [`SignedIn::device`]; once the vault is open.
    pub fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    /// Once, where there is no broker to sign in to.
    fn begin(&mut self) {
        if let Some(vault) = self.vault.take() {
            let object = ObjectPath { vault, kind: Kind::Slot, name: self.kind.slot_name() };
            self.desk.ask(Purpose::Slot(object.clone()), Ask::Get { object, range: None, hold: false });
        }
    }

    fn got_slot(&mut self, object: &ObjectPath, slot: Vec<u8>) -> Result<(), Error> {
        let place = Place::Object(alloc::format!("slot/{}", object.name));
        let preamble = Preamble::read(&slot, object.vault).map_err(|error| error.at(place))?;
        self.slot = slot;
        match preamble.kdf {
            Kdf::None => {
                let entropy = core::mem::take(&mut self.entropy);
                self.open(object.vault, &entropy)
            }
            Kdf::Argon2id(argon2id) => {
                let job = Job::Stretch {
                    passphrase: self.password.to_vec(),
                    salt: preamble.salt,
                    memory_kib: argon2id.memory_kib(),
                    passes: argon2id.passes(),
                    lanes: argon2id.lanes(),
                };
                self.desk.ask(Purpose::Stretch(object.vault), Ask::Run { lane: None, job });
                Ok(())
            }
            Kdf::Opaque => Err(Error::new(
                Code::Denied,
                "This vault's passphrase works only through its broker. Unlock it there, or use the recovery phrase, which needs none.",
            )),
        }
    }

    fn open(&mut self, vault: VaultId, secret: &[u8]) -> Result<(), Error> {
        let slot = core::mem::take(&mut self.slot);
        // The slot asked for and no other: a storage that swaps slots gets no trial of keys.
        if Preamble::read(&slot, vault)?.kind != self.kind {
            return Err(Error::new(Code::Damaged, "The storage gave another key slot than the one asked for. Use the other secret."));
        }
        let handle = VaultHandle::new(open_slot(&slot, vault, secret)?);
        let refresh = Refresh::new(&handle);
        self.opened = Some((handle, refresh));
        Ok(())
    }

    /// Who has signed in has the right secret: a slot that does not open with it is not what was written.
    fn signed_in(&mut self, given: &SignedIn) -> Result<(), Error> {
        let object = alloc::format!("slot/{}", self.kind.slot_name());
        self.open_given(given).map_err(|error| match error.code {
            Code::WrongSecret => {
                let message = alloc::format!(
                    "The secret is right, but the key slot that it opens, {object}, is not what was written. Unlock with another one: the \
                     passphrase or the recovery phrase."
                );
                Error::new(Code::Damaged, message).at(Place::Object(object))
            }
            _ => error.at(Place::Object(object)),
        })
    }

    fn open_given(&mut self, given: &SignedIn) -> Result<(), Error> {
        let vault = VaultId::from_str(&given.vault).map_err(|_| broker::nonsense("`vault` is not an id"))?;
        self.slot = field(&given.slot, "slot")?;
        let entropy = core::mem::take(&mut self.entropy);
        let secret = match self.kind {
            SlotKind::Passphrase => &given.export_key,
            SlotKind::Recovery | SlotKind::Passkey(_) => &entropy,
        };
        let kdf = Preamble::read(&self.slot, vault)?.kdf;
        match (self.kind, kdf) {
            (SlotKind::Passphrase, Kdf::Opaque) | (SlotKind::Recovery | SlotKind::Passkey(_), Kdf::None) => self.open(vault, secret),
            _ => Err(Error::new(
                Code::Damaged,
                "The broker gave a key slot of another kind. Use the recovery phrase, and ask who runs the broker.",
            )),
        }
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply, now: Millis) -> Result<(), Error> {
        match (purpose, reply) {
            (Purpose::Slot(object), Reply::Got(answer)) => {
                let slot = answer.map_err(|error| match error.code {
                    // Those of passkeys come and go.
                    Code::Missing if matches!(self.kind, SlotKind::Passkey(_)) => wrong_secret(self.kind),
                    Code::Missing => {
                        Error::new(Code::NoVault, "There is no vault here with such a key slot. Check the place and the vault's id.")
                    }
                    _ => host_error(error, &object),
                })?;
                self.got_slot(&object, slot)
            }
            (Purpose::Stretch(vault), Reply::Ran(answer)) => match broker::outcome(answer)? {
                Outcome::Stretched { key } => self.open(vault, &Zeroizing::new(key)[..]),
                _ => Err(unexpected()),
            },
            (Purpose::SignIn(inner), reply) => {
                if let Some(sign_in) = &mut self.sign_in {
                    sign_in.handle(inner, reply, now);
                }
                Ok(())
            }
            (Purpose::Refresh(inner), reply) => {
                if let Some((_, refresh)) = &mut self.opened {
                    refresh.handle(inner, reply, now);
                }
                Ok(())
            }
            _ => Err(unexpected()),
        }
    }
}

impl Machine for Unlock {
    type Output = VaultHandle;

    fn poll(&mut self, now: Millis) -> Poll<VaultHandle> {
        self.begin();
        if let Some(sign_in) = &mut self.sign_in
            && let Some(result) = self.desk.drive(sign_in, Purpose::SignIn, now)
        {
            self.sign_in = None;
            let opened = result.and_then(|given| {
                self.signed_in(&given)?;
                self.device = given.device;
                Ok(())
            });
            if let Err(error) = opened {
                self.failure = Some(error);
            }
        }
        if let Some(error) = self.failure.take() {
            return Poll::Done(Err(error));
        }
        if let Some((handle, refresh)) = &mut self.opened
            && let Some(result) = self.desk.drive(refresh, Purpose::Refresh, now)
        {
            return Poll::Done(result.map(|()| handle.clone()));
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        let Some(purpose) = self.desk.answered(id) else { return };
        if let Err(error) = self.answer(purpose, reply, now) {
            self.failure.get_or_insert(error);
        }
    }
}
