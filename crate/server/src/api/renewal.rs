//! `POST session/renew` and `session/end`.

use axum::extract::State;
use serde::Serialize;

use super::SessionAnswer;
use crate::{app::App, error::Result, session::Session, wire::Json};

pub async fn renew(State(app): State<App>, session: Session) -> Result<Json<SessionAnswer>> {
    Ok(Json(session.renew(&app).await?.into()))
}

#[derive(Serialize)]
pub struct Ended {}

/// Also for a session that has ended already: then there is nothing to do.
pub async fn end(State(app): State<App>, session: Result<Session>) -> Result<Json<Ended>> {
    if let Ok(session) = session {
        session.end(&app).await?;
    }
    Ok(Json(Ended {}))
}
