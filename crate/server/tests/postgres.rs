//! The suite on PostgreSQL, and what only a database that servers share can show.

mod common;
mod suite;

use common::Rig;
use hyper::StatusCode;
use serde_json::json;

/// Two servers on one database and one storage folder would lock each other out; on one database they behave as one.
async fn two() -> [Rig; 2] {
    let first = Rig::start().await;
    let second = first.sibling().await;
    [first, second]
}

#[tokio::test]
async fn a_login_that_one_server_starts_another_finishes_and_its_session_is_good_at_both() {
    let [one, other] = two().await;
    one.register("my-vault-1").await;
    let (login, finalization) = other.login_start("my-vault-1", "passphrase", "passphrase of my-vault-1").await;
    let finish = json!({ "login": login, "finalization": finalization.expect("one OPAQUE setup") });
    let answer = one.call("login/finish", None, &finish).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let session = answer.json()["session"].as_str().unwrap().to_owned();
    for rig in [&one, &other] {
        assert_eq!(rig.call("list", Some(&session), &json!({ "kind": "pack" })).await.status, StatusCode::OK);
    }
    other.call("login/finish", None, &finish).await.is_refusal(401, "wrong_secret");
    one.call("session/end", Some(&session), &json!({})).await;
    other.call("list", Some(&session), &json!({ "kind": "pack" })).await.is_refusal(401, "signed_out");
}

#[tokio::test]
async fn tries_at_two_servers_come_out_of_one_budget() {
    let rigs = two().await;
    rigs[0].register("my-vault-1").await;
    let tries = (0..40).map(|number| rigs[number % 2].try_login("my-vault-1", "passphrase"));
    let answered = futures_util::future::join_all(tries).await.into_iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(answered, 10);
}

#[tokio::test]
async fn two_servers_that_start_at_once_on_an_empty_database_draw_one_set_of_keys() {
    let database = common::postgres::new_database().await;
    let start = || Rig::start_with(|config| config.database = Some(database.clone()));
    let (one, other) = tokio::join!(start(), start());
    one.register("my-vault-1").await;
    let signed_in = other.login("my-vault-1", "passphrase", "passphrase of my-vault-1").await;
    assert_eq!(signed_in.expect("one OPAQUE setup").status, StatusCode::OK);
}
