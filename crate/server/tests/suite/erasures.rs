//! What a vault's owner wants erased (API.md): marked after a fresh unlock, shown at every sign-in, called off, and erased after the
//! delay by the server's clock, not before.

use hyper::StatusCode;
use serde_json::{Value, json};
use strongroom_server::{DAY, MINUTE};

use crate::common::{Account, Rig, object, sha256};

/// What is pending, as a sign-in answers it.
async fn at_sign_in(rig: &Rig, account: &Account) -> Vec<Value> {
    let answer = rig.login(&account.name, "passphrase", &format!("passphrase of {}", account.name)).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()["erasures"].as_array().unwrap().clone()
}

async fn stored(rig: &Rig, session: &str) -> u64 {
    rig.call("usage", Some(session), &json!({})).await.json()["stored"].as_u64().unwrap()
}

fn named(tombstone: &str, paths: &[&String]) -> Value {
    json!({ "tombstone": tombstone, "paths": paths })
}

/// A vault with a pack, an index and a node, and the name of a tombstone.
async fn three(rig: &Rig) -> (Account, [String; 3], String) {
    let account = rig.register("my-vault-1").await;
    let mut paths = Vec::new();
    for (seed, kind) in (1..).zip(["pack", "index", "snap"]) {
        paths.push(rig.store(&account, kind, &object(seed, 8192)).await);
    }
    (account, paths.try_into().unwrap(), sha256(b"a tombstone"))
}

#[tokio::test]
async fn what_is_marked_is_erased_after_the_delay_and_no_moment_before() {
    let rig = Rig::start().await;
    let (account, [pack, index, snap], tombstone) = three(&rig).await;
    let session = rig.session(&account, "delete").await;
    let before = stored(&rig, &session).await;
    assert!(at_sign_in(&rig, &account).await.is_empty());
    let due = rig.now() + 7 * DAY;
    let marked = rig.call("erase/mark", Some(&session), &named(&tombstone, &[&pack, &index])).await;
    assert_eq!(marked.json(), json!({ "due": due }));
    // Marked again, also one more: the first keep their time.
    rig.pass(MINUTE);
    assert_eq!(rig.call("erase/mark", Some(&session), &named(&tombstone, &[&pack, &index])).await.status, StatusCode::OK);
    let pending = json!({ "tombstone": tombstone, "objects": 2, "due": due });
    assert_eq!(at_sign_in(&rig, &account).await, std::slice::from_ref(&pending));
    let listed = rig.call("erase/list", Some(&session), &json!({})).await.json();
    assert_eq!(listed, json!({ "erasures": [pending], "now": rig.now(), "delay": 7 * DAY }));

    rig.pass(7 * DAY - MINUTE - 1);
    let session = rig.session(&account, "delete").await;
    rig.call("erase/confirm", Some(&session), &named(&tombstone, &[&pack, &index])).await.is_refusal(403, "denied");
    assert!(rig.object_file(&account, &pack).is_file() && rig.object_file(&account, &index).is_file());
    rig.pass(1);
    // What is not marked stays, whatever the tombstone's name.
    let other = sha256(b"another");
    assert_eq!(rig.call("erase/confirm", Some(&session), &named(&other, &[&pack])).await.json(), json!({ "erased": 0 }));
    assert_eq!(rig.call("erase/confirm", Some(&session), &named(&tombstone, &[&pack, &snap])).await.json(), json!({ "erased": 1 }));
    assert!(!rig.object_file(&account, &pack).exists() && rig.object_file(&account, &snap).is_file());
    assert_eq!(stored(&rig, &session).await, before - 8192);
    // Again, as one does who got no answer.
    assert_eq!(rig.call("erase/confirm", Some(&session), &named(&tombstone, &[&pack])).await.json(), json!({ "erased": 0 }));
    assert_eq!(stored(&rig, &session).await, before - 8192);
    assert_eq!(at_sign_in(&rig, &account).await, [json!({ "tombstone": tombstone, "objects": 1, "due": due })]);
    assert_eq!(rig.call("erase/confirm", Some(&session), &named(&tombstone, &[&index])).await.json(), json!({ "erased": 1 }));
    assert!(at_sign_in(&rig, &account).await.is_empty());
    // The same object can come back, and counts again.
    let again = Account { session, ..account };
    assert_eq!(rig.store(&again, "pack", &object(1, 8192)).await, pack);
    assert_eq!(stored(&rig, &again.session).await, before - 8192);
}

