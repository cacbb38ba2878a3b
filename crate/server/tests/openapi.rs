//! The OpenAPI document and the code say the same. (What is answered is held against it in every test: `common/openapi.rs`.)

mod common;

use std::collections::BTreeSet;

use common::{Rig, openapi::document};
use hyper::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn every_route_is_documented_and_everything_documented_is_a_route() {
    let source = include_str!("../src/api/mod.rs");
    let routes: BTreeSet<(String, &str)> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix(".route(\"")?.split_once("\", "))
        .map(|(path, rest)| (path.to_owned(), rest.split('(').next().unwrap()))
        .collect();
    let documented: BTreeSet<(String, &str)> = document()["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(|method| (path.clone(), method.as_str())))
        .collect();
    assert_eq!(routes, documented);
    assert!(routes.len() > 10);

    let rig = Rig::start().await;
    for (path, method) in documented {
        let method: Method = method.to_uppercase().parse().unwrap();
        let answer = rig.send(method, &format!("/api/v1{path}"), &[("content-type", "application/json")], "{}").await;
        assert!(![StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&answer.status), "{path}: {answer:?}");
        let security = &document()["paths"][&path].as_object().unwrap().values().next().unwrap()["security"];
        // With `{}` among them, none will do.
        let secured = security.as_array().is_none_or(|ways| !ways.is_empty() && !ways.contains(&json!({})));
        assert_eq!(secured, answer.status == StatusCode::UNAUTHORIZED, "{path}: {answer:?}");
    }
}

/// Schemathesis found that the document promised less.
#[tokio::test]
async fn a_call_without_a_body_is_one_that_needs_none_and_null_is_as_if_absent() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let session = rig.session(&account, "delete").await;
    let bearer = format!("Bearer {session}");
    let documented = document()["paths"].as_object().unwrap();
    for (path, operations) in documented.iter().filter(|(_, operations)| operations.get("post").is_some()) {
        // The last of all.
        if path == "/session/end" {
            continue;
        }
        let answer = rig.send(Method::POST, &format!("/api/v1{path}"), &[("authorization", &bearer)], "").await;
        assert_eq!(operations["post"].get("requestBody").is_none(), answer.status == StatusCode::OK, "{path}: {answer:?}");
    }
    rig.call("session/revoke", Some(&session), &json!({ "id": null })).await.json();
    rig.call("list", Some(&session), &json!({ "kind": "pack", "after": null })).await.json();
    let answer = rig.send(Method::POST, "/api/v1/session/end", &[("authorization", &bearer)], "").await;
    assert_eq!(answer.status, StatusCode::OK);
    rig.call("usage", Some(&session), &json!({})).await.is_refusal(401, "signed_out");
}

#[tokio::test]
async fn the_server_hands_the_document_out_and_it_is_openapi_3_1() {
    let rig = Rig::start().await;
    let answer = rig.get("/api/v1/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(&answer.json(), document());
    assert!(document()["openapi"].as_str().unwrap().starts_with("3.1."));
}
