//! Signs in to a broker with one of a vault's secrets (FORMAT.md §14).

extern crate alloc;
use alloc::{string::String, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use crate::{
    ask::{Ask, AskId, Machine, Millis, Poll, Reply},
    broker::{self, Answer, field, from_json, to_json},
    desk::Desk,
    error::Error,
    job::{Job, Outcome},
    key::draw,
    opaque::{Started, client_identity, login_start},
    passkey::PasskeySecret,
    phrase::RecoveryPhrase,
    slot::SlotKind,
    vault::unexpected,
};

/// What opens a vault.
#[derive(Clone)]
pub enum UnlockSecret {
    Passphrase(String),
    Recovery(RecoveryPhrase),
    Passkey(PasskeySecret),
}

impl UnlockSecret {
    pub(crate) fn kind(&self) -> SlotKind {
        match self {
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::Recovery(_) => SlotKind::Recovery,
            Self::Passkey(passkey) => SlotKind::Passkey(passkey.slot),
        }
    }

    /// What signs in, and what a passphrase is stretched from.
    pub(crate) fn password(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::Passphrase(text) => broker::normalised(text.clone()).as_bytes().to_vec(),
            Self::Recovery(phrase) => phrase.sign_in_password().expose().to_vec(),
            Self::Passkey(passkey) => passkey.sign_in_password().expose().to_vec(),
        })
    }

    /// What opens the slot by itself, where the secret is strong enough for that.
    pub(crate) fn entropy(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::Passphrase(_) => Vec::new(),
            Self::Recovery(phrase) => phrase.entropy().expose().to_vec(),
            Self::Passkey(passkey) => passkey.given.expose().to_vec(),
        })
    }
}

/// What a session is to be allowed (crate/server/API.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What a broker gives by itself.
    Usual,
    /// For some minutes also what cannot be undone.
    Delete,
}

/// One login; the host's session is that of this login from then on.
pub struct SignIn {
    desk: Desk<Purpose>,
    rng: ChaCha20Rng,
    name: String,
    kind: SlotKind,
    password: Zeroizing<Vec<u8>>,
    scope: Scope,
    device: Option<String>,
    remember: bool,
    begun: bool,
    started: Option<Started>,
    login: String,
    export_key: Zeroizing<Vec<u8>>,
    result: Option<Result<SignedIn, Error>>,
}

/// What a login gives.
pub struct SignedIn {
    pub(crate) vault: String,
    /// Its slot, as the broker keeps it.
    pub(crate) slot: String,
    /// The secret of a passphrase's slot.
    pub(crate) export_key: Zeroizing<Vec<u8>>,
    /// What the broker knows this device by from now on, where that is new. Not a secret of the vault: it opens nothing.
    pub device: Option<String>,
}

enum Purpose {
    Start,
    Stretch,
    Finish,
}

impl SignIn {
    pub fn new(name: String, secret: &UnlockSecret, scope: Scope, seed: [u8; 32]) -> Self {
        Self {
            desk: Desk::default(),
            rng: ChaCha20Rng::from_seed(seed),
            name,
            kind: secret.kind(),
            password: secret.password(),
            scope,
            device: None,
            remember: false,
            begun: false,
            started: None,
            login: String::new(),
            export_key: Zeroizing::default(),
            result: None,
        }
    }

    /// Tells the broker which device this is, by what an earlier sign-in gave, so that its tries are counted apart from strangers'; with
    /// `remember`, one that it does not know is given something to be known by ([`SignedIn::device`]).
    pub fn from_device(mut self, device: Option<String>, remember: bool) -> Self {
        (self.device, self.remember) = (device, remember);
        self
    }

    fn begin(&mut self) -> Result<(), Error> {
        self.begun = true;
        broker::check_name(&self.name)?;
        let started = login_start(&self.password, &mut self.rng)?;
        let request = broker::encode(&started.request);
        let body = to_json(&broker::Start { name: &self.name, slot: self.kind.into(), request, device: self.device.as_deref() });
        self.started = Some(started);
        self.desk.ask(Purpose::Start, Ask::Broker { call: "login/start", body });
        Ok(())
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply) -> Result<(), Error> {
        match (purpose, reply) {
            (Purpose::Start, Reply::Broker(answer)) => {
                let answer = from_json(answer)?;
                let response = field(&answer.response, "response")?;
                self.login = answer.login;
                let started = self.started.take().ok_or_else(unexpected)?;
                let job = Job::LoginFinish {
                    state: started.state.to_vec(),
                    password: self.password.to_vec(),
                    response,
                    client: client_identity(self.kind, &self.name),
                    seed: draw(&mut self.rng),
                };
                self.desk.ask(Purpose::Stretch, Ask::Run { lane: None, job });
                Ok(())
            }
            (Purpose::Stretch, Reply::Ran(answer)) => match broker::outcome(answer)? {
                Outcome::LoggedIn { finalization, export_key, session_key } => {
                    drop(Zeroizing::new(session_key));
                    self.export_key = Zeroizing::new(export_key);
                    let body = to_json(&broker::LoginFinish {
                        login: core::mem::take(&mut self.login),
                        finalization: broker::encode(&finalization),
                        scope: (self.scope == Scope::Delete).then_some("delete"),
                        remember: self.remember,
                    });
                    self.desk.ask(Purpose::Finish, Ask::Broker { call: "login/finish", body });
                    Ok(())
                }
                _ => Err(unexpected()),
            },
            (Purpose::Finish, Reply::Broker(answer)) => {
                let Answer { vault, slot, device, .. } = from_json(answer)?;
                let device = Some(device).filter(|device| !device.is_empty());
                self.result = Some(Ok(SignedIn { vault, slot, export_key: core::mem::take(&mut self.export_key), device }));
                Ok(())
            }
            _ => Err(unexpected()),
        }
    }
}

impl Machine for SignIn {
    type Output = SignedIn;

    fn poll(&mut self, _now: Millis) -> Poll<SignedIn> {
        if !self.begun
            && let Err(error) = self.begin()
        {
            self.result = Some(Err(error));
        }
        if let Some(result) = self.result.take() {
            return Poll::Done(result);
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, _now: Millis) {
        let Some(purpose) = self.desk.answered(id) else { return };
        if let Err(error) = self.answer(purpose, reply) {
            self.result.get_or_insert(Err(error));
        }
    }
}
