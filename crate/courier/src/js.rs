//! Small change with JavaScript objects.

use js_sys::{Array, ArrayBuffer, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

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

/// Milliseconds since 1970, by this device's clock.
pub fn now() -> f64 {
    js_sys::Date::now()
}
