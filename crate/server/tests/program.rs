//! The program as an operator runs it: its first line, its signals, its data folder, its recorder.
#![cfg(unix)]

mod common;

use std::{fs, path::Path, process::Command};

use common::{
    Rig, object,
    program::{Program, command},
    send, sha256, until,
};
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn it_says_where_it_listens_and_ends_well_on_either_signal() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let ready = folder.path().join("ready");
        let program = Program::start(&folder.path().join("data"), &["--ready-file", ready.to_str().unwrap()]);
        assert_eq!(send(program.address, Method::GET, "/api/v1/about", &[], "").await.status, StatusCode::OK);
        until("the ready file is there", async || ready.exists()).await;
        assert_eq!(fs::read_to_string(ready).unwrap(), format!("listening on http://{}\n", program.address));
        program.signal(signal);
        assert_eq!(program.end(), (Some(0), String::new()), "{signal}");
    }
}

#[tokio::test]
async fn a_put_under_way_finishes_after_the_signal_to_stop() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let bytes = object(1, 1 << 20);
    let url = rig.sign_put(&account, "pack", &bytes).await;
    let address = rig.server.address();
    let mut put = TcpStream::connect(address).await.unwrap();
    let head = format!("PUT {url} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", bytes.len());
    put.write_all(head.as_bytes()).await.unwrap();
    put.write_all(&bytes[..1000]).await.unwrap();
    until("the object is half-way in", async || rig.incoming() == 1).await;

    let file = rig.object_file(&account, &format!("pack/{}", sha256(&bytes)));
    let stopping = tokio::spawn(rig.server.stop());
    until("no new connection is taken", async || TcpStream::connect(address).await.is_err()).await;
    assert!(!stopping.is_finished(), "it did not wait");
    put.write_all(&bytes[1000..]).await.unwrap();
    let mut answer = String::new();
    put.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(stopping.await.unwrap(), "it says that something was cut off");
    assert!(fs::read(file).unwrap() == bytes);
}

#[tokio::test]
async fn connections_without_a_request_do_not_keep_it_from_stopping() {
    let rig = Rig::start().await;
    let address = rig.server.address();
    let _unused = TcpStream::connect(address).await.unwrap();
    let mut used = TcpStream::connect(address).await.unwrap();
    used.write_all(b"GET /api/v1/about HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    used.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    assert!(rig.server.stop().await, "idle connections were waited for");
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_keep_it_from_stopping() {
    let rig = Rig::start_with(|config| config.grace = std::time::Duration::from_millis(50)).await;
    let account = rig.register("my-vault-1").await;
    let url = rig.sign_put(&account, "pack", &object(1, 4096)).await;
    let mut put = TcpStream::connect(rig.server.address()).await.unwrap();
    put.write_all(format!("PUT {url} HTTP/1.1\r\nhost: x\r\ncontent-length: 4096\r\n\r\n12").as_bytes()).await.unwrap();
    until("the object is half-way in", async || rig.incoming() == 1).await;
    assert!(!rig.server.stop().await, "it says that all finished");
}

#[tokio::test]
async fn a_second_server_is_kept_out_of_the_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = Program::start(&data, &[]);
    let second = command(&data, &[]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8(second.stderr).unwrap().contains("another server is using the data folder"));
    assert_eq!(send(first.address, Method::GET, "/api/v1/about", &[], "").await.status, StatusCode::OK, "the first goes on");
    first.signal("KILL");
    first.end();
    let third = Program::start(&data, &[]);
    third.signal("TERM");
    assert_eq!(third.end().0, Some(0), "a kill leaves no lock behind");
}

#[tokio::test]
async fn the_data_folder_is_private_to_the_server() {
    use std::os::unix::fs::PermissionsExt;
    let rig = Rig::start().await;
    assert_eq!(fs::metadata(rig.data()).unwrap().permissions().mode() & 0o077, 0);
}

#[test]
fn what_cannot_be_done_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::write(folder.path().join("file"), "").unwrap();
    let file = folder.path().join("file/data");
    for (data, options, said) in [
        (data.as_path(), vec!["--www", "/no/such/folder"], "the page's folder /no/such/folder does not exist"),
        (&file, vec![], "cannot be used"),
        (&data, vec!["--listen", "192.0.2.1:1"], "--listen"),
        (&data, vec!["--allow-origin", "https://example.com/path"], "an origin is like https://example.com"),
        (&data, vec!["--storage-limit", "much"], "--storage-limit"),
        (&data, vec!["--tls-cert", "/no/such/cert"], "--tls-key"),
        (
            &data,
            vec!["--tls-cert", "/no/such/cert", "--tls-key", "/no/such/key"],
            "the certificate cannot be used because of /no/such/cert",
        ),
        (&data, vec!["--metrics", "192.0.2.1:1"], "--metrics"),
        (&data, vec!["--database", "mysql://x"], "a database is postgres://"),
    ] {
        let output = command(data, &options).output().unwrap();
        assert!(!output.status.success());
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(log.contains(said) && !log.contains("panicked"), "{log}");
    }
}

