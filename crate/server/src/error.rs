//! One error for all routes: a fact, reduced to what a client may know, then mapped to a status and a sentence.
//!
//! What is inside a fault goes to the log, never to the network.

use std::io;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::clock::{DAY, HOUR, MINUTE, Millis, SECOND};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a route ends with when it does not succeed. The codes are those of the core.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("That cannot be a vault's name: use 3 to 64 of a–z, 0–9 and -.")]
    BadName,
    #[error("There is a vault of that name already; choose another name.")]
    NameTaken,
    #[error("The request is not as the API says: {0}")]
    BadRequest(String),
    #[error("No vault opens with that name and secret. Check both and try again.")]
    WrongSecret,
    /// `wait` is in milliseconds.
    #[error("There were too many tries. Wait {} and try again, or sign in with the recovery phrase.", duration(*.wait))]
    TooMany { wait: Millis },
    #[error("The session has ended; unlock the vault again.")]
    SignedOut,
    #[error("Refused: {0}")]
    Denied(&'static str),
    #[error("The object was not stored, because {0}. Send it again.")]
    Damaged(&'static str),
    #[error("There is no such object.")]
    Missing,
    #[error("There is no such address on this server.")]
    NoRoute,
    #[error("This address does not take that method.")]
    Method,
    #[error("The object ends before that range: it has {length} bytes.")]
    Range { length: u64 },
    #[error("The storage has no room for this object. Free some space on the server, then go on.")]
    StorageFull,
    #[error("This vault has used up what it may store. Free some space in it, or ask the server's operator for more.")]
    QuotaFull,
    /// The cause is logged, not sent.
    #[error("The server cannot do this at the moment; try again.")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// The stable name of what happened, and the status that goes with it.
    fn code(&self) -> (&'static str, StatusCode) {
        match self {
            Self::BadName => ("bad_name", StatusCode::BAD_REQUEST),
            Self::NameTaken => ("name_taken", StatusCode::CONFLICT),
            Self::BadRequest(_) => ("bad_request", StatusCode::BAD_REQUEST),
            Self::WrongSecret => ("wrong_secret", StatusCode::UNAUTHORIZED),
            Self::TooMany { .. } => ("denied", StatusCode::TOO_MANY_REQUESTS),
            Self::SignedOut => ("signed_out", StatusCode::UNAUTHORIZED),
            Self::Denied(_) => ("denied", StatusCode::FORBIDDEN),
            Self::Damaged(_) => ("damaged", StatusCode::BAD_REQUEST),
            Self::Missing | Self::NoRoute => ("missing", StatusCode::NOT_FOUND),
            Self::Method => ("bad_request", StatusCode::METHOD_NOT_ALLOWED),
            Self::Range { .. } => ("bad_request", StatusCode::RANGE_NOT_SATISFIABLE),
            Self::StorageFull | Self::QuotaFull => ("storage_full", StatusCode::INSUFFICIENT_STORAGE),
            Self::Unavailable(_) => ("unavailable", StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    /// What is inside, for the operator.
    pub fn into_cause(self) -> Box<dyn std::error::Error + Send + Sync> {
        if let Self::Unavailable(cause) = self { cause } else { self.into() }
    }

    pub fn bad(why: impl Into<String>) -> Self {
        Self::BadRequest(why.into())
    }
}

/// Whole seconds, rounded up.
fn seconds(wait: Millis) -> i64 {
    wait.max(0).saturating_add(SECOND - 1) / SECOND
}

/// A wait as people say it, rounded up.
fn duration(wait: Millis) -> String {
    let (unit, name) =
        [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")].into_iter().find(|(unit, _)| wait >= *unit).unwrap_or((MINUTE, "minute"));
    let count = wait.max(1).saturating_add(unit - 1) / unit;
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::StorageFull,
            _ => Self::Unavailable(error.into()),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            code: &'static str,
            message: String,
        }
        if let Self::Unavailable(cause) = &self {
            tracing::error!(%cause, "a request failed");
        }
        let (code, status) = self.code();
        let mut response = (status, Json(Body { code, message: self.to_string() })).into_response();
        if let Self::Range { length } = self
            && let Ok(range) = HeaderValue::from_str(&format!("bytes */{length}"))
        {
            response.headers_mut().insert(header::CONTENT_RANGE, range);
        }
        if let Self::TooMany { wait } = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
        response
    }
}
