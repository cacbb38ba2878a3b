//! Asks a person before what cannot be undone.

use std::io::{self, BufRead, IsTerminal, Write};

use strongroom_core::{Code, Error};

use crate::vault::Opened;

/// Goes on only after a yes, or with `--yes`.
///
/// # Errors
/// `Cancelled` after anything else, or when there is nobody to ask.
pub fn sure(question: &str, yes: bool) -> Result<(), Error> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Error::new(Code::Cancelled, "There is no terminal to ask. Nothing was changed; to go on all the same, add --yes."));
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    let read = io::stderr().flush().and_then(|()| io::stdin().lock().read_line(&mut answer));
    match read {
        Ok(_) if matches!(answer.trim(), "y" | "Y" | "yes" | "Yes") => Ok(()),
        _ => Err(Error::new(Code::Cancelled, "Nothing was changed.")),
    }
}

/// A storage that shows an older state than this computer has seen is no ground to forget or erase on.
///
/// # Errors
/// `RolledBack` in such a case.
pub fn not_rolled_back(opened: &Opened) -> Result<(), Error> {
    match &opened.rolled_back {
        None => Ok(()),
        Some(error) => Err(Error { message: format!("{} Nothing is forgotten or erased meanwhile.", error.message), ..error.clone() }),
    }
}
