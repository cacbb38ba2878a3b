//! Creating and unlocking through a broker: a real OPAQUE server, in memory.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use opaque_ke::{
    CredentialFinalization, CredentialRequest, Identifiers, RegistrationRequest, RegistrationUpload, ServerLogin, ServerLoginParameters,
    ServerRegistration, ServerSetup, rand,
};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use strongroom_core::{
    Access, ChangePassphrase, Code, Create, CreateAccess, CreateOptions, HostError, Millis, Place, ReplacePassphrase, Scope, SignIn,
    SlotKind, Unlock, UnlockSecret,
    opaque::{CONTEXT, SERVER, Suite, client_identity},
};

use crate::host::{End, Host, Storage};

/// What crate/server/API.md says, without sessions.
pub struct Broker {
    setup: ServerSetup<Suite>,
    rng: Older,
    /// By name and slot: the OPAQUE record and the slot object.
    accounts: BTreeMap<(String, String), (Vec<u8>, Vec<u8>)>,
    vaults: BTreeMap<String, String>,
    logins: BTreeMap<String, (String, String, ServerLogin<Suite>)>,
    pub requests: Vec<Value>,
    /// Whose login was the last one, with what scope.
    session: (String, String),
    /// Devices that are known, and whether the last login came from one.
    devices: BTreeSet<String>,
    known: bool,
    /// How many there were, and when the last one was.
    pub signed_in: (u32, Millis),
}

impl Broker {
    pub fn new() -> Self {
        let mut rng = Older(ChaCha20Rng::from_seed([77; 32]));
        let setup = ServerSetup::new(&mut rng);
        Self {
            setup,
            rng,
            accounts: BTreeMap::new(),
            vaults: BTreeMap::new(),
            logins: BTreeMap::new(),
            requests: vec![],
            session: Default::default(),
            devices: BTreeSet::new(),
            known: false,
            signed_in: Default::default(),
        }
    }

    /// Whether the session may do at that time what cannot be undone.
    pub fn is_fresh(&self, now: Millis) -> bool {
        self.session.1 == "delete" && now < self.signed_in.1 + 5 * 60_000
    }

    pub fn answer(&mut self, call: &str, body: &[u8], now: Millis) -> Result<Vec<u8>, HostError> {
        let body: Value = serde_json::from_slice(body).expect("requests are JSON");
        self.requests.push(json!([call, body]));
        let answer = match call {
            "register/start" => self.register_start(&body),
            "register/finish" => self.register_finish(&body),
            "login/start" => Ok(self.login_start(&body)),
            "login/finish" => self.login_finish(&body).inspect(|_| self.signed_in = (self.signed_in.0 + 1, now)),
            "slot/start" => self.slot_start(&body),
            "slot/finish" => self.slot_finish(&body),
            "slot/remove" => self.slot_remove(&body),
            other => panic!("no call {other}"),
        };
        answer.map(|json| json.to_string().into_bytes()).map_err(|code| HostError { code, message: "The broker refuses.".into() })
    }

    fn register_start(&mut self, body: &Value) -> Result<Value, Code> {
        if self.vaults.contains_key(text(body, "name")) {
            return Err(Code::NameTaken);
        }
        let request = RegistrationRequest::<Suite>::deserialize(&bytes(body, "request")).expect("a request");
        let response = ServerRegistration::<Suite>::start(&self.setup, request, &client(body)).expect("a response");
        Ok(json!({ "response": encode(&response.message.serialize()) }))
    }

    fn register_finish(&mut self, body: &Value) -> Result<Value, Code> {
        let name = text(body, "name").to_string();
        self.vaults.insert(name.clone(), text(body, "vault").into());
        for slot in body["slots"].as_array().expect("slots") {
            let record = ServerRegistration::finish(RegistrationUpload::<Suite>::deserialize(&bytes(slot, "upload")).expect("an upload"));
            let account = (record.serialize().to_vec(), bytes(slot, "object"));
            self.accounts.insert((name.clone(), text(slot, "slot").into()), account);
        }
        Ok(json!({ "session": "s", "expires": 0, "vault": text(body, "vault") }))
    }

