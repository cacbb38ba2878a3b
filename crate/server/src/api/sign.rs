//! `POST sign`: URLs that put or get one object each, for a short time.

use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    error::{Error, Result},
    name::{self, Kind, Object, VaultId},
    presign::Grant,
    scope::Scope,
    session::Session,
    storage::Signed,
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

pub async fn sign(State(app): State<App>, session: Session, Json(call): Json<Call>) -> Result<Json<Answer>> {
    if call.requests.len() > MOST {
        return Err(Error::bad(format!("at most {MOST} requests can be signed in one call.")));
    }
    if call.requests.iter().any(|wish| matches!(wish, Wish::Put { .. })) {
        session.require(Scope::Append)?;
    }
    let now = app.clock.now();
    let grants = call.requests.into_iter().map(|wish| wish.grant(&session.vault)).collect::<Result<Vec<_>>>()?;
    usage::reserve(&app, &session.vault, grants.iter()).await?;
    for grant in &grants {
        app.metrics.grant(grant.method());
    }
    Ok(Json(Answer { urls: grants.iter().map(|grant| app.storage.sign(&app.url_key, grant, now)).collect() }))
}

impl Wish {
    /// What to sign.
    fn grant(self, vault: &VaultId) -> Result<Grant> {
        match self {
            Self::Get { path } => Ok(Grant::Get { object: object(vault, &path)? }),
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
                Ok(Grant::Put { object, length, sha256 })
            }
        }
    }
}

fn object(vault: &VaultId, path: &str) -> Result<Object> {
    Object::parse(vault.clone(), path).ok_or_else(|| Error::bad("a path is pack, index, snap or slot, a slash, and the object's name."))
}
