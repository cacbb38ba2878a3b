//! `POST session/renew`, `session/end`, `session/list` and `session/revoke`.

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::{Nothing, SessionAnswer};
use crate::{
    app::App,
    clock::Millis,
    error::Result,
    scope::Scope,
    session::{Session, scope_of},
    wire::Json,
};

pub async fn renew(State(app): State<App>, session: Session) -> Result<Json<SessionAnswer>> {
    Ok(Json(session.renew(&app).await?.into()))
}

/// Also for a session that has ended already: then there is nothing to do.
pub async fn end(State(app): State<App>, session: Result<Session>) -> Result<Json<Nothing>> {
    if let Ok(session) = session {
        session.end(&app).await?;
    }
    Ok(Json(Nothing {}))
}

#[derive(Serialize)]
pub struct Listed {
    sessions: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    scope: Scope,
    started: Millis,
    expires: Millis,
    /// The one that asks.
    current: bool,
}

pub async fn list(State(app): State<App>, session: Session) -> Result<Json<Listed>> {
    let now = app.clock.now();
    let rows = app.db.sessions(&session.vault, now).await?;
    let entry = |row: crate::db::SessionRow| Entry {
        scope: scope_of(&row, now),
        current: row.id == session.id,
        id: row.id,
        started: row.started,
        expires: row.expires,
    };
    Ok(Json(Listed { sessions: rows.into_iter().map(entry).collect() }))
}

#[derive(Deserialize)]
pub struct Revoke {
    id: Option<String>,
}

/// Ends one session of this vault, or all others.
pub async fn revoke(State(app): State<App>, session: Session, Json(call): Json<Revoke>) -> Result<Json<Nothing>> {
    session.require(Scope::Delete)?;
    app.db.revoke_sessions(&session.vault, call.id.as_deref(), &session.hash()).await?;
    Ok(Json(Nothing {}))
}
