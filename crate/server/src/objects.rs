//! `/storage/<vault>/<kind>/<name>`: the embedded storage over HTTP, by presigned URLs (API.md).

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{FromRequestParts, Path, Query, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RANGE},
        request::Parts,
    },
    response::{IntoResponse, Response},
    routing::get,
};
use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncSeekExt},
    sync::mpsc,
};
use tokio_util::io::ReaderStream;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{
    app::App,
    error::{Error, Result},
    name::{Kind, MAX_OBJECT, Object, VaultId},
    presign::{self, Grant},
    range::{self, Wanted},
    storage::{Embedded, blocking},
    usage,
};

/// A body may pause that long.
const PATIENCE: Duration = Duration::from_secs(60);
/// Frames of a body between the network and the disk. A frame is at most some 400 KiB.
const IN_FLIGHT: usize = 4;
/// Bytes read from the disk at a time.
const READ: usize = 1 << 18;

/// The routes of the embedded storage; none where objects lie elsewhere.
pub fn router(app: &App) -> Router<App> {
    let router = match app.storage.embedded() {
        Some(_) => Router::new().route("/{vault}/{kind}/{name}", get(get_object).put(put_object)),
        None => Router::new(),
    };
    let fixed = |name: HeaderName, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    router
        .fallback(async || Error::NoRoute)
        .method_not_allowed_fallback(async || Error::Method)
        .layer(fixed(CACHE_CONTROL, "no-store"))
        .layer(fixed(CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
}

/// The object that an address names, and the rest of the address, not verified yet.
struct Address {
    object: Object,
    query: presign::Query,
}

impl FromRequestParts<App> for Address {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let refused = Error::Denied("the address is not signed for this.");
        let path = Path::<(String, String, String)>::from_request_parts(parts, app).await;
        let query = Query::<presign::Query>::from_request_parts(parts, app).await;
        let (Ok(Path((vault, kind, name))), Ok(Query(query))) = (path, query) else { return Err(refused) };
        let object = VaultId::parse(&vault).zip(Kind::parse(&kind)).and_then(|(vault, kind)| Object::new(vault, kind, &name));
        Ok(Self { object: object.ok_or(refused)?, query })
    }
}

async fn put_object(State(app): State<App>, address: Result<Address>, headers: HeaderMap, body: Body) -> Result<StatusCode> {
    // Whatever is wrong, the body is read to its end first: a browser that is still sending would see a broken
    // connection instead of the answer.
    let (frames, pieces) = mpsc::channel::<Bytes>(IN_FLIGHT);
    let Grant::Put { object, length, sha256 } = (match admitted(&app, address, &headers) {
        Ok(grant) => grant,
        Err(refusal) => {
            drop(pieces);
            forward(body, frames).await;
            return Err(refusal);
        }
    }) else {
        unreachable!("Query::put proves a PUT");
    };
    let _counted = Counted::new(&app);
    let _turn = app.uploads.acquire().await.expect("the semaphore is never closed");
    let stored = {
        let (files, object) = (files(&app)?.clone(), object.clone());
        tokio::task::spawn_blocking(move || {
            let mut pieces = pieces;
            files.put(&object, length, &sha256, std::iter::from_fn(|| pieces.blocking_recv()))
        })
    };
    forward(body, frames).await;
    let new = stored.await??;
    usage::seen(&app, &object, length, new).await?;
    app.metrics.received.inc_by(length);
    Ok(StatusCode::OK)
}

/// One upload among the metrics, as long as it lasts.
struct Counted(App);

impl Counted {
    fn new(app: &App) -> Self {
        app.metrics.uploads.inc();
        Self(app.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.metrics.uploads.dec();
    }
}

fn files(app: &App) -> Result<&Arc<Embedded>> {
    app.storage.embedded().ok_or(Error::NoRoute)
}

fn admitted(app: &App, address: Result<Address>, headers: &HeaderMap) -> Result<Grant> {
    let Address { object, query } = address?;
    let grant = query.put(&app.url_key, object, app.clock.now())?;
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match grant {
        Grant::Put { length, .. } if announced != Some(length) => {
            Err(Error::Damaged("its length is not the one that its address is signed for"))
        }
        grant => Ok(grant),
    }
}

/// Passes the body on, frame by frame, as fast as they are taken; reads on to its end when nobody takes them any more.
/// Gives up on a body that pauses too long or goes beyond the longest object: who takes the frames counts them.
async fn forward(mut body: Body, frames: mpsc::Sender<Bytes>) {
    let mut read = 0;
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(PATIENCE, body.frame()).await {
        let Ok(bytes) = frame.into_data() else { continue };
        read += bytes.len() as u64;
        if read > MAX_OBJECT {
            return;
        }
        // Fails when the object was refused half-way.
        let _ = frames.send(bytes).await;
    }
}

async fn get_object(State(app): State<App>, address: Result<Address>, headers: HeaderMap) -> Result<Response> {
    let Address { object, query } = address?;
    let Grant::Get { object } = query.get(&app.url_key, object, app.clock.now())? else { unreachable!("Query::get proves a GET") };
    let (file, length) = blocking(files(&app)?, move |files| files.open_object(&object)).await?;

    let wanted = match headers.get(RANGE) {
        Some(range) => range::parse(range.as_bytes(), length)?,
        None => Wanted::Whole,
    };
    let (status, start, bytes, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0, length, None),
        Wanted::Part { first, last } => {
            (StatusCode::PARTIAL_CONTENT, first, last - first + 1, Some(format!("bytes {first}-{last}/{length}")))
        }
    };
    app.metrics.sent.inc_by(bytes);
    let mut file = tokio::fs::File::from_std(file);
    file.set_max_buf_size(READ);
    file.seek(std::io::SeekFrom::Start(start)).await?;
    let body = Body::from_stream(ReaderStream::with_capacity(file.take(bytes), READ));

    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes));
    if let Some(range) = range {
        headers.insert(CONTENT_RANGE, HeaderValue::try_from(range).expect("digits, a dash and a slash"));
    }
    Ok(response)
}
