//! Comparing with the files, and the data that vectors are made of.

use std::{env, fs, path::Path};

use serde_json::{Value, json};
use strongroom_core::{Code, key::Ring};

/// The ring of every vector: epochs 1 and 3, keys of one repeated byte.
pub fn ring() -> Ring {
    let vault = [0x0a; 16];
    let mut body = vec![1];
    body.extend_from_slice(&vault);
    body.push(18);
    body.extend_from_slice(&[0x0b; 32]);
    body.extend_from_slice(&2u16.to_le_bytes());
    for (epoch, key) in [(1u32, 0x0c), (3, 0x0d)] {
        body.extend_from_slice(&epoch.to_le_bytes());
        body.extend_from_slice(&[key; 32]);
    }
    Ring::decode(&body, strongroom_core::VaultId(vault)).expect("a ring by FORMAT.md §3")
}

/// Bytes that anyone can make: byte *i* is *i* mod 251.
pub fn counting(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

/// What a reader says: `"ok"`, or the code of its error.
pub fn verdict<T>(result: Result<T, Code>) -> Value {
    match result {
        Ok(_) => json!("ok"),
        Err(code) => json!(code),
    }
}

/// One change to an object, and what a reader says to it.
pub struct Damage {
    pub what: &'static str,
    /// Turns over the bits of `mask` in the byte at that place.
    pub xor: Option<(usize, u8)>,
    /// Leaves only so many bytes.
    pub truncate: Option<usize>,
    /// Adds zero bytes behind.
    pub append: Option<usize>,
    /// Exchanges the bytes of two segments of 65,536.
    pub swap: Option<(usize, usize)>,
}

impl Damage {
    pub const fn xor(what: &'static str, at: usize, mask: u8) -> Self {
        Self { xor: Some((at, mask)), ..Self::none(what) }
    }

    pub const fn truncate(what: &'static str, length: usize) -> Self {
        Self { truncate: Some(length), ..Self::none(what) }
    }

    pub const fn append(what: &'static str, zeros: usize) -> Self {
        Self { append: Some(zeros), ..Self::none(what) }
    }

    pub const fn swap(what: &'static str, first: usize, second: usize) -> Self {
        Self { swap: Some((first, second)), ..Self::none(what) }
    }

    const fn none(what: &'static str) -> Self {
        Self { what, xor: None, truncate: None, append: None, swap: None }
    }

    fn apply(&self, object: &[u8]) -> Vec<u8> {
        let mut object = object.to_vec();
        if let Some((at, mask)) = self.xor {
            object[at] ^= mask;
        }
        if let Some(length) = self.truncate {
            object.truncate(length);
        }
        if let Some(zeros) = self.append {
            object.resize(object.len() + zeros, 0);
        }
        if let Some((first, second)) = self.swap {
            (0..65_536).for_each(|i| object.swap(65_536 * first + i, 65_536 * second + i));
        }
        object
    }

    /// The change in words, and the verdict of `read` on the changed object.
    pub fn record<T>(&self, object: &[u8], read: impl Fn(&[u8]) -> Result<T, Code>) -> Value {
        let mut record = json!({ "what": self.what, "verdict": verdict(read(&self.apply(object))) });
        let fields = record.as_object_mut().expect("an object");
        if let Some((at, mask)) = self.xor {
            fields.insert("xor".into(), json!({ "at": at, "mask": mask }));
        }
        if let Some(length) = self.truncate {
            fields.insert("truncate".into(), json!(length));
        }
        if let Some(zeros) = self.append {
            fields.insert("append_zeros".into(), json!(zeros));
        }
        if let Some((first, second)) = self.swap {
            fields.insert("swap_segments".into(), json!([first, second]));
        }
        record
    }
}

/// Compares with `tests/vectors/<scenario>.json`, or writes it when blessing.
pub fn hold(scenario: &str, found: &Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let path = folder.join(format!("{scenario}.json"));
    let text = serde_json::to_string_pretty(found).expect("plain data") + "\n";
    if env::var_os("STRONGROOM_BLESS").is_some() {
        fs::create_dir_all(&folder).expect("the folder of vectors can be made");
        fs::write(&path, text).expect("the vector can be written");
        return;
    }
    let golden = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{scenario}: {error}; `cargo xtask vectors --bless` writes it"));
    let golden: Value = serde_json::from_str(&golden).expect("a vector is JSON");
    compare(scenario, &golden, found);
}

/// Names the first field that differs, because two objects in hex side by side tell nobody anything.
fn compare(place: &str, golden: &Value, found: &Value) {
    match (golden, found) {
        (Value::Object(golden), Value::Object(found)) => {
            assert!(golden.keys().eq(found.keys()), "{place}: other fields");
            golden.iter().for_each(|(key, value)| compare(&format!("{place}.{key}"), value, &found[key]));
        }
        (Value::Array(golden), Value::Array(found)) => {
            assert_eq!(golden.len(), found.len(), "{place}: another number of items");
            golden.iter().zip(found).enumerate().for_each(|(i, (golden, found))| compare(&format!("{place}[{i}]"), golden, found));
        }
        _ => assert!(golden == found, "{place} differs from the golden vector: {found}"),
    }
}
