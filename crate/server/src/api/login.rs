//! `POST login/start` and `login/finish`: sign-in to a vault, by passphrase or recovery phrase.

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::SessionAnswer;
use crate::{
    app::App,
    error::{Error, Result},
    logins::Pending,
    name::VaultName,
    opaque::ClientIdentity,
    session,
    slot::SlotKind,
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
    login: Bytes,
    response: Bytes,
}

/// The answer has the same shape whether there is such a vault or not.
pub async fn start(State(app): State<App>, Json(call): Json<Start>) -> Result<Json<Started>> {
    let name = VaultName::parse(&call.name)?;
    let (vault, record) = app.db.record(&name, call.slot).await?.unzip();
    let client = ClientIdentity::new(call.slot, &name);
    let (response, started) = app.opaque.login(client, record.as_deref(), &call.request.0)?;
    let login = app.logins.insert(Pending { started, vault, kind: call.slot });
    Ok(Json(Started { login: Bytes(login.into()), response: Bytes(response) }))
}

#[derive(Deserialize)]
pub struct Finish {
    login: Bytes,
    finalization: Bytes,
}

#[derive(Serialize)]
pub struct Finished {
    #[serde(flatten)]
    session: SessionAnswer,
    vault: String,
    slot: Bytes,
}

/// Hands the slot out, to one who has shown to know its secret. Every failure is the same one.
pub async fn finish(State(app): State<App>, Json(call): Json<Finish>) -> Result<Json<Finished>> {
    let login = call.login.0.as_slice().try_into().ok().and_then(|id| app.logins.take(id)).ok_or(Error::WrongSecret)?;
    let proven = login.started.finish(&call.finalization.0);
    let Some(vault) = login.vault.filter(|_| proven) else { return Err(Error::WrongSecret) };
    let slot = Bytes(app.db.slot(&vault, login.kind).await?);
    let session = session::start(&app, vault.clone()).await?.into();
    Ok(Json(Finished { session, vault: vault.as_str().to_owned(), slot }))
}
