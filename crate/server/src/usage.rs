//! What a vault may store: reserved when it is granted, counted when it is there, given back when it never came.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::{
    app::App,
    clock::{DAY, MINUTE, Millis},
    error::Result,
    name::{Kind, Object, VaultId},
    presign::{Grant, PUT_LIFETIME},
    storage::{Listed, blocking},
};

/// An upload that began while its address was good has ended by then.
const UPLOAD: Millis = 10 * MINUTE;
/// An object that was counted is remembered so long, lest a second sending be counted, too.
const MEMORY: Millis = DAY;

/// Reserves room for what these grants would store.
///
/// # Errors
/// `storage_full`; then nothing is reserved.
pub async fn reserve<'a>(app: &App, vault: &VaultId, grants: impl Iterator<Item = &'a Grant>) -> Result<()> {
    let put = |grant: &Grant| match grant {
        Grant::Put { object, length, .. } => Some((object.to_string(), *length)),
        Grant::Get { .. } => None,
    };
    let uploads: BTreeMap<_, _> = grants.filter_map(put).collect();
    if uploads.is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    look_for_expired(app, vault, now).await?;
    app.db.reserve(vault, &uploads, app.quota, now, now + PUT_LIFETIME + UPLOAD).await
}

/// An object is in the storage now; `new` when it was not before.
pub async fn seen(app: &App, object: &Object, length: u64, new: bool) -> Result<()> {
    let path = object.to_string();
    if new {
        app.db.settle(&object.vault, &path, length, app.clock.now() + MEMORY).await
    } else {
        app.db.release(&object.vault, &path).await
    }
}

/// Counts everything anew, as it lies in the embedded storage: a server that was killed may have stored more than it counted. A bucket is
/// too large for that.
pub async fn recount(app: &App) -> Result<()> {
    let Some(files) = app.storage.embedded() else { return Ok(()) };
    for vault in app.db.vault_ids().await? {
        let owner = vault.clone();
        let stored = blocking(files, move |files| files.usage(&owner)).await?;
        app.db.set_stored(&vault, stored).await?;
        let mut after = String::new();
        loop {
            let pending = app.db.pending_after(&vault, &after).await?;
            let Some(last) = pending.last() else { break };
            after.clone_from(last);
            for path in pending {
                let Some(object) = Object::parse(vault.clone(), &path) else { continue };
                if blocking(files, move |files| files.stat(&object)).await?.is_some() {
                    app.db.release(&vault, &path).await?;
                }
            }
        }
    }
    Ok(())
}

/// What a list of a bucket shows is there: nobody else says so.
pub async fn listed(app: &App, vault: &VaultId, kind: Kind, objects: &[Listed]) -> Result<()> {
    if app.storage.embedded().is_some() {
        return Ok(());
    }
    let now = app.clock.now();
    let lengths: BTreeMap<&str, u64> = objects.iter().map(|one| (one.name.as_str(), one.length)).collect();
    for path in app.db.pending_uploads(vault).await? {
        let found = path.split_once('/').filter(|(folder, _)| *folder == kind.as_str()).and_then(|(_, name)| lengths.get(name));
        if let Some(length) = found {
            app.db.settle(vault, &path, *length, now + MEMORY).await?;
        }
    }
    Ok(())
}

/// Grants that have expired: what lies in the bucket after all is counted, the rest given back. What was counted long ago is forgotten.
async fn look_for_expired(app: &App, vault: &VaultId, now: Millis) -> Result<()> {
    let expired = app.db.expired_uploads(vault, now).await?;
    if expired.settled {
        app.db.forget_settled(vault, now).await?;
    }
    let look = |path: String| async move {
        let length = match Object::parse(vault.clone(), &path) {
            // The embedded storage has counted what came.
            Some(object) if app.storage.embedded().is_none() => app.storage.stat(object).await?,
            _ => None,
        };
        match length {
            Some(length) => app.db.settle(vault, &path, length, now + MEMORY).await,
            None => app.db.release(vault, &path).await,
        }
    };
    join_all(expired.pending.into_iter().map(look)).await.into_iter().collect()
}
