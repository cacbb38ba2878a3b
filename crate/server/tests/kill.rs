//! The server's program is killed, again and again, while objects come in. What it accepted is there, whole; what it did
//! not accept is there whole or not at all; and its sums are right.
//!
//! A kill ends the program alone: what the system has not written to the disk yet survives it, as it would not survive a
//! power cut.
#![cfg(unix)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    env, fs,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use common::{Account, At, object, program::Program, sha256};
use hyper::StatusCode;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
    task::JoinSet,
};

/// Uploads at a time.
const AT_ONCE: usize = 8;
/// Objects under way in each life of the server.
const OBJECTS: usize = 24;
/// Bytes sent before a client looks again whether the moment has come.
const PIECE: usize = 16 << 10;

/// An object that a client wants stored. Its bytes are made anew when they are needed.
#[derive(Clone, Copy)]
struct Wanted {
    seed: u64,
    kind: &'static str,
    length: usize,
}

impl Wanted {
    fn bytes(self) -> Vec<u8> {
        object(self.seed, self.length)
    }
}

/// When the server is killed: after so many bytes were sent, or so many objects accepted.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Sent(u64),
    Accepted(u64),
}

/// What clients have sent and were told, and whether the moment has come.
struct Storm {
    moment: Moment,
    sent: AtomicU64,
    accepted: Mutex<BTreeSet<String>>,
    come: Notify,
}

