//! A bucket that speaks S3, signed for here.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use futures_channel::oneshot;
use sha2::{Digest, Sha256};
use strongroom_bucket::{Answer, Binding, Config, PAGE, Place, Request, Wire, folders, list_query, parse_list, presign};
use strongroom_core::{Code, HostError, Kind, Listed, ObjectPath, VaultId};

use super::{checked, http::Http, is_name, place};
use crate::host::{now, seed};

const LIFETIME: Duration = Duration::from_secs(900);

#[derive(Debug)]
pub struct Bucket {
    place: Place,
    http: Http,
    /// It has not said yet that it knows no conditions.
    conditional: AtomicBool,
}

impl Bucket {
    /// # Errors
    /// A sentence that says what is wrong with the address.
    pub fn new(config: Config) -> Result<Self, String> {
        Ok(Self { place: Place::new(config)?, http: Http::new(), conditional: AtomicBool::new(true) })
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn vaults(&self) -> Result<Vec<VaultId>, HostError> {
        let failed = |why| HostError {
            code: Code::Unavailable,
            message: format!("The bucket cannot be used: {why}. `strongroom doctor` says more."),
        };
        let found = futures_executor::block_on(folders(self, &self.place)).map_err(failed)?;
        let mut vaults: Vec<VaultId> = found.iter().filter_map(|name| name.parse().ok()).collect();
        vaults.sort();
        Ok(vaults)
    }

    /// In one step, as S3 does whatever is put.
    pub fn replace(&self, object: &ObjectPath, bytes: &[u8]) -> Result<(), HostError> {
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        let headers = Binding { checksum: true, content: false, absence: false }.headers(bytes.len() as u64, &hash);
        let answer = self.request(&Request { method: "PUT", key: &self.key(object), query: vec![], headers }, bytes)?;
        if answer.is_success() { Ok(()) } else { Err(refusal(&place(object), &answer)) }
    }

    pub fn put(&self, object: &ObjectPath, bytes: &[u8]) -> Result<(), HostError> {
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        let key = self.key(object);
        loop {
            let absence = self.conditional.load(Ordering::Relaxed);
            let headers = Binding { checksum: true, content: false, absence }.headers(bytes.len() as u64, &hash);
            let answer = self.request(&Request { method: "PUT", key: &key, query: vec![], headers }, bytes)?;
            match answer.status {
                200..300 => return Ok(()),
                // The name is taken: by these bytes, or by others.
                412 if self.get(object, None)? == bytes => return Ok(()),
                412 => {
                    let message =
                        format!("{} is there already with other bytes. Nothing was overwritten; verify the vault.", place(object));
                    return Err(HostError { code: Code::Damaged, message });
                }
                501 if absence => self.conditional.store(false, Ordering::Relaxed),
                _ => return Err(refusal(&place(object), &answer)),
            }
        }
    }

    pub fn get(&self, object: &ObjectPath, range: Option<(u64, u32)>) -> Result<Vec<u8>, HostError> {
        let headers =
            range.map(|(first, length)| ("range", format!("bytes={first}-{}", first + u64::from(length) - 1))).into_iter().collect();
        let answer = self.request(&Request { method: "GET", key: &self.key(object), query: vec![], headers }, &[])?;
        match answer.status {
            200 | 206 | 416 => checked(object, range, answer.status, answer.body),
            _ => Err(refusal(&place(object), &answer)),
        }
    }

    pub fn erase(&self, object: &ObjectPath) -> Result<(), HostError> {
        let answer = self.request(&Request { method: "DELETE", key: &self.key(object), query: vec![], headers: vec![] }, &[])?;
        match answer.status {
            200..300 | 404 => Ok(()),
            _ => Err(refusal(&place(object), &answer)),
        }
    }

    pub fn list(&self, vault: VaultId, kind: Kind) -> Result<Vec<Listed>, HostError> {
        let prefix = self.place.key(&format!("{vault}/{}/", kind.folder()));
        let (mut listed, mut after): (Vec<Listed>, Option<String>) = (Vec::new(), None);
        loop {
            let query = list_query(&prefix, after.as_deref(), PAGE);
            let answer = self.request(&Request { method: "GET", key: "", query, headers: vec![] }, &[])?;
            if !answer.is_success() {
                return Err(refusal(kind.folder(), &answer));
            }
            let strange = || HostError { code: Code::Unsupported, message: "The bucket's list is none of S3's. Check its address.".into() };
            let (page, more) = parse_list(&answer.body, &prefix).ok_or_else(strange)?;
            after = page.last().map(|last| last.name.clone());
            listed.extend(page.into_iter().filter(|one| is_name(kind, &one.name)).map(|one| Listed { name: one.name, length: one.length }));
            if !more || after.is_none() {
                return Ok(listed);
            }
        }
    }

    fn key(&self, object: &ObjectPath) -> String {
        self.place.key(&format!("{}/{}", object.vault, place(object)))
    }

    fn request(&self, request: &Request<'_>, body: &[u8]) -> Result<Answer, HostError> {
        let sent: Vec<_> = request.headers.iter().filter(|(name, _)| *name != "content-length").cloned().collect();
        let silent = |why| HostError {
            code: Code::Unavailable,
            message: format!("The bucket does not answer: {why}. Check the connection and its address."),
        };
        self.http.send(request.method, &self.presign(request), &sent, body).map_err(silent)
    }
}

impl Wire for Bucket {
    fn presign(&self, request: &Request<'_>) -> String {
        presign(&self.place, request, now(), LIFETIME)
    }

    /// In a thread of its own, so that many can be under way.
    async fn send(&self, method: &'static str, url: &str, headers: &[(&'static str, String)], body: &[u8]) -> Result<Answer, String> {
        let (http, url, headers, body) = (self.http.clone(), url.to_owned(), headers.to_vec(), body.to_vec());
        let (answer, answered) = oneshot::channel();
        thread::spawn(move || drop(answer.send(http.send(method, &url, &headers, &body))));
        answered.await.unwrap_or_else(|_| Err("the request was lost".into()))
    }

    fn now(&self) -> i64 {
        now()
    }

    fn name(&self) -> String {
        let seed = seed().unwrap_or_default();
        seed[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn refusal(what: &str, answer: &Answer) -> HostError {
    let code = match answer.status {
        404 => Code::Missing,
        507 => Code::StorageFull,
        408 | 409 | 429 | 500..=599 => Code::Unavailable,
        _ => Code::Denied,
    };
    HostError { code, message: format!("{what}: the bucket says no ({}): {}.", answer.reason(), answer.remedy()) }
}
