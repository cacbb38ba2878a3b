//! Secrets: typed at a prompt or read from a file, never an argument.

use std::{env, fs, io, io::IsTerminal, path::Path};

use strongroom_core::{Code, Error, RecoveryPhrase, UnlockSecret};
use zeroize::Zeroizing;

use crate::args::SecretArgs;

const PASSPHRASE_FILE: &str = "STRONGROOM_PASSPHRASE_FILE";
const RECOVERY_PHRASE_FILE: &str = "STRONGROOM_RECOVERY_PHRASE_FILE";

/// What opens a vault: the arguments first, then the environment, then a prompt.
///
/// # Errors
/// `BadPhrase` for a recovery phrase that cannot be one; `Cancelled` when there is no secret to be had.
pub fn unlock_secret(args: &SecretArgs) -> Result<UnlockSecret, Error> {
    if args.recovery {
        return recovery(&prompt("Recovery phrase: ")?);
    }
    if let Some(file) = &args.recovery_phrase_file {
        return recovery(&read(file)?);
    }
    if let Some(file) = &args.passphrase_file {
        return passphrase(read(file)?);
    }
    if let Some(file) = env::var_os(RECOVERY_PHRASE_FILE) {
        return recovery(&read(Path::new(&file))?);
    }
    if let Some(file) = env::var_os(PASSPHRASE_FILE) {
        return passphrase(read(Path::new(&file))?);
    }
    passphrase(prompt("Passphrase: ")?)
}

/// The passphrase of a new vault, typed twice.
///
/// # Errors
/// `Cancelled` when it was typed in two ways, or there is none to be had.
pub fn new_passphrase(file: Option<&Path>) -> Result<Zeroizing<String>, Error> {
    let file = file.map(Path::to_owned).or_else(|| env::var_os(PASSPHRASE_FILE).map(Into::into));
    next_passphrase(file.as_deref())
}

/// The passphrase that is to be in force from now on, typed twice.
///
/// # Errors
/// `Cancelled` when it was typed in two ways, or there is none to be had.
pub fn next_passphrase(file: Option<&Path>) -> Result<Zeroizing<String>, Error> {
    if let Some(file) = file {
        return read(file);
    }
    let first = prompt("New passphrase: ")?;
    if *prompt("The same again: ")? != *first {
        return Err(Error::new(Code::Cancelled, "The two passphrases are not the same. Nothing was changed; try again."));
    }
    Ok(first)
}

fn passphrase(mut text: Zeroizing<String>) -> Result<UnlockSecret, Error> {
    Ok(UnlockSecret::Passphrase(std::mem::take(&mut *text)))
}

fn recovery(text: &str) -> Result<UnlockSecret, Error> {
    RecoveryPhrase::parse(text).map(UnlockSecret::Recovery)
}

/// A secret from a file, without the line break at its end.
fn read(file: &Path) -> Result<Zeroizing<String>, Error> {
    let text = fs::read_to_string(file).map_err(|error| {
        Error::new(Code::SourceUnreadable, format!("The secret cannot be read from {} ({error}). Check the file.", file.display()))
    })?;
    let mut text = Zeroizing::new(text);
    for end in ['\n', '\r'] {
        if text.ends_with(end) {
            text.pop();
        }
    }
    Ok(text)
}

fn prompt(question: &str) -> Result<Zeroizing<String>, Error> {
    if !io::stdin().is_terminal() {
        let message = "There is no terminal to ask for the secret. Give --passphrase-file or --recovery-phrase-file.";
        return Err(Error::new(Code::Cancelled, message));
    }
    let typed = rpassword::prompt_password(question);
    typed.map(Zeroizing::new).map_err(|error| Error::new(Code::Cancelled, format!("The secret could not be typed ({error}).")))
}
