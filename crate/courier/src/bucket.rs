//! The user's own bucket, with no broker: its keys are here, and every request is signed here.

use std::{cell::Cell, collections::HashMap, time::Duration};

use gloo_net::http::Method;
use js_sys::ArrayBuffer;
use serde::{Deserialize, Serialize};
use strongroom_bucket::{
    Answer, Binding, Config, Holder, Level, PAGE, Place, Request, Wire, advice, folders, list_query, parse_list, presign, probe,
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    body::Body,
    fault::Fault,
    http::{self, CALL_MS, Call, TRANSFER_MS},
    js,
    message::{Listed, ObjectPath},
};

/// A request is begun and sent within this.
const LIFETIME: Duration = Duration::from_secs(300);

pub struct Bucket {
    place: Place,
    /// It has not said yet that it knows no conditions.
    conditional: Cell<bool>,
}

/// `{ kind: 's3', … }` of types.ts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    endpoint: String,
    region: String,
    bucket: String,
    #[serde(default)]
    prefix: String,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    path_style: Option<bool>,
}

/// What became of a PUT.
pub enum Put {
    Done,
    /// Something has this name already.
    Taken,
}

impl Bucket {
    pub fn new(spec: &JsValue) -> Result<Self, Fault> {
        Ok(Self { place: place(spec)?, conditional: Cell::new(true) })
    }

    /// One attempt to create an object. A bucket that verifies checksums gets one; conditions where it knows them.
    pub async fn put(&self, object: &ObjectPath, sha256: &str, body: &Body) -> Result<Put, Fault> {
        loop {
            let absence = self.conditional.get();
            let answer = self.try_put(object, sha256, body, absence).await?;
            match answer.status {
                200..300 => return Ok(Put::Done),
                412 => return Ok(Put::Taken),
                501 if absence => self.conditional.set(false),
                _ => return Err(refusal(&object.inside(), &answer)),
            }
        }
    }

    /// One attempt to put an object in the place of another: in one step, as S3 does whatever is put.
    pub async fn replace(&self, object: &ObjectPath, sha256: &str, bytes: &ArrayBuffer) -> Result<(), Fault> {
        let answer = self.try_put(object, sha256, &Body::Here(bytes.clone()), false).await?;
        if answer.is_success() { Ok(()) } else { Err(refusal(&object.inside(), &answer)) }
    }

    async fn try_put(&self, object: &ObjectPath, sha256: &str, body: &Body, absence: bool) -> Result<http::Answer, Fault> {
        let key = self.place.key(&object.whole());
        let hash = hash_of(sha256).ok_or_else(|| Fault::permanent("internal", "This is no SHA-256."))?;
        let headers = Binding { checksum: true, content: false, absence }.headers(body.length().into(), &hash);
        self.send(Method::PUT, &Request { method: "PUT", key: &key, query: vec![], headers }, None, body.value()).await
    }

    /// One attempt to read an object, or `(offset, length)` of it.
    pub async fn get(&self, object: &ObjectPath, range: Option<(u64, u32)>) -> Result<http::Answer, Fault> {
        let key = self.place.key(&object.whole());
        let request = Request { method: "GET", key: &key, query: vec![], headers: vec![] };
        let answer = self.send(Method::GET, &request, range, &JsValue::UNDEFINED).await?;
        if answer.is_success() || matches!(answer.status, 404 | 416) { Ok(answer) } else { Err(refusal(&object.inside(), &answer)) }
    }

    /// One attempt to erase an object. Its owner's keys sign for it: no broker ever does.
    pub async fn erase(&self, object: &ObjectPath) -> Result<(), Fault> {
        let request = Request { method: "DELETE", key: &self.place.key(&object.whole()), query: vec![], headers: vec![] };
        let answer = self.send(Method::DELETE, &request, None, &JsValue::UNDEFINED).await?;
        if answer.is_success() || answer.status == 404 { Ok(()) } else { Err(refusal(&object.inside(), &answer)) }
    }

    /// All objects of one kind, page after page.
    pub async fn list(&self, vault: &str, kind: &str) -> Result<Vec<Listed>, Fault> {
        let prefix = self.place.key(&format!("{vault}/{kind}/"));
        let mut all: Vec<Listed> = Vec::new();
        loop {
            let query = list_query(&prefix, all.last().map(|last| last.name.as_str()), PAGE);
            let request = Request { method: "GET", key: "", query, headers: vec![] };
            let answer = self.send(Method::GET, &request, None, &JsValue::UNDEFINED).await?;
            if !answer.is_success() {
                return Err(refusal(kind, &answer));
            }
            let page = parse_list(&answer.to_vec(), &prefix);
            let (page, more) = page.ok_or_else(|| Fault::permanent("unsupported", "The bucket's list is none of S3's."))?;
            let more = more && !page.is_empty();
            all.extend(page.into_iter().map(|one| Listed { name: one.name, length: one.length }));
            if !more {
                return Ok(all);
            }
        }
    }

    async fn send(&self, method: Method, request: &Request<'_>, range: Option<(u64, u32)>, body: &JsValue) -> Result<http::Answer, Fault> {
        let url = presign(&self.place, request, js::now() as i64, LIFETIME);
        let mut headers = sent(&request.headers);
        if let Some((offset, length)) = range {
            headers.insert("range".to_owned(), format!("bytes={offset}-{}", offset + u64::from(length) - 1));
        }
        let call = Call { method, url: &url, headers: &headers, body: body.clone(), limit_ms: TRANSFER_MS };
        http::send(call).await
    }
}

