//! Opens a vault from its storage alone, as from a copy of its objects (FORMAT.md §6).

extern crate alloc;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::{
    ask::{Ask, AskId, Machine, Millis, ObjectPath, Poll, Reply},
    broker,
    desk::Desk,
    error::{Code, Error, Place},
    job::{Job, Outcome},
    key::VaultId,
    refresh::Refresh,
    seal::Kind,
    sign_in::UnlockSecret,
    slot::{Kdf, Preamble, SlotKind, open_slot, wrong_secret},
    vault::{VaultHandle, host_error, unexpected},
};

/// Opens a vault without a broker, and reads its indexes and its history.
pub struct UnlockLocal {
    desk: Desk<Purpose>,
    kind: SlotKind,
    /// What a passphrase is stretched from.
    password: Zeroizing<Vec<u8>>,
    /// What opens the slot of the recovery phrase, or of a passkey.
    entropy: Zeroizing<Vec<u8>>,
    slot: Vec<u8>,
    opened: Option<(VaultHandle, Refresh)>,
    failure: Option<Error>,
}

enum Purpose {
    Slot(ObjectPath),
    Stretch(VaultId),
    Refresh(AskId),
}

impl UnlockLocal {
    pub fn new(vault: VaultId, secret: &UnlockSecret) -> Self {
        let kind = secret.kind();
        let mut desk = Desk::default();
        let object = ObjectPath { vault, kind: Kind::Slot, name: kind.slot_name() };
        desk.ask(Purpose::Slot(object.clone()), Ask::Get { object, range: None, hold: false });
        let (password, entropy) = (secret.password(), secret.entropy());
        Self { desk, kind, password, entropy, slot: Vec::new(), opened: None, failure: None }
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
        let handle = open(&core::mem::take(&mut self.slot), vault, self.kind, secret)?;
        let refresh = Refresh::new(&handle);
        self.opened = Some((handle, refresh));
        Ok(())
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

/// Opens the slot asked for and no other: a storage that swaps slots gets no trial of keys.
pub(crate) fn open(slot: &[u8], vault: VaultId, kind: SlotKind, secret: &[u8]) -> Result<VaultHandle, Error> {
    if Preamble::read(slot, vault)?.kind != kind {
        return Err(Error::new(Code::Damaged, "The storage gave another key slot than the one asked for. Use the other secret."));
    }
    Ok(VaultHandle::new(open_slot(slot, vault, secret)?))
}

impl Machine for UnlockLocal {
    type Output = VaultHandle;

    fn poll(&mut self, now: Millis) -> Poll<VaultHandle> {
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
