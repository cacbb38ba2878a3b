use crate::Hidden;

/// Which bucket, and with which keys.
#[derive(Clone, Debug)]
pub struct Config {
    /// `https://s3.eu-central-1.amazonaws.com`, without bucket and path.
    pub endpoint: String,
    pub bucket: String,
    pub region: String,
    /// In front of every key; empty, or ending in a slash.
    pub prefix: String,
    /// `https://bucket.host/key` instead of `https://host/bucket/key`.
    pub virtual_host: bool,
    pub key_id: String,
    pub secret: String,
    /// Comes with keys that last for some hours only.
    pub session_token: Option<String>,
}

/// A bucket's address and keys, checked.
#[derive(Clone, Debug)]
pub struct Place {
    pub(crate) scheme: String,
    pub(crate) host: String,
    /// `/` or `/bucket`
    root: String,
    prefix: String,
    region: String,
    key_id: String,
    secret: Hidden,
    session_token: Option<Hidden>,
}

impl Place {
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn new(config: Config) -> Result<Self, String> {
        let Config { endpoint, bucket, region, prefix, virtual_host, key_id, secret, session_token } = config;
        let plain = |text: &str, more: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
        let (scheme, host) = endpoint.trim_end_matches('/').split_once("://").ok_or("the endpoint is like https://s3.example.com")?;
        if !matches!(scheme, "http" | "https") || host.is_empty() || !plain(host, "-.:[]") {
            return Err("the endpoint is like https://s3.example.com, without a path".into());
        }
        if bucket.len() < 3 || !plain(&bucket, "-._") {
            return Err("a bucket's name is at least 3 letters, digits, - and .".into());
        }
        if region.is_empty() || !plain(&region, "-") {
            return Err("a region is like eu-central-1; where a server has none, us-east-1 or auto".into());
        }
        if !plain(&prefix, "-._/")
            || prefix.starts_with('/')
            || prefix.contains("//")
            || prefix.split('/').any(|part| part == ".." || part == ".")
        {
            return Err("a prefix is letters, digits, -, ., _ and /, and does not begin with /".into());
        }
        if key_id.is_empty() || secret.is_empty() || !key_id.chars().all(|c| c.is_ascii_graphic()) {
            return Err("an access key has an id and a secret".into());
        }
        if session_token.as_ref().is_some_and(|token| token.is_empty() || !token.chars().all(|c| c.is_ascii_graphic())) {
            return Err("a session token is one line, without spaces; keys that do not expire have none".into());
        }
        let prefix = if prefix.is_empty() || prefix.ends_with('/') { prefix } else { format!("{prefix}/") };
        // As browsers and HTTP libraries write it in `Host`, which is signed.
        let host = match scheme {
            "https" => host.strip_suffix(":443").unwrap_or(host),
            _ => host.strip_suffix(":80").unwrap_or(host),
        };
        let (host, root) =
            if virtual_host { (format!("{bucket}.{host}"), "/".to_owned()) } else { (host.to_owned(), format!("/{bucket}")) };
        let (scheme, host) = (scheme.to_owned(), host.to_ascii_lowercase());
        Ok(Self { scheme, host, root, prefix, region, key_id, secret: Hidden::new(secret), session_token: session_token.map(Hidden::new) })
    }

    /// Of a key, or of the bucket itself where that is empty: `/bucket/key`.
    pub(crate) fn path(&self, key: &str) -> String {
        if key.is_empty() { self.root.clone() } else { format!("{}/{}", self.root.trim_end_matches('/'), key) }
    }

    /// The URL of a key, unsigned; of the bucket itself where that is empty.
    pub fn address(&self, key: &str) -> String {
        format!("{}://{}{}", self.scheme, self.host, self.path(key))
    }

    /// The key of an object that lies at this path among ours.
    pub fn key(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Empty, or ending in a slash.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    pub fn secret(&self) -> &Hidden {
        &self.secret
    }

    pub fn session_token(&self) -> Option<&Hidden> {
        self.session_token.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let text = str::to_owned;
        let (endpoint, bucket, region) = (text("https://s3.example.com:443/"), text("my-bucket"), text("eu-central-1"));
        let (key_id, secret, session_token) = (text("id"), text("hush"), Some(text("secrecy")));
        Config { endpoint, bucket, region, prefix: text("a/b"), virtual_host: false, key_id, secret, session_token }
    }

    #[test]
    fn both_styles_of_addresses_carry_the_prefix() {
        let place = Place::new(config()).unwrap();
        assert_eq!(place.address(&place.key("v/pack/x")), "https://s3.example.com/my-bucket/a/b/v/pack/x");
        assert_eq!(place.address(""), "https://s3.example.com/my-bucket");
        let place = Place::new(Config { virtual_host: true, prefix: String::new(), ..config() }).unwrap();
        assert_eq!(place.address(&place.key("v/pack/x")), "https://my-bucket.s3.example.com/v/pack/x");
        assert_eq!(place.address(""), "https://my-bucket.s3.example.com/");
        assert!(!format!("{place:?}").contains("hush") && !format!("{place:?}").contains("secrecy"));
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_sentence() {
        let text = str::to_owned;
        for (config, said) in [
            (Config { endpoint: text("s3.example.com"), ..config() }, "endpoint"),
            (Config { endpoint: text("ftp://s3.example.com"), ..config() }, "endpoint"),
            (Config { endpoint: text("https://s3.example.com/path"), ..config() }, "without a path"),
            (Config { endpoint: text("https://user@s3.example.com"), ..config() }, "endpoint"),
            (Config { bucket: text("a/b"), ..config() }, "bucket's name"),
            (Config { region: text(""), ..config() }, "region"),
            (Config { prefix: text("a/../b"), ..config() }, "prefix"),
            (Config { prefix: text("/a"), ..config() }, "prefix"),
            (Config { secret: text(""), ..config() }, "access key"),
            (Config { session_token: Some(text("")), ..config() }, "session token"),
            (Config { session_token: Some(text("two lines\n")), ..config() }, "session token"),
        ] {
            let why = Place::new(config.clone()).err().unwrap_or_else(|| panic!("{config:?} goes"));
            assert!(why.contains(said), "{why}");
        }
    }
}
