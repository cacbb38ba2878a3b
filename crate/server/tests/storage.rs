//! What the embedded storage promises (API.md): presigned, whole or not at all, never overwritten.

mod common;

use std::fs;

use common::{Account, Rig, UNLIMITED, object, sha256, until, write};
use hyper::{Method, StatusCode};
use serde_json::json;
use strongroom_server::{Limits, MINUTE};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

#[tokio::test]
async fn objects_of_every_kind_and_length_come_back_as_they_went() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    for (seed, (kind, length)) in [("pack", 16 * MIB), ("pack", 4 * KIB), ("index", 64 * KIB), ("snap", 4 * KIB)].into_iter().enumerate() {
        let bytes = object(seed as u64, length);
        let path = rig.store(&account, kind, &bytes).await;
        let url = rig.sign_get(&account, &path).await;
        let answer = rig.get(&url).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-length"), length.to_string());
        assert!(answer.body == bytes, "{path} came back changed");
        assert!(fs::read(rig.object_file(&account, &path)).unwrap() == bytes, "the file is not the bare object");
    }
    assert_eq!(rig.incoming(), 0);
}

#[tokio::test]
async fn objects_survive_a_restart_and_half_done_ones_are_swept_away() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let bytes = object(1, 4 * KIB);
    let path = rig.store(&account, "pack", &bytes).await;
    write(&rig.data().join("incoming/left-over"), b"half an object");
    let rig = rig.restart(|_| ()).await;
    assert_eq!(rig.incoming(), 0);
    let url = rig.sign_get(&account, &path).await;
    assert!(rig.get(&url).await.body == bytes);
}

#[tokio::test]
async fn a_put_takes_exactly_the_bytes_it_is_signed_for() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let bytes = object(1, 8 * KIB);
    let url = rig.sign_put(&account, "pack", &bytes).await;
    let mut flipped = bytes.clone();
    flipped[5000] ^= 1;
    let longer = [bytes.as_slice(), &[0]].concat();
    for (what, body) in [("a flipped bit", flipped), ("a byte less", bytes[1..].to_vec()), ("a byte more", longer), ("nothing", Vec::new())]
    {
        let answer = rig.put(&url, body).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (400, Some("damaged")), "{what}");
        assert_eq!(stored(&rig, &account, "pack"), 0, "{what} was stored");
        assert_eq!(rig.incoming(), 0, "{what} left something");
    }
    // Without a length, in chunks.
    let head = format!("PUT {url} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n2000\r\n");
    let answer = raw(&rig, &[head.as_bytes(), &bytes, b"\r\n0\r\n\r\n"]).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("damaged"), "{answer}");
    assert_eq!(stored(&rig, &account, "pack"), 0);

    assert_eq!(rig.put(&url, bytes).await.status, StatusCode::OK, "the right bytes still go in");
}

#[tokio::test]
async fn what_is_stored_cannot_be_changed_by_anyone() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let bytes = object(1, 4 * KIB);
    let url = rig.sign_put(&account, "snap", &bytes).await;
    assert_eq!(rig.put(&url, bytes.clone()).await.status, StatusCode::OK);
    let file = rig.object_file(&account, &format!("snap/{}", sha256(&bytes)));
    assert_eq!(rig.put(&url, bytes.clone()).await.status, StatusCode::OK, "the same again");
    rig.put(&url, object(2, 4 * KIB)).await.is_refusal(400, "damaged");
    rig.put(&url, "").await.is_refusal(400, "damaged");
    assert_eq!(rig.send(Method::DELETE, &url, &[], "").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(fs::read(&file).unwrap() == bytes);
    assert_eq!((stored(&rig, &account, "snap"), rig.incoming()), (1, 0));
}

#[tokio::test]
async fn an_object_that_decayed_on_the_disk_is_healed_by_sending_it_again() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let bytes = object(1, 256 * KIB);
    let path = rig.store(&account, "pack", &bytes).await;
    for decayed in [object(2, 256 * KIB), Vec::new()] {
        fs::write(rig.object_file(&account, &path), decayed).unwrap();
        rig.store(&account, "pack", &bytes).await;
        assert!(fs::read(rig.object_file(&account, &path)).unwrap() == bytes);
    }
    assert_eq!((stored(&rig, &account, "pack"), rig.incoming()), (1, 0));
}

