//! What every route shares.

use std::{ops::Deref, sync::Arc};

use tokio::sync::Semaphore;

use crate::{clock::Clock, db::Db, error::Result, logins::Logins, opaque::Opaque, secret::Secret, storage::Storage};

/// Objects that may come in at one time; others wait for their turn. Bounds memory and threads.
const UPLOADS: usize = 64;

#[derive(Clone)]
pub struct App(Arc<Shared>);

pub struct Shared {
    pub clock: Clock,
    pub db: Db,
    pub storage: Storage,
    pub opaque: Opaque,
    pub logins: Logins,
    pub url_key: Secret,
    pub uploads: Semaphore,
}

impl App {
    pub fn new(clock: Clock, db: Db, storage: Storage, (opaque, url_key): (Opaque, Secret)) -> Self {
        let logins = Logins::new(clock.clone());
        Self(Arc::new(Shared { clock, db, storage, opaque, logins, url_key, uploads: Semaphore::new(UPLOADS) }))
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
