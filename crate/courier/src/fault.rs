//! What goes wrong on the way, as a code of the core and a sentence.

use wasm_bindgen::{JsCast, JsValue};

use crate::{
    backoff::{Trouble, trouble_of},
    js,
};

/// A failure of a request.
#[derive(Clone, Debug)]
pub struct Fault {
    /// One of the core's codes, in `snake_case`.
    pub code: String,
    pub message: String,
    /// Set when the same request may succeed later.
    pub passing: Option<Trouble>,
}

/// The shape of every failure of the broker and the embedded storage (API.md).
#[derive(serde::Deserialize)]
struct Told {
    code: String,
    message: String,
}

impl Fault {
    pub fn permanent(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), passing: None }
    }

    pub fn silent(message: impl Into<String>) -> Self {
        Self { code: "unavailable".into(), message: message.into(), passing: Some(Trouble::Silent) }
    }

    /// The server answers, but the browser keeps its answers from this page.
    pub fn barred(origin: &str) -> Self {
        let message = format!("{origin} answers, but its CORS settings do not allow this page to read the answers.");
        Self { code: "cors".into(), message, passing: Some(Trouble::Barred) }
    }

    pub fn cancelled() -> Self {
        Self::permanent("cancelled", "This was cancelled.")
    }

    /// The fault a status other than success stands for; the server's own words where it has some.
    pub fn of_status(what: &str, status: u16, body: &str) -> Self {
        Self::of_told(what, status, js::from_json(body))
    }

    fn of_told(what: &str, status: u16, told: Option<Told>) -> Self {
        let (code, sentence) = match status {
            400 => ("denied", "refused it as wrong"),
            401 => ("signed_out", "ended this session; unlock the vault again"),
            403 => ("denied", "refused it"),
            404 => ("missing", "does not have it"),
            507 => ("storage_full", "has no room for it; free some space or raise the quota"),
            _ => ("unavailable", "cannot do it just now"),
        };
        let passing = trouble_of(status);
        match told {
            // A refusal stays one: after too many tries to sign in, another try only makes the wait longer.
            Some(told) => Self { passing: passing.filter(|_| told.code != "denied"), code: told.code, message: told.message },
            None => Self { code: code.into(), message: format!("{what}: the storage {sentence} (status {status})."), passing },
        }
    }

    /// The fault a `DOMException` of the file system API stands for.
    pub fn of_file_system(what: &str, thrown: &JsValue) -> Self {
        let name = thrown.dyn_ref::<web_sys::DomException>().map(web_sys::DomException::name).unwrap_or_default();
        match name.as_str() {
            "NotFoundError" => Self::permanent("missing", format!("{what} is not in the folder.")),
            "QuotaExceededError" => Self {
                code: "storage_full".into(),
                message: format!("{what}: there is no room left. Free some space."),
                passing: Some(Trouble::Full),
            },
            "NotAllowedError" | "SecurityError" => {
                Self::permanent("denied", format!("{what}: the browser does not allow it. Choose the folder again."))
            }
            "" => Self::silent(format!("{what}: the folder failed.")),
            other => Self::silent(format!("{what}: the folder failed ({other}).")),
        }
    }

    /// What a person reads while this is waited out.
    pub fn waiting(&self) -> &'static str {
        match self.passing {
            Some(Trouble::Full) => "The storage is full; trying again by itself. Free some space, or cancel",
            Some(Trouble::Barred) => "The storage answers, but this page may not read its answers; trying again by itself",
            _ => "The server does not answer; trying again by itself",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_tries_to_sign_in_are_not_tried_again_but_a_busy_storage_is() {
        let told = |code: &str, message: &str| Some(Told { code: code.into(), message: message.into() });
        let refused = Fault::of_told("login/start", 429, told("denied", "Wait 1 hour."));
        assert_eq!((refused.code.as_str(), refused.message.as_str(), refused.passing), ("denied", "Wait 1 hour.", None));
        assert_eq!(Fault::of_told("pack", 429, None).passing, Some(Trouble::Silent));
        let busy = Fault::of_told("list", 503, told("unavailable", "Later."));
        assert_eq!(busy.passing, Some(Trouble::Silent));
    }
}
