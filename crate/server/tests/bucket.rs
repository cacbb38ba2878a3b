//! Objects in buckets of two real S3 servers, which enforce different things: both conform, and presigned URLs are good for one thing.
//! `cargo xtask test storage` installs the servers and runs these.

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use common::{
    Account, Answer, Rig,
    buckets::{Make, place, virtual_host},
    conformance::conforms,
    object, postgres, send, sha256,
};
use futures_util::future::join_all;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use strongroom_server::{
    Clock, MINUTE, S3Config,
    storage::{Level, S3, Storage},
};

const KIB: u64 = 1 << 10;

/// Each of these on each make.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod ceph { $( #[tokio::test] async fn $name() { super::$name(super::Make::Ceph).await } )* }
        mod garage { $( #[tokio::test] async fn $name() { super::$name(super::Make::Garage).await } )* }
    };
}

on_both! {
    it_conforms_and_no_more_is_promised_than_it_does
    a_clock_that_is_some_minutes_off_is_found
    what_cannot_be_used_is_said_in_a_sentence
    a_vault_lives_in_a_bucket_by_presigned_urls
    a_presigned_put_is_good_for_one_body_one_name_one_method_and_five_minutes
    quota_counts_what_a_list_shows_and_what_an_expired_grant_left
    two_servers_on_one_database_and_one_bucket_are_one
}

/// Adversarial test 12, on what real servers do.
async fn it_conforms_and_no_more_is_promised_than_it_does(make: Make) {
    let bucket = S3::open(place(make).await, Clock::system()).await.unwrap();
    let probe = bucket.probe().clone();
    let storage = Storage::S3(Arc::new(bucket));
    conforms(&storage).await;
    let binding = probe.binding;
    let findings: Vec<&str> = probe.findings.iter().map(String::as_str).collect();
    let found = ((binding.checksum, binding.content, binding.absence), probe.level, findings);
    assert_eq!(
        found,
        match make {
            // Ceph ignores checksum headers and verifies a signed hash of the content.
            Make::Ceph => ((false, true, true), Level::Immutable, vec![]),
            // Garage verifies checksum headers, refuses a hash of the content in a URL, and ignores If-None-Match.
            Make::Garage => ((true, false, false), Level::AppendOnly, vec!["It lets an object be overwritten."]),
        }
    );
    assert_eq!(storage.level(), probe.level);
}

/// Some buckets take such addresses still, others refuse them: either way it is said why.
async fn a_clock_that_is_some_minutes_off_is_found(make: Make) {
    let place = place(make).await;
    for (minutes, found) in
        [(4, "This computer's clock is 4 minutes ahead of the bucket's"), (-4, "4 minutes behind the bucket's"), (1, "")]
    {
        let clock = Clock::new(move || Clock::system().now() + minutes * MINUTE);
        let told = match S3::open(place.clone(), clock).await {
            Ok(bucket) => bucket.probe().findings.join(" "),
            Err(why) => why,
        };
        assert!(told.contains(found), "{told}");
        assert_eq!(told.contains("clock"), !found.is_empty(), "{told}");
    }
}

#[tokio::test]
async fn a_bucket_in_the_host_of_its_address_conforms() {
    let bucket = S3::open(virtual_host().await, Clock::system()).await.unwrap();
    conforms(&Storage::S3(Arc::new(bucket))).await;
}

async fn what_cannot_be_used_is_said_in_a_sentence(make: Make) {
    let good = place(make).await;
    for (what, config, said) in [
        ("another secret", S3Config { secret: "WRONG".into(), ..good.clone() }, "status 403"),
        ("no such bucket", S3Config { bucket: "nobodys-bucket".into(), ..good.clone() }, "status 404"),
        ("nobody there", S3Config { endpoint: "http://127.0.0.1:1".into(), ..good.clone() }, "cannot be reached"),
        ("a path", S3Config { endpoint: "http://127.0.0.1:1/x".into(), ..good.clone() }, "without a path"),
        ("a strange prefix", S3Config { prefix: "../x y".into(), ..good.clone() }, "a prefix is"),
    ] {
        let why = S3::open(config, Clock::system()).await.err().unwrap_or_else(|| panic!("{what} goes"));
        assert!(why.contains(said), "{what}: {why}");
    }
    let slow = Clock::new(|| Clock::system().now() - 20 * MINUTE);
    let why = S3::open(good, slow).await.err().expect("a clock that is wrong goes");
    assert!(why.contains("clock"), "{why}");
}