#[tokio::test]
async fn a_server_that_is_killed_during_uploads_loses_nothing_it_accepted_and_shows_nothing_partial() {
    // `cargo xtask soak` asks for more.
    let kills: u64 = env::var("STRONGROOM_KILLS").map_or(20, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut random = Random(1);
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    let mut accepted: BTreeSet<String> = BTreeSet::new();
    let (mut cut_off, mut unseen) = (0, 0);

    let mut program = Program::start(&data, &[]);
    let mut account = At(program.address).register("my-vault-1").await;
    for kill in 0..kills {
        let waiting = wanted.keys().filter(|path| !accepted.contains(*path)).count();
        for number in waiting..OBJECTS {
            let one = random.wanted(kill * 1000 + number as u64);
            wanted.insert(format!("{}/{}", one.kind, sha256(&one.bytes())), one);
        }
        let under_way: BTreeMap<_, _> = wanted.iter().filter(|(path, _)| !accepted.contains(*path)).map(|(p, w)| (p.clone(), *w)).collect();
        let urls = grants(&At(program.address), &account, &under_way).await;
        let moment = random.moment(&under_way);
        let new = storm(program, urls, moment).await;
        cut_off += half_done(&data);
        accepted.extend(new);

        program = Program::start(&data, &[]);
        assert_eq!(half_done(&data), 0, "what was half done is swept away");
        let at = At(program.address);
        account.session = at.session(&account, "append").await;
        unseen += check(&at, &account, &wanted, &accepted, under_way.keys()).await;
    }
    assert!(cut_off > 0, "no kill came while an object was half-way in");
    println!("{kills} kills: {} objects accepted, {cut_off} cut off half-way, {unseen} stored without an answer", accepted.len());

    // Everything goes in in the end, and nothing is left reserved.
    let at = At(program.address);
    let left: BTreeMap<_, _> = wanted.iter().filter(|(path, _)| !accepted.contains(*path)).map(|(p, w)| (p.clone(), *w)).collect();
    for (url, one) in grants(&at, &account, &left).await {
        assert_eq!(at.put(&url, one.bytes()).await.status, StatusCode::OK);
    }
    accepted.extend(left.into_keys());
    check(&at, &account, &wanted, &accepted, wanted.keys()).await;
    assert_eq!(at.call("usage", Some(&account.session), &json!({})).await.json()["reserved"], 0);
    program.signal("TERM");
    assert_eq!(program.end().0, Some(0));
}

/// Presigned URLs for these objects.
async fn grants(at: &At, account: &Account, wanted: &BTreeMap<String, Wanted>) -> VecDeque<(String, Wanted)> {
    let ask = |(path, one): (&String, &Wanted)| {
        let name = path.split_once('/').unwrap().1;
        json!({ "method": "PUT", "path": path, "length": one.length, "sha256": name })
    };
    let requests: Vec<Value> = wanted.iter().map(ask).collect();
    let answer = at.call("sign", Some(&account.session), &json!({ "requests": requests })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let answer = answer.json();
    let url = |url: &Value| url["url"].as_str().unwrap().to_owned();
    answer["urls"].as_array().unwrap().iter().map(url).zip(wanted.values().copied()).collect()
}

/// Sends these objects, several at a time, and kills the server at that moment; the paths of what it accepted.
async fn storm(program: Program, urls: VecDeque<(String, Wanted)>, moment: Moment) -> BTreeSet<String> {
    let storm = Arc::new(Storm { moment, sent: AtomicU64::new(0), accepted: Mutex::default(), come: Notify::new() });
    let queue = Arc::new(Mutex::new(urls));
    let mut clients = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (address, storm, queue) = (program.address, Arc::clone(&storm), Arc::clone(&queue));
        clients.spawn(async move {
            // A client whose server is gone has nothing more to do.
            while let Some(next) = { queue.lock().unwrap().pop_front() }
                && storm.put(address, &next.0, next.1).await.is_some()
            {}
        });
    }
    storm.come.notified().await;
    program.kill();
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let accepted = storm.accepted.lock().unwrap();
    accepted.clone()
}

impl Storm {
    /// `None` when the server went away.
    async fn put(&self, address: SocketAddr, url: &str, one: Wanted) -> Option<()> {
        let bytes = one.bytes();
        let mut put = TcpStream::connect(address).await.ok()?;
        let head = format!("PUT {url} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", bytes.len());
        put.write_all(head.as_bytes()).await.ok()?;
        for piece in bytes.chunks(PIECE) {
            put.write_all(piece).await.ok()?;
            let sent = self.sent.fetch_add(piece.len() as u64, Ordering::Relaxed) + piece.len() as u64;
            if matches!(self.moment, Moment::Sent(moment) if sent >= moment) {
                self.come.notify_one();
            }
        }
        let mut status = [0; 13];
        put.read_exact(&mut status).await.ok()?;
        assert_eq!(&status, b"HTTP/1.1 200 ", "{}", String::from_utf8_lossy(&status));
        let accepted = {
            let mut accepted = self.accepted.lock().unwrap();
            accepted.insert(format!("{}/{}", one.kind, sha256(&bytes)));
            accepted.len() as u64
        };
        if matches!(self.moment, Moment::Accepted(moment) if accepted >= moment) {
            self.come.notify_one();
        }
        Some(())
    }
}

/// Holds what the server shows against what it was sent, reading those of `look_at` byte by byte. How many it has stored without
/// having said so.
async fn check(
    at: &At,
    account: &Account,
    wanted: &BTreeMap<String, Wanted>,
    accepted: &BTreeSet<String>,
    look_at: impl Iterator<Item = &String>,
) -> usize {
    let session = Some(account.session.as_str());
    let (mut listed, mut stored) = (BTreeSet::new(), 0);
    for kind in ["pack", "index", "snap", "slot"] {
        let answer = at.call("list", session, &json!({ "kind": kind })).await.json();
        assert_eq!(answer["more"], false);
        for one in answer["objects"].as_array().unwrap() {
            let (path, length) = (format!("{kind}/{}", one["name"].as_str().unwrap()), one["length"].as_u64().unwrap());
            stored += length;
            if kind != "slot" {
                assert_eq!(length, wanted[&path].length as u64, "{path} is listed with another length");
                listed.insert(path);
            }
        }
    }
    assert!(accepted.is_subset(&listed), "accepted, and not there: {:?}", accepted.difference(&listed));
    for path in look_at.filter(|path| listed.contains(*path)) {
        let url = at.sign_get(account, path).await;
        assert!(at.get(&url).await.body == wanted[path].bytes(), "{path} is not what was sent");
    }
    let reserved: usize = wanted.iter().filter(|(path, _)| !listed.contains(*path)).map(|(_, one)| one.length).sum();
    let usage = at.call("usage", session, &json!({})).await.json();
    assert_eq!((usage["stored"].as_u64(), usage["reserved"].as_u64()), (Some(stored), Some(reserved as u64)), "{usage}");
    listed.difference(accepted).count()
}

/// Objects that a dead server left half-way in.
fn half_done(data: &Path) -> usize {
    fs::read_dir(data.join("incoming")).unwrap().count()
}

/// SplitMix64: the same schedule in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    /// From 4 KiB to 1 MiB, most of them packs.
    fn wanted(&mut self, seed: u64) -> Wanted {
        let kind = ["pack", "pack", "pack", "index", "snap"][self.below(5) as usize];
        Wanted { seed: seed + 1, kind, length: 4096 << self.below(9) }
    }

    fn moment(&mut self, under_way: &BTreeMap<String, Wanted>) -> Moment {
        let bytes: usize = under_way.values().map(|one| one.length).sum();
        match self.below(2) {
            0 => Moment::Sent(1 + self.below(bytes as u64)),
            _ => Moment::Accepted(1 + self.below(under_way.len() as u64)),
        }
    }
}
