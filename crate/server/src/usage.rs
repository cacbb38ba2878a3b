//! What a vault may store: reserved when it is granted, counted when it is there, given back when it never came.

use std::collections::BTreeMap;

use crate::{
    app::App,
    clock::{DAY, MINUTE, Millis},
    error::Result,
    name::{Object, VaultId},
    presign::{Grant, PUT_LIFETIME},
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

/// Counts everything anew, as it lies in the storage.
pub async fn recount(app: &App) -> Result<()> {
    for vault in app.db.vault_ids().await? {
        let owner = vault.clone();
        let stored = app.blocking(move |app| app.storage.usage(&owner)).await?;
        app.db.set_stored(&vault, stored).await?;
    }
    Ok(())
}
