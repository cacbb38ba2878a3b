//! A server in this process, a clock that tests turn, and clients that send exactly what they are told.
//!
//! Each test file uses its part of this.
#![allow(dead_code)]

pub mod buckets;
pub mod conformance;
pub mod openapi;
pub mod postgres;
#[cfg(unix)]
pub mod program;

use std::{
    fs,
    net::SocketAddr,
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{body::Body, http::HeaderMap};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use opaque_ke::{
    CipherSuite, ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters, CredentialResponse,
    Identifiers, RegistrationResponse, Ristretto255, TripleDh, ksf::Identity,
};
use rand_core_06::OsRng;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use strongroom_server::{Clock, Config, DEFAULT_RESERVE, Database, Limits, Server};
use tempfile::TempDir;
use tokio::{net::TcpStream, task::JoinHandle};

/// FORMAT.md §14, written down again: the tests do not ask the server what the law is.
const CONTEXT: &[u8] = b"strongroom 2026-11-21 opaque argon2id m=65536 t=3 p=4";

pub const UNLIMITED: Limits = Limits { total: None, reserve: DEFAULT_RESERVE, vault: None };

/// The clients' suite. Stretching is left out: it never leaves a client, and these have weak passphrases anyway.
pub struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2_010::Sha512>;
    type Ksf = Identity;
}

/// Where a server listens, and what a client does there.
pub struct At(pub SocketAddr);

pub struct Rig {
    pub at: At,
    pub server: Server,
    pub folder: TempDir,
    pub clock: Arc<AtomicI64>,
    /// Where accounts are, if not in the data folder.
    database: Option<Database>,
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A vault that is registered, and a session of it.
#[derive(Clone)]
pub struct Account {
    pub name: String,
    pub vault: String,
    pub session: String,
    pub slots: [Vec<u8>; 2],
}

impl Rig {
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        // The suite runs once on each database.
        let database = if env!("CARGO_CRATE_NAME") == "postgres" { Some(postgres::new_database().await) } else { None };
        Self::start_in(tempfile::tempdir().unwrap(), database, change).await
    }

    async fn start_in(folder: TempDir, database: Option<Database>, change: impl FnOnce(&mut Config)) -> Self {
        let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
        let ours = clock.clone();
        let mut config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: folder.path().join("data"),
            database,
            bucket: None,
            www: None,
            origins: Vec::new(),
            behind_tls: false,
            limits: UNLIMITED,
            erase_delay: Duration::from_secs(7 * 24 * 60 * 60),
            tls: None,
            metrics: None,
            record: None,
            grace: Duration::from_secs(20),
            clock: Clock::new(move || ours.load(Ordering::SeqCst)),
        };
        change(&mut config);
        let database = config.database.clone();
        let server = Server::start(config).await.unwrap();
        Self { at: At(server.address()), server, folder, clock, database }
    }

    /// Stops the server and starts another one on the same data.
    pub async fn restart(self, change: impl FnOnce(&mut Config)) -> Self {
        assert!(self.server.stop().await);
        Self::start_in(self.folder, self.database, change).await
    }

    /// Stops the server; its data.
    pub async fn stop(self) -> TempDir {
        assert!(self.server.stop().await);
        self.folder
    }

    /// A server on data that another one left.
    pub async fn start_again(folder: TempDir) -> Self {
        Self::start_in(folder, None, |_| ()).await
    }

    /// Another server on the same database, with the same time.
    pub async fn sibling(&self) -> Self {
        assert!(self.database.is_some(), "SQLite is one server's");
        let clock = self.clock.clone();
        let same_time = |config: &mut Config| config.clock = Clock::new(move || clock.load(Ordering::SeqCst));
        Self::start_in(tempfile::tempdir().unwrap(), self.database.clone(), same_time).await
    }

    pub fn pass(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::SeqCst);
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn object_file(&self, account: &Account, path: &str) -> PathBuf {
        self.data().join("objects").join(&account.vault).join(path)
    }

    /// How many objects are half-way in.
    pub fn incoming(&self) -> usize {
        fs::read_dir(self.data().join("incoming")).unwrap().count()
    }
}

impl Deref for Rig {
    type Target = At;

    fn deref(&self) -> &At {
        &self.at
    }
}

