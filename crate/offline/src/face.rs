//! The reader as JavaScript sees it: commands, then `poll` until it says to wait, and an answer to each of its wishes
//! (`crate/wasm/ts/offline/reader.ts` has the types). Nothing here calls back.

use js_sys::{Array, Object, Reflect, Uint8Array};
use strongroom_core::{Ask, Code, Error, HostError, Listed, Listing, Millis, Name, Place, RestoreReport, SinkPart, VaultHandle, VaultId};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use zeroize::Zeroize;

use crate::reader::{Answer, Reader, Step};

/// A vault that lies in a folder or a ZIP.
#[wasm_bindgen]
pub struct OfflineReader(Reader);

#[wasm_bindgen]
impl OfflineReader {
    /// `vault`: the id, 32 hex digits.
    #[wasm_bindgen(constructor)]
    pub fn new(vault: &str) -> Result<Self, JsValue> {
        let vault: VaultId = vault.parse().map_err(|_| failure(&Error::new(Code::NoVault, "A vault's id is 32 hexadecimal digits.")))?;
        Ok(Self(Reader::new(vault)))
    }

    #[wasm_bindgen(js_name = unlockPhrase)]
    pub fn unlock_phrase(&mut self, mut words: String) -> Result<(), JsValue> {
        let begun = self.0.unlock_phrase(&words);
        words.zeroize();
        begun.map_err(|error| failure(&error))
    }

    /// In Unicode NFKC, as a browser makes it.
    #[wasm_bindgen(js_name = unlockPassphrase)]
    pub fn unlock_passphrase(&mut self, passphrase: String) {
        self.0.unlock_passphrase(passphrase);
    }

    /// `path`: names from the root, joined by `/`; `after`: the name after which the page begins.
    pub fn list(&mut self, snapshot: &str, path: &str, after: Option<String>, limit: u32) -> Result<(), JsValue> {
        let begun = name(snapshot).and_then(|snapshot| self.0.list(snapshot, split(path), after.map(String::into_bytes), limit as usize));
        begun.map_err(|error| failure(&error))
    }

    /// `paths`: of files and folders; one that is empty is everything. `seed`: 32 random bytes.
    pub fn restore(&mut self, snapshot: &str, paths: Vec<String>, sequential: bool, seed: &[u8]) -> Result<(), JsValue> {
        let selection = paths.iter().map(|path| split(path)).collect();
        let begun = seed
            .try_into()
            .map_err(|_| Error::new(Code::BadRequest, "A seed has 32 bytes."))
            .and_then(|seed| self.0.restore(name(snapshot)?, selection, sequential, seed));
        begun.map_err(|error| failure(&error))
    }

    pub fn cancel(&mut self) {
        self.0.cancel();
    }

    /// `[files done, files in all, bytes done, bytes in all]` of a restore.
    pub fn progress(&self) -> Option<Vec<f64>> {
        self.0.progress().map(|(files, of_files, bytes, of_bytes)| [files, of_files, bytes, of_bytes].map(|number| number as f64).into())
    }

    /// A wish, a result, a failure, or undefined when there is nothing to do before an answer comes.
    pub fn poll(&mut self, now: f64) -> JsValue {
        match self.0.poll(now as Millis) {
            Step::Ask(id, ask) => self.wish(id, ask),
            Step::Wait => JsValue::UNDEFINED,
            Step::Done(answer) => object(&[("done", done(&answer))]),
            Step::Failed(error) => object(&[("failed", failure(&error))]),
        }
    }

    pub fn got(&mut self, id: f64, bytes: Vec<u8>, now: f64) {
        self.0.got(id as u64, bytes, now as Millis);
    }

    pub fn listed(&mut self, id: f64, names: Vec<String>, lengths: &[f64], now: f64) {
        let found = names.into_iter().zip(lengths).map(|(name, length)| Listed { name, length: *length as u64 }).collect();
        self.0.listed(id as u64, found, now as Millis);
    }

    pub fn done(&mut self, id: f64, now: f64) {
        self.0.done(id as u64, now as Millis);
    }

    /// The object is not there.
    pub fn missing(&mut self, id: f64, message: String, now: f64) {
        self.0.failed(id as u64, HostError { code: Code::Missing, message }, now as Millis);
    }

    /// The folder or the ZIP cannot be read any more.
    pub fn unreadable(&mut self, id: f64, message: String, now: f64) {
        self.0.failed(id as u64, HostError { code: Code::Denied, message }, now as Millis);
    }

    /// What is restored cannot be written.
    #[wasm_bindgen(js_name = sinkFailed)]
    pub fn sink_failed(&mut self, id: f64, message: String, now: f64) {
        self.0.failed(id as u64, HostError { code: Code::SinkFailed, message }, now as Millis);
    }
}

