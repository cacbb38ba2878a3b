//! What this computer remembers of a vault from one run to the next: its heads, sealed, so that it sees when the storage shows an older
//! state (FORMAT.md §10).

use std::{env, fs, io, path::PathBuf};

use strongroom_core::{Code, Error, VaultHandle};

use crate::host::seed;

/// A longer memory is none that this program wrote.
const LONGEST: u64 = 1 << 20;

/// Checks the vault against what is remembered.
///
/// # Errors
/// `RolledBack` when something of it is gone.
pub fn check(vault: &VaultHandle) -> Result<(), Error> {
    let Some(file) = file(vault) else { return Ok(()) };
    if fs::metadata(&file).is_ok_and(|metadata| metadata.len() > LONGEST) {
        return Ok(());
    }
    match fs::read(&file) {
        // What cannot be read back is as good as forgotten: it says nothing about the vault.
        Ok(memory) => vault.check_memory(&memory).or_else(|error| if error.code == Code::RolledBack { Err(error) } else { Ok(()) }),
        Err(_) => Ok(()),
    }
}

/// Remembers the vault as it is now; with `anew`, forgets what was lost. A computer that cannot is told so, and goes on.
pub fn keep(vault: &VaultHandle, anew: bool) -> Result<(), Error> {
    let Some(file) = file(vault) else { return Ok(()) };
    let before = if anew { None } else { fs::read(&file).ok() };
    let memory = vault.memory(before.as_deref(), seed()?)?;
    if let Err(error) = write(&file, &memory) {
        eprintln!("{} could not be written ({error}): the next run will not see whether the storage was set back.", file.display());
    }
    Ok(())
}

/// Beside it first, so that a run that dies leaves the old one.
fn write(file: &PathBuf, memory: &[u8]) -> io::Result<()> {
    fs::create_dir_all(file.parent().expect("it lies in a folder"))?;
    let new = file.with_extension("new");
    fs::write(&new, memory)?;
    fs::rename(new, file)
}

/// `$XDG_STATE_HOME/strongroom/<vault>`; none where there is no home.
fn file(vault: &VaultHandle) -> Option<PathBuf> {
    let given = env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = given.or_else(|| Some(PathBuf::from(env::var_os("HOME").filter(|home| !home.is_empty())?).join(".local/state")))?;
    Some(state.join("strongroom").join(vault.id().to_string()))
}
