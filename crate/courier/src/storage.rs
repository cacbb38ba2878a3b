//! Put, get and list against where the vault's objects lie.

use std::{cell::RefCell, rc::Rc};

use futures_util::FutureExt;
use gloo_net::http::Method;
use js_sys::{ArrayBuffer, Date};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::FileSystemDirectoryHandle;

use crate::{
    body::Body,
    broker::Broker,
    bucket::{Bucket, Put},
    directory::Directory,
    fault::Fault,
    gate::Gate,
    http::{Answer, Call, TRANSFER_MS, send},
    js,
    message::{Listed, ObjectPath},
    pace::Pace,
    page::{self, Page, Question},
    sign::{Authority, SignRequest, Signed, Signer},
};

/// Downloads in flight at one time: several hide the latency of a far storage.
const GETS: usize = 6;

pub struct Storage {
    place: Place,
    puts: Gate,
    pace: RefCell<Pace>,
    gets: Gate,
}

enum Place {
    /// Presigned URLs of a broker or of an app's own back end.
    Signed {
        signer: Signer,
        broker: Option<Rc<Broker>>,
        page: Page,
    },
    /// The user's own bucket; the page keeps the slots that pass, to remember the bucket by (`remembered.ts`).
    Bucket {
        bucket: Bucket,
        page: Page,
    },
    Directory(Directory),
    /// Kept by the page's thread.
    Page(Page),
}

#[derive(Deserialize)]
struct Stored {
    path: String,
    length: u64,
}

impl Storage {
    /// The storage of `spec`: `CourierStorage` of start.ts.
    pub fn new(spec: &JsValue, page: Page) -> Result<Self, Fault> {
        let wrong = || Fault::permanent("bad_request", "This is not a storage that the courier knows.");
        let text = |key| js::get(spec, key).as_string().unwrap_or_default();
        let place = match text("kind").as_str() {
            "broker" => {
                let broker = Rc::new(Broker::new(&text("url")));
                Place::Signed { signer: Signer::new(Authority::Broker(broker.clone())), broker: Some(broker), page }
            }
            "custom" => Place::Signed { signer: Signer::new(Authority::App(page.clone())), broker: None, page },
            "directory" => {
                let handle = js::get(spec, "handle").dyn_into::<FileSystemDirectoryHandle>().map_err(|_| wrong())?;
                Place::Directory(Directory::new(handle))
            }
            "s3" => Place::Bucket { bucket: Bucket::new(spec)?, page },
            "page" => Place::Page(page),
            _ => return Err(wrong()),
        };
        let pace = Pace::default();
        Ok(Self { place, puts: Gate::new(pace.width()), pace: RefCell::new(pace), gets: Gate::new(GETS) })
    }

    /// What an object is put from here: packs are sent from outside of the tab.
    pub fn body(&self, object: &ObjectPath, bytes: ArrayBuffer) -> Body {
        match self.place {
            Place::Signed { .. } | Place::Bucket { .. } if object.kind == "pack" => Body::kept(bytes),
            _ => Body::Here(bytes),
        }
    }

    /// One attempt to create an object. Success also when the same one is there already.
    pub async fn put(&self, object: &ObjectPath, sha256: &str, body: &Body) -> Result<(), Fault> {
        let sent = self.send(object, sha256, body).await;
        let mut pace = self.pace.borrow_mut();
        match &sent {
            Ok(()) => pace.sent(body.length().into(), self.puts.has_been_waited_at(), Date::now()),
            Err(fault) if fault.passing.is_some() => pace.troubled(),
            Err(_) => {}
        }
        let width = pace.width();
        drop(pace);
        self.puts.set_width(width);
        sent
    }

