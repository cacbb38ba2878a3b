//! Passkeys: slots that an owner adds and removes, each with a sign-in of its own (API.md).

use std::fs;

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::common::{Account, Answer, Rig, encode, passkey_object};

/// Ids of slots.
fn id(number: u8) -> String {
    format!("{number:02x}").repeat(16)
}

/// What the passkey signs in with.
fn password(number: u8) -> String {
    format!("what passkey {number} gives")
}

async fn finish(rig: &Rig, account: &Account, session: &str, number: u8) -> (Answer, Vec<u8>) {
    let upload = rig.new_upload(session, &account.name, &id(number), &password(number)).await;
    let object = passkey_object(&id(number), &account.vault);
    let body = json!({ "slot": id(number), "upload": upload, "object": encode(&object) });
    (rig.call("slot/finish", Some(session), &body).await, object)
}

async fn remove(rig: &Rig, session: &str, slot: &str) -> Answer {
    rig.call("slot/remove", Some(session), &json!({ "slot": slot })).await
}

async fn usage(rig: &Rig, account: &Account) -> Value {
    rig.call("usage", Some(&account.session), &json!({})).await.json()["stored"].clone()
}

#[tokio::test]
async fn a_passkey_signs_in_to_its_own_slot_from_when_it_is_added_until_it_is_removed() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let bystander = rig.register("my-vault-2").await;
    let session = rig.session(&account, "delete").await;
    for number in [7, 8] {
        let (answer, object) = finish(&rig, &account, &session, number).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({})));
        let path = format!("slot/{}", id(number));
        assert_eq!(fs::read(rig.object_file(&account, &path)).unwrap(), object, "the storage has the slot");
        let signed_in = rig.login("my-vault-1", &id(number), &password(number)).await.unwrap();
        assert_eq!((signed_in.status, signed_in.bytes("slot")), (StatusCode::OK, object));
    }
    assert_eq!(usage(&rig, &account).await, json!(4 * 4096));
    // Each opens with its own, at its own vault.
    assert!(rig.login("my-vault-1", &id(7), &password(8)).await.is_none());
    assert!(rig.login("my-vault-2", &id(7), &password(7)).await.is_none());
    assert!(rig.login("my-vault-1", &id(9), &password(7)).await.is_none());
    assert_eq!(rig.call("list", Some(&account.session), &json!({ "kind": "pack" })).await.status, StatusCode::OK, "a session ended");

    // Whoever came in by it is out, and nobody comes in by it any more.
    let thief = rig.login("my-vault-1", &id(7), &password(7)).await.unwrap().json();
    let under_way = rig.login_start("my-vault-1", &id(7), &password(7)).await;
    let session = rig.session(&account, "delete").await;
    assert_eq!(remove(&rig, &session, &id(7)).await.json(), json!({}));
    let list = json!({ "kind": "slot" });
    rig.call("list", thief["session"].as_str(), &list).await.is_refusal(401, "signed_out");
    let late = json!({ "login": under_way.0, "finalization": under_way.1.unwrap() });
    rig.call("login/finish", None, &late).await.is_refusal(401, "wrong_secret");
    assert!(rig.login("my-vault-1", &id(7), &password(7)).await.is_none());
    assert!(!rig.object_file(&account, &format!("slot/{}", id(7))).exists(), "the storage still has the slot");
    let left = rig.call("list", Some(&session), &list).await.json();
    assert_eq!(left["objects"].as_array().unwrap().len(), 3);
    assert_eq!(rig.call("usage", Some(&session), &json!({})).await.json()["stored"], 3 * 4096);
    // Once more does nothing; the others are as they were.
    assert_eq!(remove(&rig, &session, &id(7)).await.json(), json!({}));
    assert_eq!(rig.call("usage", Some(&session), &json!({})).await.json()["stored"], 3 * 4096);
    for (slot, secret) in [(id(8), password(8)), ("passphrase".into(), "passphrase of my-vault-1".into())] {
        assert_eq!(rig.login("my-vault-1", &slot, &secret).await.unwrap().status, StatusCode::OK);
    }
    assert_eq!(rig.call("list", Some(&bystander.session), &list).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_vault_has_at_most_fourteen_passkeys_and_none_takes_the_place_of_another() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let session = rig.session(&account, "delete").await;
    for number in 20..34 {
        assert_eq!(finish(&rig, &account, &session, number).await.0.status, StatusCode::OK);
    }
    finish(&rig, &account, &session, 34).await.0.is_refusal(400, "bad_request");
    assert!(!rig.object_file(&account, &format!("slot/{}", id(34))).exists());
    assert!(rig.login("my-vault-1", &id(34), &password(34)).await.is_none());
    assert_eq!(remove(&rig, &session, &id(20)).await.status, StatusCode::OK);
    finish(&rig, &account, &session, 21).await.0.is_refusal(400, "bad_request");
    assert_eq!(finish(&rig, &account, &session, 34).await.0.status, StatusCode::OK);
}

#[tokio::test]
async fn neither_passphrase_nor_recovery_phrase_can_be_removed_nor_a_passkey_register_a_vault() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let session = rig.session(&account, "delete").await;
    for slot in ["passphrase", "recovery", "passkey", "", &format!("{:032x}", 1), &format!("{:032x}", 2), &id(7)[1..]] {
        remove(&rig, &session, slot).await.is_refusal(400, "bad_request");
    }
    for (slot, secret) in [("passphrase", "passphrase of my-vault-1"), ("recovery", "phrase of my-vault-1")] {
        assert_eq!(rig.login("my-vault-1", slot, secret).await.unwrap().status, StatusCode::OK);
    }
    let start = json!({ "name": "my-vault-9", "slot": id(7), "request": encode(&[0; 32]) });
    rig.call("register/start", None, &start).await.is_refusal(400, "bad_request");
    // Of another passkey, of another vault.
    let upload = rig.new_upload(&session, &account.name, &id(7), &password(7)).await;
    for object in [passkey_object(&id(8), &account.vault), passkey_object(&id(7), &"9".repeat(32))] {
        let body = json!({ "slot": id(7), "upload": upload, "object": encode(&object) });
        rig.call("slot/finish", Some(&session), &body).await.is_refusal(400, "bad_request");
    }
}

#[tokio::test]
async fn a_passkey_has_no_part_in_the_passphrases_limit_and_clears_its_way() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let session = rig.session(&account, "delete").await;
    assert_eq!(finish(&rig, &account, &session, 7).await.0.status, StatusCode::OK);
    for _ in 0..10 {
        rig.try_login("my-vault-1", "passphrase").await.is_answered();
    }
    rig.try_login("my-vault-1", "passphrase").await.is_refusal(429, "denied");
    assert_eq!(rig.login("my-vault-1", &id(7), &password(7)).await.unwrap().status, StatusCode::OK);
    rig.try_login("my-vault-1", "passphrase").await.is_answered();
}

#[tokio::test]
async fn a_passkey_beyond_the_quota_is_refused_and_leaves_nothing() {
    let rig = Rig::start_with(|config| config.limits.vault = Some(3 * 4096)).await;
    let account = rig.register("my-vault-1").await;
    let session = rig.session(&account, "delete").await;
    assert_eq!(finish(&rig, &account, &session, 7).await.0.status, StatusCode::OK);
    finish(&rig, &account, &session, 8).await.0.is_refusal(507, "storage_full");
    assert_eq!(usage(&rig, &account).await, json!(3 * 4096));
    assert!(!rig.object_file(&account, &format!("slot/{}", id(8))).exists());
}
