//! Logins between their two messages: in memory, few, short-lived, each good for one try.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
};

use crate::{
    clock::{Clock, Millis, SECOND},
    name::VaultId,
    opaque::Started,
    secret::random_id,
    slot::SlotKind,
};

/// How long a client has between the two messages; its Argon2id takes less than two seconds on a slow phone.
pub const LIFETIME: Millis = 60 * SECOND;
/// Bounds the memory. Beyond it the oldest login is dropped.
const MOST: usize = 4096;

/// What the second message needs. `vault` is absent for a name that does not exist.
pub struct Pending {
    pub started: Started,
    pub vault: Option<VaultId>,
    pub kind: SlotKind,
}

pub type LoginId = [u8; 16];

pub struct Logins {
    clock: Clock,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    pending: HashMap<LoginId, Pending>,
    /// Oldest first. Names logins that were taken, too, until they would have expired.
    order: VecDeque<(Millis, LoginId)>,
}

impl Logins {
    pub fn new(clock: Clock) -> Self {
        Self { clock, table: Mutex::default() }
    }

    pub fn insert(&self, login: Pending) -> LoginId {
        let (id, now) = (random_id(), self.clock.now());
        let mut table = self.lock();
        table.forget(now);
        while table.order.len() >= MOST {
            table.forget_oldest();
        }
        table.pending.insert(id, login);
        table.order.push_back((now + LIFETIME, id));
        id
    }

    /// The login of that id, once, and not after its time.
    pub fn take(&self, id: &LoginId) -> Option<Pending> {
        let now = self.clock.now();
        let mut table = self.lock();
        table.forget(now);
        table.pending.remove(id)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        // Each change below leaves the table whole, so a panic elsewhere while it is held does not matter.
        self.table.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Table {
    fn forget(&mut self, now: Millis) {
        while self.order.front().is_some_and(|(expires, _)| *expires <= now) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, id)) = self.order.pop_front() {
            self.pending.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        name::VaultName,
        opaque::{ClientIdentity, Opaque, Suite},
    };

    #[test]
    fn logins_are_few_however_many_start() {
        let logins = Logins::new(Clock::new(|| 0));
        let opaque = Opaque::generate();
        let client = ClientIdentity::new(SlotKind::Passphrase, &VaultName::parse("my-vault-1").unwrap());
        let request = opaque_ke::ClientLogin::<Suite>::start(&mut rand_core_06::OsRng, b"guess").unwrap().message.serialize();
        let start = || {
            let (_, started) = opaque.login(client.clone(), None, &request).unwrap();
            logins.insert(Pending { started, vault: None, kind: SlotKind::Passphrase })
        };
        let first = start();
        let second = start();
        for _ in 0..MOST - 1 {
            start();
        }
        let counts = |table: &Table| (table.pending.len(), table.order.len());
        assert_eq!(counts(&logins.lock()), (MOST, MOST));
        assert!(logins.take(&first).is_none(), "the oldest had to go");
        assert!(logins.take(&second).is_some());
        assert!(logins.take(&second).is_none(), "one try each");
    }
}
