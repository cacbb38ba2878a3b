//! Many vaults back up at once: two hundred clients in one thread, one server in a process of its own.
//!
//! A client signs in by OPAQUE, lists, asks for grants and puts packs, then an index, then a snapshot, each after the one before,
//! as a browser does, over an uplink of its own. What it sends has the form of sealed objects, the same for all, made beforehand:
//! stretching and sealing are the clients' own work, and this machine's processors are the server's.
#![cfg(target_os = "linux")]

mod common;

use std::{
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use common::{Account, At, Line, object, program::Program, sha256};
use hyper::{Method, StatusCode, body::Bytes};
use serde_json::{Value, json};
use tokio::{
    runtime::Handle,
    sync::{Barrier, Semaphore},
    task::{JoinSet, spawn_blocking},
};

const VAULTS: usize = 200;
/// The server may not take more than this, whatever comes: bytes.
const MEMORY: u64 = 256 << 20;
/// Half of what one address may have unfinished (API.md): to the server all of these come from one.
const SIGNING_IN: usize = 50;
/// What a vault's uplink carries, bytes a second: 2 Mbit/s, all of them together 400.
const UPLINK: usize = 250_000;
/// Packs of a backup, in the order they are stored.
const PACKS: [usize; 8] = [256 << 10, 64 << 10, 512 << 10, 128 << 10, 32 << 10, 8 << 10, 16 << 10, 4 << 10];

const INDEX: usize = 8 << 10;
const SNAPSHOT: usize = 4 << 10;

/// Its name and its bytes.
type Object = (String, Bytes);

/// What every vault stores.
#[derive(Clone)]
struct Objects {
    packs: Vec<Object>,
    index: Object,
    snapshot: Object,
}

/// One vault's connection to the server, and how long its grants took.
struct Client {
    at: At,
    line: Line,
    session: String,
    grants: Vec<Duration>,
}

#[tokio::test]
async fn two_hundred_vaults_back_up_at_once_without_an_error_and_in_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder.path().join("data"), &["--vault-quota", "4000000"]);
    let mut registering = JoinSet::new();
    for number in 0..VAULTS {
        let at = At(program.address);
        registering.spawn(async move { at.register(&format!("vault-{number}")).await });
    }
    let accounts = registering.join_all().await;

    let named = |length: usize| {
        let bytes = object(length as u64, length);
        (sha256(&bytes), Bytes::from(bytes))
    };
    let objects = Objects { packs: PACKS.map(named).to_vec(), index: named(INDEX), snapshot: named(SNAPSHOT) };
    let (start, signing_in) = (Arc::new(Barrier::new(VAULTS + 1)), Arc::new(Semaphore::new(SIGNING_IN)));
    let mut vaults = JoinSet::new();
    let before = program.cpu_seconds();
    for account in accounts {
        let (at, start, signing_in) = (At(program.address), Arc::clone(&start), Arc::clone(&signing_in));
        // Each in an order of its own: no two people's files are of the same sizes.
        let mut objects = objects.clone();
        objects.packs.rotate_left(vaults.len() % PACKS.len());
        vaults.spawn(async move {
            start.wait().await;
            let session = {
                let _turn = signing_in.acquire().await.unwrap();
                // Its part of OPAQUE is computed elsewhere: this thread is to see the others' grants as they come.
                let (account, at, here) = (account.clone(), At(at.0), Handle::current());
                spawn_blocking(move || here.block_on(async { at.session(&account, "append").await })).await.unwrap()
            };
            let mut client = Client { line: Line::to(at.0).await, at, session, grants: Vec::new() };
            client.back_up(&objects).await;
            client.check(&account, &objects).await;
            client.grants
        });
    }
    start.wait().await;
    let began = Instant::now();
    let mut grants: Vec<Duration> = vaults.join_all().await.into_iter().flatten().collect();
    let took = began.elapsed();
    let memory = program.peak_memory();
    grants.sort_unstable();
    let percentile = |percent: usize| grants[grants.len() * percent / 100];
    println!(
        "{VAULTS} vaults at once: {} grants in {:.1} s; half within {:.1} ms, 99 % within {:.1} ms, all within {:.1} ms; the server took {:.1} s of the processor and {} MB",
        grants.len(),
        took.as_secs_f64(),
        milliseconds(percentile(50)),
        milliseconds(percentile(99)),
        milliseconds(grants[grants.len() - 1]),
        program.cpu_seconds() - before,
        memory / 1_000_000,
    );
    assert!(memory < MEMORY, "the server took {memory} bytes");
    // Only a machine with nothing else to do can tell: `cargo xtask bench server`.
    if let Ok(bound) = env::var("STRONGROOM_GRANT_MS") {
        let bound = Duration::from_millis(bound.parse().unwrap());
        assert!(percentile(99) < bound, "99 % of the grants took up to {:?}, {bound:?} is allowed", percentile(99));
    }
    program.signal("TERM");
    let (code, log) = program.end();
    // Where the machine is slow it may warn that callers wait.
    assert!(code == Some(0) && !log.contains("ERROR"), "{code:?}: {log}");
}