impl OfflineReader {
    fn wish(&self, id: u64, ask: Ask) -> JsValue {
        let id = ("id", JsValue::from(id as f64));
        match ask {
            Ask::Get { object: of, range, .. } => {
                let name = format!("{}/{}", of.kind.folder(), of.name);
                let (offset, length) = range.map_or((JsValue::UNDEFINED, JsValue::UNDEFINED), |(offset, length)| {
                    (JsValue::from(offset as f64), JsValue::from(length))
                });
                object(&[id, ("get", name.into()), ("offset", offset), ("length", length)])
            }
            Ask::List { kind, .. } => object(&[id, ("list", kind.folder().into())]),
            Ask::Folder { path, mtime } => object(&[id, ("folder", names(&path)), ("mtime", time(mtime))]),
            Ask::Write(part) => self.write(id, part),
            Ask::Discard { file, path } => object(&[id, ("discard", names(&path)), ("file", (file as f64).into())]),
            // The reader passes nothing else on.
            _ => JsValue::UNDEFINED,
        }
    }

    fn write(&self, id: (&str, JsValue), SinkPart { file, path, size, mtime, offset, pieces, last }: SinkPart) -> JsValue {
        let bytes = Uint8Array::new_with_length(pieces.iter().map(|piece| piece.end.saturating_sub(piece.start)).sum());
        let mut at = 0;
        for piece in pieces {
            let from = self.0.bytes(piece.held, piece.start, piece.end);
            let end = at + from.len() as u32;
            bytes.subarray(at, end).copy_from(from);
            at = end;
        }
        object(&[
            id,
            ("write", names(&path)),
            ("file", (file as f64).into()),
            ("size", (size as f64).into()),
            ("mtime", time(mtime)),
            ("offset", (offset as f64).into()),
            ("last", last.into()),
            ("bytes", bytes.into()),
        ])
    }
}

fn done(answer: &Answer) -> JsValue {
    match answer {
        Answer::Opened(handle) => opened(handle),
        Answer::Listed(listing) => listed(listing),
        Answer::Restored(report) => restored(report),
    }
}

fn opened(handle: &VaultHandle) -> JsValue {
    let snapshots = handle.snapshots().into_iter().map(|info| {
        object(&[
            ("id", info.id.to_string().into()),
            ("time", (info.time as f64).into()),
            ("label", info.label.into()),
            ("writer", info.writer.into()),
            ("files", (info.files as f64).into()),
            ("bytes", (info.bytes as f64).into()),
            ("left", (info.left as f64).into()),
        ])
    });
    object(&[
        ("snapshots", snapshots.collect::<Array>().into()),
        ("damaged", handle.damaged().iter().map(failure).collect::<Array>().into()),
    ])
}

fn listed(listing: &Listing) -> JsValue {
    let entries = listing.entries.iter().map(|entry| {
        object(&[
            ("name", lossy(&entry.name)),
            ("folder", entry.folder.into()),
            ("mtime", time(entry.mtime)),
            ("size", (entry.size as f64).into()),
            ("files", (entry.files as f64).into()),
        ])
    });
    let next = listing.next.as_deref().map_or(JsValue::UNDEFINED, lossy);
    object(&[("entries", entries.collect::<Array>().into()), ("total", (listing.total as f64).into()), ("next", next)])
}

fn restored(report: &RestoreReport) -> JsValue {
    let damaged = report.damaged.iter().map(|left| object(&[("path", (&left.path).into()), ("why", (&left.message).into())]));
    object(&[
        ("files", (report.files as f64).into()),
        ("folders", (report.folders as f64).into()),
        ("bytes", (report.bytes as f64).into()),
        ("damaged", damaged.collect::<Array>().into()),
        ("damagedCount", (report.damaged_count as f64).into()),
    ])
}

fn failure(error: &Error) -> JsValue {
    let path = match &error.place {
        Place::Object(path) | Place::Path(path) => path.into(),
        Place::Nothing => JsValue::UNDEFINED,
    };
    object(&[("code", code(error.code).into()), ("message", (&error.message).into()), ("path", path)])
}

/// As it crosses everywhere, in `snake_case`.
fn code(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in fields {
        Reflect::set(&object, &(*key).into(), value).expect("a new object takes properties");
    }
    object.into()
}

fn name(snapshot: &str) -> Result<Name, Error> {
    snapshot.parse().map_err(|_| Error::new(Code::NoSnapshot, "There is no such snapshot. Choose one of the list."))
}

fn names(path: &[Vec<u8>]) -> JsValue {
    path.iter().map(|name| lossy(name)).collect::<Array>().into()
}

fn lossy(name: &[u8]) -> JsValue {
    String::from_utf8_lossy(name).as_ref().into()
}

fn split(path: &str) -> Vec<Vec<u8>> {
    path.split('/').filter(|name| !name.is_empty()).map(|name| name.as_bytes().to_vec()).collect()
}

fn time(time: Option<Millis>) -> JsValue {
    time.map_or(JsValue::UNDEFINED, |time| (time as f64).into())
}
