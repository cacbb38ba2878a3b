//! A folder with a source and a vault in it, and the real program.

use std::{
    collections::BTreeMap,
    fs::{self, File, FileTimes},
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, SystemTime},
};

use serde_json::Value;
use tempfile::TempDir;

pub const PASSPHRASE: &str = "five grey cats on a wall";

/// Everything a test touches.
pub struct Bench {
    folder: TempDir,
    /// What the program remembers between runs; apart, because some tests back up all of `folder`.
    pub state: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub json: Value,
    pub errors: String,
}

/// A file's bytes, or `None` for a folder, and its time in milliseconds.
pub type Tree = BTreeMap<Vec<u8>, (Option<Vec<u8>>, i64)>;

impl Bench {
    /// With a new vault.
    pub fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().expect("a folder"), state: tempfile::tempdir().expect("a folder") };
        fs::write(bench.path("passphrase"), format!("{PASSPHRASE}\n")).expect("written");
        let phrase = bench.path("phrase");
        let vault = bench.path("vault");
        let init = bench.command(["init", "--json"]).arg("-r").arg(&vault).arg("--recovery-phrase-out").arg(&phrase).output();
        let ended = Ended::of(init.expect("the program starts"));
        assert_eq!(ended.code, 0, "{ended:?}");
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, which finds the passphrase in its environment.
    pub fn command<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
        command.args(arguments).stdin(Stdio::null()).env_remove("STRONGROOM_RECOVERY_PHRASE_FILE");
        command.env("STRONGROOM_VAULT", self.path("vault")).env("STRONGROOM_PASSPHRASE_FILE", self.path("passphrase"));
        command.env("XDG_STATE_HOME", self.state.path());
        command
    }

    /// Runs a command with `--json`.
    pub fn run<const N: usize>(&self, arguments: [&str; N]) -> Ended {
        Ended::of(self.command(arguments).arg("--json").output().expect("the program starts"))
    }

    /// Backs up the folder `source`, which must succeed.
    pub fn back_up(&self) -> Value {
        let ended = self.run(["backup", &self.shown("source")]);
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.json
    }

    /// Restores into a new folder; its tree and how it ended.
    pub fn restore<const N: usize>(&self, to: &str, more: [&str; N]) -> (Tree, Ended) {
        let output = self.command(["restore", "--json", "--to", &self.shown(to)]).args(more).output();
        (tree(&self.path(to)), Ended::of(output.expect("the program starts")))
    }

    /// Objects of one kind.
    pub fn objects(&self, kind: &str) -> Vec<PathBuf> {
        let vault = fs::read_dir(self.path("vault")).expect("a vault").next().expect("one").expect("readable").path();
        let Ok(entries) = fs::read_dir(vault.join(kind)) else { return Vec::new() };
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
        paths.sort();
        paths
    }

    pub fn shown(&self, name: &str) -> String {
        self.path(name).to_str().expect("temporary folders have plain names").into()
    }
}

impl Ended {
    pub fn of(output: Output) -> Self {
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        Self { code: output.status.code().unwrap_or(-1), json, errors }
    }
}

/// Everything below a folder.
pub fn tree(root: &Path) -> Tree {
    let mut found = Tree::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("readable").path();
            let metadata = fs::symlink_metadata(&path).expect("there");
            let name = path.strip_prefix(root).expect("below the root").as_os_str().as_bytes().to_vec();
            let time = metadata.mtime() * 1_000 + metadata.mtime_nsec() / 1_000_000;
            if metadata.is_dir() {
                found.insert(name, (None, time));
                folders.push(path);
            } else if metadata.is_file() {
                found.insert(name, (Some(fs::read(&path).expect("readable")), time));
            }
        }
    }
    found
}

/// Sets a time, milliseconds since 1970.
pub fn set_time(path: &Path, time: i64) {
    let span = Duration::from_millis(time.unsigned_abs());
    let moment = if time < 0 { SystemTime::UNIX_EPOCH - span } else { SystemTime::UNIX_EPOCH + span };
    File::open(path).and_then(|file| file.set_times(FileTimes::new().set_modified(moment))).expect("a time can be set");
}

/// Bytes without any order (xorshift64*).
pub fn noise(mut seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        seed ^= seed >> 12;
        seed ^= seed << 25;
        seed ^= seed >> 27;
        bytes.extend(seed.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Changes one byte in the middle of a file.
pub fn flip(path: &Path) {
    let mut bytes = fs::read(path).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).expect("written");
}
