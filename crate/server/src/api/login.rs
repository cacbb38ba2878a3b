//! `POST login/start` and `login/finish`: sign-in to a vault, by passphrase, recovery phrase or passkey.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::sync::SemaphorePermit;

use super::{
    SessionAnswer,
    erase::{Erasure, pending},
};
use crate::{
    app::App,
    client::ClientAddress,
    error::{Error, Result},
    logins::{self, Attempt},
    name::VaultName,
    scope::Scope,
    secret::Secret,
    session,
    slot::SlotKind,
    wire::{Bytes, Json},
};

#[derive(Deserialize)]
pub struct Start {
    name: String,
    slot: SlotKind,
    request: Bytes,
    device: Option<Bytes>,
}

#[derive(Serialize)]
pub struct Started {
    login: Bytes,
    response: Bytes,
}

/// The answer has the same shape whether there is such a vault or not.
pub async fn start(State(app): State<App>, address: ClientAddress, Json(call): Json<Start>) -> Result<Json<Started>> {
    let name = VaultName::parse(&call.name)?;
    // A device that is no device is a stranger's.
    let device = call.device.and_then(|device| Secret::from_slice(&device.0));
    let attempt = Attempt { name: &name, kind: call.slot, address, device: device.as_ref() };
    let _turn = turn(&app).await;
    let (login, response) = logins::start(&app, attempt, &call.request.0).await?;
    Ok(Json(Started { login: Bytes(login.into()), response: Bytes(response) }))
}

async fn turn(app: &App) -> SemaphorePermit<'_> {
    app.sign_ins.acquire().await.expect("the semaphore is never closed")
}

#[derive(Deserialize)]
pub struct Finish {
    login: Bytes,
    finalization: Bytes,
    #[serde(default)]
    scope: Scope,
    /// Know this device from now on; one that is known already stays the one it is.
    #[serde(default)]
    remember: bool,
}

#[derive(Serialize)]
pub struct Finished {
    #[serde(flatten)]
    session: SessionAnswer,
    scope: Scope,
    vault: String,
    slot: Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<Bytes>,
    /// So that nobody signs in without hearing of it.
    erasures: Vec<Erasure>,
}

/// Hands the slot out, to one who has shown to know its secret. Every failure is the same one.
pub async fn finish(State(app): State<App>, Json(call): Json<Finish>) -> Result<Json<Finished>> {
    let _turn = turn(&app).await;
    let signed_in = logins::finish(&app, &call.login.0, &call.finalization.0).await?;
    let vault = signed_in.vault;
    let slot = Bytes(app.db.slot(&vault, signed_in.kind).await?.ok_or(Error::WrongSecret)?);
    let token = logins::session_token(&signed_in.key);
    let session = session::start(&app, vault.clone(), call.scope, &token).await?.into();
    let device =
        if call.remember && !signed_in.known { Some(Bytes(logins::remember(&app, &vault).await?.expose().to_vec())) } else { None };
    let erasures = pending(&app, &vault).await?;
    Ok(Json(Finished { session, scope: call.scope, vault: vault.as_str().to_owned(), slot, device, erasures }))
}