/// A client of the server at that address.
impl At {
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        send(self.0, method, path, headers, body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub async fn put(&self, url: &str, body: impl Into<Bytes>) -> Answer {
        self.send(Method::PUT, url, &[("content-type", "application/octet-stream")], body).await
    }

    /// `POST /api/v1/<call>`.
    pub async fn call(&self, call: &str, session: Option<&str>, body: &Value) -> Answer {
        let bearer = session.map(|session| format!("Bearer {session}"));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let answer = self.send(Method::POST, &format!("/api/v1/{call}"), &headers, serde_json::to_vec(body).unwrap()).await;
        openapi::check(call, body, &answer);
        answer
    }

    /// One URL of `sign`, which must succeed.
    pub async fn sign(&self, account: &Account, request: Value) -> String {
        let answer = self.call("sign", Some(&account.session), &json!({ "requests": [request] })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["urls"][0]["url"].as_str().unwrap().to_owned()
    }

    pub async fn sign_put(&self, account: &Account, kind: &str, bytes: &[u8]) -> String {
        let name = sha256(bytes);
        self.sign(account, json!({ "method": "PUT", "path": format!("{kind}/{name}"), "length": bytes.len(), "sha256": name })).await
    }

    pub async fn sign_get(&self, account: &Account, path: &str) -> String {
        self.sign(account, json!({ "method": "GET", "path": path })).await
    }

    /// Signs and puts an object; its path.
    pub async fn store(&self, account: &Account, kind: &str, bytes: &[u8]) -> String {
        let url = self.sign_put(account, kind, bytes).await;
        let answer = self.put(&url, bytes.to_vec()).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        format!("{kind}/{}", sha256(bytes))
    }

    /// The upload of one slot's registration.
    pub async fn registration(&self, name: &str, slot: &str, password: &str) -> String {
        self.upload("register/start", None, name, slot, password).await
    }

    /// The upload of a new secret for a slot of that session's vault.
    pub async fn new_upload(&self, session: &str, name: &str, slot: &str, password: &str) -> String {
        self.upload("slot/start", Some(session), name, slot, password).await
    }

    async fn upload(&self, call: &str, session: Option<&str>, name: &str, slot: &str, password: &str) -> String {
        let started = ClientRegistration::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
        let request = encode(&started.message.serialize());
        let mut start = json!({ "slot": slot, "request": request });
        if session.is_none() {
            start["name"] = name.into();
        }
        let answer = self.call(call, session, &start).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let response = RegistrationResponse::deserialize(&answer.bytes("response")).unwrap();
        let identity = identity(slot, name);
        let identifiers = Identifiers { client: Some(&identity), server: Some(b"strongroom") };
        let parameters = ClientRegistrationFinishParameters::new(identifiers, None);
        encode(&started.state.finish(&mut OsRng, password.as_bytes(), response, parameters).unwrap().message.serialize())
    }

    /// Registers a vault whose passphrase and phrase are `passphrase of <name>` and `phrase of <name>`.
    pub async fn register(&self, name: &str) -> Account {
        static VAULTS: AtomicU64 = AtomicU64::new(1);
        let vault = format!("{:032x}", VAULTS.fetch_add(1, Ordering::Relaxed));
        let (slots, body) = self.register_body(name, &vault).await;
        let answer = self.call("register/finish", None, &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        assert_eq!(answer.json()["vault"], vault);
        let session = answer.json()["session"].as_str().unwrap().to_owned();
        Account { name: name.into(), vault, session, slots }
    }

    pub async fn register_body(&self, name: &str, vault: &str) -> ([Vec<u8>; 2], Value) {
        let slots = [slot_object(1, vault), slot_object(2, vault)];
        let passphrase = self.registration(name, "passphrase", &format!("passphrase of {name}")).await;
        let recovery = self.registration(name, "recovery", &format!("phrase of {name}")).await;
        let body = json!({ "name": name, "vault": vault, "slots": [
            { "slot": "passphrase", "upload": passphrase, "object": encode(&slots[0]) },
            { "slot": "recovery", "upload": recovery, "object": encode(&slots[1]) },
        ]});
        (slots, body)
    }

    /// Signs in by passphrase, for that scope: the session.
    pub async fn session(&self, account: &Account, scope: &str) -> String {
        let password = format!("passphrase of {}", account.name);
        let answer = self.login_with(&account.name, "passphrase", &password, &json!({}), &json!({ "scope": scope })).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.json()["scope"], scope);
        answer.json()["session"].as_str().unwrap().to_owned()
    }

    /// Signs in as a client would. `None` when the client finds that the secret is wrong before it could finish.
    pub async fn login(&self, name: &str, slot: &str, password: &str) -> Option<Answer> {
        self.login_with(name, slot, password, &json!({}), &json!({})).await
    }

    /// With more fields in the two messages.
    pub async fn login_with(&self, name: &str, slot: &str, password: &str, start: &Value, finish: &Value) -> Option<Answer> {
        let (answer, finished) = self.exchange(name, slot, password, start).await;
        let finish = with(json!({ "login": answer.json()["login"], "finalization": encode(&finished?.0) }), finish);
        Some(self.call("login/finish", None, &finish).await)
    }

    /// A login that is started and abandoned: what the server answered.
    pub async fn try_login(&self, name: &str, slot: &str) -> Answer {
        let request = ClientLogin::<Suite>::start(&mut OsRng, b"guess").unwrap().message.serialize();
        self.call("login/start", None, &json!({ "name": name, "slot": slot, "request": encode(&request) })).await
    }

    /// The first half of a sign-in: the login's id, and the finalization if the secret is right.
    pub async fn login_start(&self, name: &str, slot: &str, password: &str) -> (String, Option<String>) {
        let (answer, finished) = self.exchange(name, slot, password, &json!({})).await;
        (answer.json()["login"].as_str().unwrap().to_owned(), finished.map(|(finalization, _)| encode(&finalization)))
    }

    /// The server's answer to the first message; the finalization and the session key if the secret is right.
    pub async fn exchange(&self, name: &str, slot: &str, password: &str, more: &Value) -> (Answer, Option<(Vec<u8>, Vec<u8>)>) {
        let started = ClientLogin::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
        let request = encode(&started.message.serialize());
        let start = with(json!({ "name": name, "slot": slot, "request": request }), more);
        let answer = self.call("login/start", None, &start).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let response = CredentialResponse::deserialize(&answer.bytes("response")).unwrap();
        let identity = identity(slot, name);
        let identifiers = Identifiers { client: Some(&identity), server: Some(b"strongroom") };
        let parameters = ClientLoginFinishParameters::new(Some(CONTEXT), identifiers, None);
        let finished = started.state.finish(&mut OsRng, password.as_bytes(), response, parameters);
        (answer, finished.ok().map(|finished| (finished.message.serialize().to_vec(), finished.session_key.to_vec())))
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// A field of base64url.
    pub fn bytes(&self, field: &str) -> Vec<u8> {
        BASE64_URL_SAFE_NO_PAD.decode(self.json()[field].as_str().unwrap()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts that a login was begun.
    #[track_caller]
    pub fn is_answered(&self) {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert!(self.json()["login"].is_string(), "{self:?}");
    }

    /// Asserts a refusal: the status, the code, and that there is a sentence and nothing else.
    #[track_caller]
    pub fn is_refusal(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        let body = self.json();
        assert_eq!(body["code"], code);
        assert!(body["message"].as_str().is_some_and(|message| message.ends_with('.')), "{body}");
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    }
}

/// One request, on a connection of its own.
pub async fn send(address: SocketAddr, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    Line::to(address).await.send(method, path, headers, body).await
}

/// A connection, for one request after the other.
pub struct Line {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
    connection: JoinHandle<hyper::Result<()>>,
}

impl Line {
    pub async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        Self { address, sender, connection: tokio::spawn(connection) }
    }

    pub async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", self.address.to_string());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.ready().await.unwrap();
        let response = self.sender.send_request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = Body::new(body).collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// Waits for something that must come to pass.
pub async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !done().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// The fields of both objects.
pub fn with(mut object: Value, more: &Value) -> Value {
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    object
}

pub fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Bytes that look like an object: `length` of them, different for every seed, every 4 KiB different.
pub fn object(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let step = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    let block: Vec<u8> = std::iter::repeat_with(step).take(4096.min(length)).collect();
    let mut bytes = block.repeat(length.div_ceil(4096));
    bytes.truncate(length);
    for (number, block) in bytes.chunks_exact_mut(4096).enumerate() {
        block[..8].copy_from_slice(&(number as u64).to_le_bytes());
    }
    bytes
}

/// A slot object (FORMAT.md §6) whose sealed part nobody can open.
pub fn slot_object(kind: u8, vault: &str) -> Vec<u8> {
    sealed_slot(kind, &format!("{kind:032x}"), vault)
}

/// The same of a passkey, by the id of its slot.
pub fn passkey_object(id: &str, vault: &str) -> Vec<u8> {
    sealed_slot(3, id, vault)
}

fn sealed_slot(kind: u8, id: &str, vault: &str) -> Vec<u8> {
    let mut bytes = Vec::from(*b"SRSL");
    bytes.extend([1, kind, if kind == 1 { 2 } else { 0 }, 0]);
    bytes.extend(hex::decode(id).unwrap());
    bytes.extend(hex::decode(vault).unwrap());
    bytes.extend(object(kind.into(), 4096 - bytes.len()));
    bytes
}

pub fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn identity(slot: &str, name: &str) -> Vec<u8> {
    match slot {
        "passphrase" => [&[1], name.as_bytes()].concat(),
        "recovery" => [&[2], name.as_bytes()].concat(),
        id => [&[3], &hex::decode(id).unwrap()[..], name.as_bytes()].concat(),
    }
}
