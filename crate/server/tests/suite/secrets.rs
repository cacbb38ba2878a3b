//! Another passphrase or recovery phrase for a vault that exists (API.md).

use std::fs;

use hyper::StatusCode;
use serde_json::json;

use crate::common::{Rig, encode, slot_object};

#[tokio::test]
async fn a_new_passphrase_opens_the_new_slot_and_the_old_one_opens_nothing() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let bystander = rig.register("my-vault-2").await;
    let device = json!({ "remember": true });
    let known = rig.login_with("my-vault-1", "passphrase", "passphrase of my-vault-1", &json!({}), &device).await.unwrap().json();
    let under_way = rig.login_start("my-vault-1", "passphrase", "passphrase of my-vault-1").await;
    let session = rig.session(&account, "delete").await;

    let mut slot = slot_object(1, &account.vault);
    slot[2000] ^= 1;
    let upload = rig.new_upload(&session, "my-vault-1", "passphrase", "a new passphrase").await;
    let change = json!({ "slot": "passphrase", "upload": upload, "object": encode(&slot) });
    assert_eq!(rig.call("slot/finish", Some(&session), &change).await.json(), json!({}));

    assert!(rig.login("my-vault-1", "passphrase", "passphrase of my-vault-1").await.is_none(), "the old one still works");
    let answer = rig.login("my-vault-1", "passphrase", "a new passphrase").await.unwrap();
    assert_eq!(answer.bytes("slot"), slot);
    assert_eq!(fs::read(rig.object_file(&account, &format!("slot/{:032x}", 1))).unwrap(), slot, "the storage has the old slot");
    let recovered = rig.login("my-vault-1", "recovery", "phrase of my-vault-1").await.unwrap();
    assert_eq!(recovered.bytes("slot"), account.slots[1]);

    // Whoever came in by the old one is out: sessions, devices, and a login that had begun.
    let list = json!({ "kind": "pack" });
    for old in [&account.session, known["session"].as_str().unwrap()] {
        rig.call("list", Some(old), &list).await.is_refusal(401, "signed_out");
    }
    let finish = json!({ "login": under_way.0, "finalization": under_way.1.unwrap() });
    rig.call("login/finish", None, &finish).await.is_refusal(401, "wrong_secret");
    for _ in 0..9 {
        rig.try_login("my-vault-1", "passphrase").await.is_answered();
    }
    let device = json!({ "device": known["device"] });
    let (answer, _) = rig.exchange("my-vault-1", "passphrase", "guess", &device).await;
    answer.is_answered();
    rig.try_login("my-vault-1", "passphrase").await.is_refusal(429, "denied");
    for still in [&session, &bystander.session] {
        assert_eq!(rig.call("list", Some(still), &list).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_change_of_the_wrong_shape_changes_nothing() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let session = rig.session(&account, "delete").await;
    let upload = rig.new_upload(&session, "my-vault-1", "passphrase", "a new passphrase").await;
    let good = encode(&slot_object(1, &account.vault));
    for (what, upload, object) in [
        ("another vault's slot", &upload, &encode(&slot_object(1, &"9".repeat(32)))),
        ("the other kind's slot", &upload, &encode(&slot_object(2, &account.vault))),
        ("no upload", &"AA".to_owned(), &good),
        ("no slot", &upload, &String::new()),
    ] {
        let change = json!({ "slot": "passphrase", "upload": upload, "object": object });
        let answer = rig.call("slot/finish", Some(&session), &change).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}");
    }
    rig.call("slot/start", Some(&session), &json!({ "slot": "passphrase", "request": "AA" })).await.is_refusal(400, "bad_request");
    let answer = rig.login("my-vault-1", "passphrase", "passphrase of my-vault-1").await.unwrap();
    assert_eq!(answer.bytes("slot"), account.slots[0]);
    assert_eq!(rig.call("list", Some(&account.session), &json!({ "kind": "pack" })).await.status, StatusCode::OK);
}
