//! `crate/core` has no I/O, no clock, no threads, no randomness of its own, and does not know where it runs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use super::tally::Check;
use crate::shell::{cargo, output, top};

const MODULES: [&str; 8] = ["fs", "net", "time", "thread", "env", "process", "io", "os"];
const WORDS: [&str; 6] = ["target_arch", "target_os", "getrandom", "OsRng", "async fn", "SystemTime"];

pub fn checks() -> Vec<Check> {
    vec![
        (
            "core uses nothing of std that touches the world",
            each_source(|code| std_modules(code).find(|module| MODULES.contains(&module.as_str())).map(|module| format!("std::{module}"))),
        ),
        (
            "core has no cfg of a machine, no async, no randomness of its own",
            each_source(|code| WORDS.iter().find(|word| code.contains(**word)).map(|word| (*word).to_owned())),
        ),
        ("core in wasm links no getrandom", no_getrandom()),
    ]
}

fn each_source(find: impl Fn(&str) -> Option<String>) -> Result<()> {
    let sources = rust_files(&top().join("crate/core/src"))?;
    for source in sources {
        let code = without_comments(&fs::read_to_string(&source)?);
        if let Some(found) = find(&code) {
            bail!("{} names {found}", source.strip_prefix(top()).unwrap_or(&source).display());
        }
    }
    Ok(())
}

fn no_getrandom() -> Result<()> {
    let tree = output(&mut cargo([
        "tree",
        "--package",
        "strongroom-core",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--target",
        "wasm32-unknown-unknown",
    ]))?;
    match tree.lines().find(|line| line.starts_with("getrandom ")) {
        Some(line) => bail!("cargo tree shows {line}"),
        None => Ok(()),
    }
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

fn without_comments(code: &str) -> String {
    code.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The modules that `std::x` and `std::{x::y, z}` name.
fn std_modules(code: &str) -> impl Iterator<Item = String> + '_ {
    let whole_word = |at: usize| !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
    code.match_indices("std::").filter(move |(at, _)| whole_word(*at)).flat_map(|(at, _)| {
        let rest = &code[at + "std::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => outermost(group),
            None => vec![word(rest)],
        }
    })
}

/// The first word of each item of a group, up to its closing brace.
fn outermost(group: &str) -> Vec<String> {
    let (mut depth, mut items, mut start) = (0, Vec::new(), 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                items.push(word(group[start..at].trim_start()));
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    items
}

fn word(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

#[cfg(test)]
mod tests {
    use super::{std_modules, without_comments};

    #[test]
    fn modules_are_found_alone_and_in_groups() {
        let code = "use std::fs; use std::{collections::{HashMap, hash_map}, thread, time::Instant}; std::mem::take(x); use ruzstd::io;";
        let found: Vec<String> = std_modules(code).collect();
        assert_eq!(found, ["fs", "collections", "thread", "time", "mem"]);
    }

    #[test]
    fn comments_may_name_anything() {
        assert_eq!(without_comments("a // std::fs\nb"), "a \nb");
    }
}