#[test]
fn help_documents_every_option_and_the_data_folder() {
    let output = Command::new(env!("CARGO_BIN_EXE_strongroom-server")).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for word in [
        "--data",
        "--listen",
        "--www",
        "--behind-tls",
        "--allow-origin",
        "--storage-limit",
        "--reserve",
        "--vault-quota",
        "--record",
        "--ready-file",
        "--log",
        "--database",
        "--log-format",
        "--metrics",
        "--tls-cert",
        "setup export",
        "accounts.sqlite",
        "objects/",
        "Lost:",
        "127.0.0.1:4180",
    ] {
        assert!(help.contains(word), "{word}");
    }
}

#[tokio::test]
async fn the_recorder_keeps_every_request_whole_and_says_loudly_that_it_is_on() {
    let folder = tempfile::tempdir().unwrap();
    let (data, record) = (folder.path().join("data"), folder.path().join("record"));
    let recorded = |number: usize| {
        let head: Value = serde_json::from_slice(&fs::read(record.join(format!("{number:08}.json"))).unwrap()).unwrap();
        (head, fs::read(record.join(format!("{number:08}.body"))).unwrap())
    };
    let body = object(1, 3 << 20);
    // The second run goes on where the first ended.
    for run in 0..2 {
        let program = Program::start(&data, &["--record", record.to_str().unwrap()]);
        let login = json!({ "name": "nobody-here", "slot": "passphrase", "request": "AA" }).to_string();
        let headers = [("content-type", "application/json"), ("x-test", "seen")];
        send(program.address, Method::POST, "/api/v1/login/start?a=b", &headers, login.clone()).await;
        send(program.address, Method::PUT, "/storage/x/y/z", &[], body.clone()).await.is_refusal(403, "denied");
        program.signal("TERM");
        let (code, log) = program.end();
        assert_eq!(code, Some(0));
        assert!(log.starts_with("RECORDING every request"), "{log}");

        let (head, seen) = recorded(run * 2);
        assert_eq!((&head["method"], &head["path"], &head["query"]), (&json!("POST"), &json!("/api/v1/login/start"), &json!("a=b")));
        assert!(head["headers"].as_array().unwrap().contains(&json!(["x-test", "seen"])));
        assert_eq!(seen, login.as_bytes());
        let (head, seen) = recorded(run * 2 + 1);
        assert_eq!((&head["method"], &head["path"]), (&json!("PUT"), &json!("/storage/x/y/z")));
        assert!(seen == body, "a refused body is recorded, too");
    }
    assert_eq!(fs::read_dir(&record).unwrap().count(), 8);
}

/// A whole life of a vault, and some who come for no good; nothing that tells who or what may be in the log.
#[tokio::test]
async fn the_log_names_no_vault_no_object_and_no_secret() {
    for format in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::start(&folder.path().join("data"), &["--log", "trace", "--log-format", format]);
        let at = common::At(program.address);
        let (_, again) = at.register_body("secret-vault-name", &"7".repeat(32)).await;
        let account = at.register("secret-vault-name").await;
        let bytes = object(1, 4096);
        let put = at.sign_put(&account, "pack", &bytes).await;
        assert_eq!(at.put(&put, bytes.clone()).await.status, StatusCode::OK);
        at.put(&put, "something else").await.is_refusal(400, "damaged");
        let answer = at.login("secret-vault-name", "passphrase", "passphrase of secret-vault-name").await.unwrap().json();
        assert!(at.login("secret-vault-name", "passphrase", "a wrong guess").await.is_none());
        at.call("register/finish", None, &again).await.is_refusal(409, "name_taken");
        let (vault, name) = ("a1".repeat(16), "b2".repeat(32));
        let bearer = [("content-type", "application/json"), ("authorization", "Bearer c3c3c3c3")];
        at.send(Method::POST, "/api/v1/list", &bearer, json!({ "kind": "pack" }).to_string()).await.is_refusal(401, "signed_out");
        at.get(&format!("/storage/{vault}/pack/{name}?expires=1&signature=d4d4")).await;
        at.get("/some/private/path").await;
        program.signal("TERM");
        let (_, log) = program.end();
        assert!(log.contains("/api/v1/login/start") && log.contains("/storage/{vault}/{kind}/{name}"), "nothing was logged: {log}");
        if format == "json" {
            let line: Value = serde_json::from_str(log.lines().find(|line| line.contains("login/start")).unwrap()).unwrap();
            assert_eq!((&line["level"], &line["route"], &line["status"]), (&json!("INFO"), &json!("/api/v1/login/start"), &json!(200)));
        }
        let (object, token) = (sha256(&bytes), answer["session"].as_str().unwrap());
        for secret in [
            vault.as_str(),
            &name,
            "secret-vault-name",
            "c3c3c3c3",
            "d4d4",
            "private",
            "guess",
            &account.vault,
            &object,
            token,
            &account.session,
            "127.0.0.1:",
        ] {
            assert!(!log.contains(secret), "{secret} is in the log: {log}");
        }
    }
}

