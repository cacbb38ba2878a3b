//! A server: sign-in, presigned URLs and lists by its API (crate/server/API.md), bytes from wherever the URLs lead.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use strongroom_bucket::Answer;
use strongroom_core::{Code, HostError, Kind, Listed, Millis, ObjectPath};

use super::{checked, http::Http, is_name, place};
use crate::host::now;

/// A session with less left than this is renewed first.
const RENEW: Millis = 5 * 60_000;

#[derive(Debug)]
pub struct Broker {
    /// Without a slash at its end.
    url: String,
    http: Http,
    session: Mutex<Option<Session>>,
}

#[derive(Clone)]
struct Session {
    token: String,
    expires: Millis,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(…)")
    }
}

impl Broker {
    pub fn new(url: &str) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), http: Http::new(), session: Mutex::default() }
    }

    /// A call of a machine; a session in the answer is kept.
    pub fn call(&self, call: &str, body: &[u8]) -> Result<Vec<u8>, HostError> {
        let open = call.starts_with("register/") || call.starts_with("login/");
        let session = if open { None } else { Some(self.session()?) };
        let answer = self.post(call, body, session.as_deref())?;
        self.keep(&answer);
        Ok(answer)
    }

    pub fn put(&self, object: &ObjectPath, bytes: &[u8]) -> Result<(), HostError> {
        let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let signed = self.sign(&json!({ "method": "PUT", "path": place(object), "length": bytes.len(), "sha256": hash }))?;
        let answer = self.follow("PUT", &signed, None, bytes)?;
        match answer.status {
            200..300 => Ok(()),
            412 if self.get(object, None)? == bytes => Ok(()),
            412 => Err(HostError {
                code: Code::Damaged,
                message: format!("{} is there already with other bytes. Verify the vault.", place(object)),
            }),
            _ => Err(refusal(&place(object), &answer)),
        }
    }

    pub fn get(&self, object: &ObjectPath, range: Option<(u64, u32)>) -> Result<Vec<u8>, HostError> {
        let signed = self.sign(&json!({ "method": "GET", "path": place(object) }))?;
        let answer = self.follow("GET", &signed, range, &[])?;
        match answer.status {
            200 | 206 | 416 => checked(object, range, answer.status, answer.body),
            _ => Err(refusal(&place(object), &answer)),
        }
    }

    pub fn list(&self, kind: Kind) -> Result<Vec<Listed>, HostError> {
        let mut listed: Vec<Listed> = Vec::new();
        let mut after = Value::Null;
        loop {
            let mut ask = json!({ "kind": kind.folder() });
            if !after.is_null() {
                ask["after"] = after;
            }
            let page = self.authorised("list", &ask)?;
            let objects = page["objects"].as_array().ok_or_else(strange)?;
            for object in objects {
                let (Some(name), Some(length)) = (object["name"].as_str(), object["length"].as_u64()) else { return Err(strange()) };
                if is_name(kind, name) {
                    listed.push(Listed { name: name.to_owned(), length });
                }
            }
            after = objects.last().map_or(Value::Null, |last| last["name"].clone());
            if page["more"] != json!(true) || after.is_null() {
                return Ok(listed);
            }
        }
    }

    fn sign(&self, request: &Value) -> Result<Value, HostError> {
        let answer = self.authorised("sign", &json!({ "requests": [request] }))?;
        answer["urls"].get(0).cloned().ok_or_else(strange)
    }

    /// Sends to a signed URL; a path is one of the broker's own.
    fn follow(&self, method: &str, signed: &Value, range: Option<(u64, u32)>, body: &[u8]) -> Result<Answer, HostError> {
        let url = signed["url"].as_str().ok_or_else(strange)?;
        let url = if url.starts_with('/') { format!("{}{url}", self.origin()) } else { url.to_owned() };
        let mut headers: Vec<(&str, String)> = Vec::new();
        for (name, value) in signed["headers"].as_object().into_iter().flatten() {
            headers.push((name, value.as_str().ok_or_else(strange)?.to_owned()));
        }
        headers.extend(range.map(|(first, length)| ("range", format!("bytes={first}-{}", first + u64::from(length) - 1))));
        self.http.send(method, &url, &headers, body).map_err(silent)
    }

    /// `https://host` of the address, which may have a path.
    fn origin(&self) -> &str {
        let host = self.url.find("://").map_or(0, |at| at + 3);
        self.url[host..].find('/').map_or(self.url.as_str(), |path| &self.url[..host + path])
    }

    fn authorised(&self, call: &str, body: &Value) -> Result<Value, HostError> {
        let answer = self.post(call, body.to_string().as_bytes(), Some(&self.session()?))?;
        serde_json::from_slice(&answer).map_err(|_| strange())
    }

    /// The session, renewed when it is about to end.
    fn session(&self) -> Result<String, HostError> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let none = || HostError { code: Code::SignedOut, message: "Nobody is signed in. Run the command again.".into() };
        let current = session.clone().ok_or_else(none)?;
        if now() + RENEW < current.expires {
            return Ok(current.token);
        }
        let answer = self.post("session/renew", b"{}", Some(&current.token))?;
        let renewed = read_session(&answer).ok_or_else(strange)?;
        *session = Some(renewed.clone());
        Ok(renewed.token)
    }

    fn keep(&self, answer: &[u8]) {
        if let Some(session) = read_session(answer) {
            *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
        }
    }

    fn post(&self, call: &str, body: &[u8], session: Option<&str>) -> Result<Vec<u8>, HostError> {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(session.map(|session| ("authorization", format!("Bearer {session}"))));
        let answer = self.http.send("POST", &format!("{}/api/v1/{call}", self.url), &headers, body).map_err(silent)?;
        if answer.is_success() { Ok(answer.body) } else { Err(refusal(call, &answer)) }
    }
}

fn read_session(answer: &[u8]) -> Option<Session> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    Some(Session { token: answer["session"].as_str()?.to_owned(), expires: answer["expires"].as_i64()? })
}

/// The server's own code and sentence where it has some.
fn refusal(what: &str, answer: &Answer) -> HostError {
    let told: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let (code, message) = match told.as_ref().and_then(|told| Some((told["code"].as_str()?, told["message"].as_str()?))) {
        Some((code, message)) => (code_of(code), message.to_owned()),
        None => (None, format!("{what}: refused ({}): {}.", answer.reason(), answer.remedy())),
    };
    let code = code.unwrap_or(match answer.status {
        401 => Code::SignedOut,
        404 => Code::Missing,
        507 => Code::StorageFull,
        408 | 409 | 429 | 500..=599 => Code::Unavailable,
        _ => Code::Denied,
    });
    HostError { code, message }
}

/// The codes that API.md names.
fn code_of(name: &str) -> Option<Code> {
    [
        Code::NameTaken,
        Code::WrongSecret,
        Code::SignedOut,
        Code::Denied,
        Code::StorageFull,
        Code::Unavailable,
        Code::Missing,
        Code::BadName,
        Code::Damaged,
    ]
    .into_iter()
    .find(|code| json!(code) == json!(name))
}

fn silent(why: String) -> HostError {
    HostError { code: Code::Unavailable, message: format!("The server does not answer: {why}. Check the connection and the address.") }
}

fn strange() -> HostError {
    HostError { code: Code::Unsupported, message: "The server speaks another version of the broker's API. Check its address.".into() }
}
