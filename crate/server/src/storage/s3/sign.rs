//! Signature Version 4 in the query (presigned URLs), through the signer of the AWS SDK.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};

use strongroom_bucket::{Place, Request, percent};

use crate::clock::Millis;

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
    let mut keys = Credentials::builder().access_key_id(place.key_id()).secret_access_key(place.secret().expose());
    keys.set_session_token(place.session_token().map(|token| token.expose().to_owned()));
    let identity = keys.provider_name("strongroom").build().into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(place.region())
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

#[cfg(test)]
mod tests {
    use strongroom_bucket::Config;

    use super::*;

    /// The command line and the browser sign by strongroom-bucket, which is smaller.
    #[test]
    fn the_sdks_signer_and_our_own_give_the_same_addresses() {
        let text = str::to_owned;
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let headers = [
            ("content-length", text("4096")),
            ("content-type", text("application/octet-stream")),
            ("if-none-match", text("*")),
            ("range", text("bytes=0-2")),
            ("x-amz-checksum-sha256", text("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")),
            ("x-amz-content-sha256", text(hash)),
        ];
        let query = [("list-type", text("2")), ("max-keys", text("7")), ("prefix", text("a b/ä+&=~/")), ("start-after", text("a/b"))];
        let mut compared = 0;
        let token = || Some(text("IQoJb3JpZ2luX2VjE//+a=="));
        for (endpoint, virtual_host, session_token) in
            [("https://s3.example.com", true, None), ("http://127.0.0.1:3900", false, token()), ("https://s3.example.com:443", false, None)]
        {
            let (bucket, region, prefix, key_id) = (text("my-bucket"), text("eu-central-1"), text("pre/fix"), text("AKIA/EXAMPLE+1"));
            let (endpoint, secret) = (text(endpoint), text("s/e+c ret"));
            let config = Config { endpoint, bucket, region, prefix, virtual_host, key_id, secret, session_token };
            let place = Place::new(config).unwrap();
            for (round, method) in ["PUT", "GET", "HEAD", "DELETE"].into_iter().enumerate() {
                for some in 0..headers.len() + query.len() {
                    let key = place.key("00ff/pack/a_b-c.d");
                    let of_bucket = some >= headers.len();
                    let request = Request {
                        method,
                        key: if of_bucket { "" } else { &key },
                        query: if of_bucket { query[..=some - headers.len()].to_vec() } else { vec![] },
                        headers: if of_bucket { vec![] } else { headers[..=some].to_vec() },
                    };
                    let (now, lifetime) =
                        (1_700_000_000_123 + 86_399_000 * (round * 40 + some) as i64, Duration::from_secs(1 + some as u64 * 100));
                    let (theirs, ours) =
                        (presign(&place, &request, now, lifetime), strongroom_bucket::presign(&place, &request, now, lifetime));
                    let sorted = |url: &str| {
                        let (address, query) = url.split_once('?').unwrap();
                        let mut fields: Vec<String> = query.split('&').map(str::to_owned).collect();
                        fields.sort_unstable();
                        (address.to_owned(), fields)
                    };
                    assert_eq!(sorted(&ours), sorted(&theirs));
                    compared += 1;
                }
            }
        }
        assert_eq!(compared, 3 * 4 * 10);
    }
}
