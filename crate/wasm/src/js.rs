//! Small change with JavaScript.

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use strongroom_core::Millis;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessagePort};

/// `object[key]`, or undefined.
pub fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// `message.head` as plain data.
pub fn head<T: DeserializeOwned>(message: &JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(get(message, "head")).ok()
}

/// A message, `{ head, … }`, and what is transferred with it.
pub struct Envelope {
    message: Object,
    transfer: Array,
}

impl Envelope {
    pub fn new(head: &impl Serialize) -> Self {
        // A flattened struct is a map to serde, and an object to whoever reads it.
        let objects = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
        Self::of(&head.serialize(&objects).expect("plain data crosses"))
    }

    /// With bytes of postcard as its head.
    pub fn packed(head: &impl Serialize) -> Self {
        let bytes = postcard::to_allocvec(head).expect("jobs and outcomes are plain data");
        let head = Uint8Array::from(&bytes[..]);
        let envelope = Self::of(&head);
        envelope.transfer.push(&head.buffer());
        envelope
    }

    fn of(head: &JsValue) -> Self {
        let message = Object::new();
        Reflect::set(&message, &"head".into(), head).expect("a new object takes properties");
        Self { message, transfer: Array::new() }
    }

    /// Under `key`, given over.
    pub fn with(self, key: &str, bytes: &ArrayBuffer) -> Self {
        Reflect::set(&self.message, &key.into(), bytes).expect("a new object takes properties");
        self.transfer.push(bytes);
        self
    }

    /// As a list under `key`, given over.
    pub fn with_all(self, key: &str, buffers: &[ArrayBuffer]) -> Self {
        let list: Array = buffers.iter().collect();
        Reflect::set(&self.message, &key.into(), &list).expect("a new object takes properties");
        buffers.iter().for_each(|buffer| {
            self.transfer.push(buffer);
        });
        self
    }

    pub fn post(self, port: &MessagePort) {
        port.post_message_with_transferable(&self.message, &self.transfer).expect("a port takes plain data and buffers");
    }

    pub fn post_to_page(self, page: &DedicatedWorkerGlobalScope) {
        page.post_message_with_transfer(&self.message, &self.transfer).expect("the page takes plain data and buffers");
    }
}

/// The head of a message that was packed.
pub fn unpack<T: DeserializeOwned>(message: &JsValue) -> Option<T> {
    let bytes = get(message, "head").dyn_into::<Uint8Array>().ok()?.to_vec();
    postcard::from_bytes(&bytes).ok()
}

/// The buffers of a message under `key`.
pub fn buffers(message: &JsValue, key: &str) -> Vec<ArrayBuffer> {
    let list = get(message, key);
    if list.is_undefined() { Vec::new() } else { Array::from(&list).iter().filter_map(|buffer| buffer.dyn_into().ok()).collect() }
}

/// This worker.
pub fn worker() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Asks the page to open the files of these numbers once more.
pub fn ask_again(files: &Array) {
    let message = Object::new();
    Reflect::set(&message, &"again".into(), files).expect("a new object takes properties");
    worker().post_message(&message).expect("the page takes numbers");
}

/// What this module has taken of memory: bytes.
pub fn module_memory() -> u32 {
    wasm_bindgen::memory().unchecked_into::<js_sys::WebAssembly::Memory>().buffer().unchecked_into::<ArrayBuffer>().byte_length()
}

thread_local! {
    static NOWHERE: MessagePort = {
        let channel = MessageChannel::new().expect("a worker has channels");
        channel.port2().close();
        channel.port1()
    };
}

/// Gives the memory of a buffer back at once, by sending it where nobody listens. Chromium does not count buffers that came by message,
/// and collects them late: 200 of 8 MiB, one after the other, had 420 MB lying about.
pub fn free(bytes: &ArrayBuffer) {
    NOWHERE.with(|nowhere| {
        // A buffer that is gone already cannot be sent.
        let _ = nowhere.post_message_with_transferable(&JsValue::NULL, &Array::of1(bytes));
    });
}

/// By this device's clock.
pub fn now() -> Millis {
    js_sys::Date::now() as Millis
}

/// 32 bytes of the browser's generator.
pub fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    let crypto = worker().crypto().expect("a worker has crypto");
    crypto.get_random_values_with_u8_array(&mut seed).expect("32 bytes are within its limit");
    seed
}