    async fn send(&self, object: &ObjectPath, sha256: &str, body: &Body) -> Result<(), Fault> {
        // A slot is named by its number, everything else by its hash.
        let hash = if object.kind == "slot" { js::sha256(&body.bytes().await?).await } else { sha256.to_owned() };
        let sha256 = hash.as_str();
        match &self.place {
            Place::Signed { signer, broker, .. } => {
                let request = SignRequest {
                    method: "PUT",
                    path: path_for(object, broker.is_some()),
                    length: Some(body.length()),
                    sha256: Some(sha256.to_owned()),
                };
                let answer = transfer(signer, request, &self.puts, Method::PUT, None, body.value()).await;
                js::hasten_collection();
                let answer = answer?;
                if answer.is_success() {
                    return Ok(());
                }
                // Somebody has stored this name, or the storage says so.
                if answer.status == 412 && object.kind != "slot" {
                    return self.check_stored(object, sha256).await;
                }
                Err(Fault::of_status(&object.inside(), answer.status, &answer.text()))
            }
            Place::Bucket { bucket, page } => {
                let put = {
                    let _pass = self.puts.enter().await;
                    bucket.put(object, sha256, body).await
                };
                js::hasten_collection();
                match put? {
                    Put::Taken if object.kind == "slot" => {
                        self.check_stored(object, sha256).await.map_err(|other| match other.code.as_str() {
                            "damaged" => Fault::permanent("name_taken", "There is a vault of this id in the bucket already."),
                            _ => other,
                        })?;
                    }
                    Put::Taken => self.check_stored(object, sha256).await?,
                    Put::Done => {}
                }
                if let Body::Here(bytes) = body {
                    page.keep_slot(object, bytes);
                }
                Ok(())
            }
            Place::Directory(directory) => {
                let _pass = self.puts.enter().await;
                directory.put(object, &body.bytes().await?).await
            }
            Place::Page(page) => {
                page.ask(Question::Put { path: object.whole() }, Some(&body.bytes().await?)).map(|answer| answer.map(drop)).await
            }
        }
    }

    /// One attempt to put a key slot in the place of another, in one step.
    pub async fn replace(&self, object: &ObjectPath, bytes: &ArrayBuffer) -> Result<(), Fault> {
        match &self.place {
            Place::Signed { .. } => Err(Fault::permanent("not_supported", "This storage signs no replacement of a key slot.")),
            Place::Bucket { bucket, page } => {
                bucket.replace(object, &js::sha256(bytes).await, bytes).await?;
                page.keep_slot(object, bytes);
                Ok(())
            }
            Place::Directory(directory) => directory.replace(object, bytes).await,
            Place::Page(page) => page.ask(Question::Replace { path: object.whole() }, Some(bytes)).map(|answer| answer.map(drop)).await,
        }
    }

    /// Whether an object that is said to be there is: by its bytes, not by its name.
    async fn check_stored(&self, object: &ObjectPath, sha256: &str) -> Result<(), Fault> {
        let bytes = match self.get(object, None).await {
            Err(missing) if missing.code == "missing" => {
                return Err(Fault::silent(format!("The storage says that it has {}, and does not have it.", object.inside())));
            }
            bytes => bytes?,
        };
        if js::sha256(&bytes).await == sha256 {
            return Ok(());
        }
        let message =
            format!("Other bytes lie in the storage under the name of {}. Run a full verify, and back up again.", object.inside());
        Err(Fault::permanent("damaged", message))
    }

    /// One attempt to read an object, or `(offset, length)` of it.
    pub async fn get(&self, object: &ObjectPath, range: Option<(u64, u32)>) -> Result<ArrayBuffer, Fault> {
        match &self.place {
            Place::Signed { signer, broker, .. } => {
                let request = SignRequest { method: "GET", path: path_for(object, broker.is_some()), length: None, sha256: None };
                let answer = transfer(signer, request, &self.gets, Method::GET, range, &JsValue::UNDEFINED).await?;
                part(object, answer, range)
            }
            Place::Bucket { bucket, page } => {
                let answer = {
                    let _pass = self.gets.enter().await;
                    bucket.get(object, range).await?
                };
                let bytes = part(object, answer, range)?;
                page.keep_slot(object, &bytes);
                Ok(bytes)
            }
            Place::Directory(directory) => {
                let _pass = self.gets.enter().await;
                directory.get(object, range).await
            }
            Place::Page(page) => {
                let answer = page.ask(Question::Get { path: object.whole(), range }, None).await?;
                js::buffer(&answer, "bytes").ok_or_else(|| Fault::permanent("internal", "The page's storage gave no bytes."))
            }
        }
    }

