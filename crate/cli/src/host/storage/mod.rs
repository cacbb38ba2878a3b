//! Where the objects of vaults lie.

mod broker;
mod bucket;
mod directory;
mod http;

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use strongroom_core::{Code, HostError, Kind, Listed, ObjectPath, VaultId};

pub use broker::Broker;
pub use bucket::Bucket;
pub use directory::Directory;

/// A place that holds vaults.
#[derive(Debug)]
pub enum Storage {
    Directory(Directory),
    /// A bucket, with its keys.
    Bucket(Bucket),
    /// A server, by sign-in and presigned URLs.
    Broker(Broker),
}

/// A request that fails in passing is made so often, the waits between doubling from the first.
const ATTEMPTS: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(500);

impl Storage {
    pub fn directory(root: impl Into<PathBuf>) -> Self {
        Self::Directory(Directory::new(root))
    }

    /// The vaults that are here, as far as they can be told.
    ///
    /// # Errors
    /// `NoVault` when it cannot be read, `Unavailable` or `Denied` by what a bucket says.
    pub fn vaults(&self) -> Result<Vec<VaultId>, HostError> {
        match self {
            Self::Directory(directory) => directory.vaults(),
            Self::Bucket(bucket) => patiently(|| bucket.vaults()),
            Self::Broker(_) => Ok(Vec::new()),
        }
    }

    /// Creates an object. Success also when these bytes are there already.
    ///
    /// # Errors
    /// `StorageFull`, `Denied` or `Unavailable` by what the system says; `Damaged` when other bytes have that name.
    pub fn put(&self, object: &ObjectPath, bytes: &[u8]) -> Result<(), HostError> {
        match self {
            Self::Directory(directory) => directory.put(object, bytes),
            Self::Bucket(bucket) => patiently(|| bucket.put(object, bytes)),
            Self::Broker(broker) => patiently(|| broker.put(object, bytes)),
        }
    }

    /// Puts these bytes in the place of a slot, in one step.
    ///
    /// # Errors
    /// `StorageFull`, `Denied` or `Unavailable` by what the system says; `NotSupported` at a server, which keeps slots itself.
    pub fn replace(&self, object: &ObjectPath, bytes: &[u8]) -> Result<(), HostError> {
        match self {
            Self::Directory(directory) => directory.replace(object, bytes),
            Self::Bucket(bucket) => patiently(|| bucket.replace(object, bytes)),
            Self::Broker(_) => {
                Err(HostError { code: Code::NotSupported, message: "A server keeps key slots itself. Sign in to change one.".into() })
            }
        }
    }

    /// An object, or `length` bytes of it from `offset`.
    ///
    /// # Errors
    /// `Missing`; `Damaged` when it is shorter than that, or longer than any object; `Denied` or `Unavailable`.
    pub fn get(&self, object: &ObjectPath, range: Option<(u64, u32)>) -> Result<Vec<u8>, HostError> {
        match self {
            Self::Directory(directory) => directory.get(object, range),
            Self::Bucket(bucket) => patiently(|| bucket.get(object, range)),
            Self::Broker(broker) => patiently(|| broker.get(object, range)),
        }
    }

    /// All objects of one kind.
    ///
    /// # Errors
    /// `Denied` or `Unavailable` by what the system says.
    pub fn list(&self, vault: VaultId, kind: Kind) -> Result<Vec<Listed>, HostError> {
        match self {
            Self::Directory(directory) => directory.list(vault, kind),
            Self::Bucket(bucket) => patiently(|| bucket.list(vault, kind)),
            Self::Broker(broker) => patiently(|| broker.list(kind)),
        }
    }

    /// Erases an object whose delay is over, if it is there. A server erases by itself.
    ///
    /// # Errors
    /// `Denied` or `Unavailable` by what the system says; `NotSupported` at a server.
    pub fn erase(&self, object: &ObjectPath) -> Result<(), HostError> {
        match self {
            Self::Directory(directory) => directory.erase(object),
            Self::Bucket(bucket) => patiently(|| bucket.erase(object)),
            Self::Broker(_) => Err(HostError { code: Code::NotSupported, message: "A server erases by itself.".into() }),
        }
    }

    /// A call of the broker's, opaque to this host but for the session in its answer.
    ///
    /// # Errors
    /// What the broker says; `Denied` where there is none.
    pub fn call(&self, call: &str, body: &[u8]) -> Result<Vec<u8>, HostError> {
        match self {
            Self::Broker(broker) => broker.call(call, body),
            _ => Err(HostError { code: Code::Denied, message: "This vault has no broker. Use the recovery phrase.".into() }),
        }
    }

    /// Removes what runs that died have left aside.
    pub fn sweep(&self, vault: VaultId) {
        if let Self::Directory(directory) = self {
            directory.sweep(vault);
        }
    }

    /// The folder of a vault, which no backup takes along.
    pub fn folder(&self, vault: VaultId) -> Option<PathBuf> {
        match self {
            Self::Directory(directory) => Some(directory.root().join(vault.to_string())),
            _ => None,
        }
    }
}

/// Whether these are names that objects of a kind have.
fn is_name(kind: Kind, name: &str) -> bool {
    let digits = if kind == Kind::Slot { 32 } else { 64 };
    name.len() == digits && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `pack/<sha256>` and the like.
fn place(object: &ObjectPath) -> String {
    format!("{}/{}", object.kind.folder(), object.name)
}

/// Makes a request until it does not fail in passing, a few times.
fn patiently<T>(request: impl Fn() -> Result<T, HostError>) -> Result<T, HostError> {
    let mut wait = FIRST_WAIT;
    for _ in 1..ATTEMPTS {
        match request() {
            Err(error) if error.code == Code::Unavailable => thread::sleep(wait),
            answer => return answer,
        }
        wait *= 2;
    }
    request()
}

/// The bytes asked for, or what is wrong with those that came.
fn checked(object: &ObjectPath, range: Option<(u64, u32)>, status: u16, mut bytes: Vec<u8>) -> Result<Vec<u8>, HostError> {
    if let (200, Some((offset, length))) = (status, range) {
        // A storage without ranges gives all of it.
        let begin = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        bytes.drain(..begin);
        bytes.truncate(length as usize);
    }
    match range {
        Some((_, length)) if status == 416 || bytes.len() != length as usize => Err(HostError {
            code: Code::Damaged,
            message: format!("{} is not as long as it was written. Run verify to see what it affects.", place(object)),
        }),
        _ => Ok(bytes),
    }
}

/// Whether this is a folder's name rather than an address.
pub fn bucket_address(place: &Path) -> Option<(String, String)> {
    let rest = place.to_str()?.strip_prefix("s3://")?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    Some((bucket.to_owned(), prefix.trim_end_matches('/').to_owned()))
}
