//! `strongroom init`

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use serde_json::json;
use strongroom_core::{Code, Create, CreateAccess, CreateOptions, Error};

use crate::{
    Ending,
    args::Init,
    failed,
    host::{Host, seed},
    secret::new_passphrase,
};

/// log₂ of the average chunk in bytes.
const USUAL: u8 = 18;
const LARGE: u8 = 20;

pub fn run(args: &Init, json: bool) -> Result<Ending, Error> {
    let place = args.place.display();
    let cannot = |error: std::io::Error| Error::new(Code::Denied, format!("{place} cannot be made ({error}). Choose another folder."));
    if let Some(folder) = args.place.folder() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    let storage = args.place.storage()?;
    if !storage.vaults().map_err(failed)?.is_empty() {
        return Err(Error::new(Code::NameTaken, format!("{place} holds a vault already. Choose another place.")));
    }
    let mut passphrase = new_passphrase(args.passphrase_file.as_deref())?;
    // Before anything is created: a vault whose recovery phrase is lost at once is worth little.
    let mut out = args.recovery_phrase_out.as_deref().map(private_file).transpose()?;
    let options = CreateOptions {
        access: match &args.place.name {
            Some(name) => CreateAccess::Broker { name: name.clone() },
            None => CreateAccess::Local,
        },
        passphrase: std::mem::take(&mut *passphrase),
        chunk_log2: if args.large { LARGE } else { USUAL },
    };
    let created = Host::new(storage).run(&mut Create::new(options, seed()?), |_| {})?;
    let (id, words) = (created.vault.id(), created.phrase.words());
    if let Some((path, file)) = &mut out {
        let lost = |error| Error::new(Code::SinkFailed, format!("The recovery phrase cannot be written to {} ({error}).", path.display()));
        writeln!(file, "{}", *words).and_then(|()| file.sync_all()).map_err(lost)?;
    }
    if json {
        let phrase = out.is_none().then_some(words.as_str());
        println!("{}", json!({ "vault": id.to_string(), "directory": place, "recoveryPhrase": phrase }));
    } else {
        println!("Created vault {id} in {place}.");
        match &out {
            Some((path, _)) => println!("Its recovery phrase is in {}. Keep it away from this computer.", path.display()),
            None => println!(
                "\nRecovery phrase, shown this once. Write it down; it opens the vault when the passphrase is lost:\n\n{}",
                page(&words)
            ),
        }
    }
    Ok(Ending::Whole)
}

/// A new file that only its owner can read.
fn private_file(path: &Path) -> Result<(&Path, File), Error> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let cannot = |error| Error::new(Code::SinkFailed, format!("{} cannot be made ({error}). Nothing was created.", path.display()));
    Ok((path, file.map_err(cannot)?))
}

/// Numbered words, four a line.
fn page(words: &str) -> String {
    let words: Vec<_> = words.split(' ').enumerate().map(|(at, word)| format!("{:>2} {word:<10}", at + 1)).collect();
    words.chunks(4).map(|line| format!("  {}\n", line.join(" ").trim_end())).collect()
}
