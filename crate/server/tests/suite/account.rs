//! Registration, sign-in and sessions (API.md, FORMAT.md §14), with the client's side of OPAQUE.

use std::{collections::HashSet, fs};

use crate::common::{self, Rig, encode, slot_object, write};
use hyper::StatusCode;
use opaque_ke::ClientLogin;
use rand_core_06::OsRng;
use serde_json::json;
use strongroom_server::{DAY, MINUTE, SECOND};

#[tokio::test]
async fn each_secret_of_a_vault_signs_in_and_gets_its_own_slot() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    for (slot, password, object) in
        [("passphrase", "passphrase of my-vault-1", &account.slots[0]), ("recovery", "phrase of my-vault-1", &account.slots[1])]
    {
        let answer = rig.login("my-vault-1", slot, password).await.expect("the client accepts the server");
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(&answer.bytes("slot"), object);
        assert_eq!(answer.json()["vault"], account.vault);
        assert_eq!(answer.json()["expires"], rig.now() + 15 * MINUTE);
    }
}

#[tokio::test]
async fn accounts_and_the_servers_keys_survive_a_restart() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let rig = rig.restart(|_| ()).await;
    let answer = rig.login("my-vault-1", "passphrase", "passphrase of my-vault-1").await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    let listed = rig.call("list", Some(&account.session), &json!({ "kind": "slot" })).await;
    assert_eq!(listed.status, StatusCode::OK);
}

#[tokio::test]
async fn a_registration_writes_both_slots_into_the_storage() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    for (number, object) in [(1, &account.slots[0]), (2, &account.slots[1])] {
        let path = format!("slot/{number:032x}");
        assert_eq!(&fs::read(rig.object_file(&account, &path)).unwrap(), object);
        let url = rig.sign_get(&account, &path).await;
        assert_eq!(&rig.get(&url).await.body, object);
    }
    let listed = rig.call("list", Some(&account.session), &json!({ "kind": "slot" })).await.json();
    assert_eq!(listed["objects"].as_array().unwrap().len(), 2);
    assert_eq!(listed["objects"][0], json!({ "name": format!("{:032x}", 1), "length": 4096 }));
}

#[tokio::test]
async fn a_wrong_secret_an_unknown_name_and_a_used_login_fail_alike() {
    let rig = Rig::start().await;
    rig.register("my-vault-1").await;
    // An honest client notices by itself …
    assert!(rig.login("my-vault-1", "passphrase", "another passphrase").await.is_none());
    assert!(rig.login("my-vault-1", "recovery", "passphrase of my-vault-1").await.is_none());
    assert!(rig.login("nobody-here", "passphrase", "passphrase of my-vault-1").await.is_none());
    // … a dishonest one sends a proof all the same.
    let forged = encode(&[7; 64]);
    let mut bodies = HashSet::new();
    for name in ["my-vault-1", "nobody-here"] {
        let (login, _) = rig.login_start(name, "passphrase", "guess").await;
        let answer = rig.call("login/finish", None, &json!({ "login": login, "finalization": forged })).await;
        answer.is_refusal(401, "wrong_secret");
        bodies.insert(answer.body);
    }
    let (login, finalization) = rig.login_start("my-vault-1", "passphrase", "passphrase of my-vault-1").await;
    let body = json!({ "login": login, "finalization": finalization.unwrap() });
    assert_eq!(rig.call("login/finish", None, &body).await.status, StatusCode::OK);
    let again = rig.call("login/finish", None, &body).await;
    again.is_refusal(401, "wrong_secret");
    bodies.insert(again.body);
    let (login, _) = rig.login_start("my-vault-1", "passphrase", "guess").await;
    let garbage = rig.call("login/finish", None, &json!({ "login": login, "finalization": "AA" })).await;
    garbage.is_refusal(401, "wrong_secret");
    bodies.insert(garbage.body);
    assert_eq!(bodies.len(), 1, "the answers tell one failure from another");
}

#[tokio::test]
async fn one_wrong_proof_uses_a_login_up() {
    let rig = Rig::start().await;
    rig.register("my-vault-1").await;
    let (login, finalization) = rig.login_start("my-vault-1", "passphrase", "passphrase of my-vault-1").await;
    let wrong = rig.call("login/finish", None, &json!({ "login": login, "finalization": encode(&[7; 64]) })).await;
    wrong.is_refusal(401, "wrong_secret");
    let right = rig.call("login/finish", None, &json!({ "login": login, "finalization": finalization.unwrap() })).await;
    right.is_refusal(401, "wrong_secret");
}

