//! What every route shares.

use std::{ops::Deref, sync::Arc};

use tokio::sync::Semaphore;

use crate::{
    clock::{Clock, Millis},
    db::Db,
    metrics::Metrics,
    opaque::Opaque,
    secret::Secret,
    storage::Storage,
};

/// Objects that may come in at one time; others wait for their turn. Bounds memory and threads.
const UPLOADS: usize = 64;
/// Sign-ins that are worked on at one time; others wait for their turn. They take the most work of all calls: however many come, those who
/// are backing up get theirs between.
const SIGN_INS: usize = 4;

#[derive(Clone)]
pub struct App(Arc<Shared>);

pub struct Shared {
    pub clock: Clock,
    pub db: Db,
    pub storage: Storage,
    pub opaque: Opaque,
    /// What one vault may store, bytes.
    pub quota: Option<u64>,
    pub url_key: Secret,
    /// How long what is marked to be erased waits.
    pub erase_delay: Millis,
    /// Requests come through a proxy, which says where from.
    pub behind_proxy: bool,
    pub uploads: Semaphore,
    pub sign_ins: Semaphore,
    pub metrics: Metrics,
}

impl App {
    pub fn new(
        clock: Clock,
        db: Db,
        storage: Storage,
        quota: Option<u64>,
        (opaque, url_key): (Opaque, Secret),
        behind_proxy: bool,
        erase_delay: Millis,
    ) -> Self {
        Self(Arc::new(Shared {
            clock,
            db,
            storage,
            quota,
            opaque,
            url_key,
            erase_delay,
            behind_proxy,
            uploads: Semaphore::new(UPLOADS),
            sign_ins: Semaphore::new(SIGN_INS),
            metrics: Metrics::new(),
        }))
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
