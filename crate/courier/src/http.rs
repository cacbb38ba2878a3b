//! One request over `fetch`, given up when its future is dropped; and what it means when nothing can be read of its answer.

use std::{cell::Cell, collections::HashMap};

use gloo_net::http::{Method, RequestBuilder};
use gloo_timers::callback::Timeout;
use js_sys::ArrayBuffer;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestCredentials, RequestMode, Response, Url, WorkerGlobalScope};

use crate::fault::Fault;

/// How long a transfer of at most 16 MiB may take, and how long a short call.
pub const TRANSFER_MS: u32 = 15 * 60_000;
pub const CALL_MS: u32 = 30_000;
/// How long a server may take to say anything at all.
const PROBE_MS: u32 = 5_000;

pub struct Call<'a> {
    pub method: Method,
    pub url: &'a str,
    pub headers: &'a HashMap<String, String>,
    /// A `Blob`, an `ArrayBuffer`, a string, or undefined.
    pub body: JsValue,
    pub limit_ms: u32,
}

/// Aborts the fetch when dropped: on a time limit, when cancelled, and (without effect) when it is over.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What came back whole.
pub struct Answer {
    pub status: u16,
    /// `Date`, where the server lets pages see it.
    pub date: Option<String>,
    pub bytes: ArrayBuffer,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as text, for JSON.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.to_vec()).into_owned()
    }

    /// The body, in this module's memory.
    pub fn to_vec(&self) -> Vec<u8> {
        js_sys::Uint8Array::new(&self.bytes).to_vec()
    }
}

/// Sends it and reads the answer to its end.
///
/// # Errors
/// `unavailable`, when no whole answer came; `cors`, when the server answers and the browser keeps its answers from this page.
pub async fn send(call: Call<'_>) -> Result<Answer, Fault> {
    let url = call.url;
    let unread = Cell::new(false);
    match try_send(call, &unread).await {
        Err(_) if unread.get() => Err(match elsewhere(url) {
            Some(there) if answers(&there).await => Fault::barred(&there.origin()),
            _ => silent(),
        }),
        answer => answer,
    }
}

fn silent() -> Fault {
    Fault::silent("The server does not answer. Check the connection; it is safe to try again.")
}

/// An address that is not of this page's own origin.
fn elsewhere(url: &str) -> Option<Url> {
    let here = js_sys::global().unchecked_into::<WorkerGlobalScope>().location();
    let there = Url::new_with_base(url, &here.href()).ok()?;
    (there.origin() != here.origin()).then_some(there)
}

/// Whether anything answers there. What it says cannot be read, and need not be: a page may always ask like this.
async fn answers(there: &Url) -> bool {
    let Ok(controller) = AbortController::new() else { return false };
    let abort = Abort(controller);
    let controller = abort.0.clone();
    let _limit = Timeout::new(PROBE_MS, move || controller.abort());
    let request = RequestBuilder::new(&format!("{}{}", there.origin(), there.pathname()))
        .method(Method::HEAD)
        .mode(RequestMode::NoCors)
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .abort_signal(Some(&abort.0.signal()))
        .build();
    match request {
        Ok(request) => request.send().await.is_ok(),
        Err(_) => false,
    }
}

/// `unread` says whether there was time for an answer, and none that this page may read.
async fn try_send(call: Call<'_>, unread: &Cell<bool>) -> Result<Answer, Fault> {
    let abort = Abort(AbortController::new().map_err(|_| silent())?);
    let controller = abort.0.clone();
    let _limit = Timeout::new(call.limit_ms, move || controller.abort());
    let mut builder = RequestBuilder::new(call.url)
        .method(call.method)
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .abort_signal(Some(&abort.0.signal()));
    for (name, value) in call.headers {
        builder = builder.header(name, value);
    }
    let request = if call.body.is_undefined() { builder.build() } else { builder.body(call.body) };
    let sent = request.map_err(|_| silent())?.send().await;
    unread.set(sent.is_err() && !abort.0.signal().aborted());
    let response: Response = sent.map_err(|_| silent())?.into();
    let bytes = JsFuture::from(response.array_buffer().map_err(|_| silent())?).await.map_err(|_| silent())?;
    let date = response.headers().get("date").ok().flatten();
    Ok(Answer { status: response.status(), date, bytes: bytes.unchecked_into() })
}
