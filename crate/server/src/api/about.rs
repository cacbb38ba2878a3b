//! `GET about`: who answers, and what its storage promises.

use axum::{extract::State, http::header::CONTENT_TYPE, response::IntoResponse};
use serde::Serialize;

use crate::{app::App, name::MAX_OBJECT, wire::Json};

#[derive(Serialize)]
pub struct Answer {
    name: &'static str,
    version: &'static str,
    storage: Storage,
}

#[derive(Serialize)]
struct Storage {
    level: &'static str,
    maximum: u64,
}

pub async fn about(State(app): State<App>) -> Json<Answer> {
    let storage = Storage { level: app.storage.level().as_str(), maximum: MAX_OBJECT };
    Json(Answer { name: "Strongroom", version: env!("CARGO_PKG_VERSION"), storage })
}

/// `GET openapi.json`: this API as OpenAPI 3.1 describes it.
pub async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], include_str!("../../openapi.json"))
}
