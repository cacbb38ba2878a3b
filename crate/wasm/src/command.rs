//! A command of the page becomes a machine.

use std::str::FromStr;

use strongroom_core::{
    Access, Backup, BackupOptions, Baseline, Call, CancelErasure, ChangePasskeys, ChangePassphrase, Code, Create, CreateAccess,
    CreateOptions, Erasures, Error, Forget, Forgotten, FreshUnlock, Keeper, List, Name, Passkeys, PruneOptions, Refresh, ReplacePassphrase,
    Restore, RestoreOptions, Scope, Search, SignIn, Unlock, VaultHandle, VaultId, Verify, VerifyOptions, Versions,
};
use wasm_bindgen::JsValue;

use crate::{
    js,
    message::{self, Command, millis, split},
    prune::Pruning,
    report,
    run::{Finish, Known, Refreshed, Run},
    words::Words,
};

/// Entries of a page of a folder, where the caller does not say.
const LIMIT: u32 = 1_000;

/// Files lined up for a stream: so many go to the page in one message.
const STREAMED: usize = 256;
/// Files written into a folder at one time: the browser checks each and moves it into place, and more gain nothing (measured).
const WRITTEN: usize = 16;

/// What every run of this engine shares.
pub struct Terms {
    pub lanes: u32,
    pub budget: u64,
    pub vault: Option<VaultHandle>,
}

/// The run that does it.
pub fn begin(command: Command, terms: &Terms) -> Run {
    try_begin(command, terms).unwrap_or_else(|error| Run::new(Known(Some(Err(error))), false))
}

