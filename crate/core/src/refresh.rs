//! Reads the indexes and history nodes that this client has not read yet. Every operation begins with it.

extern crate alloc;
use alloc::collections::VecDeque;

use crate::{
    ask::{Ask, AskId, Listed, Machine, Millis, Poll, Reply},
    desk::Desk,
    error::Error,
    id::Name,
    ordered::Set,
    seal::Kind,
    vault::{VaultHandle, host_error, is_damage, unexpected},
};

/// Objects fetched at one time.
const AT_ONCE: usize = 16;

/// Brings a vault up to date with its storage. An object that is damaged is noted ([`VaultHandle::damaged`]), the rest is read.
pub struct Refresh {
    handle: VaultHandle,
    desk: Desk<Purpose>,
    queue: VecDeque<(Kind, Name)>,
    listing: bool,
    running: usize,
    failure: Option<Error>,
}

enum Purpose {
    List(Kind),
    Get(Kind, Name),
}

impl Refresh {
    pub fn new(handle: &VaultHandle) -> Self {
        let mut machine =
            Self { handle: handle.clone(), desk: Desk::default(), queue: VecDeque::new(), listing: true, running: 0, failure: None };
        // Nodes first: a node that is listed was written after the indexes that it needs, so that their listing shows them.
        machine.list(Kind::Snapshot);
        machine
    }

    fn list(&mut self, kind: Kind) {
        self.desk.ask(Purpose::List(kind), Ask::List { vault: self.handle.id(), kind });
    }

    fn listed(&mut self, kind: Kind, objects: &[Listed]) {
        let vault = self.handle.vault();
        let known = |name: &Name| match kind {
            Kind::Snapshot => vault.graph.contains(name),
            _ => vault.indexes.contains_key(name),
        };
        let names: Set<Name> = objects.iter().filter_map(|object| object.name.parse().ok()).filter(|name| !known(name)).collect();
        drop(vault);
        self.queue.extend(names.iter().map(|name| (kind, name)));
        match kind {
            Kind::Snapshot => self.list(Kind::Index),
            _ => self.listing = false,
        }
    }

    fn got(&mut self, kind: Kind, name: Name, object: &[u8]) -> Result<(), Error> {
        let mut vault = self.handle.vault_mut();
        match kind {
            Kind::Snapshot => {
                let node = vault.open_node(&name, object)?;
                vault.graph.insert(name, node);
            }
            _ => {
                let index = vault.open_index(&name, object)?;
                vault.add_index(name, &index);
            }
        }
        vault.damaged.remove(&(kind, name));
        Ok(())
    }
}

impl Machine for Refresh {
    type Output = ();

    fn poll(&mut self, _now: Millis) -> Poll<()> {
        if let Some(error) = self.failure.take() {
            return Poll::Done(Err(error));
        }
        while !self.listing && self.running < AT_ONCE {
            let Some((kind, name)) = self.queue.pop_front() else { break };
            let object = self.handle.object(kind, &name);
            self.desk.ask(Purpose::Get(kind, name), Ask::Get { object, range: None, hold: false });
            self.running += 1;
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None if self.desk.is_idle() => {
                self.handle.vault_mut().heed_tombstones();
                Poll::Done(Ok(()))
            }
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, _now: Millis) {
        let Some(purpose) = self.desk.answered(id) else { return };
        let result = match (purpose, reply) {
            (Purpose::List(kind), Reply::Listed(Ok(objects))) => {
                self.listed(kind, &objects);
                Ok(())
            }
            (Purpose::List(_), Reply::Listed(Err(error))) => Err(Error::new(error.code, error.message)),
            (Purpose::Get(kind, name), Reply::Got(answer)) => {
                self.running -= 1;
                let object = self.handle.object(kind, &name);
                match answer.map_err(|error| host_error(error, &object)).and_then(|bytes| self.got(kind, name, &bytes)) {
                    Err(error) if is_damage(error.code) => {
                        self.handle.vault_mut().damaged.insert((kind, name), error);
                        Ok(())
                    }
                    result => result,
                }
            }
            _ => Err(unexpected()),
        };
        if let Err(error) = result {
            self.failure.get_or_insert(error);
        }
    }
}
