//! The OPAQUE setup on its own: written to a file to be kept elsewhere, and brought back.
//!
//! The file is one line: what it is, then the setup in base64. Who has it *and* the database can guess passphrases.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use zeroize::Zeroizing;

use crate::{
    db::{Database, Db},
    error::Error,
    opaque::Opaque,
};

const HEAD: &str = "strongroom-opaque-setup-1 ";

/// Why a setup is not exported or imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    #[error("the database {database} cannot be used: {source}")]
    Database { database: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("{} cannot be written: {source}", file.display())]
    Write { file: PathBuf, source: io::Error },
    #[error("{} cannot be read: {source}", file.display())]
    Read { file: PathBuf, source: io::Error },
    #[error("{} is no setup that `strongroom-server setup export` wrote", .0.display())]
    NotASetup(PathBuf),
    #[error(
        "{0} vaults are registered under the present setup, and none of their owners could sign in under another one; \
         if the present one is the wrong one, say --replace"
    )]
    InUse(i64),
}

/// Writes the setup to a new file that nobody else on the machine reads.
///
/// # Errors
/// [`SetupError`]; an existing file is never overwritten.
pub async fn export(database: &Database, file: &Path) -> Result<(), SetupError> {
    let db = open(database).await?;
    let (opaque, _) = db.secrets().await.map_err(|error| failed(database, error))?;
    db.close().await;
    let line = Zeroizing::new(format!("{HEAD}{}\n", *Zeroizing::new(BASE64_STANDARD.encode(opaque.to_bytes()))));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(file).and_then(|mut to| to.write_all(line.as_bytes()).and_then(|()| to.sync_all()));
    written.map_err(|source| SetupError::Write { file: file.to_owned(), source })
}

/// Puts the setup of a file in place of the database's. The server must not be running: it reads the setup when it starts.
///
/// # Errors
/// [`SetupError`]; without `replace`, also when vaults are registered under another setup. Then nothing is changed.
pub async fn import(database: &Database, file: &Path, replace: bool) -> Result<(), SetupError> {
    let read = std::fs::read_to_string(file).map_err(|source| SetupError::Read { file: file.to_owned(), source })?;
    let text = Zeroizing::new(read);
    let bytes = text.trim_end().strip_prefix(HEAD).and_then(|base64| BASE64_STANDARD.decode(base64).ok()).map(Zeroizing::new);
    let setup = bytes.and_then(|bytes| Opaque::from_bytes(&bytes)).ok_or_else(|| SetupError::NotASetup(file.to_owned()))?;
    let db = open(database).await?;
    let error = |error| failed(database, error);
    let (present, _) = db.secrets().await.map_err(error)?;
    if present.to_bytes() != setup.to_bytes() {
        let vaults = db.vaults().await.map_err(error)?;
        if vaults > 0 && !replace {
            return Err(SetupError::InUse(vaults));
        }
        db.replace_setup(&setup).await.map_err(error)?;
    }
    db.close().await;
    Ok(())
}

async fn open(database: &Database) -> Result<Db, SetupError> {
    Db::open(database).await.map_err(|error| failed(database, error))
}

fn failed(database: &Database, error: Error) -> SetupError {
    SetupError::Database { database: database.to_string(), source: error.into_cause() }
}
