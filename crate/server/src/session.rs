//! Sessions: what a sign-in gives. Bound to one vault, for reading and appending; short, but renewable for a day.

use axum::{
    extract::FromRequestParts,
    http::{header::AUTHORIZATION, request::Parts},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    app::App,
    clock::{DAY, MINUTE, Millis},
    db::SessionRow,
    error::{Error, Result},
    name::VaultId,
    secret::Secret,
};

pub const LIFETIME: Millis = 15 * MINUTE;
/// After this, counted from the sign-in, no renewal helps.
pub const LONGEST: Millis = DAY;

/// The session of a request: its `Authorization: Bearer` names one that has not ended.
pub struct Session {
    pub vault: VaultId,
    token: Secret,
    started: Millis,
}

/// A token as it goes to the client, and until when it is good.
pub struct Ticket {
    pub session: String,
    pub expires: Millis,
}

/// Starts a session of that vault.
pub async fn start(app: &App, vault: VaultId) -> Result<Ticket> {
    let (token, started) = (Secret::random(), app.clock.now());
    let expires = started + LIFETIME;
    app.db.add_session(&token.sha256(), &SessionRow { vault, started, expires }).await?;
    Ok(ticket(&token, expires))
}

impl Session {
    /// The same token for another 15 minutes, up to a day after the sign-in.
    pub async fn renew(&self, app: &App) -> Result<Ticket> {
        let expires = (app.clock.now() + LIFETIME).min(self.started + LONGEST);
        app.db.extend_session(&self.token.sha256(), expires).await?;
        Ok(ticket(&self.token, expires))
    }

    pub async fn end(self, app: &App) -> Result<()> {
        app.db.end_session(&self.token.sha256()).await
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let token = bearer(parts).ok_or(Error::SignedOut)?;
        let row = app.db.session(&token.sha256(), app.clock.now()).await?.ok_or(Error::SignedOut)?;
        Ok(Self { vault: row.vault, token, started: row.started })
    }
}

fn bearer(parts: &Parts) -> Option<Secret> {
    let (scheme, token) = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = zeroize::Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(token).ok()?);
    if scheme.eq_ignore_ascii_case("bearer") { Secret::from_slice(&token) } else { None }
}

fn ticket(token: &Secret, expires: Millis) -> Ticket {
    Ticket { session: BASE64_URL_SAFE_NO_PAD.encode(token.expose()), expires }
}
