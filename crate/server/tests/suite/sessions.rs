//! What a session may do, and for how long (API.md).

use hmac::{Hmac, KeyInit, Mac};
use hyper::StatusCode;
use serde_json::{Value, json};
use sha2::Sha256;
use strongroom_server::MINUTE;

use crate::common::{Account, Rig, encode, object, sha256};

#[tokio::test]
async fn a_sessions_token_is_made_of_the_session_key_of_its_own_login() {
    let rig = Rig::start().await;
    rig.register("my-vault-1").await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let (answer, finished) = rig.exchange("my-vault-1", "passphrase", "passphrase of my-vault-1", &json!({})).await;
        let (finalization, key) = finished.unwrap();
        let finish = json!({ "login": answer.json()["login"], "finalization": encode(&finalization) });
        let answer = rig.call("login/finish", None, &finish).await.json();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(b"strongroom 2026-11-21 session token");
        assert_eq!(answer["session"], encode(&mac.finalize().into_bytes()));
        tokens.push(answer["session"].clone());
    }
    assert_ne!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn a_scope_allows_what_it_says_and_no_more() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let name = sha256(&object(1, 4096));
    let list = ("list", json!({ "kind": "pack" }));
    let get = ("sign", json!({ "requests": [{ "method": "GET", "path": format!("pack/{name}") }] }));
    let put = (
        "sign",
        json!({ "requests": [
            { "method": "GET", "path": format!("pack/{name}") },
            { "method": "PUT", "path": format!("pack/{name}"), "length": 4096, "sha256": name },
        ]}),
    );
    let sessions = ("session/list", json!({}));
    let renew = ("session/renew", json!({}));
    let revoke = ("session/revoke", json!({ "id": "none" }));
    let (_, upload, object) = new_secret(&rig, &account, "recovery", "another phrase").await;
    let change = ("slot/finish", json!({ "slot": "recovery", "upload": upload, "object": object }));
    let remove = ("slot/remove", json!({ "slot": "7".repeat(32) }));
    let calls = [(&list, 0), (&get, 0), (&sessions, 0), (&renew, 0), (&put, 1), (&revoke, 2), (&change, 2), (&remove, 2)];
    for (level, scope) in ["read", "append", "delete"].into_iter().enumerate() {
        let session = rig.session(&account, scope).await;
        for ((call, body), needed) in calls {
            let answer = rig.call(call, Some(&session), body).await;
            if level >= needed {
                assert_eq!(answer.status, StatusCode::OK, "{scope}: {call}: {answer:?}");
            } else {
                answer.is_refusal(403, "denied");
            }
        }
    }
    let unknown = json!({ "scope": "everything" });
    let answer = rig.login_with("my-vault-1", "passphrase", "passphrase of my-vault-1", &json!({}), &unknown).await;
    answer.unwrap().is_refusal(400, "bad_request");
}

#[tokio::test]
async fn who_says_nothing_may_append() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let answer = rig.login("my-vault-1", "passphrase", "passphrase of my-vault-1").await.unwrap().json();
    assert_eq!(answer["scope"], "append");
    for session in [answer["session"].as_str().unwrap(), &account.session] {
        rig.call("session/revoke", Some(session), &json!({})).await.is_refusal(403, "denied");
        let name = "ab".repeat(32);
        let put = json!({ "requests": [{ "method": "PUT", "path": format!("pack/{name}"), "length": 4096, "sha256": name }] });
        assert_eq!(rig.call("sign", Some(session), &put).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn the_right_to_delete_lasts_five_minutes_after_the_unlock_and_no_renewal_brings_it_back() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let session = rig.session(&account, "delete").await;
    let revoke = async || rig.call("session/revoke", Some(&session), &json!({ "id": "none" })).await;
    rig.pass(5 * MINUTE - 1);
    assert_eq!(revoke().await.status, StatusCode::OK);
    rig.pass(1);
    revoke().await.is_refusal(403, "denied");
    assert_eq!(rig.call("session/renew", Some(&session), &json!({})).await.status, StatusCode::OK);
    revoke().await.is_refusal(403, "denied");
    assert_eq!(listed(&rig, &session).await[1]["scope"], "append");
    assert_eq!(rig.call("list", Some(&session), &json!({ "kind": "pack" })).await.status, StatusCode::OK, "the rest goes on");
}

#[tokio::test]
async fn the_owner_sees_every_session_and_ends_one_or_all_others() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let stranger = rig.register("my-vault-2").await;
    rig.pass(MINUTE);
    let thief = rig.session(&account, "read").await;
    rig.pass(MINUTE);
    let owner = rig.session(&account, "delete").await;
    let sessions = listed(&rig, &owner).await;
    let scopes: Vec<_> = sessions.iter().map(|session| session["scope"].as_str().unwrap()).collect();
    assert_eq!(scopes, ["append", "read", "delete"]);
    let current: Vec<_> = sessions.iter().map(|session| session["current"].as_bool().unwrap()).collect();
    assert_eq!(current, [false, false, true]);
    assert_eq!(sessions[1]["started"], rig.now() - MINUTE);
    assert_eq!(sessions[1]["expires"], rig.now() + 14 * MINUTE);
    let text = serde_json::to_string(&sessions).unwrap();
    for token in [&account.session, &thief, &owner] {
        assert!(!text.contains(token.as_str()), "a list gives tokens away");
    }

    // Another vault's session cannot be ended, not even by its id.
    let theirs = listed(&rig, &stranger.session).await[0]["id"].clone();
    assert_eq!(rig.call("session/revoke", Some(&owner), &json!({ "id": theirs })).await.json(), json!({}));
    assert_eq!(listed(&rig, &stranger.session).await.len(), 1);

    assert_eq!(rig.call("session/revoke", Some(&owner), &json!({ "id": sessions[1]["id"] })).await.json(), json!({}));
    rig.call("list", Some(&thief), &json!({ "kind": "pack" })).await.is_refusal(401, "signed_out");
    assert_eq!(listed(&rig, &account.session).await.len(), 2);
    assert_eq!(rig.call("session/revoke", Some(&owner), &json!({})).await.json(), json!({}));
    rig.call("list", Some(&account.session), &json!({ "kind": "pack" })).await.is_refusal(401, "signed_out");
    assert_eq!(listed(&rig, &owner).await.len(), 1);
}

async fn listed(rig: &Rig, session: &str) -> Vec<Value> {
    let answer = rig.call("session/list", Some(session), &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()["sessions"].as_array().unwrap().clone()
}

/// What a client sends to change a secret, from a session that may.
async fn new_secret(rig: &Rig, account: &Account, slot: &str, password: &str) -> (String, String, String) {
    let session = rig.session(account, "delete").await;
    let upload = rig.new_upload(&session, &account.name, slot, password).await;
    let kind = if slot == "passphrase" { 1 } else { 2 };
    (session, upload, encode(&crate::common::slot_object(kind, &account.vault)))
}
