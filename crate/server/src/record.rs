//! A diagnostic: every request, whole, into files, so that anyone can look at what arrives here and what does not.
//!
//! Request *n* becomes `<n>.json` (method, path, query, headers, when it came) and `<n>.body`, the bytes that came.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http_body_util::BodyExt;
use serde::Serialize;

use crate::clock::{Clock, Millis};

#[derive(Clone)]
pub struct Recorder {
    folder: Arc<PathBuf>,
    count: Arc<AtomicU64>,
    clock: Clock,
}

#[derive(Serialize)]
struct Head<'a> {
    time: Millis,
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    /// In the order they came; bytes that are not UTF-8 replaced.
    headers: Vec<(&'a str, String)>,
}

impl Recorder {
    /// Goes on after what the folder holds already.
    pub fn open(folder: PathBuf, clock: Clock) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let numbers = fs::read_dir(&folder)?.filter_map(|entry| entry.ok()?.path().file_stem()?.to_str()?.parse::<u64>().ok());
        let count = numbers.max().map_or(0, |last| last + 1);
        Ok(Self { folder: Arc::new(folder), count: Arc::new(AtomicU64::new(count)), clock })
    }

    fn begin(&self, request: &Request) -> io::Result<File> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let head = Head {
            time: self.clock.now(),
            method: request.method().as_str(),
            path: request.uri().path(),
            query: request.uri().query(),
            headers: request.headers().iter().map(|(k, v)| (k.as_str(), String::from_utf8_lossy(v.as_bytes()).into_owned())).collect(),
        };
        let stem = self.folder.join(format!("{number:08}"));
        fs::write(stem.with_extension("json"), serde_json::to_vec_pretty(&head)?)?;
        File::create_new(stem.with_extension("body"))
    }
}

/// The middleware. What cannot be recorded is not let through, so that a record is never incomplete unnoticed.
pub async fn record(State(recorder): State<Recorder>, request: Request, next: Next) -> Result<Response, crate::error::Error> {
    let mut file = recorder.begin(&request)?;
    let request = request.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if let Some(bytes) = frame.data_ref()
                && let Err(e) = file.write_all(bytes)
            {
                tracing::error!(cause = %e, "the record is incomplete");
            }
            frame
        }))
    });
    Ok(next.run(request).await)
}
