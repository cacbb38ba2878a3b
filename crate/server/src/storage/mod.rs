//! Where objects lie. One port, five verbs: put, get, list, stat, delete; and the URLs by which browsers reach it, which
//! put and get, nothing else.

mod embedded;
mod incoming;
mod room;
mod s3;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

pub use self::{
    embedded::Embedded,
    room::{DEFAULT_RESERVE, Limits},
    s3::{Level, Probe, S3, S3Config},
};
use crate::{
    clock::Millis,
    error::Result,
    name::{Kind, Object, VaultId},
    presign::{self, GET_LIFETIME, Grant, PUT_LIFETIME},
    secret::Secret,
};

/// The most objects of one page of a list.
pub const PAGE: usize = 10_000;

/// One object of a list.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
    pub name: String,
    pub length: u64,
}

/// What a client needs to use a grant.
#[derive(serde::Serialize)]
pub struct Signed {
    /// A path on this server, which holds behind any proxy, or an address elsewhere.
    pub url: String,
    /// To be sent with the request.
    pub headers: BTreeMap<&'static str, String>,
    pub expires: Millis,
}

/// What every storage does. `tests/conformance.rs` is the suite.
#[derive(Clone)]
pub enum Storage {
    /// Files in the data folder.
    Embedded(Arc<Embedded>),
    /// A bucket.
    S3(Arc<S3>),
}

impl Storage {
    /// Creates an object. The same object again changes nothing; only a slot may take another's place.
    ///
    /// # Errors
    /// `damaged` when a content-named object's bytes are not what its name says; `storage_full`; `unavailable`.
    pub async fn put(&self, object: Object, bytes: Vec<u8>) -> Result<()> {
        match self {
            Self::Embedded(files) => blocking(files, move |files| files.put_whole(&object, &bytes)).await,
            Self::S3(bucket) => bucket.put(&object, &bytes).await,
        }
    }

    /// Puts the slots of a vault that is being made: where the storage can tell, all of them fit or none is put.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn put_slots(&self, slots: Vec<(Object, Vec<u8>)>) -> Result<()> {
        match self {
            Self::Embedded(files) => blocking(files, move |files| files.put_slots(&slots)).await,
            Self::S3(bucket) => {
                for (object, bytes) in slots {
                    bucket.put(&object, &bytes).await?;
                }
                Ok(())
            }
        }
    }

    /// An object, or bytes `first..=last` of it.
    ///
    /// # Errors
    /// `missing`; `unavailable`; `bad_request` (416) for a range beyond the object's end.
    pub async fn get(&self, object: Object, range: Option<(u64, u64)>) -> Result<Vec<u8>> {
        match self {
            Self::Embedded(files) => blocking(files, move |files| files.get(&object, range)).await,
            Self::S3(bucket) => bucket.get(&object, range).await,
        }
    }

    /// Up to `most` objects of one kind, by name, and whether there are more.
    pub async fn list(&self, vault: &VaultId, kind: Kind, after: Option<String>, most: usize) -> Result<(Vec<Listed>, bool)> {
        match self {
            Self::Embedded(files) => {
                let vault = vault.clone();
                blocking(files, move |files| files.list(&vault, kind, after.as_deref(), most)).await
            }
            Self::S3(bucket) => bucket.list(vault, kind, after.as_deref(), most).await,
        }
    }

    /// An object's length, if it is there.
    pub async fn stat(&self, object: Object) -> Result<Option<u64>> {
        match self {
            Self::Embedded(files) => blocking(files, move |files| files.stat(&object)).await,
            Self::S3(bucket) => bucket.stat(&object).await,
        }
    }

    /// Erases an object, if it is there. The broker's alone: no URL does this.
    pub async fn delete(&self, object: Object) -> Result<()> {
        match self {
            Self::Embedded(files) => blocking(files, move |files| files.delete(&object)).await,
            Self::S3(bucket) => bucket.delete(&object).await,
        }
    }

    /// Whether the vault has objects beside slots, which is more than a registration that failed can leave.
    pub async fn is_in_use(&self, vault: &VaultId) -> Result<bool> {
        for kind in Kind::ALL.into_iter().filter(|kind| kind.is_content_named()) {
            if !self.list(vault, kind, None, 1).await?.0.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a browser needs for that grant.
    pub(crate) fn sign(&self, key: &Secret, grant: &Grant, now: Millis) -> Signed {
        let lifetime = match grant {
            Grant::Put { .. } => PUT_LIFETIME,
            Grant::Get { .. } => GET_LIFETIME,
        };
        let duration = Duration::from_millis(lifetime.cast_unsigned());
        let (url, headers) = match (self, grant) {
            (Self::Embedded(_), Grant::Get { .. }) => (presign::sign(key, grant, now + lifetime), BTreeMap::new()),
            (Self::Embedded(_), Grant::Put { .. }) => {
                (presign::sign(key, grant, now + lifetime), BTreeMap::from([("content-type", "application/octet-stream".to_owned())]))
            }
            (Self::S3(bucket), Grant::Get { object }) => bucket.sign_get(object, now, duration),
            (Self::S3(bucket), Grant::Put { object, length, sha256 }) => bucket.sign_put(object, *length, sha256, now, duration),
        };
        Signed { url, headers, expires: now + lifetime }
    }

    /// What is promised of stored objects, never more than was seen.
    pub fn level(&self) -> Level {
        match self {
            Self::Embedded(_) => Level::Immutable,
            Self::S3(bucket) => bucket.probe().level,
        }
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<()> {
        match self {
            Self::Embedded(files) => blocking(files, Embedded::ping).await,
            Self::S3(bucket) => bucket.ping().await,
        }
    }

    /// The files, if it is these.
    pub(crate) fn embedded(&self) -> Option<&Arc<Embedded>> {
        match self {
            Self::Embedded(files) => Some(files),
            Self::S3(_) => None,
        }
    }
}

/// Runs work that blocks off the runtime's threads.
pub(crate) async fn blocking<T: Send + 'static>(
    files: &Arc<Embedded>,
    work: impl FnOnce(&Embedded) -> Result<T> + Send + 'static,
) -> Result<T> {
    let files = files.clone();
    tokio::task::spawn_blocking(move || work(&files)).await?
}