#[tokio::test]
async fn ranges_are_exactly_those_bytes() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let bytes = object(1, 4 * MIB);
    let path = rig.store(&account, "pack", &bytes).await;
    let url = rig.sign_get(&account, &path).await;
    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=0-1048575", 0, MIB - 1),
        ("bytes=1048576-2097151", MIB, 2 * MIB - 1),
        ("bytes=1234567-3456789", 1_234_567, 3_456_789),
        ("bytes=4194303-", 4 * MIB - 1, 4 * MIB - 1),
        ("bytes=4000000-99999999", 4_000_000, 4 * MIB - 1),
        ("bytes=-76", 4 * MIB - 76, 4 * MIB - 1),
    ] {
        let answer = rig.send(Method::GET, &url, &[("range", range)], "").await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(answer.header("content-range"), format!("bytes {first}-{last}/4194304"));
        assert!(answer.body == bytes[first..=last], "{range}");
    }
    for range in ["bytes=4194304-", "bytes=9999999-99999999", "bytes=-0"] {
        let answer = rig.send(Method::GET, &url, &[("range", range)], "").await;
        answer.is_refusal(416, "bad_request");
        assert_eq!(answer.header("content-range"), "bytes */4194304");
    }
    for range in ["bytes=5-4", "bytes=0-1,3-4", "pages=1-2", "nonsense"] {
        let answer = rig.send(Method::GET, &url, &[("range", range)], "").await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, bytes.len()), "{range}");
    }
    let head = rig.send(Method::HEAD, &url, &[], "").await;
    assert_eq!(
        (head.status, head.header("content-length"), head.header("accept-ranges"), head.body.len()),
        (StatusCode::OK, "4194304", "bytes", 0)
    );
    rig.pass(15 * MINUTE + 1);
    rig.get(&url).await.is_refusal(403, "denied");
}

