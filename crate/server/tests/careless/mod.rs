//! A storage that speaks S3 and believes everything, but for what it is told to heed.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use strongroom_server::S3Config;
use tokio::net::TcpListener;

#[derive(Clone, Copy, Debug, Default)]
pub struct Careless {
    /// Other bytes than `x-amz-checksum-sha256` are refused …
    pub heeds_checksum: bool,
    /// … and stored all the same.
    pub keeps_refused: bool,
    /// `if-none-match` works.
    pub heeds_absence: bool,
    /// `if-none-match` is answered 501.
    pub refuses_absence: bool,
    /// `if-none-match` works for those who come one after another.
    pub races: bool,
}

type Objects = Arc<(Careless, Mutex<BTreeMap<String, Bytes>>)>;

impl Careless {
    pub async fn start(self) -> S3Config {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::new((self, Mutex::default())));
        tokio::spawn(async { axum::serve(listener, router).await });
        let (bucket, region, key_id, secret) = ("careless".into(), "nowhere".into(), "key".into(), "secret".into());
        S3Config { endpoint, bucket, region, prefix: String::new(), virtual_host: false, key_id, secret, session_token: None }
    }
}

async fn answer(State(objects): State<Objects>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let key = uri.path().trim_start_matches("/careless").trim_start_matches('/').to_owned();
    let table = || objects.1.lock().unwrap();
    match method {
        Method::PUT => put(&objects, key, &headers, body).await.into_response(),
        Method::DELETE => {
            table().remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ if key.is_empty() => list(&uri, &table()).into_response(),
        _ => match table().get(&key) {
            Some(bytes) if headers.contains_key("range") => (StatusCode::PARTIAL_CONTENT, bytes.slice(..3)).into_response(),
            Some(bytes) => Body::from(bytes.clone()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

async fn put(objects: &Objects, key: String, headers: &HeaderMap, body: Bytes) -> StatusCode {
    let (manners, table) = (&objects.0, &objects.1);
    let absent = headers.contains_key("if-none-match");
    if absent && manners.refuses_absence {
        return StatusCode::NOT_IMPLEMENTED;
    }
    let wrong =
        headers.get("x-amz-checksum-sha256").is_some_and(|sum| sum.as_bytes() != BASE64_STANDARD.encode(Sha256::digest(&body)).as_bytes());
    if wrong && manners.heeds_checksum {
        if manners.keeps_refused {
            table.lock().unwrap().insert(key, body);
        }
        return StatusCode::BAD_REQUEST;
    }
    if absent && manners.races {
        if table.lock().unwrap().contains_key(&key) {
            return StatusCode::PRECONDITION_FAILED;
        }
        // Long enough for everyone who comes at the same time.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
    }
    let mut table = table.lock().unwrap();
    if absent && manners.heeds_absence && table.contains_key(&key) {
        return StatusCode::PRECONDITION_FAILED;
    }
    table.insert(key, body);
    StatusCode::OK
}

fn list(uri: &Uri, objects: &BTreeMap<String, Bytes>) -> String {
    let query = uri.query().unwrap_or_default();
    let field = |name: &str| {
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
        value.replace("%2F", "/")
    };
    let (prefix, after, most) = (field("prefix"), field("start-after"), field("max-keys").parse::<usize>().unwrap());
    let mut found: Vec<_> = objects.iter().filter(|(key, _)| key.starts_with(&prefix) && **key > after).collect();
    let more = found.len() > most;
    found.truncate(most);
    let entry = |(key, bytes): &(&String, &Bytes)| format!("<Contents><Key>{key}</Key><Size>{}</Size></Contents>", bytes.len());
    let entries: String = found.iter().map(entry).collect();
    format!("<ListBucketResult><IsTruncated>{more}</IsTruncated>{entries}</ListBucketResult>")
}