    fn login_start(&mut self, body: &Value) -> Value {
        let (name, slot) = (text(body, "name").to_string(), text(body, "slot").to_string());
        let record =
            self.accounts.get(&(name.clone(), slot.clone())).map(|(record, _)| ServerRegistration::deserialize(record).expect("a record"));
        let request = CredentialRequest::<Suite>::deserialize(&bytes(body, "request")).expect("a request");
        let client = client(body);
        let parameters =
            ServerLoginParameters { context: Some(CONTEXT), identifiers: Identifiers { client: Some(&client), server: Some(SERVER) } };
        let started = ServerLogin::start(&mut self.rng, &self.setup, record, request, &client, parameters).expect("an answer");
        self.known = body["device"].as_str().is_some_and(|device| self.devices.contains(device));
        let login = format!("login {}", self.logins.len());
        self.logins.insert(login.clone(), (name, slot, started.state));
        json!({ "login": login, "response": encode(&started.message.serialize()) })
    }

    fn login_finish(&mut self, body: &Value) -> Result<Value, Code> {
        let (name, slot, state) = self.logins.remove(text(body, "login")).expect("a login");
        let finalization = CredentialFinalization::<Suite>::deserialize(&bytes(body, "finalization")).expect("a finalization");
        let parameters = ServerLoginParameters { context: Some(CONTEXT), identifiers: Identifiers::default() };
        state.finish(finalization, parameters).map_err(|_| Code::WrongSecret)?;
        self.session = (name.clone(), body["scope"].as_str().unwrap_or("append").to_string());
        let (_, object) = &self.accounts[&(name.clone(), slot)];
        let mut answer = json!({ "session": "s", "expires": 0, "vault": self.vaults[&name], "slot": encode(object) });
        if body["remember"] == json!(true) && !self.known {
            let device = format!("device {}", self.devices.len());
            self.devices.insert(device.clone());
            answer["device"] = device.into();
        }
        Ok(answer)
    }
}

/// Other slots, at a broker that wants a fresh login for them.
impl Broker {
    fn slot_start(&mut self, body: &Value) -> Result<Value, Code> {
        if self.session.1 != "delete" {
            return Err(Code::Denied);
        }
        let request = RegistrationRequest::<Suite>::deserialize(&bytes(body, "request")).expect("a request");
        let client = client_identity(kind(body), &self.session.0);
        let response = ServerRegistration::<Suite>::start(&self.setup, request, &client).expect("a response");
        Ok(json!({ "response": encode(&response.message.serialize()) }))
    }

    fn slot_finish(&mut self, body: &Value) -> Result<Value, Code> {
        let record = ServerRegistration::finish(RegistrationUpload::<Suite>::deserialize(&bytes(body, "upload")).expect("an upload"));
        let account = (record.serialize().to_vec(), bytes(body, "object"));
        self.accounts.insert((self.session.0.clone(), text(body, "slot").into()), account);
        Ok(json!({}))
    }

    fn slot_remove(&mut self, body: &Value) -> Result<Value, Code> {
        if self.session.1 != "delete" {
            return Err(Code::Denied);
        }
        self.accounts.remove(&(self.session.0.clone(), text(body, "slot").into()));
        Ok(json!({}))
    }

    /// The slot objects of that vault, which a broker writes to the storage too.
    pub fn slots(&self, name: &str) -> Vec<(String, Vec<u8>)> {
        let mine = self.accounts.iter().filter(|((of, _), _)| of == name);
        mine.map(|(_, (_, object))| (format!("slot/{}", hex::encode(&object[8..24])), object.clone())).collect()
    }
}

