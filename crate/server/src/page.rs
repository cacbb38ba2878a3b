//! The page: built files from a directory, each with the headers that make its walls (SECURITY.md).

use std::path::Path;

use axum::{
    Router,
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode, Uri,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY},
    },
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::services::ServeDir;

use crate::{app::App, error::Error};

/// What the page may do: run its own code, start its own workers, talk to its own origin.
const PAGE: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; \
    frame-src 'self' blob:; media-src 'self' blob:; style-src 'self'; img-src 'self' blob:; font-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
/// A worker that holds keys, or reads what a stranger wrote, reaches nothing: not even `'self'`, through which `import()` of a URL would
/// get out.
const SEALED_WORKER: &str = "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src 'none'";
/// The worker that reaches the network holds no keys. It may go to a bucket of the user's own.
const COURIER: &str =
    "default-src 'none'; connect-src 'self' https: http://127.0.0.1:* http://localhost:*; script-src 'self' 'wasm-unsafe-eval'";

const FOREVER: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "no-cache";

/// Serves the files of `www`, if there is one.
pub fn router(www: Option<&Path>) -> Router<App> {
    let files = match www {
        Some(folder) => Router::new().fallback_service(ServeDir::new(folder).precompressed_br().precompressed_gzip()),
        None => Router::new().fallback(async || Error::NoRoute),
    };
    files.layer(middleware::from_fn(walls))
}

async fn walls(request: Request, next: Next) -> Response {
    let file = file_name(request.uri());
    let mut response = next.run(request).await;
    match response.status() {
        StatusCode::NOT_FOUND => response = Error::NoRoute.into_response(),
        StatusCode::METHOD_NOT_ALLOWED => response = Error::Method.into_response(),
        _ => {}
    }
    let found = response.status().is_success() || response.status().is_redirection();
    for (name, value) in headers_for(&file, found) {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    add_everywhere(response.headers_mut());
    response
}

/// The headers that depend on the file.
fn headers_for(file: &str, found: bool) -> [(HeaderName, &'static str); 2] {
    let policy = match file {
        worker if worker.starts_with("vault-worker") || worker.starts_with("pdf.worker") => SEALED_WORKER,
        courier if courier.starts_with("courier") && courier.ends_with(".js") => COURIER,
        _ => PAGE,
    };
    let caching = if found && policy == PAGE && is_hashed(file) { FOREVER } else { REVALIDATE };
    [(CONTENT_SECURITY_POLICY, policy), (CACHE_CONTROL, caching)]
}

/// The headers of every file of the page.
fn add_everywhere(headers: &mut HeaderMap) {
    for (name, value) in [
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The last name of the path as the file system will see it: decoded, so that no spelling of a worker's address gets the
/// page's policy, and in lower case, so that no file system that ignores case does.
fn file_name(uri: &Uri) -> String {
    let mut decoded = Vec::with_capacity(uri.path().len());
    let mut bytes = uri.path().bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        match (byte, ahead.next().and_then(hex_digit), ahead.next().and_then(hex_digit)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                bytes = ahead;
            }
            _ => decoded.push(byte),
        }
    }
    let path = String::from_utf8_lossy(&decoded);
    let file = path.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or_default();
    // Case matters to `is_hashed` only, and workers are never hashed in this sense.
    let lower = file.to_ascii_lowercase();
    if ["vault-worker", "pdf.worker", "courier"].iter().any(|worker| lower.starts_with(worker)) { lower } else { file.to_owned() }
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Whether a bundler put a hash of the content into the name: `index-B7_xYz12.js`. A hash has a digit or an upper-case
/// letter among its eight characters, which keeps `restore-progress.js` out.
fn is_hashed(file: &str) -> bool {
    let Some((stem, _)) = file.rsplit_once('.').filter(|(stem, extension)| !stem.is_empty() && !extension.is_empty()) else {
        return false;
    };
    let Some(cut) = stem.len().checked_sub(9).filter(|cut| stem.is_char_boundary(*cut)) else { return false };
    let tail = &stem.as_bytes()[cut..];
    matches!(tail[0], b'-' | b'.')
        && tail[1..].iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        && tail[1..].iter().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_a_workers_address_gets_the_pages_policy() {
        for path in [
            "/vault-worker.js",
            "/assets/vault-worker.js",
            "/vault%2dworker.js",
            "/a//vault-worker-B7xYz123.js",
            "/VAULT-worker.js",
            "/x%2Fvault-worker.js",
            "/vault-worker.js/",
            "/vault-worker.js.br",
            "/assets/pdf.worker.min-B7xYz123.mjs",
            "/assets/PDF%2eworker.min.mjs",
        ] {
            let uri: Uri = path.parse().unwrap();
            assert_eq!(headers_for(&file_name(&uri), true)[0].1, SEALED_WORKER, "{path}");
        }
        for path in ["/courier.js", "/assets/Courier-worker.js", "/c%6furier.js"] {
            let uri: Uri = path.parse().unwrap();
            assert_eq!(headers_for(&file_name(&uri), true)[0].1, COURIER, "{path}");
        }
        for path in ["/", "/index.html", "/vault.wasm", "/courier.wasm", "/a/vault-workers/x.js"] {
            let uri: Uri = path.parse().unwrap();
            assert_eq!(headers_for(&file_name(&uri), true)[0].1, PAGE, "{path}");
        }
    }

    #[test]
    fn only_names_with_a_hash_are_kept_forever() {
        for name in ["index-B7_xYz12.js", "app.1a2b3c4d.css", "vault-00000001.wasm"] {
            assert!(is_hashed(name), "{name}");
        }
        for name in ["index.html", "restore-progress.js", "sw.js", "vault.wasm", "", "a-12345678", ".12345678", "größe-12é45678.js"] {
            assert!(!is_hashed(name), "{name}");
        }
        assert_eq!(headers_for("vault-worker-b7xyz123.js", true)[1].1, REVALIDATE);
        assert_eq!(headers_for("index-B7_xYz12.js", false)[1].1, REVALIDATE);
    }
}
