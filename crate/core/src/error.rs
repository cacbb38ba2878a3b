//! One error: a fact, then a sentence (rule 10 of the house).

extern crate alloc;
use alloc::string::String;

/// What went wrong, by kind. Stable names: they cross to JavaScript as `snake_case` strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// The passphrase or recovery phrase does not open this vault; nothing more is said, to anyone.
    WrongSecret,
    /// A recovery phrase that cannot be one: a word not in the list, a wrong count, a wrong checksum.
    BadPhrase,
    /// A vault name that cannot be one.
    BadName,
    NameTaken,
    /// No vault here.
    NoVault,
    NoSnapshot,
    NoSuchPath,
    /// An object, or part of one, is not what was written.
    Damaged,
    /// An object that must be there is not.
    Missing,
    /// Well sealed, but beyond FORMAT.md §13 or not of this version.
    Unsupported,
    /// History lacks what this client remembers.
    RolledBack,
    /// Argon2id parameters outside the allowed range.
    BadParameters,
    /// The storage has no room.
    StorageFull,
    /// The storage or broker does not answer, or answers with a passing fault.
    Unavailable,
    /// The storage answers, but the browser does not let the page read it.
    Cors,
    /// The session ended; unlock again.
    SignedOut,
    /// The storage or broker refuses.
    Denied,
    /// A file of the source changed while it was read.
    SourceChanged,
    /// A file of the source is gone.
    SourceGone,
    /// A file of the source cannot be read.
    SourceUnreadable,
    /// The sink cannot be written.
    SinkFailed,
    /// The sink has no room.
    SinkFull,
    Cancelled,
    /// What the caller gave cannot be used.
    BadRequest,
    /// The place where the host runs cannot do it.
    NotSupported,
    /// A lane ended unexpectedly.
    LaneLost,
    /// A bug: a machine got an answer that does not belong to its ask.
    Internal,
}

impl Code {
    /// Whether the same call may succeed later without anyone changing anything.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Unavailable | Self::StorageFull | Self::LaneLost)
    }
}

/// What a machine ends with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub code: Code,
    /// What happened, to what, and what to do next; a sentence for a person.
    pub message: String,
    pub place: Place,
}

impl Error {
    /// An error about nothing in particular yet; see [`Error::at`].
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: Place::Nothing }
    }

    /// The same about that place.
    pub fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// The sentence for an object that cannot be read.
    pub(crate) fn of_object(code: Code) -> Self {
        let message = match code {
            Code::Unsupported => "This object was written by a newer Strongroom. Open the vault with a newer one.",
            _ => "This object is not what was written. Run a full verify to see what it affects; what does not need it is intact.",
        };
        Self::new(code, message)
    }
}

/// What an error is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    #[default]
    Nothing,
    /// `pack/<sha256>` and the like.
    Object(String),
    /// A path in the source or the snapshot, for people: lossy UTF-8, `/` between names.
    Path(String),
}

/// What a host reports: a failure of the world, not of the vault.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HostError {
    pub code: Code,
    pub message: String,
}