#[test]
fn a_changed_passphrase_opens_and_the_old_one_does_not_and_the_history_says_which_slots_there_are() {
    let mut host = Host::new(Storage::default(), 1);
    host.broker = Some(Broker::new());
    let name = || String::from("my-vault");
    let access = CreateAccess::Broker { name: name() };
    let made = host.run(&mut Create::new(CreateOptions { access, passphrase: "the old one".into(), chunk_log2: 18 }, [1; 32])).ok();
    let passphrase = |text: &str| UnlockSecret::Passphrase(text.into());
    let change = || ChangePassphrase::new(&made.vault, name(), "the new one".into(), [3; 32]);
    // A session that is not fresh is not enough.
    assert_eq!(host.run(&mut change()).code(), Code::Denied);
    let wrong = SignIn::new(name(), &passphrase("not it"), Scope::Delete, [4; 32]);
    assert_eq!(host.run(&mut { wrong }).code(), Code::WrongSecret);
    host.run(&mut SignIn::new(name(), &passphrase("the old one"), Scope::Delete, [5; 32])).ok();
    host.run(&mut change()).ok();

    let mut unlock = |secret| host.run(&mut Unlock::new(Access::Broker { name: name() }, secret, [2; 32]));
    assert_eq!(unlock(passphrase("the old one")).code(), Code::WrongSecret);
    assert_eq!(unlock(UnlockSecret::Recovery(made.phrase.clone())).ok().id(), made.vault.id());
    let opened = unlock(passphrase("the new one")).ok();
    assert_eq!((opened.id(), opened.heads()), (made.vault.id(), made.vault.heads()));
    assert_eq!((opened.heads().len(), opened.damaged()), (1, vec![]));
    let nodes = host.storage.names("snap/");
    assert_eq!(nodes.len(), 2, "one slot set, and the one that replaces it: {nodes:?}");
}

#[test]
fn a_vault_made_through_a_broker_opens_with_either_secret_there_and_with_the_recovery_phrase_anywhere() {
    let mut host = Host::new(Default::default(), 1);
    host.broker = Some(Broker::new());
    let create = |name: &str| {
        let access = CreateAccess::Broker { name: name.into() };
        Create::new(CreateOptions { access, passphrase: "Ünlock me".into(), chunk_log2: 18 }, [1; 32])
    };
    let made = host.run(&mut create("my-vault")).ok();
    // The broker writes the slots to the storage.
    let broker = host.broker.as_ref().expect("a broker");
    let objects: Vec<_> =
        ["passphrase", "recovery"].iter().map(|slot| broker.accounts[&("my-vault".to_string(), slot.to_string())].1.clone()).collect();
    for (kind, object) in [SlotKind::Passphrase, SlotKind::Recovery].into_iter().zip(objects) {
        host.storage.objects.insert(format!("slot/{}", kind.slot_name()), object);
    }
    assert_eq!(host.run(&mut create("my-vault")).code(), Code::NameTaken);
    assert_eq!(host.run(&mut create("No")).code(), Code::BadName);

    let mut unlock = |access: Access, secret: UnlockSecret| host.run(&mut Unlock::new(access, secret, [2; 32]));
    let there = |name: &str| Access::Broker { name: name.into() };
    let here = || Access::Local { vault: made.vault.id() };
    // NFD types the same passphrase.
    let passphrase = || UnlockSecret::Passphrase("U\u{308}nlock me".into());
    let recovery = || UnlockSecret::Recovery(made.phrase.clone());
    assert_eq!(unlock(there("my-vault"), passphrase()).ok().id(), made.vault.id());
    assert_eq!(unlock(there("my-vault"), recovery()).ok().id(), made.vault.id());
    assert_eq!(unlock(here(), recovery()).ok().id(), made.vault.id());
    assert_eq!(unlock(here(), passphrase()).code(), Code::Denied);
    assert_eq!(unlock(there("my-vault"), UnlockSecret::Passphrase("wrong".into())).code(), Code::WrongSecret);
    assert_eq!(unlock(there("no-vault"), passphrase()).code(), Code::WrongSecret);
    // In a copy of its objects nobody changes what the broker goes on asking for.
    let copy = unlock(here(), recovery()).ok();
    let change = ReplacePassphrase::new(&copy, recovery(), "another".into(), [4; 32]);
    assert_eq!(host.run(&mut { change }).code(), Code::NotSupported);
}

