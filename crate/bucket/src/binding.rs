use base64::{Engine, prelude::BASE64_STANDARD};

/// Which of its bytes' properties a PUT is bound to, beside the signature of the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// `x-amz-checksum-sha256`
    pub checksum: bool,
    /// `x-amz-content-sha256`
    pub content: bool,
    /// `if-none-match: *`
    pub absence: bool,
}

impl Binding {
    /// The headers that are signed, and sent as they are; but browsers set the length by themselves and let nobody else.
    pub fn headers(self, length: u64, sha256: &[u8; 32]) -> Vec<(&'static str, String)> {
        let mut headers = vec![("content-length", length.to_string()), ("content-type", "application/octet-stream".to_owned())];
        headers.extend(self.absence.then(|| ("if-none-match", "*".to_owned())));
        headers.extend(self.checksum.then(|| ("x-amz-checksum-sha256", BASE64_STANDARD.encode(sha256))));
        headers.extend(self.content.then(|| ("x-amz-content-sha256", hex::encode(sha256))));
        headers
    }
}
