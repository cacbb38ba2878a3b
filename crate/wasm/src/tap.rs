//! The bytes of a blob from its front to its end, straight into memory of Rust's.
//!
//! Not by `arrayBuffer()`: every buffer would be garbage of JavaScript's at once, which piles up to many times what is in use. Here one
//! small buffer serves a whole blob; it also costs the browser half as much.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamByobReader, ReadableStreamDefaultReader};

use crate::js;

/// What the browser may fill at one time; it has less at hand.
const BUFFER: u32 = 1 << 20;

/// An open blob.
pub struct Tap {
    reader: Reader,
}

enum Reader {
    /// Fills the buffer that it is given, and gives it back.
    Filling(ReadableStreamByobReader, ArrayBuffer),
    /// For browsers whose blobs do not: gives pieces of its own; the rest of one waits here.
    Giving(ReadableStreamDefaultReader, Uint8Array),
}

impl Tap {
    /// # Errors
    /// What the browser throws.
    pub fn open(blob: &Blob) -> Result<Self, JsValue> {
        let stream = blob.stream();
        let reader = match ReadableStreamByobReader::new(&stream) {
            Ok(reader) => Reader::Filling(reader, ArrayBuffer::new((blob.size() as u32).clamp(1, BUFFER))),
            Err(_) => Reader::Giving(ReadableStreamDefaultReader::new(&stream)?, Uint8Array::new_with_length(0)),
        };
        Ok(Self { reader })
    }

    /// The next `length` bytes; fewer if the blob ends before.
    ///
    /// # Errors
    /// What the browser throws: the file is gone, was changed, or may not be read.
    pub async fn take(&mut self, length: usize) -> Result<Vec<u8>, JsValue> {
        let mut bytes = vec![0; length];
        let mut rest = bytes.as_mut_slice();
        while !rest.is_empty() {
            let Some(piece) = self.piece(rest.len()).await? else { break };
            let (front, after) = rest.split_at_mut(piece.length() as usize);
            piece.copy_to(front);
            rest = after;
        }
        let missing = rest.len();
        bytes.truncate(length - missing);
        Ok(bytes)
    }

    /// Whether the blob has no more bytes; takes one if it has.
    ///
    /// # Errors
    /// As [`Tap::take`].
    pub async fn is_at_end(&mut self) -> Result<bool, JsValue> {
        Ok(self.piece(1).await?.is_none())
    }

    /// Some bytes, at most `most` of them; none at the end.
    async fn piece(&mut self, most: usize) -> Result<Option<Uint8Array>, JsValue> {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        match &mut self.reader {
            Reader::Filling(reader, buffer) => {
                let room = Uint8Array::new_with_byte_offset_and_length(buffer, 0, most.min(buffer.byte_length()));
                let read = JsFuture::from(reader.read_with_array_buffer_view(&room)).await?;
                let Ok(piece) = js::get(&read, "value").dyn_into::<Uint8Array>() else { return Ok(None) };
                *buffer = piece.buffer();
                Ok((piece.length() > 0).then_some(piece))
            }
            Reader::Giving(reader, rest) => {
                while rest.length() == 0 {
                    let read = JsFuture::from(reader.read()).await?;
                    let Ok(piece) = js::get(&read, "value").dyn_into() else { return Ok(None) };
                    *rest = piece;
                }
                let piece = rest.subarray(0, most.min(rest.length()));
                *rest = rest.subarray(piece.length(), rest.length());
                Ok(Some(piece))
            }
        }
    }
}

impl Drop for Tap {
    /// The browser need not read on.
    fn drop(&mut self) {
        // Whether it could be cancelled concerns nobody.
        match &self.reader {
            Reader::Filling(reader, _) => js::ignore(reader.cancel()),
            Reader::Giving(reader, _) => js::ignore(reader.cancel()),
        }
    }
}
