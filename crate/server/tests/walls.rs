//! The server's walls: nothing without a session, nothing of another vault, the page's headers, and no key in the house.

mod common;

use std::{collections::BTreeSet, process::Command};

use common::{Rig, object, sha256, write};
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

/// Every call that wants a session, with a body that would succeed in one of the right scope.
fn calls_with_a_session() -> Vec<(&'static str, Value)> {
    let name = "ab".repeat(32);
    vec![
        ("sign", json!({ "requests": [{ "method": "GET", "path": format!("pack/{name}") }] })),
        ("list", json!({ "kind": "slot" })),
        ("session/renew", json!({})),
        ("session/list", json!({})),
        ("usage", json!({})),
        ("session/revoke", json!({})),
        ("slot/start", json!({ "slot": "passphrase", "request": "AA" })),
        ("slot/finish", json!({ "slot": "passphrase", "upload": "AA", "object": "AA" })),
    ]
}

#[tokio::test]
async fn without_a_good_session_every_call_gives_nothing() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let mut almost = account.session.clone().into_bytes();
    almost[10] = if almost[10] == b'A' { b'B' } else { b'A' };
    let almost = String::from_utf8(almost).unwrap();
    let short = &account.session[..40];
    for (call, body) in calls_with_a_session() {
        for session in [None, Some(""), Some("AAAA"), Some(almost.as_str()), Some(short), Some(account.vault.as_str())] {
            rig.call(call, session, &body).await.is_refusal(401, "signed_out");
        }
        // Another scheme, and the token in a place that is logged by everyone.
        let json = [("content-type", "application/json"), ("authorization", &format!("Basic {}", account.session))];
        let basic = rig.send(Method::POST, &format!("/api/v1/{call}"), &json, body.to_string()).await;
        basic.is_refusal(401, "signed_out");
        let query = rig.send(Method::POST, &format!("/api/v1/{call}?session={}", account.session), &json[..1], body.to_string()).await;
        query.is_refusal(401, "signed_out");
        let good = rig.call(call, Some(&account.session), &body).await;
        assert!(good.status == StatusCode::OK || good.json()["code"] == "denied", "{call} with the session: {good:?}");
    }
    // Someone else's guess does not end a session.
    assert_eq!(rig.call("session/end", Some(&almost), &json!({})).await.json(), json!({}));
    assert_eq!(rig.call("list", Some(&account.session), &json!({ "kind": "pack" })).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_reaches_no_other_vault() {
    let rig = Rig::start().await;
    let mine = rig.register("my-vault-1").await;
    let theirs = rig.register("my-vault-2").await;
    let bytes = object(1, 4096);
    let path = rig.store(&theirs, "pack", &bytes).await;

    let listed = rig.call("list", Some(&mine.session), &json!({ "kind": "pack", "vault": theirs.vault })).await.json();
    assert_eq!(listed["objects"], json!([]));
    // The same path is another object in my vault.
    let url = rig.sign_get(&mine, &path).await;
    assert!(url.contains(&mine.vault) && !url.contains(&theirs.vault));
    rig.get(&url).await.is_refusal(404, "missing");
    rig.get(&url.replace(&mine.vault, &theirs.vault)).await.is_refusal(403, "denied");
    let slot = rig.sign_get(&mine, &format!("slot/{:032x}", 1)).await;
    assert_eq!(rig.get(&slot).await.body, mine.slots[0]);
    rig.get(&slot.replace(&mine.vault, &theirs.vault)).await.is_refusal(403, "denied");
    for foreign in [format!("{}/{path}", theirs.vault), format!("../{}/{path}", theirs.vault)] {
        let sign = json!({ "requests": [{ "method": "GET", "path": foreign }] });
        rig.call("sign", Some(&mine.session), &sign).await.is_refusal(400, "bad_request");
    }
    // What I store shows in mine only.
    let mine_too = object(2, 4096);
    rig.store(&mine, "pack", &mine_too).await;
    let listed = rig.call("list", Some(&theirs.session), &json!({ "kind": "pack" })).await.json();
    assert_eq!(listed["objects"], json!([{ "name": sha256(&bytes), "length": 4096 }]));
}

#[tokio::test]
async fn unknown_calls_wrong_methods_and_bad_bodies_are_refused_in_our_own_words() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    rig.call("nothing", Some(&account.session), &json!({})).await.is_refusal(404, "missing");
    rig.call("../../etc", None, &json!({})).await.is_refusal(404, "missing");
    rig.get("/storage/x").await.is_refusal(404, "missing");
    rig.get("/storage/x/y/z").await.is_refusal(403, "denied");
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        rig.send(method, "/api/v1/list", &[], "").await.is_refusal(405, "bad_request");
    }
    let bearer = format!("Bearer {}", account.session);
    let authorization = ("authorization", bearer.as_str());
    let json = ("content-type", "application/json");
    for (headers, body) in [
        (vec![authorization], r#"{"kind":"pack"}"#.to_owned()),
        (vec![authorization, ("content-type", "text/plain")], r#"{"kind":"pack"}"#.to_owned()),
        (vec![authorization, json], String::new()),
        (vec![authorization, json], "{".to_owned()),
        (vec![authorization, json], "\u{0}".to_owned()),
        (vec![authorization, json], format!(r#"{{"kind":"pack","x":"{}"}}"#, "x".repeat(300 << 10))),
        (vec![authorization, json], "[".repeat(100_000)),
    ] {
        rig.send(Method::POST, "/api/v1/list", &headers, body).await.is_refusal(400, "bad_request");
    }
}

#[tokio::test]
async fn about_says_who_answers_and_what_its_storage_promises() {
    let rig = Rig::start().await;
    let about = rig.get("/api/v1/about").await;
    assert_eq!(about.status, StatusCode::OK);
    assert_eq!(about.json()["storage"], json!({ "level": "immutable", "maximum": 16 << 20 }));
}

#[tokio::test]
async fn every_file_of_the_page_has_the_policy_of_its_kind() {
    let page = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; frame-src 'self' blob:; \
        media-src 'self' blob:; style-src 'self'; img-src 'self' blob:; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
    let crypto = "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src 'none'";
    let courier =
        "default-src 'none'; connect-src 'self' https: http://127.0.0.1:* http://localhost:*; script-src 'self' 'wasm-unsafe-eval'";
    let (forever, revalidate) = ("public, max-age=31536000, immutable", "no-cache");
    let files = [
        ("/index.html", "text/html", page, revalidate),
        ("/assets/index-B7xYz123.js", "text/javascript", page, forever),
        ("/assets/index-B7xYz123.css", "text/css", page, forever),
        ("/assets/vault.wasm", "application/wasm", page, revalidate),
        ("/vault-worker.js", "text/javascript", crypto, revalidate),
        ("/assets/vault-worker-B7xYz123.js", "text/javascript", crypto, revalidate),
        ("/assets/courier-worker.js", "text/javascript", courier, revalidate),
        ("/courier.js", "text/javascript", courier, revalidate),
        ("/assets/courier.wasm", "application/wasm", page, revalidate),
        ("/sw.js", "text/javascript", page, revalidate),
        ("/icon.svg", "image/svg+xml", page, revalidate),
        ("/app.webmanifest", "application/manifest+json", page, revalidate),
    ];
    let rig = Rig::start_with(|config| {
        let www = config.data.with_file_name("www");
        for (path, ..) in files {
            write(&www.join(&path[1..]), path.as_bytes());
        }
        write(&www.join("index.html.br"), b"brotli");
        config.www = Some(www);
    })
    .await;
    for (path, mime, policy, caching) in files {
        let answer = rig.get(path).await;
        assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, path.as_bytes()));
        assert_eq!(answer.header("content-type"), mime, "{path}");
        assert_eq!(answer.header("content-security-policy"), policy, "{path}");
        assert_eq!(answer.header("cache-control"), caching, "{path}");
        common_headers(&answer);
        let again = rig.send(Method::GET, path, &[("if-none-match", answer.header("etag"))], "").await;
        assert_eq!((again.status, again.header("content-security-policy")), (StatusCode::NOT_MODIFIED, policy), "{path}");
    }
    assert_eq!(rig.get("/").await.body, b"/index.html"[..]);
    let brotli = rig.send(Method::GET, "/index.html", &[("accept-encoding", "gzip, br")], "").await;
    assert_eq!((brotli.header("content-encoding"), brotli.header("content-type"), &brotli.body[..]), ("br", "text/html", &b"brotli"[..]));
    let spelled = rig.get("/vault%2Dworker.js").await;
    assert_eq!((spelled.status, spelled.header("content-security-policy")), (StatusCode::OK, crypto));

    for path in ["/nothing.js", "/assets/", "/index.html/x"] {
        let answer = rig.get(path).await;
        answer.is_refusal(404, "missing");
        assert_eq!(answer.header("content-security-policy"), page);
        common_headers(&answer);
    }
    rig.send(Method::POST, "/index.html", &[], "").await.is_refusal(405, "bad_request");
}

#[track_caller]
fn common_headers(answer: &common::Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-embedder-policy", ""),
        ("strict-transport-security", ""),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
}

#[tokio::test]
async fn strict_transport_security_is_sent_only_behind_tls() {
    let rig = Rig::start_with(|config| config.behind_tls = true).await;
    for path in ["/", "/api/v1/about", "/storage/x/y/z"] {
        assert_eq!(rig.get(path).await.header("strict-transport-security"), "max-age=63072000", "{path}");
    }
}

#[tokio::test]
async fn only_configured_origins_may_use_the_api_and_the_storage() {
    let friend = "https://friend.example";
    let preflight =
        |origin| [("origin", origin), ("access-control-request-method", "PUT"), ("access-control-request-headers", "content-type")];
    let rig = Rig::start_with(|config| config.origins = vec![friend.parse().unwrap()]).await;
    let account = rig.register("my-vault-1").await;
    let bytes = object(1, 4096);
    let url = rig.sign_put(&account, "pack", &bytes).await;
    for path in [url.as_str(), "/api/v1/list"] {
        let answer = rig.send(Method::OPTIONS, path, &preflight(friend), "").await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (StatusCode::OK, friend), "{path}");
        let methods: BTreeSet<_> = answer.header("access-control-allow-methods").split(',').collect();
        assert_eq!(methods, BTreeSet::from(["GET", "HEAD", "POST", "PUT"]));
        let stranger = rig.send(Method::OPTIONS, path, &preflight("https://stranger.example"), "").await;
        assert_eq!(stranger.header("access-control-allow-origin"), "", "{path}");
    }
    let put = rig.send(Method::PUT, &url, &[("origin", friend)], bytes).await;
    assert_eq!((put.status, put.header("access-control-allow-origin")), (StatusCode::OK, friend));
    let page = rig.send(Method::GET, "/", &[("origin", friend)], "").await;
    assert_eq!(page.header("access-control-allow-origin"), "", "the page is nobody else's");

    let alone = Rig::start().await;
    let answer = alone.send(Method::OPTIONS, "/api/v1/list", &preflight(friend), "").await;
    answer.is_refusal(405, "bad_request");
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[test]
fn the_server_does_not_link_the_core() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "strongroom-server", "--edges", "normal", "--prefix", "none", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let packages: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(packages.contains("axum") && packages.contains("strongroom-server"), "looking at the wrong tree");
    for foreign in ["strongroom-core", "chacha20poly1305", "blake3", "argon2", "bip39"] {
        assert!(!packages.contains(foreign), "the server could decrypt: it links {foreign}");
    }
}
