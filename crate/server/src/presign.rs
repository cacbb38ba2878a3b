//! Presigned URLs of the embedded storage (API.md): HMAC-SHA-256 (RFC 2104) over everything a request may do.

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::{
    clock::{MINUTE, Millis},
    error::{Error, Result},
    name::Object,
    secret::Secret,
};

pub const PUT_LIFETIME: Millis = 5 * MINUTE;
pub const GET_LIFETIME: Millis = 15 * MINUTE;

/// What one URL allows.
#[derive(Clone, Debug)]
pub enum Grant {
    /// Create this object with exactly these many bytes, of exactly this SHA-256 (lower-case hex).
    Put { object: Object, length: u64, sha256: String },
    /// Read this object, whole or a range.
    Get { object: Object },
}

impl Grant {
    pub fn method(&self) -> &'static str {
        match self {
            Self::Put { .. } => "PUT",
            Self::Get { .. } => "GET",
        }
    }
}

/// The query of a presigned URL, as it came.
#[derive(Deserialize)]
pub struct Query {
    length: Option<u64>,
    sha256: Option<String>,
    expires: Millis,
    signature: String,
}

/// `path?query`, good until `expires`.
pub fn sign(key: &Secret, grant: &Grant, expires: Millis) -> String {
    let (object, bound) = match grant {
        Grant::Put { object, length, sha256 } => (object, format!("length={length}&sha256={sha256}&")),
        Grant::Get { object } => (object, String::new()),
    };
    let signature = hex::encode(mac(key, grant, expires).finalize().into_bytes());
    format!("/storage/{}/{object}?{bound}expires={expires}&signature={signature}", object.vault.as_str())
}

impl Query {
    /// The grant of a PUT of `object`, if this query proves it.
    ///
    /// # Errors
    /// `denied` for a signature that is not ours, or late.
    pub fn put(self, key: &Secret, object: Object, now: Millis) -> Result<Grant> {
        let (Some(length), Some(sha256)) = (self.length, self.sha256.clone()) else {
            return Err(Error::Denied("the address is not signed for this."));
        };
        self.verify(key, Grant::Put { object, length, sha256 }, now)
    }

    /// The grant of a GET of `object`, if this query proves it.
    ///
    /// # Errors
    /// `denied` for a signature that is not ours, or late.
    pub fn get(self, key: &Secret, object: Object, now: Millis) -> Result<Grant> {
        self.verify(key, Grant::Get { object }, now)
    }

    fn verify(self, key: &Secret, grant: Grant, now: Millis) -> Result<Grant> {
        let signature = hex::decode(&self.signature).unwrap_or_default();
        if mac(key, &grant, self.expires).verify_slice(&signature).is_err() {
            return Err(Error::Denied("the address is not signed for this."));
        }
        if now > self.expires {
            return Err(Error::Denied("the address has expired; ask for a new one."));
        }
        Ok(grant)
    }
}

/// `HMAC-SHA-256(key, method \n path \n length \n sha256 \n expires \n vault)`, ready to be finished or compared.
fn mac(key: &Secret, grant: &Grant, expires: Millis) -> Hmac<Sha256> {
    let (method, object, length, sha256) = match grant {
        Grant::Put { object, length, sha256 } => ("PUT", object, length.to_string(), sha256.as_str()),
        Grant::Get { object } => ("GET", object, String::new(), ""),
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes a key of any length");
    mac.update(format!("{method}\n{object}\n{length}\n{sha256}\n{expires}\n{}", object.vault.as_str()).as_bytes());
    mac
}
