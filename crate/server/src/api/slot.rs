//! `POST slot/start` and `slot/finish`: another passphrase, or another recovery phrase, for a vault that is unlocked.

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::Nothing;
use crate::{
    app::App,
    db::NewSlot,
    error::Result,
    opaque::{self, ClientIdentity},
    scope::Scope,
    session::Session,
    slot::{self, SlotKind},
    wire::{Bytes, Json},
};

#[derive(Deserialize)]
pub struct Start {
    slot: SlotKind,
    request: Bytes,
}

#[derive(Serialize)]
pub struct Started {
    response: Bytes,
}

pub async fn start(State(app): State<App>, session: Session, Json(call): Json<Start>) -> Result<Json<Started>> {
    session.require(Scope::Delete)?;
    let name = app.db.name(&session.vault).await?;
    let response = app.opaque.register(&ClientIdentity::new(call.slot, &name), &call.request.0)?;
    Ok(Json(Started { response: Bytes(response) }))
}

#[derive(Deserialize)]
pub struct Finish {
    slot: SlotKind,
    upload: Bytes,
    object: Bytes,
}

/// OPAQUE record and slot in one transaction, committed when the slot lies in the storage too. Other sessions end.
pub async fn finish(State(app): State<App>, session: Session, Json(call): Json<Finish>) -> Result<Json<Nothing>> {
    session.require(Scope::Delete)?;
    let Finish { slot: kind, upload, object } = call;
    slot::check(&object.0, kind, &session.vault)?;
    let slot = NewSlot { kind, record: opaque::record(&upload.0)?, object: object.0 };
    let change = app.db.replace_slot(&session.vault, &slot, &session.hash()).await?;
    app.storage.put(kind.object(session.vault), slot.object).await?;
    change.commit().await?;
    Ok(Json(Nothing {}))
}