#[tokio::test]
async fn what_is_called_off_is_never_erased_and_needs_no_fresh_unlock() {
    let rig = Rig::start().await;
    let (account, [pack, ..], tombstone) = three(&rig).await;
    let session = rig.session(&account, "delete").await;
    rig.call("erase/mark", Some(&session), &named(&tombstone, &[&pack])).await;
    rig.pass(6 * DAY);
    let append = rig.session(&account, "append").await;
    for _ in 0..2 {
        assert_eq!(rig.call("erase/cancel", Some(&append), &json!({ "tombstone": tombstone })).await.json(), json!({}));
    }
    rig.pass(8 * DAY);
    let session = rig.session(&account, "delete").await;
    assert_eq!(rig.call("erase/confirm", Some(&session), &named(&tombstone, &[&pack])).await.json(), json!({ "erased": 0 }));
    assert!(rig.object_file(&account, &pack).is_file());
}

#[tokio::test]
async fn only_a_fresh_unlock_marks_and_confirms_and_slots_are_never_erased() {
    let rig = Rig::start().await;
    let (account, [pack, ..], tombstone) = three(&rig).await;
    let (read, append) = (rig.session(&account, "read").await, rig.session(&account, "append").await);
    let stale = rig.session(&account, "delete").await;
    rig.pass(5 * MINUTE);
    for session in [&read, &append, &stale] {
        for call in ["erase/mark", "erase/confirm"] {
            rig.call(call, Some(session), &named(&tombstone, &[&pack])).await.is_refusal(403, "denied");
        }
    }
    rig.call("erase/cancel", Some(&read), &json!({ "tombstone": tombstone })).await.is_refusal(403, "denied");
    let fresh = rig.session(&account, "delete").await;
    let slot = format!("slot/{:032x}", 1);
    rig.call("erase/mark", Some(&fresh), &named(&tombstone, &[&slot])).await.is_refusal(403, "denied");
    let wrong = [named("x", &[&pack]), named(&tombstone, &[&"../x".to_owned()]), named(&tombstone, &[&pack; 257])];
    for body in wrong {
        rig.call("erase/mark", Some(&fresh), &body).await.is_refusal(400, "bad_request");
    }
    assert!(at_sign_in(&rig, &account).await.is_empty());
}

#[tokio::test]
async fn another_vaults_owner_neither_sees_nor_calls_off_nor_erases() {
    let rig = Rig::start().await;
    let (account, [pack, ..], tombstone) = three(&rig).await;
    let stranger = rig.register("my-vault-2").await;
    let owner = rig.session(&account, "delete").await;
    rig.call("erase/mark", Some(&owner), &named(&tombstone, &[&pack])).await;
    let theirs = rig.session(&stranger, "delete").await;
    assert_eq!(rig.call("erase/list", Some(&theirs), &json!({})).await.json()["erasures"], json!([]));
    rig.call("erase/cancel", Some(&theirs), &json!({ "tombstone": tombstone })).await;
    rig.pass(8 * DAY);
    let theirs = rig.session(&stranger, "delete").await;
    assert_eq!(rig.call("erase/confirm", Some(&theirs), &named(&tombstone, &[&pack])).await.json(), json!({ "erased": 0 }));
    assert!(rig.object_file(&account, &pack).is_file());
    assert_eq!(at_sign_in(&rig, &account).await.len(), 1);
}

#[tokio::test]
async fn no_more_is_pending_than_a_sign_in_can_tell() {
    let rig = Rig::start().await;
    let (account, [pack, ..], _) = three(&rig).await;
    let session = rig.session(&account, "delete").await;
    for number in 0..64_u64 {
        let answer = rig.call("erase/mark", Some(&session), &named(&sha256(&number.to_le_bytes()), &[&pack])).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    rig.call("erase/mark", Some(&session), &named(&sha256(b"one more"), &[&pack])).await.is_refusal(400, "bad_request");
    assert_eq!(at_sign_in(&rig, &account).await.len(), 64);
}

#[tokio::test]
async fn a_delay_that_the_operator_shortens_holds_for_what_is_marked_from_then_on() {
    let rig = Rig::start().await;
    let (account, [pack, index, _], tombstone) = three(&rig).await;
    let session = rig.session(&account, "delete").await;
    rig.call("erase/mark", Some(&session), &named(&tombstone, &[&pack])).await;
    let clock = rig.clock.clone();
    let rig = rig
        .restart(|config| {
            config.erase_delay = std::time::Duration::from_secs(60);
            config.clock = strongroom_server::Clock::new(move || clock.load(std::sync::atomic::Ordering::SeqCst));
        })
        .await;
    let session = rig.session(&account, "delete").await;
    let later = sha256(b"later");
    assert_eq!(rig.call("erase/mark", Some(&session), &named(&later, &[&index])).await.json()["due"], 1_800_000_000_000_i64 + MINUTE);
    rig.call("erase/confirm", Some(&session), &named(&tombstone, &[&pack])).await.is_refusal(403, "denied");
}