fn place(spec: &JsValue) -> Result<Place, Fault> {
    let wrong = |why: &str| Fault::permanent("bad_request", format!("This is no bucket: {why}."));
    let spec: Spec = serde_wasm_bindgen::from_value(spec.clone()).map_err(|_| wrong("something of its address is missing"))?;
    let config = Config {
        endpoint: spec.endpoint,
        bucket: spec.bucket,
        region: spec.region,
        prefix: spec.prefix,
        virtual_host: spec.path_style == Some(false),
        key_id: spec.access_key_id,
        secret: spec.secret_access_key,
        session_token: spec.session_token,
    };
    Place::new(config).map_err(|why| wrong(&why))
}

/// Browsers set the length by themselves and let nobody else.
fn sent(headers: &[(&'static str, String)]) -> HashMap<String, String> {
    headers.iter().filter(|(name, _)| *name != "content-length").map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn hash_of(hex: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(hash)
}

fn refusal(what: &str, answer: &http::Answer) -> Fault {
    let told = Answer { status: answer.status, headers: vec![], body: answer.to_vec() };
    let fault = Fault::of_status(what, answer.status, "");
    if fault.passing.is_some() || answer.status == 404 {
        return fault;
    }
    Fault { message: format!("{what}: the bucket refuses it ({}): {}.", told.reason(), told.remedy()), ..fault }
}

/// The browser's way to a bucket, for the probe.
struct Fetch<'a> {
    place: &'a Place,
    /// An answer was read: pages are let in.
    read: Cell<bool>,
    /// Something answered that this page may not read.
    barred: Cell<bool>,
}

impl<'a> Fetch<'a> {
    fn new(place: &'a Place) -> Self {
        Self { place, read: Cell::new(false), barred: Cell::new(false) }
    }
}

impl Wire for Fetch<'_> {
    fn presign(&self, request: &Request<'_>) -> String {
        presign(self.place, request, self.now(), LIFETIME)
    }

    async fn send(&self, method: &'static str, url: &str, headers: &[(&'static str, String)], body: &[u8]) -> Result<Answer, String> {
        let method = method.parse().map_err(|_| "no method")?;
        let body = if body.is_empty() { JsValue::UNDEFINED } else { js_sys::Uint8Array::from(body).buffer().into() };
        let call = Call { method, url, headers: &sent(headers), body, limit_ms: CALL_MS };
        let answer = match http::send(call).await {
            Ok(answer) => answer,
            // Some servers let pages read what goes well, and not what they refuse.
            Err(fault) if fault.code == "cors" && self.read.get() => return Ok(Answer { status: 403, ..Answer::default() }),
            Err(fault) => {
                self.barred.set(fault.code == "cors");
                return Err(fault.message);
            }
        };
        self.read.set(true);
        let headers = answer.date.iter().map(|date| ("date".to_owned(), date.clone())).collect();
        Ok(Answer { status: answer.status, headers, body: answer.to_vec() })
    }

    fn now(&self) -> i64 {
        js::now() as i64
    }

    fn name(&self) -> String {
        format!("{:016x}{:016x}", js_sys::Math::random().to_bits(), js_sys::Math::random().to_bits())
    }
}

/// As `BucketReport` of types.ts.
#[derive(Serialize)]
struct Report {
    level: Option<&'static str>,
    failure: Option<String>,
    findings: Vec<String>,
    tried: Vec<Tried>,
    provider: &'static str,
    advice: Vec<Told>,
}

#[derive(Serialize)]
struct Tried {
    what: &'static str,
    well: bool,
}

#[derive(Serialize)]
struct Told {
    subject: &'static str,
    why: String,
    json: String,
    how: String,
}

/// Tries a bucket out, for pages of `origin`, and says what is wrong and what to set.
///
/// # Errors
/// A sentence: this is no bucket's address.
#[wasm_bindgen]
pub async fn examine(spec: JsValue, origin: String, provider: Option<String>) -> Result<JsValue, JsValue> {
    let place = place(&spec).map_err(|fault| JsValue::from_str(&fault.message))?;
    let text = |key| js::get(&spec, key).as_string().unwrap_or_default();
    let provider = provider.and_then(|name| advice::Provider::of_name(&name));
    let provider = provider.unwrap_or_else(|| advice::Provider::guess(&text("endpoint"), &text("region")));
    let fetch = Fetch::new(&place);
    let (level, failure, findings, tried) = match probe(&fetch, &place, Holder::Keys).await {
        Ok(found) => (Some(found.level), None, found.findings, found.tried),
        Err(_) if fetch.barred.get() => {
            let why = format!(
                "The bucket's server answers, but lets no page of {origin} read it: set its CORS rules as below. Some servers keep refusals from pages as well: check the keys."
            );
            (None, Some(why), vec![], vec![])
        }
        Err(why) => (None, Some(format!("The bucket cannot be used: {}.", why.trim_end_matches('.'))), vec![], vec![]),
    };
    let report = Report {
        level: level.map(Level::as_str),
        failure,
        findings,
        tried: tried.into_iter().map(|(what, well)| Tried { what, well }).collect(),
        provider: provider.name(),
        advice: advice::advice(provider, &text("bucket"), place.prefix(), &[&origin])
            .into_iter()
            .map(|advice::Advice { subject, why, json, how }| Told { subject, why, json, how })
            .collect(),
    };
    Ok(serde_wasm_bindgen::to_value(&report)?)
}

/// The names of the folders under a bucket's prefix, of which some are vaults.
///
/// # Errors
/// A sentence: it gives no list.
#[wasm_bindgen]
pub async fn find(spec: JsValue) -> Result<Vec<String>, JsValue> {
    let place = place(&spec).map_err(|fault| JsValue::from_str(&fault.message))?;
    let sentence = |why: String| JsValue::from_str(&format!("The bucket cannot be used: {}.", why.trim_end_matches('.')));
    folders(&Fetch::new(&place), &place).await.map_err(sentence)
}
