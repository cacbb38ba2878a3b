//! Presigned URLs (API.md): who may have one for what, and how little one is good for.

use std::fs;

use crate::common::{Account, Rig, object, sha256};
use hyper::{Method, StatusCode};
use serde_json::json;
use strongroom_server::MINUTE;

const KIB: usize = 1 << 10;

#[tokio::test]
async fn a_presigned_url_does_one_thing_for_one_object_for_a_short_time() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let other = rig.register("my-vault-2").await;
    let (bytes, others) = (object(1, 4 * KIB), object(2, 4 * KIB));
    let (name, others_name) = (sha256(&bytes), sha256(&others));
    let url = rig.sign_put(&account, "pack", &bytes).await;
    let tampered = [
        ("another name", url.replacen(&name, &others_name, 1), &others),
        ("another name and digest", url.replace(&name, &others_name), &others),
        ("another digest", url.replace(&format!("sha256={name}"), &format!("sha256={others_name}")), &others),
        ("another kind", url.replace("/pack/", "/index/"), &bytes),
        ("a slot", url.replace(&format!("/pack/{name}"), &format!("/slot/{:032x}", 1)), &bytes),
        ("another vault", url.replacen(&account.vault, &other.vault, 1), &bytes),
        ("another length", url.replace("length=4096", "length=8192"), &bytes),
        ("a later end", url.replace("expires=1", "expires=2"), &bytes),
        ("no signature", url.split("&signature").next().unwrap().to_owned(), &bytes),
        ("an empty signature", url.split("&signature").next().unwrap().to_owned() + "&signature=", &bytes),
        ("another signature", flip_last_digit(&url), &bytes),
        ("no query", url.split('?').next().unwrap().to_owned(), &bytes),
        ("no digest", url.replace(&format!("sha256={name}&"), ""), &bytes),
        ("a GET's signature", rig.sign_get(&account, &format!("pack/{name}")).await, &bytes),
    ];
    for (what, url, body) in tampered {
        let answer = rig.put(&url, body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (403, Some("denied")), "{what}: {url}");
    }
    for method in [Method::GET, Method::HEAD] {
        assert_eq!(rig.send(method, &url, &[], "").await.status, StatusCode::FORBIDDEN);
    }
    for method in [Method::POST, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        assert_eq!(rig.send(method, &url, &[], bytes.clone()).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    rig.pass(5 * MINUTE + 1);
    rig.put(&url, bytes.clone()).await.is_refusal(403, "denied");
    assert_eq!(stored(&rig, &account, "pack") + stored(&rig, &account, "index") + stored(&rig, &other, "pack"), 0);

    let url = rig.sign_put(&account, "pack", &bytes).await;
    rig.pass(5 * MINUTE);
    assert_eq!(rig.put(&url, bytes).await.status, StatusCode::OK, "a URL is good to the end of its time");
}

#[tokio::test]
async fn sign_refuses_what_no_client_may_do() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let name = "ab".repeat(32);
    let put = |path: &str, length: u64, sha256: &str| json!({ "method": "PUT", "path": path, "length": length, "sha256": sha256 });
    let get = |path: &str| json!({ "method": "GET", "path": path });
    let pack = format!("pack/{name}");
    for (status, request) in [
        (403, put(&format!("slot/{:032x}", 1), 4096, &name)),
        (400, put(&pack, 4096, &"cd".repeat(32))),
        (400, put(&pack, 4095, &name)),
        (400, put(&pack, 0, &name)),
        (400, put(&pack, 2048, &name)),
        (400, put(&pack, 32 << 20, &name)),
        (400, put(&pack, 12 << 10, &name)),
        (400, json!({ "method": "PUT", "path": pack, "length": -4096, "sha256": name })),
        (400, json!({ "method": "PUT", "path": pack })),
        (400, json!({ "method": "DELETE", "path": pack })),
        (400, get(&format!("{}/{pack}", "1".repeat(32)))),
        (400, get("pack/..")),
        (400, get("pack/../../../accounts.sqlite")),
        (400, get(&format!("../{pack}"))),
        (400, get(&format!("pack/{}", name.to_uppercase()))),
        (400, get(&format!("{pack}?expires=9"))),
        (400, get(&format!("slot/{name}"))),
        (400, get("")),
    ] {
        let answer = rig.call("sign", Some(&account.session), &json!({ "requests": [get(&pack), request] })).await;
        assert_eq!(answer.status.as_u16(), status, "{request}");
        assert!(answer.json().get("urls").is_none(), "{request}");
    }
    for (count, status) in [(0, 200), (256, 200), (257, 400)] {
        let answer = rig.call("sign", Some(&account.session), &json!({ "requests": vec![get(&pack); count] })).await;
        assert_eq!(answer.status.as_u16(), status, "{count}");
    }
}

#[tokio::test]
async fn signed_urls_come_in_order_with_their_headers_and_ends() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let name = "ab".repeat(32);
    let requests = json!([
        { "method": "GET", "path": format!("pack/{name}") },
        { "method": "PUT", "path": format!("index/{name}"), "length": 4096, "sha256": name },
    ]);
    let answer = rig.call("sign", Some(&account.session), &json!({ "requests": requests })).await.json();
    assert!(answer["urls"][0]["url"].as_str().unwrap().starts_with(&format!("/storage/{}/pack/{name}?expires=", account.vault)));
    assert!(
        answer["urls"][1]["url"]
            .as_str()
            .unwrap()
            .starts_with(&format!("/storage/{}/index/{name}?length=4096&sha256={name}&expires=", account.vault))
    );
    assert_eq!(answer["urls"][0]["expires"], rig.now() + 15 * MINUTE);
    assert_eq!(answer["urls"][1]["expires"], rig.now() + 5 * MINUTE);
    assert_eq!(answer["urls"][0]["headers"], json!({}));
    assert_eq!(answer["urls"][1]["headers"], json!({ "content-type": "application/octet-stream" }));
}

/// How many objects of a kind lie in the vault's folder.
fn stored(rig: &Rig, account: &Account, kind: &str) -> usize {
    fs::read_dir(rig.object_file(account, kind)).map_or(0, Iterator::count)
}

fn flip_last_digit(url: &str) -> String {
    let (rest, last) = url.split_at(url.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}