#[tokio::test]
async fn grants_one_after_the_other_on_eight_connections() {
    const CLIENTS: u64 = 8;
    let each: u64 = env::var("STRONGROOM_GRANTS").map_or(50, |grants| grants.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder.path().join("data"), &[]);
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let at = At(program.address);
        let account = at.register(&format!("vault-{number}")).await;
        clients.push(Client { line: Line::to(at.0).await, at, session: account.session, grants: Vec::new() });
    }
    let began = Instant::now();
    let mut signing = JoinSet::new();
    for mut client in clients {
        signing.spawn(async move {
            for number in 0..each {
                let name = sha256(&number.to_le_bytes());
                let ask = json!({ "method": "PUT", "path": format!("pack/{name}"), "length": 4096, "sha256": name });
                assert_eq!(client.sign(&[ask]).await.len(), 1);
            }
            client.grants
        });
    }
    let mut grants: Vec<Duration> = signing.join_all().await.into_iter().flatten().collect();
    let rate = grants.len() as f64 / began.elapsed().as_secs_f64();
    grants.sort_unstable();
    println!("{rate:.0} requests signed a second; 99 % within {:.1} ms", milliseconds(grants[grants.len() * 99 / 100]));
    assert_eq!(grants.len() as u64, CLIENTS * each);
}

impl Client {
    async fn back_up(&mut self, objects: &Objects) {
        for kind in ["index", "snap"] {
            assert_eq!(self.list(kind).await, Vec::<Value>::new());
        }
        for packs in objects.packs.chunks(4) {
            self.store("pack", packs).await;
        }
        self.store("index", std::slice::from_ref(&objects.index)).await;
        self.call("session/renew", &json!({})).await;
        self.store("snap", std::slice::from_ref(&objects.snapshot)).await;
    }

    /// Everything is there, counted, and comes back as it went.
    async fn check(&mut self, account: &Account, objects: &Objects) {
        for (kind, count) in [("pack", PACKS.len()), ("index", 1), ("snap", 1), ("slot", 2)] {
            assert_eq!(self.list(kind).await.len(), count, "{kind}");
        }
        let sent = PACKS.iter().sum::<usize>() + INDEX + SNAPSHOT + account.slots.iter().map(Vec::len).sum::<usize>();
        assert_eq!(self.call("usage", &json!({})).await, json!({ "stored": sent, "reserved": 0, "quota": 4_000_000 }));
        let (name, bytes) = objects.packs.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
        let url = &self.sign(&[json!({ "method": "GET", "path": format!("pack/{name}") })]).await[0];
        let answer = self.line.send(Method::GET, url, &[("range", "bytes=4096-8191")], "").await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT);
        assert!(answer.body == bytes[4096..8192]);
    }

    /// Stores objects: one grant, two uploads at a time.
    async fn store(&mut self, kind: &str, objects: &[Object]) {
        let ask =
            |(name, bytes): &Object| json!({ "method": "PUT", "path": format!("{kind}/{name}"), "length": bytes.len(), "sha256": name });
        let requests: Vec<Value> = objects.iter().map(ask).collect();
        let urls = self.sign(&requests).await;
        let uploads: Vec<(&String, &Bytes)> = urls.iter().zip(objects.iter().map(|(_, bytes)| bytes)).collect();
        for uploads in uploads.chunks(2) {
            let (url, bytes) = uploads[0];
            let here = self.line.send(Method::PUT, url, &[], bytes.clone());
            let beside = async {
                let Some((url, bytes)) = uploads.get(1) else { return };
                let (answer, ()) = tokio::join!(self.at.put(url, (*bytes).clone()), carried(bytes));
                assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            };
            let (answer, (), ()) = tokio::join!(here, carried(bytes), beside);
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        }
    }

    async fn sign(&mut self, requests: &[Value]) -> Vec<String> {
        let began = Instant::now();
        let answer = self.call("sign", &json!({ "requests": requests })).await;
        self.grants.push(began.elapsed());
        answer["urls"].as_array().unwrap().iter().map(|url| url["url"].as_str().unwrap().to_owned()).collect()
    }

    async fn list(&mut self, kind: &str) -> Vec<Value> {
        self.call("list", &json!({ "kind": kind })).await["objects"].as_array().unwrap().clone()
    }

    async fn call(&mut self, call: &str, body: &Value) -> Value {
        let bearer = format!("Bearer {}", self.session);
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let answer = self.line.send(Method::POST, &format!("/api/v1/{call}"), &headers, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{call}: {answer:?}");
        answer.json()
    }
}

/// As long as the uplink takes for these bytes.
async fn carried(bytes: &Bytes) {
    tokio::time::sleep(Duration::from_secs_f64(bytes.len() as f64 / UPLINK as f64)).await;
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
