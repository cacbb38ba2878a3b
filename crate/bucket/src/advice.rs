//! What to tell the owner of a bucket: rules for pages (CORS), for keys (policy) and for lifecycles, as each provider takes them.

use std::fmt::Write;

/// Headers that Strongroom sends from a page. By name, since not every server knows `*` here.
pub const HEADERS: [&str; 5] = ["content-type", "if-none-match", "range", "x-amz-checksum-sha256", "x-amz-content-sha256"];
const METHODS: [&str; 4] = ["GET", "HEAD", "PUT", "DELETE"];
/// Browsers ask again after so many seconds.
const AGE: u32 = 3600;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    Aws,
    R2,
    B2,
    Minio,
    Garage,
}

/// One thing to set: what it is for, the text to give, and how to give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// `cors`, `policy` or `lifecycle`.
    pub subject: &'static str,
    pub why: String,
    /// JSON; empty where the provider takes none.
    pub json: String,
    /// What to type or click.
    pub how: String,
}

impl Provider {
    pub const ALL: [Self; 5] = [Self::Aws, Self::R2, Self::B2, Self::Minio, Self::Garage];

    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::R2 => "r2",
            Self::B2 => "b2",
            Self::Minio => "minio",
            Self::Garage => "garage",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.name() == name)
    }

    /// Whose endpoint this is, as far as its name and region say.
    pub fn guess(endpoint: &str, region: &str) -> Self {
        match endpoint {
            _ if endpoint.contains("amazonaws.com") => Self::Aws,
            _ if endpoint.contains("r2.cloudflarestorage.com") => Self::R2,
            _ if endpoint.contains("backblazeb2.com") => Self::B2,
            _ if endpoint.contains("garage") || region == "garage" => Self::Garage,
            _ => Self::Minio,
        }
    }
}

/// Everything to set for a vault in this bucket, used from pages of these origins. The prefix is empty or ends in a slash.
pub fn advice(provider: Provider, bucket: &str, prefix: &str, origins: &[&str]) -> Vec<Advice> {
    vec![cors(provider, bucket, origins), policy(provider, bucket, prefix), lifecycle(provider, bucket, prefix)]
}

fn cors(provider: Provider, bucket: &str, origins: &[&str]) -> Advice {
    let (origins, methods, headers) = (list(origins), list(&METHODS), list(&HEADERS));
    let usual = format!(
        "{{\n  \"CORSRules\": [\n    {{\n      \"AllowedOrigins\": {origins},\n      \"AllowedMethods\": {methods},\n      \"AllowedHeaders\": {headers},\n      \
         \"ExposeHeaders\": [\"ETag\", \"Date\"],\n      \"MaxAgeSeconds\": {AGE}\n    }}\n  ]\n}}"
    );
    let (json, how) = match provider {
        Provider::Aws => (usual, format!("aws s3api put-bucket-cors --bucket {bucket} --cors-configuration file://cors.json")),
        Provider::R2 => (
            format!(
                "{{\n  \"rules\": [\n    {{\n      \"allowed\": {{\n        \"origins\": {origins},\n        \"methods\": {methods},\n        \
                 \"headers\": {headers}\n      }},\n      \"exposeHeaders\": [\"ETag\", \"Date\"],\n      \"maxAgeSeconds\": {AGE}\n    }}\n  ]\n}}"
            ),
            format!("npx wrangler r2 bucket cors set {bucket} --file cors.json"),
        ),
        Provider::B2 => (
            format!(
                "[\n  {{\n    \"corsRuleName\": \"strongroom\",\n    \"allowedOrigins\": {origins},\n    \"allowedOperations\": \
                 [\"s3_get\", \"s3_head\", \"s3_put\", \"s3_delete\"],\n    \"allowedHeaders\": {headers},\n    \
                 \"exposeHeaders\": [\"etag\", \"date\"],\n    \"maxAgeSeconds\": {AGE}\n  }}\n]"
            ),
            format!("b2 bucket update --cors-rules \"$(cat cors.json)\" {bucket}"),
        ),
        Provider::Minio => (
            usual,
            format!(
                "aws --endpoint-url ENDPOINT s3api put-bucket-cors --bucket {bucket} --cors-configuration file://cors.json. A MinIO without rules \
                 for single buckets answers NotImplemented: there, mc admin config set ALIAS api cors_allow_origin=ORIGIN, for the whole server."
            ),
        ),
        Provider::Garage => (
            usual,
            format!(
                "garage bucket allow --owner {bucket} --key ADMIN-KEY, then with that key: aws --endpoint-url ENDPOINT --region garage s3api \
                 put-bucket-cors --bucket {bucket} --cors-configuration file://cors.json"
            ),
        ),
    };
    Advice { subject: "cors", why: "Pages of these origins, and no others, may reach the bucket from a browser.".into(), json, how }
}

