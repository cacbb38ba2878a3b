//! For those who watch over the server: `GET /health` (it runs), `GET /ready` (it can do its work), and on an address of
//! their own also `GET /metrics`.

use std::time::Duration;

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

use crate::{
    app::App,
    error::{Error, Result},
    wire::Json,
};

/// A database that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Serialize)]
struct Status {
    status: &'static str,
}

pub fn router() -> Router<App> {
    Router::new().route("/health", get(health)).route("/ready", get(ready))
}

/// What only the operator should reach.
pub fn private(app: App) -> Router {
    router().route("/metrics", get(metrics)).with_state(app)
}

async fn health() -> Json<Status> {
    Json(Status { status: "ok" })
}

async fn ready(State(app): State<App>) -> Result<Json<Status>> {
    let asked = tokio::time::timeout(PATIENCE, app.db.ping()).await;
    asked.map_err(|_| Error::Unavailable("the database does not answer".into()))??;
    app.storage.ping().await?;
    Ok(Json(Status { status: "ready" }))
}

async fn metrics(State(app): State<App>) -> Response {
    let mut response = app.metrics.text().into_response();
    let format = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, format);
    response
}