    /// One attempt to list the objects of a kind.
    pub async fn list(&self, vault: &str, kind: &str) -> Result<Vec<Listed>, Fault> {
        let page = match &self.place {
            Place::Signed { broker: Some(broker), .. } => return broker.list(kind).await,
            Place::Bucket { bucket, .. } => return bucket.list(vault, kind).await,
            Place::Directory(directory) => return directory.list(vault, kind).await,
            Place::Signed { page, .. } | Place::Page(page) => page,
        };
        let prefix = format!("{vault}/{kind}/");
        let answer = page.ask(Question::List { prefix: prefix.clone() }, None).await?;
        let stored: Vec<Stored> = serde_wasm_bindgen::from_value(page::ok(&answer))
            .map_err(|_| Fault::permanent("internal", "`list` must return { path, length } for each object."))?;
        // A back end that lists more than it was asked for does no harm.
        Ok(stored
            .into_iter()
            .filter_map(|object| Some(Listed { name: object.path.strip_prefix(&prefix)?.to_owned(), length: object.length }))
            .collect())
    }

    /// One attempt to erase an object; success also when it is not there. A storage that signs URLs has none for this: who signs, erases.
    pub async fn erase(&self, object: &ObjectPath) -> Result<(), Fault> {
        if object.is_kept_forever() {
            return Err(Fault::permanent("denied", "The key slots of passphrase and recovery phrase are never erased."));
        }
        match &self.place {
            Place::Signed { .. } => Err(Fault::permanent("not_supported", "Nothing is erased by signed URLs: only who signs them erases.")),
            Place::Bucket { bucket, .. } => bucket.erase(object).await,
            Place::Directory(directory) => directory.erase(object).await,
            Place::Page(page) => page.ask(Question::Erase { path: object.whole() }, None).map(|answer| answer.map(drop)).await,
        }
    }

    /// One attempt at a call of the broker.
    pub async fn broker(&self, call: &str, body: &str) -> Result<String, Fault> {
        match &self.place {
            Place::Signed { broker: Some(broker), .. } => broker.call(call, body).await,
            _ => Err(Fault::permanent("internal", "This storage has no broker.")),
        }
    }
}

/// What was asked for, out of what came.
fn part(object: &ObjectPath, answer: Answer, range: Option<(u64, u32)>) -> Result<ArrayBuffer, Fault> {
    match (answer.status, range) {
        (206, Some(_)) | (200, None) => Ok(answer.bytes),
        // A storage without ranges sends all of it.
        (200, Some((offset, length))) => {
            let begin = u32::try_from(offset).unwrap_or(u32::MAX);
            Ok(answer.bytes.slice_with_end(begin, begin.saturating_add(length)))
        }
        // It ends before the range begins: only this object is concerned, as with any other damage.
        (416, Some(_)) => Err(Fault::permanent("damaged", format!("{} is shorter than it was written.", object.inside()))),
        _ => Err(Fault::of_status(&object.inside(), answer.status, &answer.text())),
    }
}

/// Signs, waits for a place, sends; once more with a fresh URL when this one is refused.
async fn transfer(
    signer: &Signer,
    request: SignRequest,
    gate: &Gate,
    method: Method,
    range: Option<(u64, u32)>,
    body: &JsValue,
) -> Result<Answer, Fault> {
    let mut signed = signer.sign(request.clone()).await?;
    let _pass = gate.enter().await;
    if !signed.is_fresh() {
        signed = signer.sign(request.clone()).await?;
    }
    let answer = send_signed(&signed, method.clone(), range, body).await?;
    // Garage answers 400 to a URL that has expired, everyone else 403.
    if answer.status != 403 && (answer.status != 400 || signed.is_fresh()) {
        return Ok(answer);
    }
    signer.forget(&request.path);
    let signed = signer.sign(request).await?;
    send_signed(&signed, method, range, body).await
}

async fn send_signed(signed: &Signed, method: Method, range: Option<(u64, u32)>, body: &JsValue) -> Result<Answer, Fault> {
    let mut headers = signed.headers.clone();
    if let Some((offset, length)) = range {
        headers.insert("range".to_owned(), format!("bytes={offset}-{}", offset + u64::from(length) - 1));
    }
    send(Call { method, url: &signed.url, headers: &headers, body: body.clone(), limit_ms: TRANSFER_MS }).await
}

fn path_for(object: &ObjectPath, broker: bool) -> String {
    if broker { object.inside() } else { object.whole() }
}
