//! The broker's own requests to a bucket.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Request};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::TokioExecutor,
};

use strongroom_bucket::{Answer, Place, Wire};

use super::sign;
use crate::{
    clock::Clock,
    error::{Error, Result},
    secret::random_id,
};

/// A page of a list, or an object, is no longer.
const LONGEST: usize = 32 << 20;
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Client(Pool<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// The broker's own requests are done by then.
const OWN: Duration = Duration::from_secs(60);

/// The broker at a bucket, as the probe wants it.
pub struct Wired<'a> {
    pub place: &'a Place,
    pub client: &'a Client,
    pub clock: &'a Clock,
}

impl Wire for Wired<'_> {
    fn presign(&self, request: &strongroom_bucket::Request<'_>) -> String {
        sign::presign(self.place, request, self.clock.now(), OWN)
    }

    async fn send(&self, method: &'static str, url: &str, headers: &[(&'static str, String)], body: &[u8]) -> Result<Answer, String> {
        self.client.send(method, url, headers, body.to_vec()).await.map_err(|error| error.into_cause().to_string())
    }

    fn now(&self) -> i64 {
        self.clock.now()
    }

    fn name(&self) -> String {
        hex::encode(random_id())
    }
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
            let header = |(name, value): (&HeaderName, &HeaderValue)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()));
            let headers = parts.headers.iter().filter_map(header).collect();
            let body = Limited::new(body, LONGEST).collect().await.map_err(|_| Error::Unavailable(Silent(false).into()))?;
            Ok(Answer { status: parts.status.as_u16(), headers, body: body.to_bytes().to_vec() })
        };
        tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| Error::Unavailable(Silent(false).into()))?
    }
}

/// Without the address, which names a vault and carries a signature.
#[derive(Debug, thiserror::Error)]
#[error("the bucket {}", if *.0 { "cannot be reached" } else { "does not answer" })]
struct Silent(bool);

/// What a refusal of the bucket is to a client.
pub fn into_error(answer: &Answer) -> Error {
    match answer.status {
        404 => Error::Missing,
        507 => Error::StorageFull,
        _ => Error::Unavailable(format!("the bucket refused a request of the broker: {}", answer.reason()).into()),
    }
}