fn policy(provider: Provider, bucket: &str, prefix: &str) -> Advice {
    let why = "The keys may list, read and create objects under the prefix; they may not overwrite or delete any, as far as the provider can tell the two apart.";
    let (all, within) = (format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/{prefix}*"));
    let mut statements = vec![
        format!(
            "{{\n      \"Sid\": \"List\",\n      \"Effect\": \"Allow\",\n      \"Action\": \"s3:ListBucket\",\n      \"Resource\": \"{all}\",\n      \
             \"Condition\": {{ \"StringLike\": {{ \"s3:prefix\": \"{prefix}*\" }} }}\n    }}"
        ),
        format!(
            "{{\n      \"Sid\": \"ReadAndCreate\",\n      \"Effect\": \"Allow\",\n      \"Action\": [\"s3:GetObject\", \"s3:PutObject\"],\n      \
             \"Resource\": \"{within}\"\n    }}"
        ),
        format!(
            "{{\n      \"Sid\": \"NeverDelete\",\n      \"Effect\": \"Deny\",\n      \"Action\": [\"s3:DeleteObject\", \"s3:DeleteObjectVersion\"],\n      \
             \"Resource\": \"{within}\"\n    }}"
        ),
    ];
    if provider == Provider::Aws {
        statements.push(format!(
            "{{\n      \"Sid\": \"NeverOverwrite\",\n      \"Effect\": \"Deny\",\n      \"Action\": \"s3:PutObject\",\n      \
             \"Resource\": \"{within}\",\n      \"Condition\": {{ \"Null\": {{ \"s3:if-none-match\": \"true\" }} }}\n    }}"
        ));
    }
    let document = || format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {}\n  ]\n}}", statements.join(",\n    "));
    let (json, how) = match provider {
        Provider::Aws => (
            document(),
            "aws iam put-user-policy --user-name USER --policy-name strongroom --policy-document file://policy.json".to_owned(),
        ),
        Provider::Minio => (
            document(),
            "mc admin policy create ALIAS strongroom policy.json, then mc admin policy attach ALIAS strongroom --user KEY".into(),
        ),
        Provider::R2 => (
            String::new(),
            format!(
                "Make an R2 API token with “Object Read & Write” for {bucket} alone. It can delete: npx wrangler r2 bucket lock add {bucket} keeps objects for as long as you say."
            ),
        ),
        Provider::B2 => {
            let only = if prefix.is_empty() { String::new() } else { format!(" --name-prefix {prefix}") };
            (
                String::new(),
                format!(
                    "b2 key create --bucket {bucket}{only} strongroom listFiles,readFiles,writeFiles. Overwritten files are kept as older versions as long as the bucket keeps all versions."
                ),
            )
        }
        Provider::Garage => (
            String::new(),
            format!(
                "garage bucket allow --read --write {bucket} --key KEY. A key that writes also deletes: give the vault a bucket of its own."
            ),
        ),
    };
    Advice { subject: "policy", why: why.into(), json, how }
}

