//! What a vault may store (API.md): reserved when it is granted, counted when it is there, given back when it never came.

use futures_util::future::join_all;
use hyper::StatusCode;
use serde_json::{Value, json};
use strongroom_server::{DAY, MINUTE};

use crate::common::{Account, Answer, Rig, object, sha256};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

async fn rig_with(quota: u64) -> (Rig, Account) {
    let rig = Rig::start_with(|config| config.limits.vault = Some(quota)).await;
    let account = rig.register("my-vault-1").await;
    (rig, account)
}

async fn usage(rig: &Rig, account: &Account) -> (u64, u64) {
    let answer = rig.call("usage", Some(&account.session), &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    (answer.json()["stored"].as_u64().unwrap(), answer.json()["reserved"].as_u64().unwrap())
}

fn put(number: u64, length: u64) -> Value {
    let name = sha256(&number.to_le_bytes());
    json!({ "method": "PUT", "path": format!("pack/{name}"), "length": length, "sha256": name })
}

async fn grant(rig: &Rig, account: &Account, requests: Vec<Value>) -> Answer {
    rig.call("sign", Some(&account.session), &json!({ "requests": requests })).await
}

/// Adversarial test 13.
#[tokio::test]
async fn of_a_thousand_grants_for_the_last_16_mib_sixteen_are_given_and_unused_ones_come_back() {
    // Both slots of 4 KiB are stored already.
    let (rig, account) = rig_with(16 * MIB + 8 * KIB).await;
    assert_eq!(usage(&rig, &account).await, (8 * KIB, 0));
    for round in 0..2 {
        let mut answers = Vec::new();
        // A hundred at a time: each has a connection of its own.
        for hundred in 0..10 {
            let first = (round * 10 + hundred) * 100;
            answers.extend(join_all((first..first + 100).map(|number| grant(&rig, &account, vec![put(number, MIB)]))).await);
        }
        let (given, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == StatusCode::OK);
        assert_eq!((given.len(), refused.len()), (16, 984));
        for answer in refused {
            answer.is_refusal(507, "storage_full");
        }
        assert_eq!(usage(&rig, &account).await, (8 * KIB, 16 * MIB));
        for minutes in [14, 1] {
            rig.pass(minutes * MINUTE);
            assert_eq!(rig.call("session/renew", Some(&account.session), &json!({})).await.status, StatusCode::OK);
        }
        assert_eq!(usage(&rig, &account).await, (8 * KIB, 0));
    }
}

#[tokio::test]
async fn a_grant_is_all_or_nothing_and_counts_once_however_often_it_is_asked_for() {
    let (rig, account) = rig_with(MIB + 8 * KIB).await;
    for _ in 0..3 {
        let twice = vec![put(1, 512 * KIB), put(1, 512 * KIB)];
        assert_eq!(grant(&rig, &account, twice).await.status, StatusCode::OK);
        assert_eq!(usage(&rig, &account).await, (8 * KIB, 512 * KIB));
    }
    grant(&rig, &account, vec![put(2, 256 * KIB), put(3, 512 * KIB)]).await.is_refusal(507, "storage_full");
    assert_eq!(usage(&rig, &account).await, (8 * KIB, 512 * KIB), "half of what was refused stayed reserved");
    let get = json!({ "method": "GET", "path": format!("pack/{}", "ab".repeat(32)) });
    assert_eq!(grant(&rig, &account, vec![get]).await.status, StatusCode::OK, "who is full can still read");
    let other = rig.register("my-vault-2").await;
    assert_eq!(grant(&rig, &other, vec![put(1, MIB)]).await.status, StatusCode::OK, "each vault has a quota of its own");
}

#[tokio::test]
async fn what_is_stored_is_counted_once_and_a_put_that_fails_not_at_all() {
    let (rig, account) = rig_with(MIB).await;
    let bytes = object(1, 64 << 10);
    let url = rig.sign_put(&account, "pack", &bytes).await;
    assert_eq!(usage(&rig, &account).await, (8 * KIB, 64 * KIB));
    rig.put(&url, object(2, 64 << 10)).await.is_refusal(400, "damaged");
    assert_eq!(usage(&rig, &account).await, (8 * KIB, 64 * KIB), "it can still be sent rightly");
    for _ in 0..2 {
        assert_eq!(rig.put(&url, bytes.clone()).await.status, StatusCode::OK);
        assert_eq!(usage(&rig, &account).await, (72 * KIB, 0));
    }
    // Once more after everything about its first grant is forgotten.
    rig.pass(2 * DAY);
    let session = rig.session(&account, "append").await;
    let again =
        json!({ "requests": [{ "method": "PUT", "path": format!("pack/{}", sha256(&bytes)), "length": 65536, "sha256": sha256(&bytes) }] });
    let signed = rig.call("sign", Some(&session), &again).await.json();
    assert_eq!(rig.put(signed["urls"][0]["url"].as_str().unwrap(), bytes).await.status, StatusCode::OK);
    let account = Account { session, ..account };
    assert_eq!(usage(&rig, &account).await, (72 * KIB, 0));
}

#[tokio::test]
async fn usage_is_what_lies_in_the_storage_after_a_restart() {
    let (rig, account) = rig_with(MIB).await;
    rig.store(&account, "pack", &object(1, 64 << 10)).await;
    std::fs::write(rig.object_file(&account, &format!("pack/{}", "ab".repeat(32))), object(2, 4096)).unwrap();
    let rig = rig.restart(|config| config.limits.vault = Some(MIB)).await;
    assert_eq!(usage(&rig, &account).await, (76 * KIB, 0));
    let answer = rig.call("usage", Some(&account.session), &json!({})).await.json();
    assert_eq!(answer["quota"], MIB);
}
