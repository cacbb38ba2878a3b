//! Who gets in, and what the exit codes say.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::bench::Bench;

#[test]
fn a_wrong_secret_has_an_exit_code_of_its_own_and_says_nothing_more() {
    let bench = Bench::new();
    let words = fs::read_to_string(bench.path("phrase")).expect("there");
    let swapped = {
        let mut words: Vec<_> = words.split_whitespace().collect();
        words.rotate_left(1);
        words.join(" ")
    };
    let other = "abandon ".repeat(23) + "art";
    for (option, text) in [
        ("--passphrase-file", "five grey cats"),
        ("--recovery-phrase-file", "abandon abandon"),
        ("--recovery-phrase-file", &other),
        ("--recovery-phrase-file", &swapped),
    ] {
        fs::write(bench.path("wrong"), text).expect("written");
        let ended = bench.run(["snapshots", option, &bench.shown("wrong")]);
        // Rotated words fit their checksum once in 256 times; then they are another phrase.
        assert_eq!(ended.code, 4, "{option} {ended:?}");
        assert!(matches!(ended.json["error"]["code"].as_str(), Some("wrong_secret" | "bad_phrase")), "{ended:?}");
    }
}

#[test]
fn a_passphrase_counts_in_any_unicode_form_and_with_or_without_a_line_break() {
    let bench = Bench::new();
    for text in ["five grey cats on a wall\r\n", "\u{fb01}ve grey cats on a wall"] {
        fs::write(bench.path("other"), text).expect("written");
        assert_eq!(bench.run(["snapshots", "--passphrase-file", &bench.shown("other")]).code, 0);
    }
}

#[test]
fn the_recovery_phrase_is_written_for_its_owner_only_and_never_over_a_file() {
    let bench = Bench::new();
    let mode = fs::metadata(bench.path("phrase")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = bench.run(["init", "-r", &bench.shown("second"), "--recovery-phrase-out", &bench.shown("phrase")]);
    assert_eq!(again.code, 1, "{again:?}");
    assert_eq!(fs::read_dir(bench.path("second")).expect("made").count(), 0, "no vault without its phrase");
    let shown = bench.run(["init", "-r", &bench.shown("second")]);
    assert_eq!(shown.json["recoveryPhrase"].as_str().map(|phrase| phrase.split(' ').count()), Some(24), "{shown:?}");
}

#[test]
fn wrong_usage_is_told_from_failure() {
    let bench = Bench::new();
    for arguments in [["snapshots", "--passphrase"], ["restore", "x"], ["backup", "--reread"], ["frobnicate", "x"]] {
        assert_eq!(bench.run(arguments).code, 2, "{arguments:?}");
    }
    assert_eq!(bench.run(["init", "-r", &bench.shown("vault")]).json["error"]["code"], "name_taken");
    assert_eq!(bench.run(["snapshots", "-r", &bench.shown("nowhere")]).json["error"]["code"], "no_vault");
    assert_eq!(bench.run(["ls"]).json["error"]["code"], "no_snapshot");
    let help = bench.command(["--help"]).output().expect("the program starts");
    assert!(String::from_utf8_lossy(&help.stdout).contains("Exit codes: 0 all well"));
}

#[test]
fn a_folder_with_several_vaults_asks_which() {
    let bench = Bench::new();
    assert_eq!(bench.run(["init", "-r", &bench.shown("second")]).code, 0);
    let id = |name| fs::read_dir(bench.path(name)).expect("there").next().expect("one").expect("readable").file_name();
    let second = id("second");
    fs::rename(bench.path("second").join(&second), bench.path("vault").join(&second)).expect("moved");
    let ended = bench.run(["snapshots"]);
    assert!(ended.code == 1 && ended.errors.contains("--id"), "{ended:?}");
    assert_eq!(bench.run(["snapshots", "--id", second.to_str().expect("hex")]).code, 0);
}