fn lifecycle(provider: Provider, bucket: &str, prefix: &str) -> Advice {
    let why =
        "Uploads that broke off are cleared away. No rule may expire objects under the prefix: an old pack is as needed as a new one.";
    let usual = format!(
        "{{\n  \"Rules\": [\n    {{\n      \"ID\": \"strongroom-broken-uploads\",\n      \"Status\": \"Enabled\",\n      \"Filter\": {{ \"Prefix\": \"{prefix}\" }},\n      \
         \"AbortIncompleteMultipartUpload\": {{ \"DaysAfterInitiation\": 7 }}\n    }}\n  ]\n}}"
    );
    let (json, how) = match provider {
        Provider::B2 => (
            format!(
                "[\n  {{\n    \"fileNamePrefix\": \"{prefix}\",\n    \"daysFromUploadingToHiding\": null,\n    \"daysFromHidingToDeleting\": null,\n    \
                 \"daysFromStartingToCancelingUnfinishedLargeFiles\": 7\n  }}\n]"
            ),
            format!("b2 bucket update --lifecycle-rules \"$(cat lifecycle.json)\" {bucket}"),
        ),
        Provider::Minio => (String::new(), "MinIO clears uploads that broke off by itself, after a day: nothing to set.".into()),
        Provider::Aws => (
            usual,
            format!("aws s3api put-bucket-lifecycle-configuration --bucket {bucket} --lifecycle-configuration file://lifecycle.json"),
        ),
        Provider::R2 | Provider::Garage => (
            usual,
            format!(
                "aws --endpoint-url ENDPOINT s3api put-bucket-lifecycle-configuration --bucket {bucket} --lifecycle-configuration file://lifecycle.json"
            ),
        ),
    };
    Advice { subject: "lifecycle", why: why.into(), json, how }
}

/// `["a", "b"]`: names of plain characters, but an origin may be anything.
fn list(items: &[&str]) -> String {
    let mut text = String::from("[");
    for (at, item) in items.iter().enumerate() {
        let plain: String = item.chars().filter(|c| !matches!(c, '"' | '\\') && !c.is_control()).collect();
        let _ = write!(text, "{}\"{plain}\"", if at == 0 { "" } else { ", " });
    }
    text + "]"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_printed_as_json_is_json_and_names_the_bucket_or_the_origin() {
        for provider in Provider::ALL {
            assert_eq!(Provider::of_name(provider.name()), Some(provider));
            for prefix in ["", "a/b/"] {
                let all = advice(provider, "my-bucket", prefix, &["https://page.example", "https://other.example"]);
                assert_eq!(all.iter().map(|one| one.subject).collect::<Vec<_>>(), ["cors", "policy", "lifecycle"]);
                for Advice { subject, json, how, why } in all {
                    assert!(!how.is_empty() && !why.is_empty());
                    let value: serde_json::Value = match json.as_str() {
                        "" => continue,
                        json => serde_json::from_str(json).unwrap_or_else(|error| panic!("{provider:?} {subject}: {error}\n{json}")),
                    };
                    let text = value.to_string();
                    let named = if subject == "cors" { "https://other.example" } else { prefix };
                    assert!(text.contains(named), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_provider_is_known_by_its_endpoint() {
        for (endpoint, region, provider) in [
            ("https://s3.eu-central-1.amazonaws.com", "eu-central-1", Provider::Aws),
            ("https://abc.r2.cloudflarestorage.com", "auto", Provider::R2),
            ("https://s3.us-west-004.backblazeb2.com", "us-west-004", Provider::B2),
            ("http://127.0.0.1:3900", "garage", Provider::Garage),
            ("https://minio.example.com", "us-east-1", Provider::Minio),
        ] {
            assert_eq!(Provider::guess(endpoint, region), provider, "{endpoint}");
        }
    }
}