#[tokio::test]
async fn an_object_that_is_not_there_is_missing_and_nothing_worse() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let url = rig.sign_get(&account, &format!("pack/{}", "ab".repeat(32))).await;
    rig.get(&url).await.is_refusal(404, "missing");
    assert_eq!(rig.send(Method::HEAD, &url, &[], "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_list_names_every_object_once_in_order_and_in_pages() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let other = rig.register("my-vault-2").await;
    rig.store(&other, "pack", &object(9, 4 * KIB)).await;
    let list = async |kind: &str, after: Option<&str>| {
        let answer = rig.call("list", Some(&account.session), &json!({ "kind": kind, "after": after })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let answer = answer.json();
        let objects = answer["objects"].as_array().unwrap();
        let names: Vec<String> = objects.iter().map(|object| object["name"].as_str().unwrap().to_owned()).collect();
        (names, answer["more"].as_bool().unwrap(), objects.clone())
    };
    assert_eq!(list("pack", None).await.0, [""; 0]);

    let stored = rig.store(&account, "pack", &object(1, 8 * KIB)).await;
    assert_eq!(list("pack", None).await.2, [json!({ "name": &stored["pack/".len()..], "length": 8192 })]);
    assert_eq!(list("index", None).await.0, [""; 0]);

    // Beyond a page; and files that are none of ours do not show.
    let mut expected: Vec<String> = (0..20_001u32).map(|number| sha256(&number.to_le_bytes())).collect();
    for name in &expected {
        fs::write(rig.object_file(&account, &format!("pack/{name}")), b"x").unwrap();
    }
    for stranger in ["README", ".hidden", "zz"] {
        fs::write(rig.object_file(&account, &format!("pack/{stranger}")), b"x").unwrap();
    }
    expected.push(stored["pack/".len()..].to_owned());
    expected.sort();
    let (mut names, mut pages, mut more) = (Vec::<String>::new(), 0, true);
    while more {
        let page;
        (page, more, _) = list("pack", names.last().map(String::as_str)).await;
        assert!(page.len() == 10_000 || !more);
        names.extend(page);
        pages += 1;
    }
    assert_eq!(pages, 3);
    assert!(names == expected);

    for body in [json!({ "kind": "pack", "after": "../" }), json!({ "kind": "local" }), json!({ "kind": ".." }), json!({}), json!([])] {
        rig.call("list", Some(&account.session), &body).await.is_refusal(400, "bad_request");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_puts_of_one_object_at_a_time_all_succeed_and_store_it_once() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let bytes = object(1, 256 * KIB);
    let url = rig.sign_put(&account, "pack", &bytes).await;
    let address = rig.server.address();
    let puts: Vec<_> = (0..32)
        .map(|_| {
            let (url, bytes) = (url.clone(), bytes.clone());
            tokio::spawn(async move { common::send(address, Method::PUT, &url, &[], bytes).await.status })
        })
        .collect();
    for put in puts {
        assert_eq!(put.await.unwrap(), StatusCode::OK);
    }
    assert_eq!((stored(&rig, &account, "pack"), rig.incoming()), (1, 0));
    assert!(fs::read(rig.object_file(&account, &format!("pack/{}", sha256(&bytes)))).unwrap() == bytes);
    // It counts once: two slots, this object and one more fit exactly.
    rig.server.set_limits(Limits { total: Some((2 * 4 + 256 + 4) << 10), ..UNLIMITED });
    rig.store(&account, "pack", &object(2, 4 * KIB)).await;
    let url = rig.sign_put(&account, "pack", &object(3, 4 * KIB)).await;
    rig.put(&url, object(3, 4 * KIB)).await.is_refusal(507, "storage_full");
}

#[tokio::test]
async fn a_full_storage_says_so_stores_nothing_and_goes_on_when_there_is_room() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let kept = rig.store(&account, "pack", &object(1, 4 * KIB)).await;
    let bytes = object(2, 16 * MIB);
    let url = rig.sign_put(&account, "pack", &bytes).await;
    for full in [Limits { total: Some(12 << 10), ..UNLIMITED }, Limits { reserve: 1 << 60, ..UNLIMITED }] {
        rig.server.set_limits(full);
        rig.put(&url, bytes.clone()).await.is_refusal(507, "storage_full");
        assert_eq!((stored(&rig, &account, "pack"), rig.incoming()), (1, 0));
        let get = rig.sign_get(&account, &kept).await;
        assert_eq!(rig.get(&get).await.status, StatusCode::OK, "reading goes on");
    }
    rig.server.set_limits(UNLIMITED);
    assert_eq!(rig.put(&url, bytes).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_limit_counts_what_earlier_runs_stored_and_refused_objects_do_not_count() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    rig.store(&account, "pack", &object(1, 64 * KIB)).await;
    let rig = rig.restart(|config| config.limits.total = Some((8 + 64 + 64) << 10)).await;
    let (big, fits) = (object(2, 128 * KIB), object(3, 64 * KIB));
    let url = rig.sign_put(&account, "pack", &big).await;
    rig.put(&url, big).await.is_refusal(507, "storage_full");
    let url = rig.sign_put(&account, "pack", &fits).await;
    for _ in 0..3 {
        rig.put(&url, object(4, 64 * KIB)).await.is_refusal(400, "damaged");
    }
    assert_eq!(rig.put(&url, fits).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_put_cut_off_half_way_leaves_nothing_and_holds_no_room() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    rig.server.set_limits(Limits { total: Some((8 << 10) + (1 << 20)), ..UNLIMITED });
    let bytes = object(1, MIB);
    let url = rig.sign_put(&account, "pack", &bytes).await;
    let mut stream = TcpStream::connect(rig.server.address()).await.unwrap();
    let head = format!("PUT {url} HTTP/1.1\r\nhost: x\r\ncontent-length: {MIB}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&bytes[..MIB / 2]).await.unwrap();
    until("the object is half-way in", async || rig.incoming() == 1).await;
    drop(stream);
    until("what was half-way in is gone", async || rig.incoming() == 0).await;
    assert_eq!(stored(&rig, &account, "pack"), 0);
    // Its room is given back once the file is gone.
    until("there is room for it again", async || rig.put(&url, bytes.clone()).await.status == StatusCode::OK).await;
}

#[tokio::test]
async fn no_address_leads_out_of_the_storage() {
    let rig = Rig::start_with(|config| {
        let www = config.data.with_file_name("www");
        write(&www.join("index.html"), b"page");
        config.www = Some(www);
    })
    .await;
    let account = rig.register("my-vault-1").await;
    let name = "ab".repeat(32);
    let url = rig.sign_get(&account, &format!("pack/{name}")).await;
    let query = url.split('?').nth(1).unwrap();
    let vault = &account.vault;
    for path in [
        format!("/storage/{vault}/pack/..%2f..%2f..%2f..%2faccounts.sqlite"),
        format!("/storage/{vault}/pack/..%2f..%2f..%2faccounts.sqlite"),
        format!("/storage/{vault}/../../accounts.sqlite"),
        "/storage/..%2f/pack/accounts.sqlite".to_owned(),
        format!("/storage/{vault}/%2e%2e/%2e%2e%2faccounts.sqlite"),
        format!("/storage/{vault}/pack/{name}%00"),
        format!("/storage/{vault}/pack/{name}%ff"),
        format!("/storage/{vault}/pack//etc/passwd"),
        "/../data/accounts.sqlite".to_owned(),
        "/%2e%2e/data/accounts.sqlite".to_owned(),
        "/..%2fdata%2faccounts.sqlite".to_owned(),
        "/..%5cdata%5caccounts.sqlite".to_owned(),
        "//etc/passwd".to_owned(),
        "/%2fetc/passwd".to_owned(),
    ] {
        for method in [Method::GET, Method::PUT] {
            let answer = rig.send(method, &format!("{path}?{query}"), &[], "").await;
            assert!(answer.status.is_client_error(), "{path}: {answer:?}");
            assert!(!answer.body.starts_with(b"SQLite"), "{path}");
        }
    }
}

/// How many objects of a kind lie in the vault's folder.
fn stored(rig: &Rig, account: &Account, kind: &str) -> usize {
    fs::read_dir(rig.object_file(account, kind)).map_or(0, Iterator::count)
}

/// Sends these bytes and reads to the end.
async fn raw(rig: &Rig, parts: &[&[u8]]) -> String {
    let mut stream = TcpStream::connect(rig.server.address()).await.unwrap();
    for part in parts {
        stream.write_all(part).await.unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
