//! `POST list`: the objects of one kind, by name, in pages.

use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    error::{Error, Result},
    name::Kind,
    session::Session,
    storage::{Listed, PAGE},
    usage,
    wire::Json,
};

#[derive(Deserialize)]
pub struct Call {
    kind: Kind,
    after: Option<String>,
}

#[derive(Serialize)]
pub struct Answer {
    objects: Vec<Listed>,
    more: bool,
}

pub async fn list(State(app): State<App>, session: Session, Json(call): Json<Call>) -> Result<Json<Answer>> {
    let Call { kind, after } = call;
    if after.as_ref().is_some_and(|after| !kind.takes(after)) {
        return Err(Error::bad("a list goes on after the name of an object."));
    }
    let (objects, more) = app.storage.list(&session.vault, kind, after, PAGE).await?;
    usage::listed(&app, &session.vault, kind, &objects).await?;
    Ok(Json(Answer { objects, more }))
}
