//! The broker's API (crate/server/API.md). The session stays in here; the engine never needs it.

use std::{cell::RefCell, collections::HashMap};

use gloo_net::http::Method;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    fault::Fault,
    gate::Gate,
    http::{CALL_MS, Call, send},
    js,
    message::Listed,
    sign::{SignRequest, Signed},
};

pub struct Broker {
    /// With `/api/v1/` at its end.
    base: String,
    session: RefCell<Option<Session>>,
    /// One renewal at a time.
    renewal: Gate,
}

/// The right to sign for one vault.
#[derive(Clone, Deserialize)]
struct Session {
    session: String,
    expires: f64,
}

/// A session with less left than this is renewed before it is used.
const RENEW_MS: f64 = 5.0 * 60_000.0;

impl Broker {
    pub fn new(url: &str) -> Self {
        Self { base: format!("{}/api/v1/", url.trim_end_matches('/')), session: RefCell::new(None), renewal: Gate::new(1) }
    }

    /// A call of the engine, opaque in both directions; a session in the answer is kept.
    pub async fn call(&self, call: &str, body: &str) -> Result<String, Fault> {
        let open = ["register/", "login/"].iter().any(|prefix| call.starts_with(prefix));
        let answer = if open { self.post(call, body, None).await? } else { self.authorised(call, body).await? };
        if let Some(session) = js::from_json::<Session>(&answer)
            && let Some(old) = self.session.replace(Some(session))
        {
            // Nobody uses it any more. Were this lost, it would end by itself.
            let _ = self.post("session/end", "{}", Some(&old.session)).await;
        }
        Ok(answer)
    }

    pub async fn sign(&self, requests: Vec<SignRequest>) -> Result<Vec<Signed>, Fault> {
        #[derive(Serialize)]
        struct Ask {
            requests: Vec<SignRequest>,
        }
        #[derive(Deserialize)]
        struct Told {
            urls: Vec<Signed>,
        }
        Ok(self.typed::<Told>("sign", &Ask { requests }).await?.urls)
    }

    /// All objects of one kind, page after page.
    pub async fn list(&self, kind: &str) -> Result<Vec<Listed>, Fault> {
        #[derive(Serialize)]
        struct Ask<'a> {
            kind: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            after: Option<String>,
        }
        #[derive(Deserialize)]
        struct Told {
            objects: Vec<Listed>,
            more: bool,
        }
        let mut all: Vec<Listed> = Vec::new();
        loop {
            let after = all.last().map(|last| last.name.clone());
            let page = self.typed::<Told>("list", &Ask { kind, after }).await?;
            let more = page.more && !page.objects.is_empty();
            all.extend(page.objects);
            if !more {
                return Ok(all);
            }
        }
    }

    async fn typed<T: DeserializeOwned>(&self, call: &str, body: &impl Serialize) -> Result<T, Fault> {
        let answer = self.authorised(call, &js::to_json(body)).await?;
        js::from_json(&answer).ok_or_else(|| Fault::permanent("unsupported", "The server speaks another version of the broker's API."))
    }

    /// With the session, renewed when it is about to end, or once when the broker says it has.
    async fn authorised(&self, call: &str, body: &str) -> Result<String, Fault> {
        let session = self.fresh_session().await?;
        match self.post(call, body, Some(&session)).await {
            Err(fault) if fault.code == "signed_out" => {
                let renewed = self.renewed(&session).await?;
                self.post(call, body, Some(&renewed)).await
            }
            answer => answer,
        }
    }

    async fn fresh_session(&self) -> Result<String, Fault> {
        let session = self.session.borrow().clone();
        let session = session.ok_or_else(|| Fault::permanent("signed_out", "Nobody is signed in; unlock the vault."))?;
        if js::now() + RENEW_MS < session.expires {
            return Ok(session.session);
        }
        match self.renewed(&session.session).await {
            // This device's clock may be wrong: the broker decides whether the session still counts.
            Err(fault) if fault.passing.is_some() => Ok(session.session),
            other => other,
        }
    }

    /// The session after `old`: renewed here, or by someone who was here first.
    async fn renewed(&self, old: &str) -> Result<String, Fault> {
        let _alone = self.renewal.enter().await;
        let current = self.session.borrow().clone();
        if let Some(current) = current
            && current.session != old
        {
            return Ok(current.session);
        }
        let answer = self.post("session/renew", "{}", Some(old)).await?;
        let session: Session =
            js::from_json(&answer).ok_or_else(|| Fault::permanent("signed_out", "The session ended; unlock the vault again."))?;
        self.session.replace(Some(session.clone()));
        Ok(session.session)
    }

    async fn post(&self, call: &str, body: &str, session: Option<&str>) -> Result<String, Fault> {
        let mut headers = HashMap::from([("content-type".to_owned(), "application/json".to_owned())]);
        if let Some(session) = session {
            headers.insert("authorization".to_owned(), format!("Bearer {session}"));
        }
        let url = format!("{}{call}", self.base);
        let answer = send(Call { method: Method::POST, url: &url, headers: &headers, body: body.into(), limit_ms: CALL_MS }).await?;
        let text = answer.text();
        if answer.is_success() { Ok(text) } else { Err(Fault::of_status(call, answer.status, &text)) }
    }
}
