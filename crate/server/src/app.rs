//! What every route shares.

use std::{ops::Deref, sync::Arc};

use tokio::sync::Semaphore;

use crate::{clock::Clock, db::Db, error::Result, opaque::Opaque, secret::Secret, storage::Storage};

/// Objects that may come in at one time; others wait for their turn. Bounds memory and threads.
const UPLOADS: usize = 64;

#[derive(Clone)]
pub struct App(Arc<Shared>);

pub struct Shared {
    pub clock: Clock,
    pub db: Db,
    pub storage: Storage,
    pub opaque: Opaque,
    pub url_key: Secret,
    /// Requests come through a proxy, which says where from.
    pub behind_proxy: bool,
    pub uploads: Semaphore,
}

impl App {
    pub fn new(clock: Clock, db: Db, storage: Storage, (opaque, url_key): (Opaque, Secret), behind_proxy: bool) -> Self {
        Self(Arc::new(Shared { clock, db, storage, opaque, url_key, behind_proxy, uploads: Semaphore::new(UPLOADS) }))
    }

    /// Runs work that blocks off the runtime's threads.
    pub async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&Shared) -> Result<T> + Send + 'static) -> Result<T> {
        let app = self.clone();
        tokio::task::spawn_blocking(move || work(&app)).await?
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
