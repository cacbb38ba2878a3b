//! What crosses between the page and the engine: the mirror of ts/messages.ts.

use std::str::FromStr;

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use strongroom_core::{
    Code, Error, Held, HostError, Millis, Part, PasskeySecret, Place, Plan, Progress, RecoveryPhrase, UnlockSecret, VaultId,
};
use wasm_bindgen::JsValue;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromPage {
    Begin {
        run: u32,
        command: Command,
    },
    Steer {
        run: u32,
        steer: Steer,
    },
    Answers(Vec<Answered>),
    /// A question about a run; answered with `seen` under the same number.
    Look {
        run: u32,
        look: u32,
        at: Look,
    },
    /// The lane that was asked for; its port comes along.
    Lane {
        lane: u32,
    },
    /// That lane is dead.
    LaneDied {
        lane: u32,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Create {
        name: String,
        passphrase: String,
        chunk_log2: u8,
        broker: bool,
    },
    Unlock {
        name: String,
        vault: Option<String>,
        secret: Secret,
        broker: bool,
        /// What the broker knows this device by.
        device: Option<String>,
        /// It is to know it from now on.
        remember: bool,
    },
    Backup {
        label: String,
        writer: String,
        baseline: Baseline,
        rules: Rules,
        confirm: bool,
    },
    Snapshots,
    /// What the storage shows is taken for the true state, though it is an older one; then the snapshots.
    AcceptRollback,
    Usage,
    List {
        snapshot: String,
        path: String,
        after: Option<String>,
        limit: Option<u32>,
    },
    Search {
        snapshot: String,
        words: String,
        after: Option<String>,
        most: u32,
    },
    Versions {
        path: String,
    },
    Read {
        snapshot: String,
        path: String,
        from: f64,
        window: u32,
    },
    Restore {
        snapshot: String,
        selection: Vec<String>,
        sequential: bool,
        resume: bool,
    },
    Verify {
        data: bool,
    },
    /// By name, or what the rules do not keep.
    Forget {
        rules: Option<KeepRules>,
        snapshots: Vec<String>,
        preview: bool,
    },
    Prune(Prune),
    Erasures {
        delay: Option<f64>,
    },
    CancelErasure {
        erasure: String,
        delay: Option<f64>,
    },
    /// For this device alone.
    SealNote {
        note: String,
    },
    OpenNote {
        sealed: Vec<u8>,
    },
    /// Signs in once more, for what cannot be undone.
    SignIn {
        name: String,
        secret: Secret,
        device: Option<String>,
    },
    ChangePassphrase {
        name: String,
        passphrase: String,
    },
    /// The same without a broker.
    ReplacePassphrase {
        secret: Secret,
        passphrase: String,
    },
    Passkeys,
    /// `name` at a broker.
    ChangePasskeys {
        name: Option<String>,
        change: PasskeyChange,
    },
    /// Of the broker, whose JSON is the page's to read.
    Quota,
    Sessions,
    EndSessions {
        body: String,
    },
    /// The heads, and which of those in this memory are lost.
    Heads {
        memory: Option<Vec<u8>>,
    },
    /// What to remember until the next visit.
    Remember {
        before: Option<Vec<u8>>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secret {
    Passphrase(String),
    Phrase(String),
    Passkey(Given),
}

impl Secret {
    /// `BadPhrase` where it cannot be one.
    pub fn parse(self) -> Result<UnlockSecret, Error> {
        Ok(match self {
            Self::Passphrase(passphrase) => UnlockSecret::Passphrase(passphrase),
            Self::Phrase(words) => UnlockSecret::Recovery(RecoveryPhrase::parse(&words)?),
            Self::Passkey(given) => UnlockSecret::Passkey(given.parse()?),
        })
    }
}

/// What a passkey gave.
#[derive(Deserialize)]
pub struct Given {
    slot: String,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    given: Uint8Array,
}

impl Given {
    /// Takes it out of the message, of which no copy stays.
    fn parse(self) -> Result<PasskeySecret, Error> {
        let mut bytes = [0; 32];
        if self.given.length() != 32 {
            return Err(no_passkey());
        }
        self.given.copy_to(&mut bytes);
        self.given.fill(0, 0, self.given.length());
        Ok(PasskeySecret::new(slot(&self.slot)?, strongroom_core::Secret::new(bytes)))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyChange {
    Add { secret: Secret, label: String },
    Rename { slot: String, label: String },
    Remove { slot: String },
}

impl PasskeyChange {
    pub fn parse(self) -> Result<strongroom_core::PasskeyChange, Error> {
        use strongroom_core::PasskeyChange;
        Ok(match self {
            Self::Add { secret: Secret::Passkey(given), label } => PasskeyChange::Add { secret: given.parse()?, label },
            Self::Add { .. } => return Err(no_passkey()),
            Self::Rename { slot: id, label } => PasskeyChange::Rename { slot: slot(&id)?, label },
            Self::Remove { slot: id } => PasskeyChange::Remove { slot: slot(&id)? },
        })
    }
}

/// The id of a slot; it has the form of a vault's.
fn slot(id: &str) -> Result<[u8; 16], Error> {
    VaultId::from_str(id).map(|id| id.0).map_err(|_| no_passkey())
}

fn no_passkey() -> Error {
    Error::new(Code::BadRequest, "This is none of the vault's passkeys. Choose one of the list.")
}

/// Which snapshots to keep, of each label by itself.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct KeepRules {
    pub last: u32,
    pub hourly: u32,
    pub daily: u32,
    pub weekly: u32,
    pub monthly: u32,
    pub yearly: u32,
    pub within: Option<f64>,
    pub labels: Vec<String>,
}

impl From<KeepRules> for strongroom_core::KeepRules {
    fn from(rules: KeepRules) -> Self {
        let KeepRules { last, hourly, daily, weekly, monthly, yearly, within, labels } = rules;
        Self { last, hourly, daily, weekly, monthly, yearly, within: millis(within), tags: labels }
    }
}

#[derive(Deserialize)]
pub struct Prune {
    /// At a broker.
    pub name: String,
    pub secret: Option<Secret>,
    pub device: Option<String>,
    /// What is doomed waits so long; none where the broker keeps that.
    pub delay: Option<f64>,
    pub threshold: u8,
    pub preview: bool,
    /// Of a preview: as if these were forgotten, too.
    pub without: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Baseline {
    Latest,
    None,
    Snapshot(String),
}

/// What to leave out, and what alone to take.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Rules {
    pub exclude: Vec<String>,
    pub include: Vec<String>,
}

impl Rules {
    pub fn parse(&self) -> Result<strongroom_core::Rules, Error> {
        strongroom_core::Rules::parse(&self.exclude, &self.include)
    }
}

/// What a person looks at in a backup that is under way.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Leave out what these rules say; then the plan.
    Choose(Rules),
    /// A folder of the source.
    Folder { path: String, limit: u32 },
    /// Some of what became of the entries.
    Entries { part: Part, from: u32, limit: u32 },
    /// Try files that failed once more, all or those at these paths; then how many.
    Again { paths: Option<Vec<String>> },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Steer {
    Pause,
    Resume,
    Cancel,
    Proceed,
}

#[derive(Deserialize)]
pub struct Answered {
    pub ask: u64,
    pub answer: PageAnswer,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageAnswer {
    Done,
    Walked { entries: Vec<WalkedEntry>, done: bool },
    Looked { size: f64, mtime: Option<f64> },
    There { file: Option<u32> },
    Failed(Told),
}

/// One entry of the source; a file if it has a number, unreadable if it says why, else a folder.
#[derive(Deserialize)]
pub struct WalkedEntry {
    pub path: String,
    pub size: Option<f64>,
    pub mtime: Option<f64>,
    pub file: Option<u32>,
    pub unreadable: Option<String>,
}

/// A failure as the page or the courier tells it.
#[derive(Clone, Deserialize, Serialize)]
pub struct Told {
    pub code: String,
    pub message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToPage<'a> {
    Done {
        run: u32,
        #[serde(with = "serde_wasm_bindgen::preserve")]
        result: JsValue,
    },
    Failed {
        run: u32,
        failure: Failure,
    },
    Progress {
        run: u32,
        progress: Shown<'a>,
    },
    /// What will go, as far as it is known; `whole` once everything is walked and compared.
    Plan {
        run: u32,
        plan: &'a Plan,
        whole: bool,
    },
    /// What was looked at; nothing of a run that is over.
    Seen {
        look: u32,
        #[serde(with = "serde_wasm_bindgen::preserve")]
        seen: JsValue,
        failure: Option<Failure>,
    },
    /// Held bytes come along as `buffers`, to be kept under the numbers in `shelve`; those in `free` are not needed any more.
    Asks {
        run: u32,
        asks: &'a [PageAsk],
        shelve: &'a [Held],
        free: &'a [Held],
    },
    /// Hand these files of the source to that lane.
    Give {
        lane: u32,
        files: Vec<u32>,
    },
    /// A throwaway one, or a new one in the place of one that died.
    StartLane {
        lane: u32,
    },
    /// Lanes die as soon as they are started: there is no going on.
    LaneLost,
    EndLane {
        lane: u32,
    },
}

#[derive(Serialize)]
pub struct PageAsk {
    pub ask: u64,
    pub what: What,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Walk,
    /// What a file of the source is now.
    Look {
        file: u32,
    },
    Folder {
        path: Vec<String>,
        mtime: Option<f64>,
    },
    /// Each piece is `[held, start, end]`.
    Write {
        file: u64,
        path: Vec<String>,
        size: u64,
        mtime: Option<f64>,
        offset: u64,
        last: bool,
        pieces: Vec<(Held, u32, u32)>,
    },
    Discard {
        file: u64,
        path: Vec<String>,
    },
    /// What lies in the sink, to be read by lanes.
    There {
        path: Vec<String>,
        size: u64,
    },
}

/// How far a run is, with why it waits if it does; the stage is `waiting` then.
#[derive(Serialize)]
pub struct Shown<'a> {
    #[serde(flatten)]
    pub progress: &'a Progress,
    pub waiting: Option<&'a str>,
}

#[derive(Serialize)]
pub struct Failure {
    code: Code,
    message: String,
    path: Option<String>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let path = match error.place {
            Place::Nothing => None,
            Place::Object(at) | Place::Path(at) => Some(at),
        };
        Self { code: error.code, message: error.message, path }
    }
}

impl From<Told> for HostError {
    fn from(told: Told) -> Self {
        let code = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(&told.code);
        Self { code: serde::Deserialize::deserialize(code).unwrap_or(Code::Denied), message: told.message }
    }
}

/// Names for people and for sinks: lossy UTF-8.
pub fn names(path: &[Vec<u8>]) -> Vec<String> {
    path.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

/// Names from the root, out of a path joined by `/`; none for the root itself.
pub fn split(path: &str) -> Vec<Vec<u8>> {
    path.split('/').filter(|name| !name.is_empty()).map(|name| name.as_bytes().to_vec()).collect()
}

/// Times as JavaScript has them, milliseconds.
pub fn millis(time: Option<f64>) -> Option<Millis> {
    time.filter(|time| time.is_finite()).map(|time| time as Millis)
}
