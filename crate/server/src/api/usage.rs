//! `POST usage`: what the vault stores, and what it may.

use axum::extract::State;
use serde::Serialize;

use crate::{app::App, error::Result, session::Session, wire::Json};

#[derive(Serialize)]
pub struct Answer {
    stored: u64,
    reserved: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<u64>,
}

pub async fn usage(State(app): State<App>, session: Session) -> Result<Json<Answer>> {
    let usage = app.db.usage(&session.vault, app.clock.now()).await?;
    Ok(Json(Answer { stored: usage.stored, reserved: usage.reserved, quota: app.quota }))
}
