//! What `Create` and `Unlock` say to a broker (crate/server/API.md), and the forms that secrets are given in.

extern crate alloc;
use alloc::{borrow::Cow, format, string::String, vec::Vec};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
#[cfg(feature = "nfkc")]
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::{
    ask::HeldBuffer,
    error::{Code, Error, HostError},
    job::Outcome,
    slot::SlotKind,
};

/// `register/start` and `login/start`.
#[derive(serde::Serialize)]
pub(crate) struct Start<'a> {
    pub name: &'a str,
    pub slot: SlotName,
    pub request: String,
    /// Of a login: what the broker knows this device by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<&'a str>,
}

/// `register/finish`.
#[derive(serde::Serialize)]
pub(crate) struct RegisterFinish<'a> {
    pub name: &'a str,
    pub vault: String,
    pub slots: Vec<Registration>,
}

#[derive(serde::Serialize)]
pub(crate) struct Registration {
    pub slot: SlotName,
    pub upload: String,
    pub object: String,
}

/// `login/finish`.
#[derive(serde::Serialize)]
pub(crate) struct LoginFinish {
    pub login: String,
    pub finalization: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'static str>,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub remember: bool,
}

/// `slot/start`.
#[derive(serde::Serialize)]
pub(crate) struct SlotStart {
    pub slot: SlotName,
    pub request: String,
}

/// `slot/remove`.
#[derive(serde::Serialize)]
pub(crate) struct SlotRemove {
    pub slot: SlotName,
}

/// What any of the calls answers; empty where it says nothing of the kind.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Answer {
    pub login: String,
    pub response: String,
    pub slot: String,
    pub vault: String,
    pub device: String,
}

/// `passphrase`, `recovery`, or the slot's id in hex.
#[derive(serde::Serialize)]
pub(crate) struct SlotName(Cow<'static, str>);

impl From<SlotKind> for SlotName {
    fn from(kind: SlotKind) -> Self {
        Self(match kind {
            SlotKind::Passphrase => "passphrase".into(),
            SlotKind::Recovery => "recovery".into(),
            SlotKind::Passkey(_) => kind.slot_name().into(),
        })
    }
}

/// A passphrase as its bytes go into a key: Unicode NFKC (FORMAT.md §6). Without the feature `nfkc` the host has done it.
pub(crate) fn normalised(passphrase: String) -> Zeroizing<String> {
    let passphrase = Zeroizing::new(passphrase);
    #[cfg(feature = "nfkc")]
    let passphrase = {
        // A character becomes at most 18; with room for all, no half-grown copy is left behind.
        let mut text = Zeroizing::new(String::with_capacity(18 * passphrase.len()));
        text.extend(passphrase.nfkc());
        text
    };
    passphrase
}

/// Checks the name of a vault at a broker (FORMAT.md §14).
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (3..=64).contains(&name.len()) && name.bytes().all(good) {
        return Ok(());
    }
    Err(Error::new(Code::BadName, "A vault's name has 3 to 64 characters of a–z, 0–9 and the hyphen. Choose another."))
}

pub(crate) fn to_json(message: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(message).expect("plain strings are JSON")
}

/// The JSON that the broker answered.
pub(crate) fn from_json(answer: Result<Vec<u8>, HostError>) -> Result<Answer, Error> {
    let body = answer.map_err(|error| Error::new(error.code, error.message))?;
    serde_json::from_slice(&body).map_err(|_| nonsense("its answer is not the JSON of one"))
}

/// Bytes in a field of an answer, which has that name.
pub(crate) fn field(text: &str, name: &str) -> Result<Vec<u8>, Error> {
    match URL_SAFE_NO_PAD.decode(text) {
        Ok(bytes) if !bytes.is_empty() => Ok(bytes),
        _ => Err(nonsense(&format!("`{name}` is not bytes"))),
    }
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn nonsense(what: &str) -> Error {
    Error::new(
        Code::Unavailable,
        format!("The broker answered something that this program does not understand ({what}). Check its address and version."),
    )
}

/// What a job gave, its failure as an error.
pub(crate) fn outcome(answer: Result<(Outcome, Vec<HeldBuffer>), HostError>) -> Result<Outcome, Error> {
    match answer {
        Ok((Outcome::Failed { code, message }, _)) => Err(Error::new(code, message)),
        Ok((outcome, _)) => Ok(outcome),
        Err(error) => Err(Error::new(error.code, error.message)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "nfkc")]
    #[test]
    fn a_passphrase_counts_in_nfkc() {
        assert_eq!(*normalised("e\u{301}\u{fb01}".into()), "éfi");
    }

    #[test]
    fn names_are_short_and_plain() {
        assert!(check_name("my-vault-7").is_ok());
        for name in ["ab", "Vault", "a b c", "ä-vault", &"x".repeat(65)] {
            assert_eq!(check_name(name).map_err(|error| error.code), Err(Code::BadName));
        }
    }
}
