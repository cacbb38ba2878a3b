//! Opens a vault: a secret opens a slot, the slot holds the ring (FORMAT.md §6, §14).

extern crate alloc;
use alloc::{boxed::Box, string::String, vec::Vec};
use core::{convert::identity, str::FromStr};

use zeroize::Zeroizing;

use crate::{
    ask::{AskId, Machine, Millis, Poll, Reply},
    broker::{self, field},
    desk::Desk,
    error::{Code, Error, Place},
    key::VaultId,
    local::{UnlockLocal, open},
    refresh::Refresh,
    sign_in::{Scope, SignIn, SignedIn, UnlockSecret},
    slot::{Kdf, Preamble, SlotKind},
    vault::VaultHandle,
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
    desk: Desk<AskId>,
    kind: SlotKind,
    /// What opens the slot of the recovery phrase, or of a passkey.
    entropy: Zeroizing<Vec<u8>>,
    way: Way,
    device: Option<String>,
}

enum Way {
    Local(Box<UnlockLocal>),
    SignIn(Box<SignIn>),
    SignedIn(VaultHandle, Box<Refresh>),
}

impl Unlock {
    pub fn new(access: Access, secret: UnlockSecret, seed: [u8; 32]) -> Self {
        let way = match access {
            Access::Local { vault } => Way::Local(Box::new(UnlockLocal::new(vault, &secret))),
            Access::Broker { name } => Way::SignIn(Box::new(SignIn::new(name, &secret, Scope::Usual, seed))),
        };
        Self { desk: Desk::default(), kind: secret.kind(), entropy: secret.entropy(), way, device: None }
    }

    /// See [`SignIn::from_device`].
    pub fn from_device(mut self, device: Option<String>, remember: bool) -> Self {
        self.way = match self.way {
            Way::SignIn(sign_in) => Way::SignIn(Box::new(sign_in.from_device(device, remember))),
            other => other,
        };
        self
    }

    /// See [`SignedIn::device`]; once the vault is open.
    pub fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    /// Who has signed in has the right secret: a slot that does not open with it is not what was written.
    fn signed_in(&self, given: &SignedIn) -> Result<VaultHandle, Error> {
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

    fn open_given(&self, given: &SignedIn) -> Result<VaultHandle, Error> {
        let vault = VaultId::from_str(&given.vault).map_err(|_| broker::nonsense("`vault` is not an id"))?;
        let slot: Vec<u8> = field(&given.slot, "slot")?;
        let secret = match self.kind {
            SlotKind::Passphrase => &given.export_key,
            SlotKind::Recovery | SlotKind::Passkey(_) => &self.entropy,
        };
        let kdf = Preamble::read(&slot, vault)?.kdf;
        match (self.kind, kdf) {
            (SlotKind::Passphrase, Kdf::Opaque) | (SlotKind::Recovery | SlotKind::Passkey(_), Kdf::None) => {
                open(&slot, vault, self.kind, secret)
            }
            _ => Err(Error::new(
                Code::Damaged,
                "The broker gave a key slot of another kind. Use the recovery phrase, and ask who runs the broker.",
            )),
        }
    }
}

impl Machine for Unlock {
    type Output = VaultHandle;

    fn poll(&mut self, now: Millis) -> Poll<VaultHandle> {
        if let Way::SignIn(sign_in) = &mut self.way
            && let Some(result) = self.desk.drive(&mut **sign_in, identity, now)
        {
            let opened = result.and_then(|given| {
                let handle = self.signed_in(&given)?;
                self.device = given.device;
                Ok(handle)
            });
            match opened {
                Ok(handle) => self.way = Way::SignedIn(handle.clone(), Box::new(Refresh::new(&handle))),
                Err(error) => return Poll::Done(Err(error)),
            }
        }
        let result = match &mut self.way {
            Way::Local(local) => self.desk.drive(&mut **local, identity, now),
            Way::SignIn(_) => None,
            Way::SignedIn(handle, refresh) => self.desk.drive(&mut **refresh, identity, now).map(|result| result.map(|()| handle.clone())),
        };
        if let Some(result) = result {
            return Poll::Done(result);
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        let Some(inner) = self.desk.answered(id) else { return };
        match &mut self.way {
            Way::Local(local) => local.handle(inner, reply, now),
            Way::SignIn(sign_in) => sign_in.handle(inner, reply, now),
            Way::SignedIn(_, refresh) => refresh.handle(inner, reply, now),
        }
    }
}
