//! Objects in a bucket that speaks S3: browsers reach it by presigned URLs, the broker itself only for slots, lists and
//! the probe at its start.

mod http;
mod probe;
mod sign;

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

pub use self::probe::{Level, Probe};
use self::{
    http::{Answer, Client},
    sign::{Request, presign},
};
use super::Listed;
use crate::{
    clock::{Clock, Millis},
    error::{Error, Result},
    name::{Kind, Object, VaultId},
    secret::Hidden,
};

/// Which bucket, and with which keys.
#[derive(Clone)]
pub struct S3Config {
    /// `https://s3.eu-central-1.amazonaws.com`, without bucket and path.
    pub endpoint: String,
    pub bucket: String,
    pub region: String,
    /// In front of every key; empty, or ending in a slash.
    pub prefix: String,
    /// `https://bucket.host/key` instead of `https://host/bucket/key`.
    pub virtual_host: bool,
    pub key_id: String,
    pub secret: String,
}

/// A bucket's address and keys, checked.
#[derive(Clone)]
pub struct Place {
    base: String,
    prefix: String,
    region: String,
    keys: sign::Keys,
}

pub struct S3 {
    place: Place,
    client: Client,
    clock: Clock,
    probe: Probe,
}

/// A URL for a client, and the headers to send with it.
type Address = (String, BTreeMap<&'static str, String>);

/// The broker's own requests are done by then.
const OWN: Duration = Duration::from_secs(60);

impl Place {
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn new(config: S3Config) -> Result<Self, String> {
        let S3Config { endpoint, bucket, region, prefix, virtual_host, key_id, secret } = config;
        let plain = |text: &str, more: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
        let (scheme, host) = endpoint.trim_end_matches('/').split_once("://").ok_or("the endpoint is like https://s3.example.com")?;
        if !matches!(scheme, "http" | "https") || host.is_empty() || !plain(host, "-.:[]") {
            return Err("the endpoint is like https://s3.example.com, without a path".into());
        }
        if bucket.len() < 3 || !plain(&bucket, "-._") {
            return Err("a bucket's name is at least 3 letters, digits, - and .".into());
        }
        if !plain(&prefix, "-._/") || prefix.starts_with('/') || prefix.contains("//") {
            return Err("a prefix is letters, digits, -, ., _ and /, and does not begin with /".into());
        }
        let prefix = if prefix.is_empty() || prefix.ends_with('/') { prefix } else { format!("{prefix}/") };
        let base = if virtual_host { format!("{scheme}://{bucket}.{host}/") } else { format!("{scheme}://{host}/{bucket}") };
        Ok(Self { base, prefix, region, keys: sign::Keys { id: key_id, secret: Hidden::new(secret) } })
    }

    fn address(&self, key: &str) -> String {
        if key.is_empty() { self.base.clone() } else { format!("{}/{key}", self.base.trim_end_matches('/')) }
    }

    fn key(&self, object: &Object) -> String {
        format!("{}{}/{object}", self.prefix, object.vault.as_str())
    }
}

impl S3 {
    /// Connects, and finds out what the bucket really does.
    ///
    /// # Errors
    /// A sentence: the bucket cannot be used at all.
    pub async fn open(config: S3Config, clock: Clock) -> Result<Self, String> {
        let place = Place::new(config)?;
        let client = Client::new();
        let probe = probe::run(&place, &client, &clock).await?;
        Ok(Self { place, client, clock, probe })
    }

    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// For a client: bound to length, bytes and absence as far as the probe found the bucket to enforce it.
    pub fn sign_put(&self, object: &Object, length: u64, sha256: &str, now: Millis, lifetime: Duration) -> Address {
        let headers = self.probe.binding.headers(length, &sha256_of_hex(sha256));
        let key = self.place.key(object);
        let url = presign(&self.place, &Request { method: "PUT", key: &key, query: vec![], headers: headers.clone() }, now, lifetime);
        // Browsers set the length by themselves and let nobody else.
        let sent = headers.into_iter().filter(|(name, _)| *name != "content-length").collect();
        (url, sent)
    }

    pub fn sign_get(&self, object: &Object, now: Millis, lifetime: Duration) -> Address {
        let key = self.place.key(object);
        let url = presign(&self.place, &Request { method: "GET", key: &key, query: vec![], headers: vec![] }, now, lifetime);
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
        let request = Request { method: "PUT", key: &self.place.key(object), query: vec![], headers };
        match self.send(&request, bytes.to_vec()).await? {
            // Its name says what it is.
            answer if answer.is_success() || answer.status == 412 => Ok(()),
            answer => Err(answer.into_error()),
        }
    }

    /// `get`: the object, or bytes `first..=last` of it.
    pub async fn get(&self, object: &Object, range: Option<(u64, u64)>) -> Result<Vec<u8>> {
        let headers = range.map(|(first, last)| ("range", format!("bytes={first}-{last}"))).into_iter().collect();
        let request = Request { method: "GET", key: &self.place.key(object), query: vec![], headers };
        match self.send(&request, Vec::new()).await? {
            answer if answer.status == 200 || answer.status == 206 => Ok(answer.body),
            answer if answer.status == 416 => Err(Error::Range { length: 0 }),
            answer => Err(answer.into_error()),
        }
    }

    /// `stat`: an object's length, if it is there.
    pub async fn stat(&self, object: &Object) -> Result<Option<u64>> {
        let request = Request { method: "HEAD", key: &self.place.key(object), query: vec![], headers: vec![] };
        match self.send(&request, Vec::new()).await? {
            answer if answer.is_success() => Ok(answer.length),
            answer if answer.status == 404 => Ok(None),
            answer => Err(answer.into_error()),
        }
    }

    /// `delete`: the broker's alone, never by a presigned URL.
    pub async fn delete(&self, object: &Object) -> Result<()> {
        let request = Request { method: "DELETE", key: &self.place.key(object), query: vec![], headers: vec![] };
        match self.send(&request, Vec::new()).await? {
            answer if answer.is_success() || answer.status == 404 => Ok(()),
            answer => Err(answer.into_error()),
        }
    }

    /// `list`: up to `most` objects of one kind, by name, and whether there are more.
    pub async fn list(&self, vault: &VaultId, kind: Kind, after: Option<&str>, most: usize) -> Result<(Vec<Listed>, bool)> {
        let prefix = format!("{}{}/{}/", self.place.prefix, vault.as_str(), kind.as_str());
        let mut after = after.map(str::to_owned);
        let mut listed = Vec::new();
        loop {
            let (page, more) =
                list_page(&self.place, &self.client, self.clock.now(), &prefix, after.as_deref(), most - listed.len()).await?;
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
        let prefix = format!("{}probe/", self.place.prefix);
        list_page(&self.place, &self.client, self.clock.now(), &prefix, None, 1).await.map(|_| ())
    }

    async fn send(&self, request: &Request<'_>, body: Vec<u8>) -> Result<Answer> {
        send(&self.place, &self.client, self.clock.now(), request, body).await
    }
}

async fn send(place: &Place, client: &Client, now: Millis, request: &Request<'_>, body: Vec<u8>) -> Result<Answer> {
    client.send(request.method, &presign(place, request, now, OWN), &request.headers, body).await
}

/// One page of ListObjectsV2. `start-after` rather than a token, so that a list can go on at any broker.
async fn list_page(
    place: &Place,
    client: &Client,
    now: Millis,
    prefix: &str,
    after: Option<&str>,
    most: usize,
) -> Result<(Vec<Listed>, bool)> {
    let mut query = vec![("list-type", "2".to_owned()), ("max-keys", most.min(1000).to_string()), ("prefix", prefix.to_owned())];
    query.extend(after.map(|after| ("start-after", format!("{prefix}{after}"))));
    let answer = send(place, client, now, &Request { method: "GET", key: "", query, headers: vec![] }, Vec::new()).await?;
    if !answer.is_success() {
        return Err(answer.into_error());
    }
    parse_list(&answer.body, prefix).ok_or_else(|| Error::Unavailable("the storage's list is none".into()))
}

fn parse_list(xml: &[u8], prefix: &str) -> Option<(Vec<Listed>, bool)> {
    let document = roxmltree::Document::parse(std::str::from_utf8(xml).ok()?).ok()?;
    let root = document.root_element();
    let text = |node: roxmltree::Node<'_, '_>, name: &str| {
        node.children().find(|child| child.tag_name().name() == name).and_then(|child| child.text()).map(str::to_owned)
    };
    let mut listed = Vec::new();
    for node in root.children().filter(|node| node.tag_name().name() == "Contents") {
        let name = text(node, "Key")?.strip_prefix(prefix)?.to_owned();
        listed.push(Listed { name, length: text(node, "Size")?.parse().ok()? });
    }
    Some((listed, text(root, "IsTruncated").is_some_and(|truncated| truncated == "true")))
}

fn sha256_of_hex(name: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hex::decode_to_slice(name, &mut hash).expect("an object's name was checked");
    hash
}

/// Which of its bytes' properties a PUT is bound to, beside the signature of the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// `x-amz-checksum-sha256`
    pub checksum: bool,
    /// `x-amz-content-sha256`
    pub content: bool,
    /// `if-none-match: *`
    pub absence: bool,
}

impl Binding {
    fn headers(self, length: u64, sha256: &[u8; 32]) -> Vec<(&'static str, String)> {
        let mut headers = vec![("content-length", length.to_string()), ("content-type", "application/octet-stream".to_owned())];
        headers.extend(self.absence.then(|| ("if-none-match", "*".to_owned())));
        headers.extend(self.checksum.then(|| ("x-amz-checksum-sha256", BASE64_STANDARD.encode(sha256))));
        headers.extend(self.content.then(|| ("x-amz-content-sha256", hex::encode(sha256))));
        headers
    }
}
