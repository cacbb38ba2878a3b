//! Presigned URLs: asked for in batches, used again until they expire.

use std::{
    cell::RefCell,
    collections::{HashMap, hash_map::Entry},
    rc::Rc,
};

use futures_channel::oneshot;
use gloo_timers::future::TimeoutFuture;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;

use crate::{
    broker::Broker,
    fault::Fault,
    js,
    page::{self, Page, Question},
};

/// As in API.md, *sign*.
#[derive(Clone, Debug, Serialize)]
pub struct SignRequest {
    pub method: &'static str,
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Signed {
    pub url: String,
    #[serde(default)]
    pub headers: HashMap<String, String>,
    /// Milliseconds since 1970.
    pub expires: Option<f64>,
}

/// Who signs.
#[derive(Clone)]
pub enum Authority {
    Broker(Rc<Broker>),
    /// The app's own `sign`, on the page's thread.
    App(Page),
}

/// A queue in front of the authority.
#[derive(Clone)]
pub struct Signer {
    authority: Authority,
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    queue: Vec<(SignRequest, oneshot::Sender<Result<Signed, Fault>>)>,
    /// URLs to read, by path.
    reads: HashMap<String, Signed>,
}

/// Most that one call may ask for (API.md).
const BATCH: usize = 256;
/// A URL is not begun with in the last seconds of its life.
const MARGIN_MS: f64 = 5_000.0;
/// More remembered URLs than this are forgotten together.
const REMEMBERED: usize = 10_000;

impl Signed {
    pub fn is_fresh(&self) -> bool {
        self.expires.is_none_or(|expires| js::now() + MARGIN_MS < expires)
    }
}

impl Signer {
    pub fn new(authority: Authority) -> Self {
        Self { authority, state: Rc::default() }
    }

    /// A URL for this request; for a read, one that was signed before while it lasts.
    pub async fn sign(&self, request: SignRequest) -> Result<Signed, Fault> {
        let read = (request.method == "GET").then(|| request.path.clone());
        if let Some(path) = &read
            && let Entry::Occupied(known) = self.state.borrow_mut().reads.entry(path.clone())
        {
            if known.get().is_fresh() {
                return Ok(known.get().clone());
            }
            known.remove();
        }
        let signed = self.enqueue(request).await.map_err(|_| Fault::cancelled())??;
        if let Some(path) = read {
            let reads = &mut self.state.borrow_mut().reads;
            if reads.len() >= REMEMBERED {
                reads.clear();
            }
            reads.insert(path, signed.clone());
        }
        Ok(signed)
    }

    /// The storage refused the URL: sign anew next time.
    pub fn forget(&self, path: &str) {
        self.state.borrow_mut().reads.remove(path);
    }

    fn enqueue(&self, request: SignRequest) -> oneshot::Receiver<Result<Signed, Fault>> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.state.borrow_mut();
        state.queue.push((request, sender));
        if state.queue.len() == 1 {
            let signer = self.clone();
            spawn_local(async move { signer.send_queue().await });
        }
        receiver
    }

    async fn send_queue(&self) {
        // What is asked for in the same turn goes in the same call.
        TimeoutFuture::new(0).await;
        let queue = std::mem::take(&mut self.state.borrow_mut().queue);
        let mut queue = queue.into_iter();
        loop {
            let (requests, waiting): (Vec<_>, Vec<_>) = queue.by_ref().take(BATCH).unzip();
            if requests.is_empty() {
                return;
            }
            let answer = match self.authority.sign(requests).await {
                Ok(signed) if signed.len() != waiting.len() => {
                    Err(Fault::permanent("internal", "The back end signed another number of URLs than it was asked for."))
                }
                answer => answer,
            };
            for (place, waiting) in waiting.into_iter().enumerate() {
                drop(waiting.send(answer.as_ref().map(|signed| signed[place].clone()).map_err(Fault::clone)));
            }
        }
    }
}

impl Authority {
    async fn sign(&self, requests: Vec<SignRequest>) -> Result<Vec<Signed>, Fault> {
        match self {
            Self::Broker(broker) => broker.sign(requests).await,
            Self::App(app) => {
                let answer = app.ask(Question::Sign(requests), None).await?;
                serde_wasm_bindgen::from_value(page::ok(&answer))
                    .map_err(|_| Fault::permanent("internal", "The app's `sign` must return { url, headers?, expires? } for each request."))
            }
        }
    }
}
