//! What may be committed.

use std::{collections::BTreeSet, fs};

use anyhow::{Context, Result, bail};

use super::tally::Check;
use crate::shell::{command, output, top};

const FOLDERS: [&str; 3] = ["crate", "www", "tests"];
const FILES: [&str; 3] = ["Cargo.toml", "Cargo.lock", "wasm-pack.toml"];

pub fn checks() -> Vec<Check> {
    vec![
        ("the top level holds what it may", committed().and_then(|files| top_level(&files))),
        ("no committed file names a path of one machine", committed().and_then(|files| no_machine_paths(&files))),
        ("no lock file of npm names a registry", committed().and_then(|files| no_registries(&files))),
        ("wasm-pack.toml says first what it is", record_says_what_it_is()),
    ]
}

fn committed() -> Result<Vec<String>> {
    Ok(output(&mut command("git", ["ls-files", "-z"]))?.split_terminator('\0').map(str::to_owned).collect())
}

fn top_level(files: &[String]) -> Result<()> {
    let entries: BTreeSet<&str> = files.iter().filter_map(|file| file.split('/').next()).collect();
    let allowed = |entry: &str| entry.starts_with('.') || entry.ends_with(".md") || FOLDERS.contains(&entry) || FILES.contains(&entry);
    match entries.into_iter().find(|entry| !allowed(entry)) {
        Some(entry) => bail!("{entry} does not belong there"),
        None => Ok(()),
    }
}

/// A home folder or a workplace at the start of a path, which no other machine has.
fn no_machine_paths(files: &[String]) -> Result<()> {
    let starts = ["work", "farm", "root", "home"].map(|folder| format!("/{folder}/"));
    let is_name = |character: char| character.is_alphanumeric() || "_.-".contains(character);
    each_text(files, |text| {
        starts.iter().find(|start| {
            let mut found = text.match_indices(start.as_str());
            found.any(|(at, _)| !text[..at].ends_with(is_name))
        })
    })
}

fn no_registries(files: &[String]) -> Result<()> {
    let address = ["\"resolved\": \"http".to_owned()];
    let locks: Vec<String> = files.iter().filter(|file| file.ends_with("package-lock.json")).cloned().collect();
    each_text(&locks, |text| address.iter().find(|address| text.contains(address.as_str())))
}

fn each_text<'a>(files: &[String], find: impl Fn(&str) -> Option<&'a String>) -> Result<()> {
    for file in files {
        let Ok(bytes) = fs::read(top().join(file)) else { continue };
        if let Some(found) = std::str::from_utf8(&bytes).ok().and_then(&find) {
            bail!("{file} has {found}");
        }
    }
    Ok(())
}

fn record_says_what_it_is() -> Result<()> {
    let text = fs::read_to_string(top().join("wasm-pack.toml")).context("wasm-pack.toml cannot be read")?;
    let says = "# The build record of the wasm package: cargo xtask reads it; wasm-pack itself reads no such file.";
    if text.lines().next() != Some(says) {
        bail!("its first line is another");
    }
    Ok(())
}
