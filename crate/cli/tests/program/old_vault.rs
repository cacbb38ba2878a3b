//! A vault that a program of the first evening wrote (tests/vectors/old-vault), restored by this one.

use std::{fs, path::Path};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::bench::{Ended, tree};

/// What a manifest says, and what a restored folder has: path, time, and of files size and SHA-256 (none of an empty one's).
type Entry = (String, i64, Option<(u64, String)>);

#[test]
fn a_vault_of_the_first_program_is_restored_bit_for_bit_by_its_passphrase_and_by_its_phrase() {
    let vault = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/old-vault");
    let manifest: Value = serde_json::from_slice(&fs::read(vault.join("manifest.json")).expect("the vector is there")).expect("JSON");
    let home = TempDir::new().expect("a folder");
    let snapshots = manifest["snapshots"].as_array().expect("a list");
    for (snapshot, (secret, option)) in
        snapshots.iter().zip([("passphrase", "--passphrase-file"), ("recovery_phrase", "--recovery-phrase-file")])
    {
        let file = home.path().join(secret);
        fs::write(&file, text(&manifest[secret])).expect("written");
        let id = text(&snapshot["snapshot"]["id"]);
        let target = home.path().join(id);
        let mut restore = std::process::Command::new(env!("CARGO_BIN_EXE_strongroom"));
        restore.env("XDG_STATE_HOME", home.path().join("state")).args(["restore", "--json", "--snapshot", id, "--vault"]).arg(&vault);
        let ended = Ended::of(restore.arg("--to").arg(&target).arg(option).arg(file).output().expect("the program starts"));
        assert_eq!((ended.code, &ended.json["files"]), (0, &snapshot["snapshot"]["files"]), "{ended:?}");
        assert_eq!(restored(&target), promised(snapshot));
    }
    assert_eq!(snapshots.len(), 2);
}

fn restored(folder: &Path) -> Vec<Entry> {
    let entries = tree(folder).into_iter().map(|(path, (content, time))| {
        let content =
            content.map(|bytes| (bytes.len() as u64, if bytes.is_empty() { String::new() } else { hex(&Sha256::digest(&bytes)) }));
        (hex(&path), time, content)
    });
    entries.collect()
}

fn promised(snapshot: &Value) -> Vec<Entry> {
    let entries = snapshot["entries"].as_array().expect("a list").iter().map(|entry| {
        let path = entry["path_hex"].as_str().map_or_else(|| hex(text(&entry["path"]).as_bytes()), str::to_owned);
        let content = entry["size"].as_u64().map(|size| (size, entry["sha256"].as_str().unwrap_or_default().to_owned()));
        (path, entry["mtime"].as_i64().expect("a time"), content)
    });
    let mut entries: Vec<Entry> = entries.collect();
    entries.sort();
    entries
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
