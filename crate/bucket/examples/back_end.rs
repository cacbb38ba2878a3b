//! An app's own back end for backups into its bucket: what `sign` and `list` of a `custom` storage lead to (crate/wasm/BACK-END.md).
//! `back_end FOLDER` serves tests/examples/index.html and the package's files in FOLDER beside it.

use std::{
    env,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::Html,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use strongroom_bucket::{Binding, Config, PAGE, Place, Request, list_query, parse_list, presign};
use tower_http::services::ServeDir;

const LIFETIME: Duration = Duration::from_secs(300);
/// Yours: whom the app's own cookie names.
const USER: &str = "ana";

#[derive(Deserialize)]
struct Wanted {
    method: String,
    path: String,
    length: Option<u64>,
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct Sign {
    requests: Vec<Wanted>,
}

#[derive(Deserialize)]
struct List {
    prefix: String,
}

/// URLs for what this user's vaults may put and get, in order.
async fn sign(State(bucket): State<Arc<Place>>, Json(Sign { requests }): Json<Sign>) -> Result<Json<Value>, StatusCode> {
    let signed = requests.iter().take(256).map(|wanted| signed(&bucket, wanted));
    signed.collect::<Option<Vec<_>>>().map(|signed| Json(signed.into())).ok_or(StatusCode::BAD_REQUEST)
}

fn signed(bucket: &Place, Wanted { method, path, length, sha256 }: &Wanted) -> Option<Value> {
    let (kind, name) = object(path)?;
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()?;
    let put = method == "PUT";
    // With these bytes alone, and only where nothing is yet.
    let headers = if put { conditions(kind, name, (*length)?, sha256.as_deref()?)? } else { vec![] };
    // Signed for; the browser sends it by itself.
    let sent = headers.iter().filter(|(name, _)| *name != "content-length");
    let sent: Map<String, Value> = sent.map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    let key = bucket.key(&format!("users/{USER}/{path}"));
    let request = Request { method: if put { "PUT" } else { "GET" }, key: &key, query: vec![], headers };
    let url = presign(bucket, &request, now, LIFETIME);
    Some(json!({ "url": url, "headers": sent, "expires": now + i64::try_from(LIFETIME.as_millis()).ok()? }))
}

/// Kind and name in `<vault id>/<kind>/<name>`.
fn object(path: &str) -> Option<(&str, &str)> {
    let [vault, kind, name] = path.split('/').collect::<Vec<_>>().try_into().ok()?;
    let digits = match kind {
        "pack" | "index" | "snap" => 64,
        "slot" => 32,
        _ => return None,
    };
    (is_hex(vault, 32) && is_hex(name, digits)).then_some((kind, name))
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn conditions(kind: &str, name: &str, length: u64, sha256: &str) -> Option<Vec<(&'static str, String)>> {
    let slot = kind == "slot";
    let fits = if slot { (1..=65_536).contains(&length) } else { length.is_power_of_two() && (4_096..=16_777_216).contains(&length) };
    let hash: [u8; 32] = hex::decode(sha256).ok()?.try_into().ok()?;
    let binding = Binding { checksum: true, content: false, absence: !slot };
    (fits && (slot || name == sha256)).then(|| binding.headers(length, &hash))
}

/// This user's objects whose path begins so.
async fn list(State(bucket): State<Arc<Place>>, Json(List { prefix }): Json<List>) -> Result<Json<Value>, StatusCode> {
    let folder = prefix.strip_suffix('/').is_some_and(|folder| object(&format!("{folder}/{}", "0".repeat(64))).is_some());
    let slots = prefix.strip_suffix("/slot/").is_some_and(|vault| is_hex(vault, 32));
    if !(prefix.is_empty() || folder || slots) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let listed = tokio::task::spawn_blocking(move || pages(&bucket, &prefix)).await;
    listed.ok().flatten().map(Json).ok_or(StatusCode::SERVICE_UNAVAILABLE)
}

fn pages(bucket: &Place, prefix: &str) -> Option<Value> {
    let root = bucket.key(&format!("users/{USER}/{prefix}"));
    let (mut objects, mut after) = (vec![], None::<String>);
    loop {
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()?;
        let request = Request { method: "GET", key: "", query: list_query(&root, after.as_deref(), PAGE), headers: vec![] };
        let page = ureq::get(presign(bucket, &request, now, LIFETIME)).call().ok()?.into_body().read_to_vec().ok()?;
        let (listed, more) = parse_list(&page, &root)?;
        after = listed.last().map(|last| last.name.clone());
        objects.extend(listed.into_iter().map(|object| json!({ "path": format!("{prefix}{}", object.name), "length": object.length })));
        if !more {
            return Some(objects.into());
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let set = |name: &str| env::var(name).map_err(|_| format!("{name} is not set"));
    let bucket = Place::new(Config {
        endpoint: set("S3_ENDPOINT")?,
        bucket: set("S3_BUCKET")?,
        region: set("S3_REGION")?,
        prefix: String::new(),
        virtual_host: false,
        key_id: set("S3_KEY_ID")?,
        secret: set("S3_SECRET")?,
        session_token: None,
    })?;
    let files = env::args().nth(1).ok_or("say which folder the package's files lie in")?;
    let app = Router::new()
        .route("/", get(Html(include_str!("../../../tests/examples/index.html"))))
        .route("/backup/sign", post(sign))
        .route("/backup/list", post(list))
        .fallback_service(ServeDir::new(files))
        .with_state(Arc::new(bucket));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
