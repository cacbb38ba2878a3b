//! Schemathesis, which has never seen this server, reads openapi.json and asks for everything in it, rightly and wrongly.
//! `cargo xtask test api` installs it and runs this.
#![cfg(unix)]

mod common;

use std::{env, path::Path, process::Command};

use common::{At, program::Program};
use hyper::StatusCode;
use serde_json::json;

/// Requests of each kind for each call; the same in every run.
const EXAMPLES: &str = "60";
const SEED: &str = "20261122";

#[tokio::test]
async fn everything_in_the_document_is_answered_as_it_says_whatever_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder.path().join("data"), &["--vault-quota", "100000000"]);
    let at = At(program.address);
    let mut account = at.register("my-vault-1").await;
    account.session = at.session(&account, "delete").await;

    // The calls that end sessions would leave nothing to the others: they come last, each with a session of its own.
    run(folder.path(), &program, &account.session, &["--exclude-path", "/session/end", "--exclude-path", "/session/revoke"]);
    let answer = at.call("session/renew", Some(&account.session), &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "the session has ended, so that not much was asked: {answer:?}");
    for path in ["/session/revoke", "/session/end"] {
        let session = at.session(&account, "delete").await;
        run(folder.path(), &program, &session, &["--include-path", path]);
    }

    program.signal("TERM");
    assert_eq!(program.end(), (Some(0), String::new()), "and nothing was logged");
}

fn run(folder: &Path, program: &Program, session: &str, which: &[&str]) {
    let schemathesis = env::var("STRONGROOM_SCHEMATHESIS").expect("cargo xtask test api says where it is");
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let status = Command::new(schemathesis)
        .current_dir(folder)
        .args(["run", document, "--url", &format!("http://{}/api/v1", program.address)])
        .args(["--header", &format!("Authorization: Bearer {session}")])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", SEED, "--generation-deterministic"])
        .args(["--workers", "1", "--suppress-health-check", "all", "--no-color"])
        // Whoever knows only the schema cannot make OPAQUE's messages: what conforms to it may be refused all the same.
        .args(["--exclude-checks", "positive_data_acceptance"])
        .args(which)
        .status()
        .unwrap();
    assert!(status.success(), "schemathesis {status}; above it says what it found");
}
