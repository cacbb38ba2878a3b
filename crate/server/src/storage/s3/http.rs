//! The broker's own requests to a bucket.

use std::time::Duration;

use axum::http::{Request, header::CONTENT_LENGTH};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::error::{Error, Result};

/// A page of a list, or an object, is no longer.
const LONGEST: usize = 32 << 20;
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Client(Pool<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// What the bucket answered.
pub struct Answer {
    pub status: u16,
    /// `Content-Length`, also of a HEAD.
    pub length: Option<u64>,
    pub body: Vec<u8>,
}

impl Client {
    pub fn new() -> Self {
        let provider = tokio_rustls::rustls::crypto::ring::default_provider();
        let connector = HttpsConnectorBuilder::new().with_provider_and_webpki_roots(provider).expect("ring does TLS 1.2 and 1.3");
        Self(Pool::builder(TokioExecutor::new()).build(connector.https_or_http().enable_http1().build()))
    }

    pub async fn send(&self, method: &str, url: &str, headers: &[(&'static str, String)], body: Vec<u8>) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|e| Error::Unavailable(e.into()))?;
        let exchange = async {
            let response = self.0.request(request).await.map_err(|e| Error::Unavailable(Silent(e.is_connect()).into()))?;
            let (parts, body) = response.into_parts();
            let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
            let length = text(CONTENT_LENGTH).and_then(|length| length.parse().ok());
            let body = Limited::new(body, LONGEST).collect().await.map_err(|_| Error::Unavailable(Silent(false).into()))?;
            Ok(Answer { status: parts.status.as_u16(), length, body: body.to_bytes().to_vec() })
        };
        tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| Error::Unavailable(Silent(false).into()))?
    }
}

/// Without the address, which names a vault and carries a signature.
#[derive(Debug, thiserror::Error)]
#[error("the bucket {}", if *.0 { "cannot be reached" } else { "does not answer" })]
struct Silent(bool);

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// S3's own name of what went wrong: `NoSuchBucket`.
    pub fn reason(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
        let plain: String = code.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        format!("status {}{}{plain}", self.status, if plain.is_empty() { "" } else { ", " })
    }

    pub fn into_error(self) -> Error {
        match self.status {
            404 => Error::Missing,
            507 => Error::StorageFull,
            _ => Error::Unavailable(format!("the bucket refused a request of the broker: {}", self.reason()).into()),
        }
    }
}
