//! `strongroom passphrase`

use serde_json::json;
use strongroom_core::{ChangePassphrase, Error, ReplacePassphrase, Scope, SignIn};

use crate::{
    Ending,
    args::Passphrase,
    host::seed,
    memory,
    secret::{next_passphrase, unlock_secret},
    vault::{World, open_with},
};

pub fn run(args: &Passphrase, json: bool) -> Result<Ending, Error> {
    let secret = unlock_secret(&args.secret)?;
    let opened = open_with(&args.vault, || Ok(secret.clone()), World::Nothing)?;
    if let Some(error) = opened.rolled_back {
        return Err(error);
    }
    let mut passphrase = next_passphrase(args.new_passphrase_file.as_deref())?;
    let passphrase = std::mem::take(&mut *passphrase);
    match &args.vault.place.name {
        Some(name) => {
            // What cannot be undone wants a sign-in of the last minutes.
            opened.host.run(&mut SignIn::new(name.clone(), &secret, Scope::Delete, seed()?), |_| {})?;
            opened.host.run(&mut ChangePassphrase::new(&opened.vault, name.clone(), passphrase, seed()?), |_| {})?;
        }
        None => opened.host.run(&mut ReplacePassphrase::new(&opened.vault, secret, passphrase, seed()?), |_| {})?,
    }
    memory::keep(&opened.vault, false)?;
    if json {
        println!("{}", json!({ "vault": opened.vault.id().to_string(), "changed": true }));
    } else {
        println!("The passphrase is changed. The old one opens the vault no more; the recovery phrase does as before.");
    }
    Ok(Ending::Whole)
}
