//! `POST register/start` and `register/finish`: a new vault, with both its slots.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};

use super::SessionAnswer;
use crate::{
    app::App,
    db::{NewSlot, NewVault},
    error::{Error, Result},
    name::{VaultId, VaultName},
    opaque::{self, ClientIdentity},
    scope::Scope,
    secret::Secret,
    session,
    slot::{self, SlotKind},
    wire::{Bytes, Json},
};

#[derive(Deserialize)]
pub struct Start {
    name: String,
    slot: SlotKind,
    request: Bytes,
}

#[derive(Serialize)]
pub struct Started {
    response: Bytes,
}

pub async fn start(State(app): State<App>, Json(call): Json<Start>) -> Result<Json<Started>> {
    let name = VaultName::parse(&call.name)?;
    if matches!(call.slot, SlotKind::Passkey(_)) {
        return Err(Error::bad("a passkey is added to a vault that is there."));
    }
    if app.db.is_taken(&name).await? {
        return Err(Error::NameTaken);
    }
    let response = app.opaque.register(&ClientIdentity::new(call.slot, &name), &call.request.0)?;
    Ok(Json(Started { response: Bytes(response) }))
}

#[derive(Deserialize)]
pub struct Finish {
    name: String,
    vault: String,
    slots: Vec<Slot>,
}

#[derive(Deserialize)]
struct Slot {
    slot: SlotKind,
    upload: Bytes,
    object: Bytes,
}

#[derive(Serialize)]
pub struct Finished {
    #[serde(flatten)]
    session: SessionAnswer,
    vault: String,
}

/// Account, OPAQUE records and slots in one transaction, committed when the slots lie in the storage too: a bare copy of
/// the objects must open with the recovery phrase.
pub async fn finish(State(app): State<App>, Json(call): Json<Finish>) -> Result<(StatusCode, Json<Finished>)> {
    let name = VaultName::parse(&call.name)?;
    let id = VaultId::parse(&call.vault).ok_or_else(|| Error::bad("a vault's id is 32 lower-case hex digits."))?;
    let slots = checked(call.slots, &id)?;

    let vault = NewVault { id: &id, name: &name, slots: &slots };
    let registration = app.db.register(vault, app.clock.now()).await?;
    if app.storage.is_in_use(&id).await? {
        return Err(Error::bad("that vault id is in use."));
    }
    app.storage.put_slots(slots.into_iter().map(|slot| (slot.kind.object(id.clone()), slot.object)).collect()).await?;
    registration.commit().await?;

    let session = session::start(&app, id.clone(), Scope::Append, &Secret::random()).await?.into();
    Ok((StatusCode::CREATED, Json(Finished { session, vault: id.as_str().to_owned() })))
}

/// One slot of each kind, each of the right shape.
fn checked(slots: Vec<Slot>, vault: &VaultId) -> Result<Vec<NewSlot>> {
    let kinds: Vec<_> = slots.iter().map(|slot| slot.slot).collect();
    let both = [SlotKind::Passphrase, SlotKind::Recovery];
    if kinds.len() != both.len() || !both.iter().all(|kind| kinds.contains(kind)) {
        return Err(Error::bad("a vault has one passphrase slot and one recovery slot."));
    }
    let new = |Slot { slot: kind, upload, object }: Slot| {
        slot::check(&object.0, kind, vault)?;
        Ok(NewSlot { kind, record: opaque::record(&upload.0)?, object: object.0 })
    };
    slots.into_iter().map(new).collect()
}