/// A server on a bucket, and how far its clock is off.
async fn rig_on(bucket: S3Config, quota: Option<u64>) -> (Rig, Arc<AtomicI64>) {
    let off = Arc::new(AtomicI64::new(0));
    let ours = off.clone();
    let rig = Rig::start_with(|config| {
        config.bucket = Some(bucket);
        config.limits.vault = quota;
        config.clock = Clock::new(move || Clock::system().now() + ours.load(Ordering::SeqCst));
    })
    .await;
    (rig, off)
}

/// Follows a signed URL as a browser does: with the headers that came with it.
async fn follow(method: Method, signed: &Value, changed: &[(&str, &str)], body: &[u8]) -> Answer {
    let url: hyper::Uri = signed["url"].as_str().unwrap().parse().unwrap();
    let address = url.authority().unwrap().as_str().parse().unwrap();
    let mut headers: Vec<(&str, &str)> =
        signed["headers"].as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    headers.retain(|(name, _)| changed.iter().all(|(other, _)| other != name));
    headers.extend(changed.iter().filter(|(_, value)| !value.is_empty()));
    send(address, method, url.path_and_query().unwrap().as_str(), &headers, body.to_vec()).await
}

async fn sign(rig: &Rig, account: &Account, request: Value) -> Value {
    let answer = rig.call("sign", Some(&account.session), &json!({ "requests": [request] })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()["urls"][0].clone()
}

fn put_of(bytes: &[u8]) -> Value {
    json!({ "method": "PUT", "path": format!("pack/{}", sha256(bytes)), "length": bytes.len(), "sha256": sha256(bytes) })
}

fn get_of(bytes: &[u8]) -> Value {
    json!({ "method": "GET", "path": format!("pack/{}", sha256(bytes)) })
}

async fn names(rig: &Rig, account: &Account, kind: &str) -> Vec<Value> {
    rig.call("list", Some(&account.session), &json!({ "kind": kind })).await.json()["objects"].as_array().unwrap().clone()
}

async fn a_vault_lives_in_a_bucket_by_presigned_urls(make: Make) {
    let (rig, _) = rig_on(place(make).await, None).await;
    let account = rig.register("my-vault-1").await;
    assert_eq!(names(&rig, &account, "slot").await.len(), 2);
    let bytes = object(1, 1 << 20);
    let signed = sign(&rig, &account, put_of(&bytes)).await;
    assert_eq!(follow(Method::PUT, &signed, &[], &bytes).await.status, StatusCode::OK);
    assert_eq!(names(&rig, &account, "pack").await, [json!({ "name": sha256(&bytes), "length": 1 << 20 })]);
    let signed = sign(&rig, &account, get_of(&bytes)).await;
    assert!(follow(Method::GET, &signed, &[], &[]).await.body == bytes);
    let part = follow(Method::GET, &signed, &[("range", "bytes=1000-1999")], &[]).await;
    assert!(part.status == StatusCode::PARTIAL_CONTENT && part.body == bytes[1000..2000]);
    rig.get(&format!("/storage/{}/pack/{}", account.vault, sha256(&bytes))).await.is_refusal(404, "missing");
    assert_eq!(fs_objects(&rig), 0, "something lies in the data folder");
    let other = rig.register("my-vault-2").await;
    assert_eq!(names(&rig, &other, "pack").await, [] as [Value; 0]);
}

fn fs_objects(rig: &Rig) -> usize {
    std::fs::read_dir(rig.data().join("objects")).map_or(0, Iterator::count)
}

/// Adversarial test 11.
async fn a_presigned_put_is_good_for_one_body_one_name_one_method_and_five_minutes(make: Make) {
    let (rig, off) = rig_on(place(make).await, None).await;
    let account = rig.register("my-vault-1").await;
    let (bytes, others) = (object(1, 8192), object(2, 8192));
    let signed = sign(&rig, &account, put_of(&bytes)).await;
    let altered = |from: &str, to: &str| {
        let mut signed = signed.clone();
        let url = signed["url"].as_str().unwrap().replacen(from, to, 1);
        assert_ne!(url, signed["url"].as_str().unwrap());
        signed["url"] = url.into();
        signed
    };
    let hash = sha256(&others);
    // What this make is seen to verify the bytes by.
    let (verified, its) = match make {
        Make::Ceph => ("x-amz-content-sha256", hash.clone()),
        Make::Garage => ("x-amz-checksum-sha256", BASE64_STANDARD.encode(Sha256::digest(&others))),
    };
    assert!(signed["headers"][verified].is_string(), "{signed}");
    for (what, method, signed, headers, body) in [
        ("another body", Method::PUT, signed.clone(), vec![], &others[..]),
        ("another body and its hash", Method::PUT, signed.clone(), vec![(verified, its.as_str())], &others[..]),
        ("no hash", Method::PUT, signed.clone(), vec![(verified, "")], &others[..]),
        ("an unsigned payload", Method::PUT, signed.clone(), vec![("x-amz-content-sha256", "UNSIGNED-PAYLOAD")], &others[..]),
        ("a shorter body", Method::PUT, signed.clone(), vec![], &bytes[..4096]),
        ("leave to overwrite", Method::PUT, signed.clone(), vec![("if-none-match", "")], &bytes[..]),
        ("another name", Method::PUT, altered(&sha256(&bytes), &hash), vec![], &bytes[..]),
        ("another kind", Method::PUT, altered("/pack/", "/index/"), vec![], &bytes[..]),
        ("a longer life", Method::PUT, altered("X-Amz-Expires=300", "X-Amz-Expires=86400"), vec![], &bytes[..]),
        ("a DELETE", Method::DELETE, signed.clone(), vec![], &[][..]),
        ("a GET", Method::GET, signed.clone(), vec![], &[][..]),
    ] {
        if what == "leave to overwrite" && matches!(make, Make::Garage) {
            continue; // it knows no such condition, so none is signed
        }
        let answer = follow(method, &signed, &headers, body).await;
        assert!(answer.status.is_client_error(), "{what}: {answer:?}");
        assert_eq!(names(&rig, &account, "pack").await.len() + names(&rig, &account, "index").await.len(), 0, "{what} left something");
    }
    off.store(-6 * MINUTE, Ordering::SeqCst);
    let late = sign(&rig, &account, put_of(&others)).await;
    assert!(follow(Method::PUT, &late, &[], &others).await.status.is_client_error());
    off.store(0, Ordering::SeqCst);
    assert_eq!(names(&rig, &account, "pack").await.len(), 0, "late left something");

    assert_eq!(follow(Method::PUT, &signed, &[], &bytes).await.status, StatusCode::OK, "the right one is right");
    let again = follow(Method::PUT, &signed, &[], &bytes).await.status;
    match make {
        Make::Ceph => assert_eq!(again, StatusCode::PRECONDITION_FAILED, "it overwrites"),
        // With the bytes that are there: no others pass, as above.
        Make::Garage => assert_eq!(again, StatusCode::OK),
    }
    let get = sign(&rig, &account, get_of(&bytes)).await;
    for method in [Method::PUT, Method::DELETE] {
        assert!(follow(method, &get, &[], &others).await.status.is_client_error());
    }
    assert!(follow(Method::GET, &get, &[], &[]).await.body == bytes);
}

async fn quota_counts_what_a_list_shows_and_what_an_expired_grant_left(make: Make) {
    let (rig, off) = rig_on(place(make).await, Some(64 * KIB)).await;
    let account = rig.register("my-vault-1").await;
    let usage = async |account: &Account| {
        let answer = rig.call("usage", Some(&account.session), &json!({})).await.json();
        (answer["stored"].as_u64().unwrap() / KIB, answer["reserved"].as_u64().unwrap() / KIB)
    };
    let bodies: Vec<Vec<u8>> = (0..4).map(|seed| object(seed, 16 << 10)).collect();
    for body in &bodies[..2] {
        let signed = sign(&rig, &account, put_of(body)).await;
        assert_eq!(follow(Method::PUT, &signed, &[], body).await.status, StatusCode::OK);
    }
    let unused = sign(&rig, &account, put_of(&bodies[2])).await;
    assert!(unused["url"].is_string());
    assert_eq!(usage(&account).await, (8, 48));
    let full = rig.call("sign", Some(&account.session), &json!({ "requests": [put_of(&bodies[3])] })).await;
    full.is_refusal(507, "storage_full");
    // A list shows two; both are counted, once.
    for _ in 0..2 {
        assert_eq!(names(&rig, &account, "pack").await.len(), 2);
        assert_eq!(usage(&account).await, (40, 16));
    }
    // Nobody lists before this grant expires, but its object is there; the unused one's never came. Both are asked for
    // again while the server's clock is slow, so that they expire soon.
    let small = object(9, 4096);
    let signed = sign(&rig, &account, put_of(&small)).await;
    assert_eq!(follow(Method::PUT, &signed, &[], &small).await.status, StatusCode::OK);
    off.store(-10 * MINUTE, Ordering::SeqCst);
    for body in [&small, &bodies[2]] {
        sign(&rig, &account, put_of(body)).await;
    }
    assert_eq!(usage(&account).await, (40, 20));
    off.store(6 * MINUTE, Ordering::SeqCst);
    assert_eq!(usage(&account).await, (40, 0));
    sign(&rig, &account, put_of(&bodies[3])).await;
    assert_eq!(usage(&account).await, (44, 16));
}

async fn two_servers_on_one_database_and_one_bucket_are_one(make: Make) {
    let (bucket, database) = (place(make).await, postgres::new_database().await);
    let start = || {
        Rig::start_with(|config| {
            config.bucket = Some(bucket.clone());
            config.database = Some(database.clone());
            config.limits.vault = Some(40 * KIB);
            config.clock = Clock::system();
        })
    };
    let (one, other) = tokio::join!(start(), start());
    let account = one.register("my-vault-1").await;
    // Sixteen grants at each of the two for the room of eight objects.
    let bodies: Vec<Vec<u8>> = (0..32).map(|seed| object(seed, 4096)).collect();
    let ask = |(number, body): (usize, &Vec<u8>)| {
        let (rig, body) = (if number % 2 == 0 { &one } else { &other }, json!({ "requests": [put_of(body)] }));
        let session = &account.session;
        async move { rig.call("sign", Some(session), &body).await }
    };
    let answers = join_all(bodies.iter().enumerate().map(ask)).await;
    let granted: Vec<usize> = (0..32).filter(|at| answers[*at].status == StatusCode::OK).collect();
    assert_eq!(granted.len(), 8);
    for at in &granted {
        let signed = &answers[*at].json()["urls"][0];
        assert_eq!(follow(Method::PUT, signed, &[], &bodies[*at]).await.status, StatusCode::OK);
    }
    for rig in [&one, &other] {
        assert_eq!(names(rig, &account, "pack").await.len(), 8);
        let usage = rig.call("usage", Some(&account.session), &json!({})).await.json();
        assert_eq!((&usage["stored"], &usage["reserved"]), (&json!(40 * KIB), &json!(0)));
        for at in &granted {
            let signed = sign(rig, &account, get_of(&bodies[*at])).await;
            assert!(follow(Method::GET, &signed, &[], &[]).await.body == bodies[*at]);
        }
    }
}
