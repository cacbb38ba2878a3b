//! What crate/server/API.md says of erasures, in memory.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use strongroom_core::{Code, HostError, Millis};

use crate::host::Storage;

pub const DAY: Millis = 86_400_000;
pub const DELAY: Millis = 7 * DAY;

/// By tombstone: when it is due, and what is marked.
#[derive(Clone, Default)]
pub struct Eraser(pub BTreeMap<String, (Millis, BTreeSet<String>)>);

impl Storage {
    pub fn erase(&mut self, call: &str, body: &[u8]) -> Result<Vec<u8>, HostError> {
        let body: Value = serde_json::from_slice(body).expect("requests are JSON");
        let tombstone = || body["tombstone"].as_str().expect("a name").to_string();
        let paths = || body["paths"].as_array().expect("paths").iter().map(|path| path.as_str().expect("a path").to_string());
        let answer = match call {
            "erase/mark" => {
                let due = self.now + DELAY;
                self.eraser.0.entry(tombstone()).or_insert((due, BTreeSet::new())).1.extend(paths());
                json!({ "due": due })
            }
            "erase/list" => {
                let erasure = |(name, (due, paths)): (&String, &(Millis, BTreeSet<String>))| json!({ "tombstone": name, "objects": paths.len(), "due": due });
                json!({ "erasures": self.eraser.0.iter().map(erasure).collect::<Vec<_>>(), "now": self.now })
            }
            "erase/cancel" => {
                self.eraser.0.remove(&tombstone());
                json!({})
            }
            "erase/confirm" => {
                let mut erased = 0;
                if let Some((due, marked)) = self.eraser.0.get_mut(&tombstone()) {
                    if *due > self.now {
                        return Err(HostError { code: Code::Denied, message: "Not yet.".into() });
                    }
                    for path in paths().filter(|path| marked.remove(path)) {
                        erased += u64::from(self.objects.remove(&path).is_some());
                    }
                }
                json!({ "erased": erased })
            }
            other => panic!("no call {other}"),
        };
        Ok(answer.to_string().into_bytes())
    }
}