#[test]
fn a_flipped_byte_in_a_slot_names_that_slot_and_the_other_one_still_opens() {
    let mut host = Host::new(Storage::default(), 1);
    host.broker = Some(Broker::new());
    let access = CreateAccess::Broker { name: "my-vault".into() };
    let made = host.run(&mut Create::new(CreateOptions { access, passphrase: "Ünlock me".into(), chunk_log2: 18 }, [1; 32])).ok();
    let account = |slot: &str| ("my-vault".to_string(), slot.to_string());
    for (slot, kind) in [("passphrase", SlotKind::Passphrase), ("recovery", SlotKind::Recovery)] {
        let length = host.broker.as_ref().expect("a broker").accounts[&account(slot)].1.len();
        for at in (0..length).step_by(641) {
            let flip = |host: &mut Host| host.broker.as_mut().expect("a broker").accounts.get_mut(&account(slot)).expect("it").1[at] ^= 4;
            flip(&mut host);
            let unlock = |secret| host.run(&mut Unlock::new(Access::Broker { name: "my-vault".into() }, secret, [2; 32]));
            let secrets = [UnlockSecret::Passphrase("Ünlock me".into()), UnlockSecret::Recovery(made.phrase.clone())];
            let ends = secrets.map(unlock);
            let [struck, other] = if kind == SlotKind::Passphrase {
                ends
            } else {
                let [first, second] = ends;
                [second, first]
            };
            let End::Done(Err(error)) = struck else { panic!("it opened with a byte flipped at {at}") };
            assert_ne!(error.code, Code::WrongSecret, "at {at}");
            assert_eq!(error.place, Place::Object(format!("slot/{}", kind.slot_name())), "at {at}");
            assert_eq!(other.ok().id(), made.vault.id());
            flip(&mut host);
        }
    }
}

#[test]
fn a_device_is_made_known_once_by_a_sign_in_that_succeeds_and_says_so_at_the_next() {
    let mut host = Host::new(Storage::default(), 1);
    host.broker = Some(Broker::new());
    let access = CreateAccess::Broker { name: "my-vault".into() };
    host.run(&mut Create::new(CreateOptions { access, passphrase: "the one".into(), chunk_log2: 18 }, [1; 32])).ok();
    let mut unlock = |passphrase: &str, device: Option<&str>| {
        let access = Access::Broker { name: "my-vault".into() };
        let unlock = Unlock::new(access, UnlockSecret::Passphrase(passphrase.into()), [2; 32]);
        let mut unlock = unlock.from_device(device.map(String::from), true);
        let opened = matches!(host.run(&mut unlock), End::Done(Ok(_)));
        (opened, unlock.device().map(String::from))
    };
    assert_eq!(unlock("a guess", None), (false, None));
    assert_eq!(unlock("the one", None), (true, Some("device 0".into())));
    assert_eq!(unlock("the one", Some("device 0")), (true, None));
    assert_eq!(unlock("the one", Some("one that was forgotten")), (true, Some("device 1".into())));
    let mut sign_in = SignIn::new("my-vault".into(), &UnlockSecret::Passphrase("the one".into()), Scope::Delete, [3; 32]);
    sign_in = sign_in.from_device(Some("device 0".into()), false);
    assert_eq!(host.run(&mut sign_in).ok().device, None);
    assert!(host.broker.as_ref().is_some_and(|broker| broker.known));
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().expect("a string")
}

fn bytes(body: &Value, name: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text(body, name)).expect("base64url")
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn client(body: &Value) -> Vec<u8> {
    client_identity(kind(body), text(body, "name"))
}

fn kind(body: &Value) -> SlotKind {
    match text(body, "slot") {
        "passphrase" => SlotKind::Passphrase,
        "recovery" => SlotKind::Recovery,
        id => SlotKind::Passkey(hex::decode(id).expect("hex").try_into().expect("16 bytes")),
    }
}

/// The generator as `opaque-ke` wants it.
struct Older(ChaCha20Rng);

impl rand::RngCore for Older {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl rand::CryptoRng for Older {}
