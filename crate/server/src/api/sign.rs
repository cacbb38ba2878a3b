//! `POST sign`: URLs that put or get one object each, for a short time.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    clock::Millis,
    error::{Error, Result},
    name::{self, Kind, Object, VaultId},
    presign::{self, Grant},
    scope::Scope,
    session::Session,
    usage,
    wire::Json,
};

const MOST: usize = 256;

#[derive(Deserialize)]
pub struct Call {
    requests: Vec<Wish>,
}

#[derive(Deserialize)]
#[serde(tag = "method", rename_all = "UPPERCASE")]
enum Wish {
    Put { path: String, length: u64, sha256: String },
    Get { path: String },
}

#[derive(Serialize)]
pub struct Answer {
    urls: Vec<Signed>,
}

/// `url` is a path on this server, so that it holds behind any proxy.
#[derive(Serialize)]
struct Signed {
    url: String,
    headers: BTreeMap<&'static str, &'static str>,
    expires: Millis,
}

pub async fn sign(State(app): State<App>, session: Session, Json(call): Json<Call>) -> Result<Json<Answer>> {
    if call.requests.len() > MOST {
        return Err(Error::bad(format!("at most {MOST} requests can be signed in one call.")));
    }
    if call.requests.iter().any(|wish| matches!(wish, Wish::Put { .. })) {
        session.require(Scope::Append)?;
    }
    let now = app.clock.now();
    let grants = call.requests.into_iter().map(|wish| wish.grant(&session.vault)).collect::<Result<Vec<_>>>()?;
    usage::reserve(&app, &session.vault, grants.iter().map(|(grant, _)| grant)).await?;
    for (grant, _) in &grants {
        app.metrics.grant(grant.method());
    }
    let sign_one = |(grant, headers): (Grant, BTreeMap<_, _>)| {
        let (url, expires) = presign::sign(&app.url_key, &grant, now);
        Signed { url, headers, expires }
    };
    Ok(Json(Answer { urls: grants.into_iter().map(sign_one).collect() }))
}

impl Wish {
    /// What to sign, and the headers to send with it.
    fn grant(self, vault: &VaultId) -> Result<(Grant, BTreeMap<&'static str, &'static str>)> {
        match self {
            Self::Get { path } => Ok((Grant::Get { object: object(vault, &path)? }, BTreeMap::new())),
            Self::Put { path, length, sha256 } => {
                let object = object(vault, &path)?;
                if object.kind == Kind::Slot {
                    return Err(Error::Denied("slots are written only when a vault is made."));
                }
                if !name::is_object_length(length) {
                    return Err(Error::bad("an object's length is a power of two from 4 KiB to 16 MiB."));
                }
                // So no grant can put other bytes under a name than those it stands for.
                if sha256 != object.name() {
                    return Err(Error::bad("an object's name is its SHA-256."));
                }
                Ok((Grant::Put { object, length, sha256 }, BTreeMap::from([("content-type", "application/octet-stream")])))
            }
        }
    }
}

fn object(vault: &VaultId, path: &str) -> Result<Object> {
    Object::parse(vault.clone(), path).ok_or_else(|| Error::bad("a path is pack, index, snap or slot, a slash, and the object's name."))
}