fn try_begin(command: Command, terms: &Terms) -> Result<Run, Error> {
    let vault = || terms.vault.clone().ok_or_else(|| Error::new(Code::SignedOut, "No vault is open. Unlock it first."));
    let lanes = terms.lanes;
    Ok(match command {
        Command::Create { name, passphrase, chunk_log2, broker } => {
            let access = if broker { CreateAccess::Broker { name } } else { CreateAccess::Local };
            Run::new(Create::new(CreateOptions { access, passphrase, chunk_log2 }, js::seed()), false)
        }
        Command::Unlock { name, vault, secret, broker, device, remember } => {
            let access = match vault {
                Some(id) if !broker => Access::Local { vault: VaultId::from_str(&id).map_err(|_| no_vault())? },
                _ => Access::Broker { name },
            };
            Run::new(Unlock::new(access, secret.parse()?, js::seed()).from_device(device, remember), false)
        }
        Command::Backup { label, writer, baseline, rules, confirm } => {
            let baseline = match baseline {
                message::Baseline::Latest => Baseline::Latest,
                message::Baseline::None => Baseline::None,
                message::Baseline::Snapshot(id) => Baseline::Snapshot(snapshot(&id)?),
            };
            let rules = rules.parse()?;
            let options =
                BackupOptions { label, writer, baseline, rules, lanes, budget: terms.budget, confirm, ..BackupOptions::default() };
            Run::new(Backup::new(&vault()?, options, js::seed()), true)
        }
        Command::Snapshots => {
            let vault = vault()?;
            Run::new(Refreshed { refresh: Refresh::new(&vault), vault, show: |vault| Finish::of(&report::snapshots(vault)) }, false)
        }
        Command::AcceptRollback => {
            let vault = vault()?;
            Run::new(Refreshed { refresh: Refresh::accepting(&vault), vault, show: |vault| Finish::of(&report::snapshots(vault)) }, false)
        }
        Command::Usage => {
            let vault = vault()?;
            Run::new(Refreshed { refresh: Refresh::new(&vault), vault, show: |vault| Finish::of(&report::usage(vault)) }, false)
        }
        Command::List { snapshot: id, path, after, limit } => {
            let limit = limit.unwrap_or(LIMIT).max(1) as usize;
            Run::new(List::new(&vault()?, snapshot(&id)?, split(&path), after.map(String::into_bytes), limit), false)
        }
        Command::Search { snapshot: id, words, after, most } => {
            let after = after.as_deref().map(report::place_from).unwrap_or_default();
            Run::new(Search::new(&vault()?, snapshot(&id)?, Words::new(&words).wanted(), after, most.into()), false)
        }
        Command::Versions { path } => Run::new(Versions::new(&vault()?, split(&path)), false),
        Command::Read { snapshot: id, path, from, window } => {
            // Little more is fetched than is wanted: the page ends the run once it has that. Whoever reads on from somewhere has read before.
            let (from, window) = (from as u64, window.max(1).into());
            let options = RestoreOptions { lanes, parallel: 1, sequential: true, resume: false, window, from, refresh: from == 0 };
            Run::new(Restore::new(&vault()?, snapshot(&id)?, vec![split(&path)], options, js::seed()), false)
        }
        Command::Restore { snapshot: id, selection, sequential, resume } => {
            let selection = selection.iter().map(|path| split(path)).collect();
            let parallel = if sequential { STREAMED } else { WRITTEN };
            let options = RestoreOptions { lanes, parallel, sequential, resume, ..RestoreOptions::default() };
            Run::new(Restore::new(&vault()?, snapshot(&id)?, selection, options, js::seed()), true)
        }
        Command::SealNote { note } => {
            Run::new(Known(Some(vault()?.seal_note(note.as_bytes(), js::seed()).map(|sealed| bytes(&sealed)))), false)
        }
        Command::OpenNote { sealed } => Run::new(Known(Some(vault()?.open_note(&sealed).map(|note| bytes(&note)))), false),
        Command::SignIn { name, secret, device } => {
            Run::new(SignIn::new(name, &secret.parse()?, Scope::Delete, js::seed()).from_device(device, false), false)
        }
        Command::ChangePassphrase { name, passphrase } => Run::new(ChangePassphrase::new(&vault()?, name, passphrase, js::seed()), false),
        Command::Passkeys => Run::new(Passkeys::new(&vault()?), false),
        Command::ChangePasskeys { name, change } => Run::new(ChangePasskeys::new(&vault()?, name, change.parse()?, js::seed()), false),
        Command::ReplacePassphrase { secret, passphrase } => {
            Run::new(ReplacePassphrase::new(&vault()?, secret.parse()?, passphrase, js::seed()), false)
        }
        Command::Quota => Run::new(Call::new("usage", b"{}".to_vec()), false),
        Command::Sessions => Run::new(Call::new("session/list", b"{}".to_vec()), false),
        Command::EndSessions { body } => Run::new(Call::new("session/revoke", body.into_bytes()), false),
        Command::Heads { memory } => Run::new(Known(Some(report::heads(&vault()?, memory.as_deref()))), false),
        Command::Remember { before } => {
            Run::new(Known(Some(vault()?.memory(before.as_deref(), js::seed()).map(|memory| bytes(&memory)))), false)
        }
        Command::Verify { data } => Run::new(Verify::new(&vault()?, VerifyOptions { data, lanes }), true),
        Command::Forget { rules, snapshots, preview } => {
            let what = match rules {
                Some(rules) => Forgotten::Rules(rules.into()),
                None => Forgotten::Named(names(&snapshots)?),
            };
            Run::new(Forget::new(&vault()?, what, preview, js::seed()), false)
        }
        Command::Prune(message::Prune { name, secret, device, delay, threshold, preview, without }) => {
            let unlock = secret.map(|secret| Ok::<_, Error>(FreshUnlock::new(name, secret.parse()?).from_device(device))).transpose()?;
            let options =
                PruneOptions { threshold, dry_run: preview, without: names(&without)?, unlock, ..PruneOptions::new(keeper(delay)) };
            Run::new(Pruning::new(vault()?, options), true)
        }
        Command::Erasures { delay } => Run::new(Erasures::new(&vault()?, keeper(delay)), false),
        Command::CancelErasure { erasure, delay } => {
            let none = || Error::new(Code::BadRequest, "There is no such erasure. Choose one of the list.");
            let erasure = Name::from_str(&erasure).map_err(|_| none())?;
            Run::new(CancelErasure::new(&vault()?, erasure, keeper(delay), js::seed()), false)
        }
    })
}

fn snapshot(id: &str) -> Result<Name, Error> {
    Name::from_str(id).map_err(|_| Error::new(Code::NoSnapshot, "There is no such snapshot. Choose one of the list."))
}

fn names(ids: &[String]) -> Result<Vec<Name>, Error> {
    ids.iter().map(|id| snapshot(id)).collect()
}

/// Who keeps the delay of what is to be erased: the broker, where nothing else is said.
fn keeper(delay: Option<f64>) -> Keeper {
    millis(delay).map_or(Keeper::Broker, |delay| Keeper::Client { delay })
}

fn bytes(bytes: &[u8]) -> JsValue {
    js_sys::Uint8Array::from(bytes).into()
}

fn no_vault() -> Error {
    Error::new(Code::NoVault, "A vault's id is 32 hexadecimal digits. Check the name.")
}
