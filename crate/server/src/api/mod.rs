//! The broker's API, version 1 (API.md): one file a route.

mod about;
mod erase;
mod list;
mod login;
mod register;
mod session;
mod sign;
mod slot;
mod usage;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    routing::{get, post},
};
use serde::Serialize;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{app::App, clock::Millis, error::Error, session::Ticket};

/// The longest body of a call, bytes: two slot objects in base64 and room for the rest.
const MAX_BODY: usize = 256 << 10;

pub fn router() -> Router<App> {
    Router::new()
        .route("/about", get(about::about))
        .route("/openapi.json", get(about::openapi))
        .route("/register/start", post(register::start))
        .route("/register/finish", post(register::finish))
        .route("/login/start", post(login::start))
        .route("/login/finish", post(login::finish))
        .route("/session/renew", post(session::renew))
        .route("/session/end", post(session::end))
        .route("/session/list", post(session::list))
        .route("/session/revoke", post(session::revoke))
        .route("/slot/start", post(slot::start))
        .route("/slot/finish", post(slot::finish))
        .route("/slot/remove", post(slot::remove))
        .route("/usage", post(usage::usage))
        .route("/erase/mark", post(erase::mark))
        .route("/erase/list", post(erase::list))
        .route("/erase/cancel", post(erase::cancel))
        .route("/erase/confirm", post(erase::confirm))
        .route("/sign", post(sign::sign))
        .route("/list", post(list::list))
        .fallback(async || Error::NoRoute)
        .method_not_allowed_fallback(async || Error::Method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

/// `{}`
#[derive(Serialize)]
struct Nothing {}

/// `{ session, expires }`
#[derive(Serialize)]
struct SessionAnswer {
    session: String,
    expires: Millis,
}

impl From<Ticket> for SessionAnswer {
    fn from(ticket: Ticket) -> Self {
        Self { session: ticket.session, expires: ticket.expires }
    }
}
