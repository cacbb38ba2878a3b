//! `POST slot/start`, `slot/finish` and `slot/remove`: another passphrase, another recovery phrase, passkeys, for a vault that is unlocked.

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::Nothing;
use crate::{
    app::App,
    db::NewSlot,
    error::{Error, Result},
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

/// OPAQUE record and slot in one transaction, committed when the slot lies in the storage too. A passkey is added; the other slots are
/// put in the place of what they were, and other sessions end.
pub async fn finish(State(app): State<App>, session: Session, Json(call): Json<Finish>) -> Result<Json<Nothing>> {
    session.require(Scope::Delete)?;
    let Finish { slot: kind, upload, object } = call;
    slot::check(&object.0, kind, &session.vault)?;
    let slot = NewSlot { kind, record: opaque::record(&upload.0)?, object: object.0 };
    let change = match kind {
        SlotKind::Passkey(_) => app.db.add_slot(&session.vault, &slot, app.quota, app.clock.now()).await?,
        _ => app.db.replace_slot(&session.vault, &slot, &session.hash()).await?,
    };
    app.storage.put(kind.object(session.vault), slot.object).await?;
    change.commit().await?;
    Ok(Json(Nothing {}))
}

#[derive(Deserialize)]
pub struct Remove {
    slot: SlotKind,
}

/// A passkey that is not there is removed already. What is left when this breaks off opens nothing more than before, and can be removed.
pub async fn remove(State(app): State<App>, session: Session, Json(call): Json<Remove>) -> Result<Json<Nothing>> {
    session.require(Scope::Delete)?;
    if !matches!(call.slot, SlotKind::Passkey(_)) {
        return Err(Error::bad("only passkeys can be removed. Put another secret in the place of this one."));
    }
    let change = app.db.remove_slot(&session.vault, call.slot, &session.hash()).await?;
    app.storage.delete(call.slot.object(session.vault)).await?;
    change.commit().await?;
    Ok(Json(Nothing {}))
}
