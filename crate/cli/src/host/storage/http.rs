//! One request over HTTP, to its end.

use std::time::Duration;

use strongroom_bucket::Answer;
use ureq::{Agent, http::Request};

/// An object is no longer, nor a page of a list.
const LONGEST: u64 = 32 << 20;
const CONNECT: Duration = Duration::from_secs(30);
const WHOLE: Duration = Duration::from_secs(900);

/// Keeps connections for later requests.
#[derive(Clone, Debug)]
pub struct Http(Agent);

impl Http {
    pub fn new() -> Self {
        let config =
            Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_connect(Some(CONNECT)).timeout_global(Some(WHOLE));
        Self(config.build().into())
    }

    /// # Errors
    /// A sentence without the address, which may carry a signature: no whole answer came.
    pub fn send(&self, method: &str, url: &str, headers: &[(&str, String)], body: &[u8]) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let silent = |error: ureq::Error| match error {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => "this is no address".to_owned(),
            other => format!("no answer came ({other})"),
        };
        let sent = if body.is_empty() && !matches!(method, "PUT" | "POST") {
            self.0.run(request.body(()).map_err(|_| "this is no address")?)
        } else {
            self.0.run(request.body(body).map_err(|_| "this is no address")?)
        };
        let mut response = sent.map_err(silent)?;
        let text = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        let headers = response.headers().iter().filter_map(text).collect();
        let body = response.body_mut().with_config().limit(LONGEST).read_to_vec().map_err(silent)?;
        Ok(Answer { status: response.status().as_u16(), headers, body })
    }
}
