//! What an object is stored from.

use js_sys::{Array, ArrayBuffer};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::{fault::Fault, js};

/// The bytes of an object, for as many attempts as it takes to store them.
pub enum Body {
    /// In this worker's memory.
    Here(ArrayBuffer),
    /// Where the browser keeps them, outside of the tab, and reads them itself.
    Kept { blob: Blob, length: u32 },
}

impl Body {
    /// Takes the bytes out of this worker. A buffer that is sent by `fetch` is copied inside the tab, and once more where the page has a
    /// service worker, whether that hears of the request or not; the copies stay until the answer has come.
    pub fn kept(bytes: ArrayBuffer) -> Self {
        match Blob::new_with_buffer_source_sequence(&Array::of1(&bytes)) {
            Ok(blob) => {
                let length = bytes.byte_length();
                js::free(&bytes);
                Self::Kept { blob, length }
            }
            Err(_) => Self::Here(bytes),
        }
    }

    pub fn length(&self) -> u32 {
        match self {
            Self::Here(bytes) => bytes.byte_length(),
            Self::Kept { length, .. } => *length,
        }
    }

    /// What `fetch` takes.
    pub fn value(&self) -> &JsValue {
        match self {
            Self::Here(bytes) => bytes,
            Self::Kept { blob, .. } => blob,
        }
    }

    /// In this worker's memory, again or still.
    ///
    /// # Errors
    /// `internal`: the browser has lost them.
    pub async fn bytes(&self) -> Result<ArrayBuffer, Fault> {
        match self {
            Self::Here(bytes) => Ok(bytes.clone()),
            Self::Kept { blob, .. } => {
                let lost = |_| Fault::permanent("internal", "The browser has lost what was to be stored. Start again.");
                Ok(JsFuture::from(blob.array_buffer()).await.map_err(lost)?.unchecked_into())
            }
        }
    }
}
