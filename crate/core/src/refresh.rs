//! Reads the indexes and history nodes that this client has not read yet, and notices when those that it has read are gone. Every
//! operation begins with it.

extern crate alloc;
use alloc::{boxed::Box, collections::VecDeque, vec::Vec};

use crate::{
    ask::{Ask, AskId, Listed, Machine, Millis, Poll, Reply},
    desk::Desk,
    error::{Code, Error},
    graph::Graph,
    id::Name,
    memory::{self, Rollback},
    ordered::Set,
    seal::Kind,
    vault::{VaultHandle, host_error, is_damage, unexpected},
};

/// Objects fetched at one time.
const AT_ONCE: usize = 16;

/// Brings a vault up to date with its storage. An object that is damaged is noted ([`VaultHandle::damaged`]), the rest is read. Ends
/// with `RolledBack` when the storage shows an older state than this client has read; [`VaultHandle::rollback`] says which.
pub struct Refresh {
    handle: VaultHandle,
    desk: Desk<Purpose>,
    queue: VecDeque<(Kind, Name)>,
    before: Box<Before>,
    listing: bool,
    running: usize,
    failure: Option<Error>,
}

/// What was read before the storage was asked for its own.
struct Before {
    /// History nodes.
    known: Vec<Name>,
    /// Of these, what was not listed, and what the heads were until then.
    absent: Vec<Name>,
    heads: Vec<Name>,
    /// Heads that are gone are asked for by name: a list may be late.
    confirming: bool,
}

enum Purpose {
    List(Kind),
    Get(Kind, Name),
    Confirm(Name),
}

impl Refresh {
    pub fn new(handle: &VaultHandle) -> Self {
        let mut machine = Self {
            handle: handle.clone(),
            desk: Desk::default(),
            queue: VecDeque::new(),
            before: Box::new(Before {
                known: handle.vault().graph.names().collect(),
                absent: Vec::new(),
                heads: Vec::new(),
                confirming: false,
            }),
            listing: true,
            running: 0,
            failure: None,
        };
        // Nodes first: a node that is listed was written after the indexes that it needs, so that their listing shows them.
        machine.list(Kind::Snapshot);
        machine
    }

    /// Takes what the storage shows for the true state, also where it is an older one: everything is read anew.
    pub fn accepting(handle: &VaultHandle) -> Self {
        handle.start_over();
        Self::new(handle)
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
        let listed: Set<Name> = objects.iter().filter_map(|object| object.name.parse().ok()).collect();
        let names: Vec<Name> = listed.iter().filter(|name| !known(name)).collect();
        if kind == Kind::Snapshot {
            let before = &mut self.before;
            before.absent = core::mem::take(&mut before.known).into_iter().filter(|name| !listed.contains(name)).collect();
            before.heads = if before.absent.is_empty() { Vec::new() } else { vault.graph.heads() };
        }
        drop(vault);
        self.queue.extend(names.into_iter().map(|name| (kind, name)));
        match kind {
            Kind::Snapshot => self.list(Kind::Index),
            _ => self.listing = false,
        }
    }

    /// Once everything that is listed was read: whether heads of before are neither there, nor below what is there, nor forgotten. Each is
    /// asked for by its name first.
    fn end(&mut self) -> Option<Result<(), Error>> {
        let Before { absent, heads, confirming, .. } = &mut *self.before;
        let present = if absent.is_empty() { None } else { Some(self.handle.vault().graph.without(absent)) };
        let lost = present.as_ref().map(|present| present.lost(heads)).unwrap_or_default();
        match (*confirming, present) {
            (false, _) if !lost.is_empty() => {
                *confirming = true;
                for name in lost {
                    let object = self.handle.object(Kind::Snapshot, &name);
                    self.desk.ask(Purpose::Confirm(name), Ask::Get { object, range: None, hold: false });
                }
                None
            }
            (_, Some(present)) if !lost.is_empty() => Some(Err(self.rolled_back(&lost, &present))),
            _ => {
                let mut vault = self.handle.vault_mut();
                vault.rollback = None;
                vault.heed_tombstones();
                Some(Ok(()))
            }
        }
    }

    fn rolled_back(&self, lost: &[Name], present: &Graph) -> Error {
        let mut vault = self.handle.vault_mut();
        let rollback = Rollback { lost: memory::heads_of(&vault.graph, lost), heads: memory::heads_of(present, &present.heads()) };
        let error = memory::rolled_back(rollback.lost.first());
        vault.rollback = Some(rollback);
        error
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
        let mut ask = self.desk.take();
        if ask.is_none() && self.desk.is_idle() {
            match self.end() {
                Some(result) => return Poll::Done(result),
                None => ask = self.desk.take(),
            }
        }
        match ask {
            Some((id, ask)) => Poll::Ask(id, ask),
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
            (Purpose::Confirm(name), Reply::Got(answer)) => match answer {
                Err(error) if error.code == Code::Missing => Ok(()),
                // Whatever state it is in, it is there.
                Ok(_) => {
                    self.before.absent.retain(|absent| *absent != name);
                    Ok(())
                }
                Err(error) => Err(host_error(error, &self.handle.object(Kind::Snapshot, &name))),
            },
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
