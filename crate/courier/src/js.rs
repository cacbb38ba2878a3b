//! Small change with JavaScript objects.

use js_sys::{Array, ArrayBuffer, Function, JSON, Object, Reflect, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessagePort};

/// `object[key]`, or undefined.
pub fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// `object[key]` as bytes that were transferred.
pub fn buffer(object: &JsValue, key: &str) -> Option<ArrayBuffer> {
    get(object, key).dyn_into().ok()
}

/// `{ head, bytes? }` and what to transfer with it.
pub fn envelope(head: &JsValue, bytes: Option<&ArrayBuffer>) -> (JsValue, Array) {
    let message = Object::new();
    let transfer = Array::new();
    Reflect::set(&message, &"head".into(), head).expect("a new object takes properties");
    if let Some(bytes) = bytes {
        Reflect::set(&message, &"bytes".into(), bytes).expect("a new object takes properties");
        transfer.push(bytes);
    }
    (message.into(), transfer)
}

/// The browser has a reader and a writer of JSON; they do not weigh anything.
pub fn to_json(data: &impl Serialize) -> String {
    let plain = data.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).expect("plain data crosses");
    JSON::stringify(&plain).expect("plain data is JSON").into()
}

/// None where the text is no JSON, or the JSON of something else.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_wasm_bindgen::from_value(JSON::parse(text).ok()?).ok()
}

/// After so many bytes of buffers V8 collects garbage.
const COLLECTED_AFTER: u32 = 64 << 20;

/// Makes the browser collect garbage soon. Chromium keeps a copy of every body that was sent until then but does not count it; a buffer
/// counts, and takes no memory where nobody touches it. Without this a large backup takes a gigabyte.
pub fn hasten_collection() {
    let constructor: Function = get(&js_sys::global(), "ArrayBuffer").unchecked_into();
    // A browser that has not so many bytes left collects as well.
    drop(Reflect::construct(&constructor, &Array::of1(&COLLECTED_AFTER.into())));
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

/// Milliseconds since 1970, by this device's clock.
pub fn now() -> f64 {
    js_sys::Date::now()
}

/// SHA-256 in hex.
pub async fn sha256(bytes: &ArrayBuffer) -> String {
    let subtle = js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>().crypto().expect("a worker has crypto").subtle();
    let digest = subtle.digest_with_str_and_buffer_source("SHA-256", bytes).expect("every browser has SHA-256");
    let digest = JsFuture::from(digest).await.expect("a digest of bytes in memory does not fail");
    Uint8Array::new(&digest).to_vec().iter().map(|byte| format!("{byte:02x}")).collect()
}
