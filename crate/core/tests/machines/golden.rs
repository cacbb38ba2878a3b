//! A whole small vault as files, `tests/vectors/vault`: made anew here and compared. Any other reader can list, restore and
//! check it by its `manifest.json`. With `STRONGROOM_BLESS=1` the files are written anew.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path as FsPath, PathBuf},
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use strongroom_core::{SnapshotInfo, VaultHandle};

use crate::{
    host::{Thing, Things, file, noise, path},
    vaults::{PASSPHRASE, TestVault},
};

fn first_source() -> Things {
    let mut source = Things::new();
    source.insert(path("docs"), Thing::Folder { mtime: Some(1_700_000_000_001) });
    source.insert(path("docs/letter.txt"), file("Dear all,\n".repeat(300), 1_700_000_000_002));
    source.insert(path("docs/copy.txt"), file("Dear all,\n".repeat(300), 1_700_000_000_003));
    source.insert(path("docs/empty"), file("", -1));
    source.insert(path("docs/no time"), Thing::File { data: b"when?".to_vec(), mtime: None });
    source.insert(path("empty folder"), Thing::Folder { mtime: None });
    source.insert(path("noise.bin"), file(noise(1, 40_000), 1_700_000_000_004));
    // More chunks than stand in an entry, and all the same one.
    source.insert(path("zeros"), file(vec![0; 20 << 20], 1_700_000_000_005));
    source.insert(path("many"), Thing::Folder { mtime: Some(0) });
    // A folder in parts.
    for number in 0..2_000 {
        source.insert(path(&format!("many/{number:04}")), file("", number));
    }
    for name in ["caf\u{e9}", "cafe\u{301}", "🦀 crab", " space "] {
        source.insert(path(&format!("names/{name}")), file(name, 6));
    }
    source.insert(path("names"), Thing::Folder { mtime: Some(7) });
    source.insert(vec![b"names".to_vec(), vec![0xff, 0xfe]], file("not UTF-8", 8));
    source
}

fn second_source() -> Things {
    let mut source = first_source();
    source.remove(&path("docs/copy.txt"));
    source.insert(path("docs/letter.txt"), file("Dear all,\n".repeat(301), 1_700_000_000_009));
    source.insert(path("many/0999 and a half"), file("between", 10));
    source
}

#[test]
fn a_whole_vault_is_as_its_vectors_say_and_restores() {
    let mut vault = TestVault::create(42);
    let sources = [first_source(), second_source()];
    for (source, seed) in sources.iter().zip([43, 44]) {
        vault.back_up(source, seed);
        // The vector was made when no run took a last look before its snapshot, which takes this host four times 7 ms.
        vault.storage.now -= 28;
    }
    let (_, handle) = vault.open(1);
    hold(&files(&vault, &handle, &sources));
    // Oldest first, as the sources stand.
    for (info, source) in handle.snapshots().iter().rev().zip(&sources) {
        assert!(vault.restore(info.id, &[""]).1.sink == *source);
    }
    assert_eq!(vault.verify(true).damaged, []);
}

/// All files of the vector, by path below `tests/vectors/vault`.
fn files(vault: &TestVault, handle: &VaultHandle, sources: &[Things]) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<_, _> =
        vault.storage.objects.iter().map(|(name, bytes)| (format!("{}/{name}", vault.id), bytes.clone())).collect();
    let snapshots: Vec<String> = handle.snapshots().iter().rev().zip(sources).map(|(info, source)| snapshot(info, source)).collect();
    let manifest = format!(
        "{{\n\"about\": {},\n\"vault\": {},\n\"passphrase\": {},\n\"recovery_phrase\": {},\n\"snapshots\": [\n{}\n]}}\n",
        json!("What this vault holds, for any reader: FORMAT.md. Times are milliseconds since 1970; `null` is not known."),
        json!(vault.id.to_string()),
        json!(PASSPHRASE),
        json!(*vault.phrase.words()),
        snapshots.join(",\n")
    );
    serde_json::from_str::<Value>(&manifest).expect("the manifest is JSON");
    files.insert("manifest.json".into(), manifest.into_bytes());
    files
}

/// One snapshot of the manifest, one entry a line.
fn snapshot(info: &SnapshotInfo, source: &Things) -> String {
    let head = json!({
        "id": info.id.to_string(), "time": info.time, "label": info.label, "writer": info.writer,
        "files": info.files, "folders": info.folders, "bytes": info.bytes, "left": info.left, "head": info.head,
    });
    let entries: Vec<String> = source.iter().map(|(path, thing)| entry(path, thing).to_string()).collect();
    format!("{{\"snapshot\": {head},\n\"entries\": [\n{}\n]}}", entries.join(",\n"))
}

fn entry(path: &[Vec<u8>], thing: &Thing) -> Value {
    let joined = path.join(&b'/');
    let mut entry = match thing {
        Thing::Folder { mtime } => json!({ "kind": "folder", "mtime": mtime }),
        Thing::File { data, mtime } if data.is_empty() => json!({ "size": 0, "mtime": mtime }),
        Thing::File { data, mtime } => json!({ "size": data.len(), "mtime": mtime, "sha256": hex::encode(Sha256::digest(data)) }),
    };
    match String::from_utf8(joined) {
        Ok(path) => entry["path"] = json!(path),
        Err(error) => entry["path_hex"] = json!(hex::encode(error.into_bytes())),
    }
    entry
}

/// Compares with the files, or writes them.
fn hold(files: &BTreeMap<String, Vec<u8>>) {
    let root = FsPath::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/vault");
    let length: usize = files.values().map(Vec::len).sum();
    assert!(length <= 300_000, "the vault has {length} bytes");
    if env::var_os("STRONGROOM_BLESS").is_some() {
        let _ = fs::remove_dir_all(&root);
        for (name, bytes) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("below the root")).expect("folders");
            fs::write(path, bytes).expect("a file");
        }
    }
    let found = read(&root, &root);
    assert!(
        found.keys().eq(files.keys()),
        "tests/vectors/vault holds other objects. If the change is meant, run with STRONGROOM_BLESS=1.\nfound {:?}\nmade {:?}",
        found.keys(),
        files.keys()
    );
    for (name, bytes) in files {
        assert!(found.get(name) == Some(bytes), "tests/vectors/vault/{name} differs");
    }
}

fn read(root: &FsPath, folder: &FsPath) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let entries = fs::read_dir(folder).map(|entries| entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<PathBuf>>());
    for path in entries.unwrap_or_default() {
        if path.is_dir() {
            found.extend(read(root, &path));
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_str().expect("plain names").replace('\\', "/");
            found.insert(name, fs::read(&path).expect("a file"));
        }
    }
    found
}
