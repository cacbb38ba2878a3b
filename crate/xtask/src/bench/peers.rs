//! Other people's backup programs, where they are installed; who is not is named, with how to get it.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::{Contender, Contenders, borg::Borg, restic::Restic, rustic::Rustic};

/// Where a rustic lies that was built for this benchmark alone, from the top.
pub const BUILT: &str = "target/peers";

/// A program that is not installed.
#[derive(Serialize, Deserialize)]
pub struct Missing {
    pub name: String,
    /// What to type.
    pub install: String,
}

/// Those that are here, and those that are not.
pub fn find() -> (Contenders, Vec<Missing>) {
    let (mut found, mut missing) = (Contenders::new(), Vec::new());
    let mut look = |name: &str, peer: Option<Box<dyn Contender>>, install: &str| match peer {
        Some(peer) => found.push(peer),
        None => missing.push(Missing { name: name.to_owned(), install: install.to_owned() }),
    };
    look("restic", Restic::find().map(|peer| Box::new(peer) as _), "apt-get install restic");
    look(
        "rustic",
        Rustic::find().map(|peer| Box::new(peer) as _),
        &format!("cargo install rustic-rs --locked --no-default-features --root {BUILT}"),
    );
    look("borg", Borg::find().map(|peer| Box::new(peer) as _), "apt-get install borgbackup");
    (found, missing)
}

/// The first number in the first line that a program says of itself.
///
/// # Errors
/// It cannot be started, ends with failure, or says no number.
pub fn version(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::null()).output().with_context(|| format!("{command:?} cannot be started"))?;
    ensure!(output.status.success(), "{command:?} ended with {}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    let number =
        text.lines().next().and_then(|line| line.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit())));
    Ok(number.with_context(|| format!("{command:?} says no version"))?.to_owned())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::version;

    #[test]
    fn a_version_is_the_first_number_that_a_program_says() {
        assert_eq!(version(Command::new("echo").arg("restic 0.14.0 compiled with go1.19")).expect("it says one"), "0.14.0");
        assert!(version(Command::new("echo").arg("restic")).is_err());
        assert!(version(&mut Command::new("false")).is_err());
    }
}
