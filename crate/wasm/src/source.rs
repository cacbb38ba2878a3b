//! A lane's files: handed over by the page, read slice by slice.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use futures_channel::oneshot;
use js_sys::{Array, ArrayBuffer};
use strongroom_core::{Code, HostError, Read};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DomException, MessageEvent};

use crate::{gate::Gate, js, message::Told};

/// Reads in flight: enough for small files (8 to 32 saturate), while two batches of 8 MiB bound the large ones.
const READS: usize = 16;

type Opened = Result<Blob, HostError>;

/// The files this lane was given and has not read to their end.
#[derive(Clone)]
pub struct Files {
    state: Rc<RefCell<HashMap<u32, Slot>>>,
    gate: Gate,
}

enum Slot {
    /// With how often it was given: a run that lost a lane gives it again, while the last read of the first time may still come.
    Here(Opened, u32),
    /// Asked for before the page has sent it.
    Awaited(Vec<oneshot::Sender<Opened>>),
}

impl Files {
    /// Listens to the page, which sends `{ files: [[number, Blob or { code, message }], …] }`.
    pub fn listen() -> Self {
        let files = Self { state: Rc::default(), gate: Gate::new(READS) };
        let taking = files.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let list = js::get(&event.data(), "files");
            for pair in Array::from(&list).iter().map(|pair| Array::from(&pair)) {
                let Some(number) = pair.get(0).as_f64() else { continue };
                taking.take(number as u32, opened(pair.get(1)));
            }
        });
        js::worker().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // Lives as long as the worker.
        on_message.forget();
        files
    }

    /// The bytes of one slice.
    ///
    /// # Errors
    /// `SourceChanged`, `SourceGone`, `SourceUnreadable`: by the browser's word, and by counting bytes, since some
    /// browsers silently give those of a file that was changed.
    pub async fn read(&self, read: Read) -> Result<ArrayBuffer, HostError> {
        let blob = self.file(read.file.0).await;
        if read.last {
            self.let_go(read.file.0);
        }
        let blob = blob?;
        let end = read.offset as f64 + f64::from(read.length);
        if read.last && blob.size() != end {
            return Err(changed());
        }
        let _pass = self.gate.enter().await;
        // A slice is registered with the browser's process, a millisecond during which Chromium's worker stands still.
        let whole = read.offset == 0 && blob.size() == end;
        let part = if whole { Ok(blob) } else { blob.slice_with_f64_and_f64(read.offset as f64, end) };
        let part = part.map_err(|thrown| unreadable(&thrown))?;
        let bytes: ArrayBuffer = JsFuture::from(part.array_buffer()).await.map_err(|thrown| unreadable(&thrown))?.unchecked_into();
        if bytes.byte_length() == read.length { Ok(bytes) } else { Err(changed()) }
    }

    fn take(&self, number: u32, opened: Opened) {
        let before = self.state.borrow_mut().remove(&number);
        let given = if let Some(Slot::Here(_, given)) = before { given + 1 } else { 1 };
        self.state.borrow_mut().insert(number, Slot::Here(opened.clone(), given));
        if let Some(Slot::Awaited(waiting)) = before {
            waiting.into_iter().for_each(|waiting| drop(waiting.send(opened.clone())));
        }
    }

    /// It was read to its end.
    fn let_go(&self, number: u32) {
        let mut state = self.state.borrow_mut();
        match state.get_mut(&number) {
            Some(Slot::Here(_, given)) if *given > 1 => *given -= 1,
            Some(Slot::Here(..)) => drop(state.remove(&number)),
            _ => {}
        }
    }

    async fn file(&self, number: u32) -> Opened {
        let receiver = {
            let mut state = self.state.borrow_mut();
            match state.entry(number).or_insert_with(|| Slot::Awaited(Vec::new())) {
                Slot::Here(opened, _) => return opened.clone(),
                Slot::Awaited(waiting) => {
                    let (sender, receiver) = oneshot::channel();
                    waiting.push(sender);
                    receiver
                }
            }
        };
        receiver.await.unwrap_or_else(|_| Err(changed()))
    }
}

fn opened(value: JsValue) -> Opened {
    value.dyn_into::<Blob>().map_err(|told| match serde_wasm_bindgen::from_value::<Told>(told) {
        Ok(told) => told.into(),
        Err(_) => changed(),
    })
}

fn changed() -> HostError {
    HostError { code: Code::SourceChanged, message: "The file changed while it was read. Back up again to get it as it is now.".into() }
}

/// Chromium says NotReadableError when a file changed, WebKit NotFoundError; both say NotFoundError when it is gone.
fn unreadable(thrown: &JsValue) -> HostError {
    match thrown.dyn_ref::<DomException>().map(DomException::name).as_deref() {
        Some("NotReadableError") => changed(),
        Some("NotFoundError") => {
            HostError { code: Code::SourceGone, message: "The file is not there any more, or was changed. Back up again.".into() }
        }
        name => HostError {
            code: Code::SourceUnreadable,
            message: format!("The browser could not read the file ({}). Check that you may read it.", name.unwrap_or("unknown error")),
        },
    }
}
