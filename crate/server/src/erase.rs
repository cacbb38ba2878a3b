//! Erases what was marked and has waited long enough.

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    app::App,
    error::{Error, Result},
    name::Object,
};

/// Objects erased at one time.
const AT_ONCE: usize = 16;

/// Erases those of the objects that are marked under that tombstone: how many. What is not marked is left alone.
///
/// # Errors
/// `denied` when one is not due yet; then nothing is erased.
pub async fn erase(app: &App, tombstone: &str, objects: Vec<Object>) -> Result<u64> {
    let mut due = Vec::new();
    for object in objects {
        match app.db.marked(&object.vault, tombstone, &object.to_string()).await? {
            Some(until) if until > app.clock.now() => {
                return Err(Error::Denied("the delay is not over. Look at the pending erasures for when it is."));
            }
            Some(_) => due.push(object),
            None => {}
        }
    }
    let erased = stream::iter(due).map(|object| one(app, tombstone, object)).buffer_unordered(AT_ONCE);
    erased.try_fold(0, async |sum, ()| Ok(sum + 1)).await
}

async fn one(app: &App, tombstone: &str, object: Object) -> Result<()> {
    let path = object.to_string();
    let vault = object.vault.clone();
    if let Some(length) = app.storage.stat(object.clone()).await? {
        app.db.note_erasing(&vault, tombstone, &path, length).await?;
        app.storage.delete(object).await?;
        app.metrics.erased.inc();
    }
    app.db.erased(&vault, tombstone, &path).await
}
