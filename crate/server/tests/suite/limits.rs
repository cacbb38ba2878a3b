//! How often anyone may try to sign in (API.md), and what the answers tell one who does not know.

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hyper::{Method, StatusCode};
use opaque_ke::ClientLogin;
use rand_core_06::OsRng;
use serde_json::{Value, json};
use strongroom_server::{DAY, HOUR, MINUTE};

use crate::common::{Answer, Rig, Suite, encode, object};

#[tokio::test]
async fn of_two_hundred_logins_at_once_ten_are_answered_and_the_recovery_phrase_still_enters() {
    for name in ["my-vault-1", "nobody-here"] {
        let rig = Rig::start().await;
        rig.register("my-vault-1").await;
        let answers = futures_util::future::join_all((0..200).map(|_| rig.try_login(name, "passphrase"))).await;
        let (answered, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == StatusCode::OK);
        assert_eq!((answered.len(), refused.len()), (10, 190), "{name}");
        for answer in refused {
            answer.is_refusal(429, "denied");
            assert_eq!(answer.header("retry-after"), "3600");
        }
        rig.try_login("my-vault-2", "passphrase").await.is_answered();

        let recovered = rig.login("my-vault-1", "recovery", "phrase of my-vault-1").await.unwrap();
        assert_eq!(recovered.status, StatusCode::OK);
        let again = rig.try_login(name, "passphrase").await;
        assert_eq!(again.status == StatusCode::OK, name == "my-vault-1", "the recovery phrase clears the way for its own vault");
    }
}

/// Each reads the clock before it is counted, and another may be counted in between.
#[tokio::test]
async fn two_who_sign_in_at_once_from_one_address_do_not_keep_each_other_out() {
    let rig = Rig::start().await;
    rig.try_login("my-vault-1", "passphrase").await.is_answered();
    rig.pass(-1);
    rig.try_login("my-vault-2", "passphrase").await.is_answered();
}

#[tokio::test]
async fn after_ten_tries_the_wait_doubles_up_to_a_day_and_after_a_hundred_there_is_none() {
    let rig = Rig::start().await;
    rig.register("my-vault-1").await;
    let mut bodies = Vec::new();
    for name in ["my-vault-1", "nobody-here"] {
        let began = rig.now();
        for _ in 0..10 {
            rig.try_login(name, "passphrase").await.is_answered();
        }
        let mut refusals = Vec::new();
        for tried in 10..100 {
            let hours = [1, 2, 4, 8, 16].get(tried - 10).copied().unwrap_or(24);
            refusals.push(rig.try_login(name, "passphrase").await);
            rig.pass(hours * HOUR - 1);
            refusals.push(rig.try_login(name, "passphrase").await);
            rig.pass(1);
            rig.try_login(name, "passphrase").await.is_answered();
        }
        rig.pass(30 * DAY - 1);
        refusals.push(rig.try_login(name, "passphrase").await);
        for refusal in &refusals {
            refusal.is_refusal(429, "denied");
        }
        assert!(rig.now() - began > 100 * DAY);
        bodies.push(refusals.into_iter().map(|answer| (answer.header("retry-after").to_owned(), answer.body)).collect::<Vec<_>>());
    }
    assert_eq!(bodies[0], bodies[1], "the refusals tell which name exists");
    assert!(String::from_utf8_lossy(&bodies[0][0].1).contains("Wait 1 hour "), "{:?}", bodies[0][0]);
}