#[tokio::test]
async fn a_login_must_finish_within_a_minute() {
    let rig = Rig::start().await;
    rig.register("my-vault-1").await;
    for (wait, status) in [(60 * SECOND - 1, 200), (60 * SECOND, 401)] {
        let (login, finalization) = rig.login_start("my-vault-1", "passphrase", "passphrase of my-vault-1").await;
        rig.pass(wait);
        let answer = rig.call("login/finish", None, &json!({ "login": login, "finalization": finalization.unwrap() })).await;
        assert_eq!(answer.status.as_u16(), status, "after {wait} ms");
    }
}

#[tokio::test]
async fn an_unknown_name_gets_a_dummy_of_the_same_shape_that_stays_the_same() {
    let rig = Rig::start().await;
    rig.register("my-vault-1").await;
    let request = encode(&ClientLogin::<common::Suite>::start(&mut OsRng, b"guess").unwrap().message.serialize());
    // The first 32 bytes are the evaluated element: the same request gives the same one, for one name and one slot.
    let mut elements = Vec::new();
    let mut shapes = HashSet::new();
    let passkey = "7".repeat(32);
    let mut rig = rig;
    for _ in 0..2 {
        for (name, slot) in [
            ("my-vault-1", "passphrase"),
            ("nobody-here", "passphrase"),
            ("nobody-here", "recovery"),
            ("nobody-there", "passphrase"),
            ("my-vault-1", &passkey),
            ("nobody-here", &passkey),
        ] {
            let body = json!({ "name": name, "slot": slot, "request": request });
            let (one, two) = (rig.call("login/start", None, &body).await, rig.call("login/start", None, &body).await);
            assert_eq!(one.bytes("response")[..32], two.bytes("response")[..32], "{name}");
            assert_ne!(one.bytes("response")[32..], two.bytes("response")[32..], "{name}: the rest is drawn anew");
            shapes.insert((one.status, one.body.len(), one.bytes("response").len(), one.bytes("login").len()));
            elements.push(one.bytes("response")[..32].to_vec());
        }
        rig = rig.restart(|_| ()).await;
    }
    assert_eq!(shapes.len(), 1, "{shapes:?}");
    assert_eq!(elements[..6], elements[6..], "a restart changes the dummies");
    assert_eq!(elements[..6].iter().collect::<HashSet<_>>().len(), 6, "names or slots share a key");
}

#[tokio::test]
async fn a_name_and_a_vault_id_belong_to_one_account() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let (_, body) = rig.register_body("my-vault-2", &account.vault).await;
    rig.call("register/finish", None, &body).await.is_refusal(400, "bad_request");
    assert_eq!(fs::read(rig.object_file(&account, &format!("slot/{:032x}", 1))).unwrap(), account.slots[0], "the owner's slot changed");

    // Two that start before either finishes: the second finds the name taken.
    let (_, one) = rig.register_body("my-vault-3", &"1".repeat(32)).await;
    let (_, two) = rig.register_body("my-vault-3", &"2".repeat(32)).await;
    assert_eq!(rig.call("register/finish", None, &one).await.status, StatusCode::CREATED);
    rig.call("register/finish", None, &two).await.is_refusal(409, "name_taken");
    assert!(!rig.data().join("objects").join("2".repeat(32)).exists(), "a refused registration left something");
    let start = json!({ "name": "my-vault-3", "slot": "passphrase", "request": encode(&[0; 32]) });
    rig.call("register/start", None, &start).await.is_refusal(409, "name_taken");
}

#[tokio::test]
async fn a_vault_id_whose_objects_outlived_the_database_cannot_be_taken_over() {
    let rig = Rig::start().await;
    let vault = "3".repeat(32);
    let pack = rig.data().join("objects").join(&vault).join("pack").join("ab".repeat(32));
    write(&pack, b"somebody's");
    let (_, body) = rig.register_body("my-vault-1", &vault).await;
    rig.call("register/finish", None, &body).await.is_refusal(400, "bad_request");
    assert!(rig.login("my-vault-1", "passphrase", "passphrase of my-vault-1").await.is_none(), "half an account was made");
}

