//! What a bucket answered.

/// An answer that came whole.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// It says no, rather than that it cannot.
    pub fn is_refusal(&self) -> bool {
        (400..500).contains(&self.status)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// S3's own name of what went wrong: `NoSuchBucket`. Empty where it has none.
    pub fn code(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
        code.chars().filter(char::is_ascii_alphanumeric).take(64).collect()
    }

    /// `status 404, NoSuchBucket`
    pub fn reason(&self) -> String {
        let code = self.code();
        format!("status {}{}{code}", self.status, if code.is_empty() { "" } else { ", " })
    }

    /// What to do about a refusal, as the end of a sentence.
    pub fn remedy(&self) -> &'static str {
        match (self.code().as_str(), self.status) {
            ("NoSuchBucket", _) | ("", 404) => {
                "there is no bucket of this name here: check its name, the endpoint and path or virtual-host style"
            }
            ("SignatureDoesNotMatch", _) => "the signature does not match: check the secret key and the region",
            ("InvalidAccessKeyId" | "NoSuchKeyId", _) => "it does not know this key id",
            ("ExpiredToken" | "InvalidToken", _) => "the session token has expired, or is not one for these keys: get new ones",
            ("RequestTimeTooSkewed", _) => "this computer's clock is wrong: set it",
            ("AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError" | "PermanentRedirect" | "TemporaryRedirect", _)
            | ("", 301 | 307) => "the bucket lies in another region or at another endpoint",
            ("AccessDenied" | "Forbidden", _) => "these keys may not do that: check their policy, and this computer's clock",
            _ => "check its name, region, keys and this computer's clock",
        }
    }
}