#[tokio::test]
async fn a_success_forgives_what_was_tried_before() {
    let rig = Rig::start().await;
    rig.register("my-vault-1").await;
    for _ in 0..3 {
        for _ in 0..9 {
            rig.try_login("my-vault-1", "passphrase").await.is_answered();
        }
        let answer = rig.login("my-vault-1", "passphrase", "passphrase of my-vault-1").await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn strangers_cannot_lock_out_a_device_that_is_known() {
    let rig = Rig::start().await;
    rig.register("my-vault-1").await;
    rig.register("my-vault-2").await;
    let device = remembered(&rig, "my-vault-1").await;
    for _ in 0..10 {
        rig.try_login("my-vault-1", "passphrase").await.is_answered();
    }
    rig.try_login("my-vault-1", "passphrase").await.is_refusal(429, "denied");
    // Another vault's device and an invented one are strangers.
    for stranger in [remembered(&rig, "my-vault-2").await, encode(&[9; 32]), encode(&[9; 5])] {
        try_from(&rig, "my-vault-1", &[], &json!({ "device": stranger })).await.is_refusal(429, "denied");
    }
    let known = json!({ "device": device });
    let answer = rig.login_with("my-vault-1", "passphrase", "passphrase of my-vault-1", &known, &json!({})).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.json().get("device").is_none(), "nobody asked for one");
    let again = json!({ "remember": true });
    let answer = rig.login_with("my-vault-1", "passphrase", "passphrase of my-vault-1", &known, &again).await.unwrap();
    assert!(answer.status == StatusCode::OK && answer.json().get("device").is_none(), "it is known already");
    // It has a budget of its own, not none.
    for _ in 0..10 {
        try_from(&rig, "my-vault-1", &[], &known).await.is_answered();
    }
    try_from(&rig, "my-vault-1", &[], &known).await.is_refusal(429, "denied");
}

#[tokio::test]
async fn a_vault_knows_sixteen_devices_at_most() {
    let rig = Rig::start().await;
    rig.register("my-vault-1").await;
    let first = remembered(&rig, "my-vault-1").await;
    rig.pass(1);
    let second = remembered(&rig, "my-vault-1").await;
    for number in 0..15 {
        rig.pass(1);
        remembered(&rig, "my-vault-1").await;
        if number == 13 {
            // Whoever was here lately is not forgotten for those that were not: the first is, though it signed in before.
            rig.login_with("my-vault-1", "passphrase", "passphrase of my-vault-1", &json!({ "device": second }), &json!({})).await.unwrap();
        }
    }
    for _ in 0..10 {
        rig.try_login("my-vault-1", "passphrase").await.is_answered();
    }
    try_from(&rig, "my-vault-1", &[], &json!({ "device": first })).await.is_refusal(429, "denied");
    try_from(&rig, "my-vault-1", &[], &json!({ "device": second })).await.is_answered();
}

#[tokio::test]
async fn one_address_has_a_hundred_wrong_tries_an_hour_whatever_the_names() {
    let rig = Rig::start_with(|config| config.behind_tls = true).await;
    rig.register("my-vault-1").await;
    let (here, there) = ([("x-forwarded-for", "198.51.100.1, 203.0.113.7")], [("x-forwarded-for", "203.0.113.7, 203.0.113.8")]);
    for number in 0..100 {
        try_from(&rig, &format!("nobody-{number}"), &here, &json!({})).await.is_answered();
    }
    try_from(&rig, "nobody-else", &here, &json!({})).await.is_refusal(429, "denied");
    try_from(&rig, "my-vault-1", &here, &json!({})).await.is_refusal(429, "denied");
    try_from(&rig, "my-vault-1", &there, &json!({})).await.is_answered();
    rig.pass(HOUR - 1);
    try_from(&rig, "nobody-else", &here, &json!({})).await.is_refusal(429, "denied");
    rig.pass(1);
    try_from(&rig, "nobody-else", &here, &json!({})).await.is_answered();
}

#[tokio::test]
async fn an_address_that_signs_in_rightly_is_not_limited() {
    let rig = Rig::start().await;
    for number in 0..5 {
        rig.register(&format!("my-vault-{number}")).await;
    }
    for number in 0..110 {
        let name = format!("my-vault-{}", number % 5);
        let answer = rig.login(&name, "passphrase", &format!("passphrase of {name}")).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{number}");
    }
}

#[tokio::test]
async fn without_a_proxy_nobody_says_where_they_come_from() {
    let rig = Rig::start().await;
    for number in 0..100 {
        let invented = format!("203.0.113.{number}");
        try_from(&rig, &format!("nobody-{number}"), &[("x-forwarded-for", &invented)], &json!({})).await.is_answered();
    }
    try_from(&rig, "nobody-else", &[("x-forwarded-for", "203.0.113.200")], &json!({})).await.is_refusal(429, "denied");
}

/// Adversarial test 3: one who measures the answers to names that exist and names that do not learns nothing.
#[tokio::test]
async fn real_and_invented_names_are_answered_in_the_same_time() {
    const NAMES: usize = 40;
    let rig = Rig::start_with(|config| config.behind_tls = true).await;
    for number in 0..NAMES {
        rig.register(&format!("real-{number:03}")).await;
    }
    // 400 of each, in an order that has nothing to do with which is which.
    let mut order: Vec<(bool, usize)> = (0..NAMES * 10).flat_map(|at| [(true, at % NAMES), (false, at % NAMES)]).collect();
    let random = object(3, 4096);
    for at in (1..order.len()).rev() {
        let other = usize::from(u16::from_le_bytes([random[at * 2], random[at * 2 + 1]])) % (at + 1);
        order.swap(at, other);
    }
    let mut times: [Vec<Duration>; 2] = [Vec::new(), Vec::new()];
    for (at, (real, number)) in order.into_iter().enumerate() {
        let name = format!("{}-{number:03}", if real { "real" } else { "none" });
        let address = format!("10.0.{}.{}", at / 250, at % 250);
        let began = Instant::now();
        let answer = try_from(&rig, &name, &[("x-forwarded-for", &address)], &json!({})).await;
        times[usize::from(real)].push(began.elapsed());
        answer.is_answered();
    }
    // How often a real name's answer takes longer than an invented one's (Mann and Whitney 1947): half of the time, give or
    // take five standard deviations.
    let [invented, real] = &times;
    let longer = real.iter().flat_map(|one| invented.iter().map(move |other| usize::from(one > other))).sum::<usize>();
    let share = longer as f64 / (real.len() * invented.len()) as f64;
    assert!((share - 0.5).abs() < 0.102, "a real name's answer takes longer in {share:.3} of all pairs");
}

async fn remembered(rig: &Rig, name: &str) -> String {
    let remember = json!({ "remember": true });
    let answer = rig.login_with(name, "passphrase", &format!("passphrase of {name}"), &json!({}), &remember).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let device = answer.json()["device"].as_str().unwrap().to_owned();
    assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(&device).unwrap().len(), 32);
    device
}

