//! What only the page's thread can answer: an app's own `sign` and `list`, and storages that cannot leave that thread.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use futures_channel::oneshot;
use js_sys::ArrayBuffer;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::{fault::Fault, js, message::ObjectPath, sign::SignRequest};

/// What the page is asked.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Answer: [`Signed`](crate::sign::Signed), one for each.
    Sign(Vec<SignRequest>),
    /// Answer: `{ path, length }`, one for each object.
    List { prefix: String },
    /// Create an object out of the bytes that come along.
    Put { path: String },
    /// Put these bytes in the place of an object.
    Replace { path: String },
    /// Answer: bytes.
    Get { path: String, range: Option<(u64, u32)> },
    /// Success also when it is not there.
    Erase { path: String },
}

#[derive(Serialize)]
struct Asked {
    call: u64,
    question: Question,
}

#[derive(Serialize)]
struct Kept {
    slot: String,
}

#[derive(Deserialize)]
struct Answered {
    call: u64,
    failed: Option<Told>,
}

#[derive(Deserialize)]
struct Told {
    code: String,
    message: String,
}

/// The page at the other end of the worker's own port.
#[derive(Clone)]
pub struct Page {
    scope: DedicatedWorkerGlobalScope,
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    next: u64,
    pending: HashMap<u64, oneshot::Sender<Result<JsValue, Fault>>>,
}

impl Page {
    /// Takes over the worker's `onmessage`.
    pub fn new(scope: DedicatedWorkerGlobalScope) -> Self {
        let page = Self { scope, state: Rc::default() };
        let state = page.state.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            let Ok(answered) = serde_wasm_bindgen::from_value::<Answered>(js::get(&data, "head")) else { return };
            let waiting = state.borrow_mut().pending.remove(&answered.call);
            if let Some(waiting) = waiting {
                let answer = match answered.failed {
                    // The page's own storages wait for nothing: what they cannot do now they cannot do later.
                    Some(told) if told.code != "unavailable" => Err(Fault::permanent(&told.code, told.message)),
                    Some(told) => Err(Fault::silent(told.message)),
                    None => Ok(data),
                };
                drop(waiting.send(answer));
            }
        });
        page.scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // Lives as long as the worker.
        on_message.forget();
        page
    }

    /// Gives the page a key slot that passed, sealed as it is stored; nothing of another kind.
    pub fn keep_slot(&self, object: &ObjectPath, bytes: &ArrayBuffer) {
        if object.kind != "slot" {
            return;
        }
        let head = serde_wasm_bindgen::to_value(&Kept { slot: object.whole() }).expect("plain data crosses");
        let (message, _) = js::envelope(&head, Some(bytes));
        // A page that is gone keeps nothing.
        drop(self.scope.post_message(&message));
    }

    /// Asks and waits; the answer is the whole message (`ok` in its head, or `bytes`).
    pub async fn ask(&self, question: Question, bytes: Option<&ArrayBuffer>) -> Result<JsValue, Fault> {
        let (sender, receiver) = oneshot::channel();
        let call = {
            let mut state = self.state.borrow_mut();
            state.next += 1;
            let call = state.next;
            state.pending.insert(call, sender);
            call
        };
        let head = serde_wasm_bindgen::to_value(&Asked { call, question }).expect("plain data crosses");
        // Copied, not transferred: an attempt that fails is made again with the same bytes.
        let (message, _) = js::envelope(&head, bytes);
        self.scope.post_message(&message).map_err(|_| Fault::permanent("internal", "The page cannot be asked."))?;
        receiver.await.map_err(|_| Fault::cancelled())?
    }
}

/// `head.ok` of an answer.
pub fn ok(answer: &JsValue) -> JsValue {
    js::get(&js::get(answer, "head"), "ok")
}
