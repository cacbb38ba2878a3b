//! Finds the vault in its folder, and opens it.

use std::{path::PathBuf, sync::Arc};

use strongroom_core::{Access, Code, Error, FreshUnlock, Keeper, SnapshotInfo, Unlock, UnlockSecret, VaultHandle, VaultId};

use crate::{
    args::{DelayArgs, SecretArgs, VaultArgs},
    failed,
    host::{Host, Sink, Source, Storage, seed},
    memory,
    secret::unlock_secret,
};

/// What a command reads or writes besides the vault.
pub enum World {
    Nothing,
    Source(Vec<PathBuf>),
    Sink(Arc<Sink>),
}

/// An open vault and its host.
pub struct Opened {
    pub host: Host,
    pub vault: VaultHandle,
    /// What a server wants before it marks or erases anything.
    pub fresh: Option<FreshUnlock>,
    /// The storage shows an older state than this computer has seen. Said already.
    pub rolled_back: Option<Error>,
}

/// Opens the vault that the arguments name.
///
/// # Errors
/// `NoVault`, `WrongSecret`, `BadPhrase`, or what is wrong with the vault.
pub fn open(vault: &VaultArgs, secret: &SecretArgs, world: World) -> Result<Opened, Error> {
    open_with(vault, || unlock_secret(secret), world)
}

/// The same, with a secret that is asked for once the vault was found.
///
/// # Errors
/// As [`open`].
pub fn open_with(vault: &VaultArgs, secret: impl FnOnce() -> Result<UnlockSecret, Error>, world: World) -> Result<Opened, Error> {
    let storage = vault.place.storage()?;
    let access = match &vault.place.name {
        Some(name) => Access::Broker { name: name.clone() },
        None => Access::Local { vault: find(&storage, vault)? },
    };
    let secret = secret()?;
    let fresh = vault.place.name.clone().map(|name| FreshUnlock::new(name, secret.clone()));
    let host = match world {
        World::Nothing => Host::new(storage),
        World::Sink(sink) => Host::with_sink(storage, sink),
        World::Source(paths) => {
            let own = match &access {
                Access::Local { vault } => storage.folder(*vault).inspect(|_| storage.sweep(*vault)),
                Access::Broker { .. } => None,
            };
            let source = Source::new(&paths, own.as_deref()).map_err(failed)?;
            Host::with_source(storage, source)
        }
    };
    let vault = host.run(&mut Unlock::new(access, secret, seed()?), |_| {})?;
    host.set_up(&vault.lane_setup());
    let rolled_back = memory::check(&vault).err();
    match &rolled_back {
        None => memory::keep(&vault, false)?,
        Some(error) => eprintln!("{}", error.message),
    }
    Ok(Opened { host, vault, fresh, rolled_back })
}

impl Opened {
    /// Who keeps the delay of what is to be erased: a server by its own clock, else this program.
    pub fn keeper(&self, delay: &DelayArgs) -> Keeper {
        if self.host.is_server() { Keeper::Broker } else { Keeper::Client { delay: delay.erase_delay } }
    }

    /// The snapshot a person means.
    ///
    /// # Errors
    /// `NoSnapshot` when none or several match.
    pub fn snapshot(&self, wanted: &str) -> Result<SnapshotInfo, Error> {
        let snapshots = self.vault.snapshots();
        let mut found = snapshots.into_iter().filter(|snapshot| wanted == "latest" || snapshot.id.to_string().starts_with(wanted));
        match (found.next(), found.next()) {
            (None, _) if wanted == "latest" => {
                Err(Error::new(Code::NoSnapshot, "This vault holds no snapshot yet. Back something up first."))
            }
            (None, _) => Err(Error::new(Code::NoSnapshot, format!("No snapshot begins with {wanted}. `snapshots` lists them."))),
            (Some(_), Some(_)) if wanted != "latest" => {
                Err(Error::new(Code::NoSnapshot, format!("Several snapshots begin with {wanted}. Give more digits.")))
            }
            (Some(snapshot), _) => Ok(snapshot),
        }
    }
}

fn find(storage: &Storage, args: &VaultArgs) -> Result<VaultId, Error> {
    let vaults = storage.vaults().map_err(failed)?;
    let place = args.place.display();
    if let Some(id) = &args.id {
        let found = vaults.into_iter().find(|vault| vault.to_string() == *id);
        return found
            .ok_or_else(|| Error::new(Code::NoVault, format!("{place} holds no vault {id}. Leave out --id to see which there are.")));
    }
    match vaults.as_slice() {
        [vault] => Ok(*vault),
        [] => Err(Error::new(Code::NoVault, format!("{place} holds no vault. Create one with `strongroom init -r {place}`."))),
        several => {
            let ids: Vec<_> = several.iter().map(ToString::to_string).collect();
            Err(Error::new(Code::NoVault, format!("{place} holds several vaults: {}. Say which with --id.", ids.join(", "))))
        }
    }
}
