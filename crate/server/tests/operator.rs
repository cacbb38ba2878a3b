//! What an operator relies on: TLS, health, metrics.

mod common;

use std::{fs, sync::Arc, time::Duration};

use common::{Rig, object, send, until};
use hyper::{Method, StatusCode};
use serde_json::json;
use strongroom_server::TlsFiles;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

#[tokio::test]
async fn with_a_certificate_of_its_own_it_speaks_tls_and_a_silent_client_keeps_nobody_waiting() {
    let certified = rcgen::generate_simple_self_signed(["strongroom.example".to_owned()]).unwrap();
    let certificate = certified.cert.der().clone();
    let rig = Rig::start_with(|config| {
        let folder = config.data.parent().unwrap();
        let files = TlsFiles { certificates: folder.join("cert.pem"), key: folder.join("key.pem") };
        fs::write(&files.certificates, certified.cert.pem()).unwrap();
        fs::write(&files.key, certified.signing_key.serialize_pem()).unwrap();
        config.tls = Some(files);
    })
    .await;
    let address = rig.server.address();
    let _silent = TcpStream::connect(address).await.unwrap();
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();

    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions().unwrap();
    let connector = TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    let hello = connector.connect(ServerName::try_from("strongroom.example").unwrap(), TcpStream::connect(address).await.unwrap());
    let mut stream = tokio::time::timeout(Duration::from_secs(5), hello).await.expect("it waits for the silent one").unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(r#"{"status":"ok"}"#), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=63072000"), "{answer}");

    let mut refused = Vec::new();
    // An alert, or a reset: no HTTP in any case.
    let _ = plain.read_to_end(&mut refused).await;
    assert!(!refused.starts_with(b"HTTP"), "it speaks plainly where TLS was promised");
}

#[tokio::test]
async fn it_is_healthy_while_it_runs_and_ready_while_it_can_work() {
    let rig = Rig::start().await;
    assert_eq!(rig.get("/health").await.json(), json!({ "status": "ok" }));
    assert_eq!(rig.get("/ready").await.json(), json!({ "status": "ready" }));
    fs::rename(rig.data().join("objects"), rig.data().join("gone")).unwrap();
    rig.get("/ready").await.is_refusal(503, "unavailable");
    assert_eq!(rig.get("/health").await.status, StatusCode::OK);
    fs::rename(rig.data().join("gone"), rig.data().join("objects")).unwrap();
    assert_eq!(rig.get("/ready").await.json(), json!({ "status": "ready" }));
}

#[tokio::test]
async fn metrics_count_what_happens_and_name_nobody_and_only_the_operator_gets_them() {
    let rig = Rig::start_with(|config| config.metrics = Some(([127, 0, 0, 1], 0).into())).await;
    let account = rig.register("secret-vault-name").await;
    let bytes = object(1, 64 << 10);
    let path = rig.store(&account, "pack", &bytes).await;
    let url = rig.sign_get(&account, &path).await;
    rig.send(Method::GET, &url, &[("range", "bytes=0-99")], "").await;
    rig.login("secret-vault-name", "passphrase", "passphrase of secret-vault-name").await.unwrap();
    let (login, _) = rig.login_start("secret-vault-name", "passphrase", "guess").await;
    rig.call("login/finish", None, &json!({ "login": login, "finalization": "AAAA" })).await.is_refusal(401, "wrong_secret");
    for _ in 0..10 {
        rig.try_login("secret-vault-name", "passphrase").await;
    }
    rig.send(Method::from_bytes(b"SECRET-METHOD").unwrap(), "/secret-path", &[], "").await;

    let metrics = async || send(rig.server.metrics_address().unwrap(), Method::GET, "/metrics", &[], "").await;
    until("the upload is over", async || String::from_utf8_lossy(&metrics().await.body).contains("strongroom_uploads 0\n")).await;
    let answer = metrics().await;
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    for line in [
        r#"strongroom_requests_total{method="POST",route="/api/v1/register/finish",status="201"} 1"#,
        r#"strongroom_requests_total{method="PUT",route="/storage/{vault}/{kind}/{name}",status="200"} 1"#,
        r#"strongroom_requests_total{method="other",route="page",status="404"} 1"#,
        r#"strongroom_logins_total{outcome="started"} 11"#,
        r#"strongroom_logins_total{outcome="limited"} 1"#,
        r#"strongroom_logins_total{outcome="succeeded"} 1"#,
        r#"strongroom_logins_total{outcome="failed"} 1"#,
        r#"strongroom_grants_total{method="PUT"} 1"#,
        r#"strongroom_grants_total{method="GET"} 1"#,
        "strongroom_received_bytes_total 65536",
        "strongroom_sent_bytes_total 100",
        r#"strongroom_request_duration_seconds_count{route="/api/v1/sign"} 2"#,
    ] {
        assert!(text.lines().any(|one| one == line), "no {line} in {text}");
    }
    for secret in ["secret-vault-name", account.vault.as_str(), &path[5..], "SECRET", "secret-path", "127.0.0.1"] {
        assert!(!text.contains(secret), "{secret} is in the metrics");
    }
    rig.get("/metrics").await.is_refusal(404, "missing");
    assert_eq!(send(rig.server.metrics_address().unwrap(), Method::GET, "/ready", &[], "").await.status, StatusCode::OK);
}
