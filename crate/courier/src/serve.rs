//! The courier's loop: one engine on a port, every request a task of its own.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use futures_util::future::{AbortHandle, Abortable};
use js_sys::ArrayBuffer;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

use crate::{
    fault::Fault,
    js,
    message::{Answer, FromEngine, Request, ToEngine, Verb},
    page::Page,
    retry::Retry,
    storage::Storage,
};

struct Courier {
    engine: MessagePort,
    storage: Storage,
    retry: Retry,
    running: RefCell<HashMap<u64, (u32, AbortHandle)>>,
}

/// Serves the engine at the other end of `engine` until the worker ends. `storage` is the page's description of where
/// objects lie.
///
/// # Errors
/// A sentence, when there is no such storage.
#[wasm_bindgen]
pub fn serve(storage: &JsValue, engine: MessagePort) -> Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let storage = Storage::new(storage, Page::new(scope)).map_err(|fault| JsValue::from_str(&fault.message))?;
    let port = engine.clone();
    let retry = Retry::new(move |why| post(&port, &ToEngine::Waiting { why: why.map(str::to_owned) }, None));
    let courier = Rc::new(Courier { engine: engine.clone(), storage, retry, running: RefCell::default() });
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| courier.clone().receive(&event.data()));
    engine.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // Lives as long as the worker.
    on_message.forget();
    Ok(())
}

impl Courier {
    fn receive(self: Rc<Self>, data: &JsValue) {
        match serde_wasm_bindgen::from_value(js::get(data, "head")) {
            Ok(FromEngine::Request(request)) => self.begin(request, js::buffer(data, "bytes")),
            Ok(FromEngine::Cancel { run }) => {
                for (of, abort) in self.running.borrow().values() {
                    if *of == run {
                        abort.abort();
                    }
                }
            }
            Err(_) => {}
        }
    }

    fn begin(self: Rc<Self>, request: Request, bytes: Option<ArrayBuffer>) {
        let (abort, registration) = AbortHandle::new_pair();
        self.running.borrow_mut().insert(request.id, (request.run, abort));
        spawn_local(async move {
            let sent = bytes.clone();
            let done = Abortable::new(self.fulfil(&request, bytes), registration).await;
            self.running.borrow_mut().remove(&request.id);
            if let Some(sent) = &sent {
                js::free(sent);
            }
            let (answer, bytes) = match done.unwrap_or_else(|_| Err(Fault::cancelled())) {
                Ok(answer) => answer,
                Err(Fault { code, message, .. }) => (Answer::Failed { code, message }, None),
            };
            post(&self.engine, &ToEngine::Answer { id: request.id, answer }, bytes.as_ref());
        });
    }

    async fn fulfil(&self, request: &Request, bytes: Option<ArrayBuffer>) -> Result<(Answer, Option<ArrayBuffer>), Fault> {
        let patient = request.patient;
        match &request.verb {
            Verb::Put { object, sha256 } => {
                let bytes = bytes.ok_or_else(|| Fault::permanent("internal", "There are no bytes to store."))?;
                let body = self.storage.body(object, bytes);
                self.retry.until_done(patient, async || self.storage.put(object, sha256, &body).await).await?;
                Ok((Answer::Done, None))
            }
            Verb::Replace { object } => {
                let bytes = bytes.ok_or_else(|| Fault::permanent("internal", "There are no bytes to store."))?;
                self.retry.until_done(patient, async || self.storage.replace(object, &bytes).await).await?;
                Ok((Answer::Done, None))
            }
            Verb::Get { object, range } => {
                let bytes = self.retry.until_done(patient, async || self.storage.get(object, *range).await).await?;
                Ok((Answer::Bytes, Some(bytes)))
            }
            Verb::List { vault, kind } => {
                let listed = self.retry.until_done(patient, async || self.storage.list(vault, kind).await).await?;
                Ok((Answer::Listed(listed), None))
            }
            Verb::Erase { object } => {
                self.retry.until_done(patient, async || self.storage.erase(object).await).await?;
                Ok((Answer::Done, None))
            }
            // The last step of a sign-in counts once: were its answer lost, sending it again would be refused.
            Verb::Broker { call, body } if call.ends_with("/finish") => Ok((Answer::Told(self.storage.broker(call, body).await?), None)),
            Verb::Broker { call, body } => {
                let told = self.retry.until_done(patient, async || self.storage.broker(call, body).await).await?;
                Ok((Answer::Told(told), None))
            }
        }
    }
}

fn post(engine: &MessagePort, message: &ToEngine, bytes: Option<&ArrayBuffer>) {
    let head = serde_wasm_bindgen::to_value(message).expect("plain data crosses");
    let (message, transfer) = js::envelope(&head, bytes);
    engine.post_message_with_transferable(&message, &transfer).expect("a port takes plain data and buffers");
}