#[tokio::test]
async fn a_registration_that_finds_the_storage_full_leaves_nothing_and_can_be_repeated() {
    let rig = Rig::start_with(|config| config.limits.total = Some(4096)).await;
    let vault = "4".repeat(32);
    let (_, body) = rig.register_body("my-vault-1", &vault).await;
    rig.call("register/finish", None, &body).await.is_refusal(507, "storage_full");
    assert!(!rig.data().join("objects").join(&vault).exists());
    assert!(rig.login("my-vault-1", "passphrase", "passphrase of my-vault-1").await.is_none());
    rig.server.set_limits(common::UNLIMITED);
    assert_eq!(rig.call("register/finish", None, &body).await.status, StatusCode::CREATED);
    assert!(rig.login("my-vault-1", "passphrase", "passphrase of my-vault-1").await.is_some());
}

#[tokio::test]
async fn registrations_of_the_wrong_shape_are_refused() {
    let rig = Rig::start().await;
    let vault = "5".repeat(32);
    let (slots, good) = rig.register_body("my-vault-1", &vault).await;
    let with = |pointer: &str, value: serde_json::Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let mut long = slots[0].clone();
    long.push(0);
    for (what, body) in [
        ("a vault id in upper case", with("/vault", json!("A".repeat(32)))),
        ("a short vault id", with("/vault", json!("5"))),
        ("another vault's slot", with("/slots/0/object", json!(encode(&slot_object(1, &"6".repeat(32)))))),
        ("the other kind's slot", with("/slots/0/object", json!(encode(&slots[1])))),
        ("a slot that is not padded", with("/slots/0/object", json!(encode(&long)))),
        ("an empty slot", with("/slots/0/object", json!(""))),
        ("no upload", with("/slots/0/upload", json!("AA"))),
        ("one kind twice", with("/slots/0/slot", json!("recovery"))),
        ("no slots", with("/slots", json!([]))),
        ("one slot", with("/slots", json!([good["slots"][0].clone()]))),
        ("padded base64", with("/slots/0/upload", json!("AA=="))),
    ] {
        let answer = rig.call("register/finish", None, &body).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (400, Some("bad_request")), "{what}");
    }
    for name in ["", "ab", "UPPER", "../../etc", "a b c", &"x".repeat(65)] {
        rig.call("register/finish", None, &with("/name", json!(name))).await.is_refusal(400, "bad_name");
        for call in ["register/start", "login/start"] {
            let body = json!({ "name": name, "slot": "passphrase", "request": encode(&[0; 32]) });
            rig.call(call, None, &body).await.is_refusal(400, "bad_name");
        }
    }
    for call in ["register/start", "login/start"] {
        for request in [encode(&[]), encode(&[0xff; 32]), encode(&[0xff; 96]), encode(&[0; 1000])] {
            rig.call(call, None, &json!({ "name": "my-vault-1", "slot": "passphrase", "request": request }))
                .await
                .is_refusal(400, "bad_request");
        }
    }
    assert_eq!(rig.call("register/finish", None, &good).await.status, StatusCode::CREATED, "the good one is good");
}

#[tokio::test]
async fn a_session_lasts_a_quarter_of_an_hour_and_can_be_renewed_for_a_day() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let began = rig.now();
    let list = json!({ "kind": "pack" });
    let mut renewals = 0;
    loop {
        rig.pass(14 * MINUTE);
        let answer = rig.call("session/renew", Some(&account.session), &json!({})).await;
        if answer.status != StatusCode::OK {
            answer.is_refusal(401, "signed_out");
            break;
        }
        renewals += 1;
        assert_eq!(answer.json()["session"], account.session);
        assert_eq!(answer.json()["expires"], (rig.now() + 15 * MINUTE).min(began + DAY));
    }
    assert!(renewals > 90 && rig.now() >= began + DAY && rig.now() < began + DAY + 15 * MINUTE, "{renewals} renewals");
    rig.call("list", Some(&account.session), &list).await.is_refusal(401, "signed_out");

    let answer = rig.login("my-vault-1", "passphrase", "passphrase of my-vault-1").await.unwrap().json();
    let session = answer["session"].as_str().unwrap();
    rig.pass(15 * MINUTE - 1);
    assert_eq!(rig.call("list", Some(session), &list).await.status, StatusCode::OK);
    rig.pass(1);
    rig.call("list", Some(session), &list).await.is_refusal(401, "signed_out");
    rig.call("session/renew", Some(session), &json!({})).await.is_refusal(401, "signed_out");
}

#[tokio::test]
async fn an_ended_session_is_good_for_nothing() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    assert_eq!(rig.call("session/end", Some(&account.session), &json!({})).await.status, StatusCode::OK);
    rig.call("list", Some(&account.session), &json!({ "kind": "pack" })).await.is_refusal(401, "signed_out");
    assert_eq!(rig.call("session/end", Some(&account.session), &json!({})).await.json(), json!({}));
}
