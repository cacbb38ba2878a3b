//! Signature Version 4 in the query (presigned URLs), through the signer of the AWS SDK.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};

use super::Place;
use crate::clock::Millis;

/// One request, before it is signed.
pub struct Request<'a> {
    pub method: &'static str,
    /// Inside the bucket; empty for the bucket itself.
    pub key: &'a str,
    /// In the order in which they are to stand.
    pub query: Vec<(&'static str, String)>,
    /// To be sent exactly so, in lower case. `x-amz-content-sha256` is also what the signature is over.
    pub headers: Vec<(&'static str, String)>,
}

/// `https://…?…&X-Amz-Signature=…`
pub fn presign(place: &Place, request: &Request<'_>, now: Millis, lifetime: Duration) -> String {
    let query: String = request.query.iter().map(|(name, value)| format!("{name}={}&", percent(value))).collect();
    let url = format!("{}?{query}", place.address(request.key));
    let url = url.trim_end_matches(['?', '&']);
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(lifetime);
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let identity = Credentials::from(&place.keys).into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(&place.region)
        .name("s3")
        .time(UNIX_EPOCH + Duration::from_millis(now.max(0).cast_unsigned()))
        .settings(settings)
        .build()
        .expect("everything it wants is given")
        .into();
    let body = match request.headers.iter().find(|(name, _)| *name == "x-amz-content-sha256") {
        Some((_, hash)) => SignableBody::Precomputed(hash.clone()),
        None => SignableBody::UnsignedPayload,
    };
    let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let signable = SignableRequest::new(request.method, url, headers, body).expect("an address of plain characters");
    let (instructions, _) = sign(signable, &params).expect("plain headers").into_parts();
    let joint = if url.contains('?') { '&' } else { '?' };
    let signed: Vec<String> = instructions.params().iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    format!("{url}{joint}{}", signed.join("&"))
}

/// RFC 3986 §2.3: everything but unreserved characters.
fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The operator's keys. Never shown.
#[derive(Clone)]
pub struct Keys {
    pub id: String,
    pub secret: crate::secret::Hidden,
}

impl From<&Keys> for Credentials {
    fn from(keys: &Keys) -> Self {
        Self::builder().access_key_id(&keys.id).secret_access_key(keys.secret.expose()).provider_name("strongroom").build()
    }
}
