//! A turn of the worker's event loop: what came meanwhile is handled before a task goes on.

use std::{cell::RefCell, rc::Rc};

use futures_channel::oneshot;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MessageChannel, MessageEvent, MessagePort};

/// Ends turns by sending itself a message, since timers wait longer than a job takes.
pub struct Turn {
    to_myself: MessagePort,
    waiting: Rc<RefCell<Option<oneshot::Sender<()>>>>,
    _listening: Closure<dyn FnMut(MessageEvent)>,
}

impl Turn {
    pub fn new() -> Self {
        let channel = MessageChannel::new().expect("a worker has channels");
        let waiting = Rc::new(RefCell::new(None::<oneshot::Sender<()>>));
        let woken = waiting.clone();
        let listening = Closure::<dyn FnMut(MessageEvent)>::new(move |_| {
            if let Some(waiting) = woken.take() {
                let _ = waiting.send(());
            }
        });
        channel.port2().set_onmessage(Some(listening.as_ref().unchecked_ref()));
        Self { to_myself: channel.port1(), waiting, _listening: listening }
    }

    /// Goes on in another turn.
    pub async fn next(&self) {
        let (sender, receiver) = oneshot::channel();
        self.waiting.replace(Some(sender));
        self.to_myself.post_message(&JsValue::NULL).expect("a port takes plain data");
        // The sender is kept until it has sent.
        let _ = receiver.await;
    }
}
