//! What a bucket really does, found out by doing it: a storage is believed only as far as it was seen to refuse.

use std::time::Duration;

use futures_util::future::join_all;
use sha2::{Digest, Sha256};

use super::{
    Binding, Client, Place, list_page, send,
    sign::{Request, presign},
};
use crate::{clock::Clock, error::Result, secret::random_id};

/// What is promised of stored objects against one who has a session, never more than was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Changes are found when reading, nothing more.
    TamperEvident,
    /// One of the two: other bytes than signed are refused, or what is there cannot be overwritten.
    AppendOnly,
    /// Other bytes than signed are refused, and what is there cannot be overwritten.
    Immutable,
}

#[derive(Clone, Debug)]
pub struct Probe {
    pub level: Level,
    pub binding: Binding,
    /// What is missing, a sentence each.
    pub findings: Vec<String>,
}

const RIGHT: &[u8; 4096] = &[1; 4096];
const WRONG: &[u8; 4096] = &[2; 4096];
/// Writers of one name at a time.
const RACERS: usize = 64;
const LIFETIME: Duration = Duration::from_secs(300);

struct Bench<'a> {
    place: &'a Place,
    client: &'a Client,
    clock: &'a Clock,
    folder: String,
}

/// # Errors
/// A sentence: the bucket cannot be used at all.
pub async fn run(place: &Place, client: &Client, clock: &Clock) -> Result<Probe, String> {
    let bench = Bench { place, client, clock, folder: format!("{}probe/{}/", place.prefix, hex::encode(random_id())) };
    let probe = bench.all().await;
    bench.clean_up().await;
    probe
}

impl Bench<'_> {
    async fn all(&self) -> Result<Probe, String> {
        let mut findings = Vec::new();
        let refused = |status: u16| (400..500).contains(&status);
        let plain = Binding::default();
        let first = self.put("plain", plain, RIGHT, RIGHT).await?;
        if !(200..300).contains(&first) {
            return Err(format!("it does not take an object (status {first}): check its name, region, keys and clock"));
        }
        if self.range("plain").await? != RIGHT[..3] {
            return Err("it does not give a range of an object".into());
        }
        self.pages().await?;

        // Each binding: the right body goes in, another one does not, and leaves nothing behind.
        let mut binding = Binding::default();
        for (name, only) in [("checksum", Binding { checksum: true, ..plain }), ("content", Binding { content: true, ..plain })] {
            let right = self.put(&format!("{name}-right"), only, RIGHT, RIGHT).await?;
            let wrong = self.put(&format!("{name}-wrong"), only, RIGHT, WRONG).await?;
            let enforced = (200..300).contains(&right) && refused(wrong) && !self.exists(&format!("{name}-wrong")).await?;
            if name == "checksum" { binding.checksum = enforced } else { binding.content = enforced }
        }
        if !binding.checksum && !binding.content {
            findings.push("It takes other bytes than an address is signed for.".to_owned());
        }
        let short = self.put("length", plain, RIGHT, &RIGHT[..2048]).await?;
        if !refused(short) || self.exists("length").await? {
            findings.push("It takes another length than an address is signed for.".to_owned());
        }

        // If-None-Match: again, with other bytes, is refused; and of many at once one wins.
        let absent = Binding { absence: true, ..binding };
        let once = self.put("once", absent, RIGHT, RIGHT).await?;
        let again = self.put("once", absent, WRONG, WRONG).await?;
        let kept = (200..300).contains(&once) && refused(again) && self.range("once").await? == RIGHT[..3];
        binding.absence = kept && self.race(absent).await?;
        if !binding.absence {
            findings.push("It lets an object be overwritten.".to_owned());
        }
        let bound = binding.checksum || binding.content;
        let level = match (bound, binding.absence) {
            (true, true) => Level::Immutable,
            (false, false) => Level::TamperEvident,
            _ => Level::AppendOnly,
        };
        Ok(Probe { level, binding, findings })
    }

    /// Signed for `signed`, sent with `sent`: the status.
    async fn put(&self, name: &str, binding: Binding, signed: &[u8], sent: &[u8]) -> Result<u16, String> {
        let headers = binding.headers(signed.len() as u64, &Sha256::digest(signed).into());
        let key = self.key(name);
        let url =
            presign(self.place, &Request { method: "PUT", key: &key, query: vec![], headers: headers.clone() }, self.clock.now(), LIFETIME);
        // As a browser does: the length is that of the body.
        let sent_headers: Vec<_> = headers.into_iter().filter(|(name, _)| *name != "content-length").collect();
        Ok(self.client.send("PUT", &url, &sent_headers, sent.to_vec()).await.map_err(sentence)?.status)
    }

    async fn race(&self, binding: Binding) -> Result<bool, String> {
        let bodies: Vec<Vec<u8>> = (0..RACERS).map(|racer| vec![racer as u8; 4096]).collect();
        let puts = bodies.iter().map(|body| self.put("race", binding, body, body));
        let statuses = join_all(puts).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(statuses.iter().filter(|status| (200..300).contains(*status)).count() == 1)
    }

    /// The first three bytes.
    async fn range(&self, name: &str) -> Result<Vec<u8>, String> {
        let headers = vec![("range", "bytes=0-2".to_owned())];
        Ok(self.send(&Request { method: "GET", key: &self.key(name), query: vec![], headers }).await?.body)
    }

    async fn exists(&self, name: &str) -> Result<bool, String> {
        Ok(self.send(&Request { method: "HEAD", key: &self.key(name), query: vec![], headers: vec![] }).await?.is_success())
    }

    async fn pages(&self) -> Result<(), String> {
        for name in ["page-1", "page-2", "page-3"] {
            self.put(name, Binding::default(), RIGHT, RIGHT).await?;
        }
        let prefix = format!("{}page-", self.folder);
        let (mut names, mut after): (Vec<String>, Option<String>) = (Vec::new(), None);
        for _ in 0..4 {
            let (page, more) =
                list_page(self.place, self.client, self.clock.now(), &prefix, after.as_deref(), 1).await.map_err(sentence)?;
            names.extend(page.into_iter().map(|one| one.name));
            after = names.last().cloned();
            if !more {
                break;
            }
        }
        if names == ["1", "2", "3"] { Ok(()) } else { Err(format!("its list gives {names:?} instead of three objects in order")) }
    }

    async fn clean_up(&self) {
        // What stays behind is small, and under a name of its own.
        let names = [
            "plain",
            "checksum-right",
            "checksum-wrong",
            "content-right",
            "content-wrong",
            "length",
            "once",
            "race",
            "page-1",
            "page-2",
            "page-3",
        ];
        for name in names {
            let _ = self.send(&Request { method: "DELETE", key: &self.key(name), query: vec![], headers: vec![] }).await;
        }
    }

    async fn send(&self, request: &Request<'_>) -> Result<super::Answer, String> {
        send(self.place, self.client, self.clock.now(), request, Vec::new()).await.map_err(sentence)
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.folder)
    }
}

fn sentence(error: crate::error::Error) -> String {
    error.into_cause().to_string()
}
