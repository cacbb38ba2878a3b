//! Signature Version 4 in the query: presigned URLs (AWS, *Authenticating Requests: Using Query Parameters*). The AWS SDK's signer would
//! be a sixth of the browser's modules; a test of the server's holds this one to it, request by request.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{Place, time::stamp};

/// One request, before it is signed.
pub struct Request<'a> {
    pub method: &'static str,
    /// Inside the bucket; empty for the bucket itself.
    pub key: &'a str,
    /// By name, in small letters.
    pub query: Vec<(&'static str, String)>,
    /// To be sent exactly so, by name, in small letters. `x-amz-content-sha256` is also what the signature is over.
    pub headers: Vec<(&'static str, String)>,
}

/// `https://…?…&X-Amz-Signature=…`, good for that long from `now`, milliseconds since 1970.
pub fn presign(place: &Place, request: &Request<'_>, now: i64, lifetime: Duration) -> String {
    let stamp = stamp(now);
    let scope = format!("{}/{}/s3/aws4_request", &stamp[..8], place.region());
    let mut headers: Vec<(&str, &str)> = request.headers.iter().map(|(name, value)| (*name, value.trim())).collect();
    headers.insert(headers.partition_point(|(name, _)| *name < "host"), ("host", &place.host));
    // No sorting: it would be a tenth of this crate in the browser.
    debug_assert!(headers.is_sorted() && request.query.is_sorted());
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let mut query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={stamp}&X-Amz-Expires={}",
        percent(&format!("{}/{scope}", place.key_id())),
        lifetime.as_secs(),
    );
    if let Some(token) = place.session_token() {
        query.push_str("&X-Amz-Security-Token=");
        query.push_str(&percent(token.expose()));
    }
    query.push_str("&X-Amz-SignedHeaders=");
    query.push_str(&percent(&names));
    for (name, value) in &request.query {
        for part in ["&", *name, "=", &percent(value)] {
            query.push_str(part);
        }
    }
    let hash = headers.iter().find(|(name, _)| *name == "x-amz-content-sha256").map_or("UNSIGNED-PAYLOAD", |(_, hash)| hash);
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let path = place.path(request.key);
    let canonical = format!("{}\n{path}\n{query}\n{lines}\n{names}\n{hash}", request.method);
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    let first = zeroize::Zeroizing::new(format!("AWS4{}", place.secret().expose()));
    let mut key = mac(first.as_bytes(), &stamp[..8]);
    for part in [place.region(), "s3", "aws4_request"] {
        key = mac(&key, part);
    }
    format!("{}?{query}&X-Amz-Signature={}", place.address(request.key), hex::encode(mac(&key, &text)))
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// RFC 3986 §2.3: everything but unreserved characters.
pub fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    /// The example of AWS's own documentation.
    #[test]
    fn the_example_of_the_documentation_comes_out() {
        let text = str::to_owned;
        let place = Place::new(Config {
            endpoint: text("https://s3.amazonaws.com"),
            bucket: text("examplebucket"),
            region: text("us-east-1"),
            prefix: String::new(),
            virtual_host: true,
            key_id: text("AKIAIOSFODNN7EXAMPLE"),
            secret: text("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            session_token: None,
        });
        let request = Request { method: "GET", key: "test.txt", query: vec![], headers: vec![] };
        let url = presign(&place.unwrap(), &request, 1_369_353_600_000, Duration::from_secs(86_400));
        assert_eq!(
            url,
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z\
             &X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }
}
