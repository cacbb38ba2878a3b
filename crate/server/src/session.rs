//! Sessions: what a sign-in gives. Bound to one vault, for what their scope allows; short, but renewable for a day.

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
    scope::Scope,
    secret::{Secret, random_id},
};

const LIFETIME: Millis = 15 * MINUTE;
/// After this, counted from the sign-in, no renewal helps.
const LONGEST: Millis = DAY;

/// The session of a request: its `Authorization: Bearer` names one that has not ended.
pub struct Session {
    pub vault: VaultId,
    pub id: String,
    scope: Scope,
    token: Secret,
    started: Millis,
}

/// A token as it goes to the client, and until when it is good.
pub struct Ticket {
    pub session: String,
    pub expires: Millis,
}

/// Starts a session of that vault.
pub async fn start(app: &App, vault: VaultId, scope: Scope, token: &Secret) -> Result<Ticket> {
    let started = app.clock.now();
    let expires = started + LIFETIME;
    let row = SessionRow { id: hex::encode(random_id()), vault, scope: scope.as_str().to_owned(), started, expires };
    app.db.add_session(&token.sha256(), &row).await?;
    Ok(ticket(token, expires))
}

impl Session {
    /// # Errors
    /// `denied`, with what to do, when the session's scope is less.
    pub fn require(&self, scope: Scope) -> Result<()> {
        match scope {
            _ if self.scope >= scope => Ok(()),
            Scope::Delete => Err(Error::Denied("this needs a fresh unlock; unlock the vault again, then go on.")),
            _ => Err(Error::Denied("this session may only read; unlock the vault again to store something.")),
        }
    }

    /// The same token for another 15 minutes, up to a day after the sign-in.
    pub async fn renew(&self, app: &App) -> Result<Ticket> {
        let expires = (app.clock.now() + LIFETIME).min(self.started + LONGEST);
        app.db.extend_session(&self.token.sha256(), expires).await?;
        Ok(ticket(&self.token, expires))
    }

    pub async fn end(self, app: &App) -> Result<()> {
        app.db.end_session(&self.token.sha256()).await
    }

    /// What the database knows the token by.
    pub fn hash(&self) -> [u8; 32] {
        self.token.sha256()
    }
}

/// What is left of a session's scope now.
pub fn scope_of(row: &SessionRow, now: Millis) -> Scope {
    // What cannot be read allows least.
    Scope::parse(&row.scope).unwrap_or(Scope::Read).after(now - row.started)
}

impl FromRequestParts<App> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let (token, now) = (bearer(parts).ok_or(Error::SignedOut)?, app.clock.now());
        let row = app.db.session(&token.sha256(), now).await?.ok_or(Error::SignedOut)?;
        Ok(Self { scope: scope_of(&row, now), vault: row.vault, id: row.id, token, started: row.started })
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
