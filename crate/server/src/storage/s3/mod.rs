//! Objects in a bucket that speaks S3: browsers reach it by presigned URLs, the broker itself only for slots, lists and
//! the probe at its start.

mod http;
mod sign;

use std::{collections::BTreeMap, time::Duration};

use sha2::{Digest, Sha256};
use strongroom_bucket::{Answer, Holder, Place, Request, Wire, list_query, parse_list};
pub use strongroom_bucket::{Config as S3Config, Level, Probe};

use self::http::{Client, Wired, into_error};
use super::Listed;
use crate::{
    clock::{Clock, Millis},
    error::{Error, Result},
    name::{Kind, Object, VaultId},
};

pub struct S3 {
    place: Place,
    client: Client,
    clock: Clock,
    probe: Probe,
}

/// A URL for a client, and the headers to send with it.
type Address = (String, BTreeMap<&'static str, String>);

impl S3 {
    /// Connects, and finds out what the bucket really does.
    ///
    /// # Errors
    /// A sentence: the bucket cannot be used at all.
    pub async fn open(config: S3Config, clock: Clock) -> Result<Self, String> {
        let place = Place::new(config)?;
        let client = Client::new();
        let probe = strongroom_bucket::probe(&Wired { place: &place, client: &client, clock: &clock }, &place, Holder::Urls).await?;
        Ok(Self { place, client, clock, probe })
    }

    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    fn key(&self, object: &Object) -> String {
        self.place.key(&format!("{}/{object}", object.vault.as_str()))
    }

    /// For a client: bound to length, bytes and absence as far as the probe found the bucket to enforce it.
    pub fn sign_put(&self, object: &Object, length: u64, sha256: &str, now: Millis, lifetime: Duration) -> Address {
        let headers = self.probe.binding.headers(length, &sha256_of_hex(sha256));
        let key = self.key(object);
        let url = sign::presign(&self.place, &Request { method: "PUT", key: &key, query: vec![], headers: headers.clone() }, now, lifetime);
        // Browsers set the length by themselves and let nobody else.
        let sent = headers.into_iter().filter(|(name, _)| *name != "content-length").collect();
        (url, sent)
    }

    pub fn sign_get(&self, object: &Object, now: Millis, lifetime: Duration) -> Address {
        let key = self.key(object);
        let url = sign::presign(&self.place, &Request { method: "GET", key: &key, query: vec![], headers: vec![] }, now, lifetime);
        (url, BTreeMap::new())
    }

    /// `put`: creates an object, or puts a slot in place of another.
    pub async fn put(&self, object: &Object, bytes: &[u8]) -> Result<()> {
        let mut binding = self.probe.binding;
        binding.absence &= object.kind.is_content_named();
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        if object.kind.is_content_named() && hash != sha256_of_hex(object.name()) {
            return Err(Error::Damaged("its bytes are not what its name says"));
        }
        let headers = binding.headers(bytes.len() as u64, &hash);
        let request = Request { method: "PUT", key: &self.key(object), query: vec![], headers };
        match self.send(&request, bytes.to_vec()).await? {
            // Its name says what it is.
            answer if answer.is_success() || answer.status == 412 => Ok(()),
            answer => Err(into_error(&answer)),
        }
    }

    /// `get`: the object, or bytes `first..=last` of it.
    pub async fn get(&self, object: &Object, range: Option<(u64, u64)>) -> Result<Vec<u8>> {
        let headers = range.map(|(first, last)| ("range", format!("bytes={first}-{last}"))).into_iter().collect();
        let request = Request { method: "GET", key: &self.key(object), query: vec![], headers };
        match self.send(&request, Vec::new()).await? {
            answer if answer.status == 200 || answer.status == 206 => Ok(answer.body),
            answer if answer.status == 416 => Err(Error::Range { length: 0 }),
            answer => Err(into_error(&answer)),
        }
    }

    /// `stat`: an object's length, if it is there.
    pub async fn stat(&self, object: &Object) -> Result<Option<u64>> {
        let request = Request { method: "HEAD", key: &self.key(object), query: vec![], headers: vec![] };
        match self.send(&request, Vec::new()).await? {
            answer if answer.is_success() => Ok(answer.header("content-length").and_then(|length| length.parse().ok())),
            answer if answer.status == 404 => Ok(None),
            answer => Err(into_error(&answer)),
        }
    }

    /// `delete`: the broker's alone, never by a presigned URL.
    pub async fn delete(&self, object: &Object) -> Result<()> {
        let request = Request { method: "DELETE", key: &self.key(object), query: vec![], headers: vec![] };
        match self.send(&request, Vec::new()).await? {
            answer if answer.is_success() || answer.status == 404 => Ok(()),
            answer => Err(into_error(&answer)),
        }
    }

    /// `list`: up to `most` objects of one kind, by name, and whether there are more.
    pub async fn list(&self, vault: &VaultId, kind: Kind, after: Option<&str>, most: usize) -> Result<(Vec<Listed>, bool)> {
        let prefix = self.place.key(&format!("{}/{}/", vault.as_str(), kind.as_str()));
        let mut after = after.map(str::to_owned);
        let mut listed = Vec::new();
        loop {
            let (page, more) = self.list_page(&prefix, after.as_deref(), most - listed.len()).await?;
            after = page.last().map(|one| one.name.clone()).or(after);
            let empty = page.is_empty();
            listed.extend(page.into_iter().filter(|one| kind.takes(&one.name)));
            if !more || empty {
                return Ok((listed, false));
            }
            if listed.len() >= most {
                return Ok((listed, true));
            }
        }
    }

    /// Whether the bucket answers.
    pub async fn ping(&self) -> Result<()> {
        self.list_page(&self.place.key("probe/"), None, 1).await.map(|_| ())
    }

    async fn list_page(&self, prefix: &str, after: Option<&str>, most: usize) -> Result<(Vec<Listed>, bool)> {
        let request = Request { method: "GET", key: "", query: list_query(prefix, after, most), headers: vec![] };
        let answer = self.send(&request, Vec::new()).await?;
        if !answer.is_success() {
            return Err(into_error(&answer));
        }
        let (page, more) = parse_list(&answer.body, prefix).ok_or_else(|| Error::Unavailable("the storage's list is none".into()))?;
        Ok((page.into_iter().map(|one| Listed { name: one.name, length: one.length }).collect(), more))
    }

    async fn send(&self, request: &Request<'_>, body: Vec<u8>) -> Result<Answer> {
        let url = Wired { place: &self.place, client: &self.client, clock: &self.clock }.presign(request);
        self.client.send(request.method, &url, &request.headers, body).await
    }
}

fn sha256_of_hex(name: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hex::decode_to_slice(name, &mut hash).expect("an object's name was checked");
    hash
}
