//! How much still fits: an optional limit on all objects together, and a floor under the free space of the disk.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::error::{Error, Result};

/// What the operator allows, bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// All objects together.
    pub total: Option<u64>,
    /// What stays free on the disk.
    pub reserve: u64,
    /// The objects of one vault, from the next server's start on.
    pub vault: Option<u64>,
}

/// 64 MiB: room for the database, and for the operator to clean up.
pub const DEFAULT_RESERVE: u64 = 64 << 20;

pub struct Room {
    folder: PathBuf,
    state: Mutex<State>,
}

struct State {
    limits: Limits,
    /// Bytes of stored objects.
    stored: u64,
    /// Bytes that are coming in.
    coming: u64,
}

/// Room for an object that is coming in; given back when dropped.
pub struct Reservation<'a> {
    room: &'a Room,
    length: u64,
}

impl Room {
    pub fn new(folder: PathBuf, limits: Limits, stored: u64) -> Self {
        Self { folder, state: Mutex::new(State { limits, stored, coming: 0 }) }
    }

    /// # Errors
    /// `storage_full`; `unavailable` when the disk does not say how much is free.
    pub fn reserve(&self, length: u64) -> Result<Reservation<'_>> {
        let mut state = self.lock();
        let coming = state.coming.saturating_add(length);
        let within_limit = state.limits.total.is_none_or(|total| state.stored.saturating_add(coming) <= total);
        if !within_limit || fs4::available_space(&self.folder)? < coming.saturating_add(state.limits.reserve) {
            return Err(Error::StorageFull);
        }
        state.coming = coming;
        Ok(Reservation { room: self, length })
    }

    /// An object is gone.
    pub fn free(&self, length: u64) {
        let mut state = self.lock();
        state.stored = state.stored.saturating_sub(length);
    }

    pub fn set_limits(&self, limits: Limits) {
        self.lock().limits = limits;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Only sums are changed under the lock, each in one step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation<'_> {
    /// The object is stored: what was reserved is used now.
    pub fn keep(self) {
        self.room.lock().stored += self.length;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.room.lock().coming -= self.length;
    }
}