#[tokio::test]
async fn the_opaque_setup_goes_out_to_a_private_file_and_back_and_without_it_nobody_signs_in() {
    let (rig, elsewhere) = (Rig::start().await, tempfile::tempdir().unwrap());
    rig.register("my-vault-1").await;
    let (data, copy, foreign) = (rig.data(), elsewhere.path().join("copy"), elsewhere.path().join("foreign"));
    let setup = |data: &Path, args: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_strongroom-server"));
        let output = program.arg("setup").args(args).arg("--data").arg(data).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
    };
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let signs_in = async |rig: &Rig| rig.login("my-vault-1", "passphrase", "passphrase of my-vault-1").await.is_some();

    // While the server runs.
    assert_eq!(setup(&data, &["export", &text(&copy)]), (true, String::new()));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&copy).unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "others can read it");
    let (well, said) = setup(&data, &["export", &text(&copy)]);
    assert!(!well && said.contains("cannot be written"), "{said}");
    let (well, said) = setup(&data, &["import", &text(&copy)]);
    assert!(!well && said.contains("another server is using"), "{said}");
    let nothing = elsewhere.path().join("nothing");
    let (well, said) = setup(&nothing, &["export", &text(&foreign)]);
    assert!(!well && said.contains("there is no database") && !nothing.exists(), "{said}");

    // Another server's setup, which must not get in by mistake.
    let other = Rig::start().await;
    assert!(setup(&other.data(), &["export", &text(&foreign)]).0);
    assert!(signs_in(&rig).await);
    let folder = rig.stop().await;
    let (well, said) = setup(&data, &["import", &text(&foreign)]);
    assert!(!well && said.contains("1 vaults are registered"), "{said}");
    assert_eq!(setup(&data, &["import", &text(&foreign), "--replace"]), (true, String::new()));
    let rig = Rig::start_again(folder).await;
    assert!(!signs_in(&rig).await, "the setup does not matter");
    let folder = rig.stop().await;
    assert_eq!(setup(&data, &["import", &text(&copy), "--replace"]), (true, String::new()));
    let rig = Rig::start_again(folder).await;
    assert!(signs_in(&rig).await, "the copy is no copy");

    // Into a folder that no server has used yet; and what is no setup.
    assert_eq!(setup(&nothing, &["import", &text(&copy)]), (true, String::new()));
    fs::write(&foreign, "strongroom-opaque-setup-1 AAAA").unwrap();
    for bad in [&foreign, &data.join("accounts.sqlite")] {
        let (well, said) = setup(&nothing, &["import", &text(bad)]);
        assert!(!well && !said.contains("panicked"), "{said}");
    }
    let again = elsewhere.path().join("again");
    assert!(setup(&nothing, &["export", &text(&again)]).0);
    assert_eq!(fs::read(again).unwrap(), fs::read(copy).unwrap());
}

#[tokio::test]
async fn the_database_holds_no_token_that_a_client_could_use() {
    let rig = Rig::start().await;
    let account = rig.register("my-vault-1").await;
    let token = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, &account.session).unwrap();
    let data = rig.data();
    assert!(rig.server.stop().await);
    let database = fs::read(data.join("accounts.sqlite")).unwrap();
    let holds = |needle: &[u8]| database.windows(needle.len()).any(|window| window == needle);
    assert!(holds(account.vault.as_bytes()), "looking in the wrong place");
    assert!(!holds(&token) && !holds(account.session.as_bytes()));
}