async fn try_from(rig: &Rig, name: &str, headers: &[(&str, &str)], more: &Value) -> Answer {
    let request = ClientLogin::<Suite>::start(&mut OsRng, b"guess").unwrap().message.serialize();
    let body = crate::common::with(json!({ "name": name, "slot": "passphrase", "request": encode(&request) }), more);
    let headers = [headers, &[("content-type", "application/json")]].concat();
    rig.send(Method::POST, "/api/v1/login/start", &headers, body.to_string()).await
}

#[tokio::test]
async fn a_try_is_counted_before_anything_is_computed_for_it() {
    let rig = Rig::start().await;
    rig.register("my-vault-1").await;
    // What is no request at all is counted all the same.
    for _ in 0..10 {
        let body = json!({ "name": "my-vault-1", "slot": "passphrase", "request": encode(&[0xff; 96]) });
        rig.call("login/start", None, &body).await.is_refusal(400, "bad_request");
    }
    rig.try_login("my-vault-1", "passphrase").await.is_refusal(429, "denied");
    // A login whose time is over stays counted, too.
    rig.pass(HOUR);
    let late = rig.login_start("my-vault-1", "passphrase", "passphrase of my-vault-1").await;
    rig.pass(MINUTE);
    let finish = json!({ "login": late.0, "finalization": late.1.unwrap() });
    rig.call("login/finish", None, &finish).await.is_refusal(401, "wrong_secret");
    rig.try_login("my-vault-1", "passphrase").await.is_refusal(429, "denied");
}
