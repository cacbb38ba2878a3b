//! `POST erase/mark`, `erase/list`, `erase/cancel` and `erase/confirm`: what a vault's owner wants erased waits, by this server's clock,
//! is shown at every sign-in, and is erased by this server alone (FORMAT.md §16).

use std::collections::BTreeSet;

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::Nothing;
use crate::{
    app::App,
    clock::Millis,
    db::ErasureRow,
    erase,
    error::{Error, Result},
    name::{Kind, Object, VaultId, is_hex},
    scope::Scope,
    session::Session,
    wire::Json,
};

/// Objects of one call.
const MOST: usize = 256;

/// Objects under the tombstone that names them.
#[derive(Deserialize)]
pub struct Named {
    tombstone: String,
    paths: Vec<String>,
}

#[derive(Serialize)]
pub struct Marked {
    due: Millis,
}

#[derive(Deserialize)]
pub struct Cancel {
    tombstone: String,
}

#[derive(Serialize)]
pub struct Confirmed {
    erased: u64,
}

#[derive(Serialize)]
pub struct Listed {
    erasures: Vec<Erasure>,
    /// By this server's clock, which alone counts.
    now: Millis,
    delay: Millis,
}

#[derive(Serialize)]
pub struct Erasure {
    tombstone: String,
    objects: u64,
    due: Millis,
}

impl From<ErasureRow> for Erasure {
    fn from(row: ErasureRow) -> Self {
        Self { tombstone: row.tombstone, objects: row.objects, due: row.due }
    }
}

/// What is pending, for whoever signs in or asks.
pub async fn pending(app: &App, vault: &VaultId) -> Result<Vec<Erasure>> {
    Ok(app.db.erasures(vault).await?.into_iter().map(Into::into).collect())
}

pub async fn mark(State(app): State<App>, session: Session, Json(call): Json<Named>) -> Result<Json<Marked>> {
    session.require(Scope::Delete)?;
    let due = app.clock.now().saturating_add(app.erase_delay);
    let objects = call.objects(&session.vault)?;
    if !objects.is_empty() {
        let paths: Vec<String> = objects.iter().map(ToString::to_string).collect();
        app.db.mark(&session.vault, &call.tombstone, &paths, due).await?;
    }
    Ok(Json(Marked { due }))
}

pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Listed>> {
    let erasures = pending(&app, &session.vault).await?;
    Ok(Json(Listed { erasures, now: app.clock.now(), delay: app.erase_delay }))
}

/// Calling off is no danger: no fresh unlock is needed.
pub async fn cancel(State(app): State<App>, session: Session, Json(call): Json<Cancel>) -> Result<Json<Nothing>> {
    session.require(Scope::Append)?;
    app.db.unmark(&session.vault, tombstone(&call.tombstone)?).await?;
    Ok(Json(Nothing {}))
}

pub async fn confirm(State(app): State<App>, session: Session, Json(call): Json<Named>) -> Result<Json<Confirmed>> {
    session.require(Scope::Delete)?;
    let objects = call.objects(&session.vault)?;
    Ok(Json(Confirmed { erased: erase::erase(&app, &call.tombstone, objects).await? }))
}

impl Named {
    fn objects(&self, vault: &VaultId) -> Result<Vec<Object>> {
        tombstone(&self.tombstone)?;
        if self.paths.len() > MOST {
            return Err(Error::bad(format!("at most {MOST} objects can be named in one call.")));
        }
        // Named twice is named once.
        self.paths.iter().collect::<BTreeSet<_>>().into_iter().map(|path| object(vault, path)).collect()
    }
}

fn tombstone(name: &str) -> Result<&str> {
    if is_hex(name, 64) { Ok(name) } else { Err(Error::bad("a tombstone is named by the SHA-256 of its node.")) }
}

fn object(vault: &VaultId, path: &str) -> Result<Object> {
    match Object::parse(vault.clone(), path) {
        Some(object) if object.kind == Kind::Slot => Err(Error::Denied("slots are never erased.")),
        Some(object) => Ok(object),
        None => Err(Error::bad("a path is pack, index or snap, a slash, and the object's name.")),
    }
}
