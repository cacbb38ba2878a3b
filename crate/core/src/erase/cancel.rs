//! Calls an erasure off: nothing of it is erased, and the snapshots that it would have erased come back.

extern crate alloc;
use alloc::vec::Vec;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::keeper::{Keeper, cancel_body};
use crate::{
    ask::{Ask, AskId, Body, Machine, Millis, Poll, Reply},
    desk::Desk,
    error::Error,
    graph::{Node, Record},
    id::Name,
    ordered::Set,
    refresh::Refresh,
    seal::Kind,
    vault::{VaultHandle, host_error, unexpected},
};

/// Calls off what one tombstone dooms.
pub struct CancelErasure {
    handle: VaultHandle,
    tombstone: Name,
    keeper: Keeper,
    rng: ChaCha20Rng,
    desk: Desk<Purpose>,
    phase: Phase,
    failure: Option<Error>,
}

enum Phase {
    /// The broker first: from then on nothing can be erased.
    Telling,
    Refreshing(Refresh),
    Reviving(Name, Node),
    Done,
}

enum Purpose {
    Tell,
    Refresh(AskId),
    Put,
}

impl CancelErasure {
    pub fn new(handle: &VaultHandle, tombstone: Name, keeper: Keeper, seed: [u8; 32]) -> Self {
        let mut desk = Desk::default();
        let phase = match keeper {
            Keeper::Broker => {
                desk.ask(Purpose::Tell, Ask::Broker { call: "erase/cancel", body: cancel_body(&tombstone) });
                Phase::Telling
            }
            Keeper::Client { .. } => Phase::Refreshing(Refresh::new(handle)),
        };
        Self { handle: handle.clone(), tombstone, keeper, rng: ChaCha20Rng::from_seed(seed), desk, phase, failure: None }
    }

    fn advance(&mut self, now: Millis) -> Result<bool, Error> {
        if let Phase::Refreshing(refresh) = &mut self.phase
            && let Some(result) = self.desk.drive(refresh, Purpose::Refresh, now)
        {
            result?;
            self.phase = self.revive(now)?;
        }
        Ok(matches!(self.phase, Phase::Done))
    }

    fn revive(&mut self, now: Millis) -> Result<Phase, Error> {
        let names: Vec<Name> = {
            let vault = self.handle.vault();
            let standing = vault.graph.tombstones();
            let Some((name, _, doomed)) = standing.iter().find(|(name, ..)| *name == self.tombstone) else {
                // Somebody else was here first, or the broker was told of something that is not in this vault.
                return match self.keeper {
                    Keeper::Broker => Ok(Phase::Done),
                    Keeper::Client { .. } => Err(crate::vault::no_erasure(&self.tombstone)),
                };
            };
            // Not the tombstones among them, which were called off before: they would stand again.
            let snapshots: Vec<Name> = doomed.nodes.iter().filter(|name| vault.graph.is_snapshot(name)).copied().collect();
            let revived = vault.graph.revival(&snapshots);
            revived.into_iter().chain([*name]).collect::<Set<Name>>().iter().collect()
        };
        let (name, node, object) = self.handle.seal_node(Record::Forget(names), now, &mut self.rng)?;
        let put = Ask::Put { object: self.handle.object(Kind::Snapshot, &name), body: Body::Inline(object) };
        self.desk.ask(Purpose::Put, put);
        Ok(Phase::Reviving(name, node))
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply, now: Millis) -> Result<(), Error> {
        match (purpose, reply, &mut self.phase) {
            (Purpose::Tell, Reply::Broker(answer), phase) => {
                answer.map_err(|error| Error::new(error.code, error.message))?;
                *phase = Phase::Refreshing(Refresh::new(&self.handle));
            }
            (Purpose::Refresh(id), reply, Phase::Refreshing(refresh)) => refresh.handle(id, reply, now),
            (Purpose::Put, Reply::Done(answer), Phase::Reviving(name, node)) => {
                let (name, node) = (*name, node.clone());
                answer.map_err(|error| host_error(error, &self.handle.object(Kind::Snapshot, &name)))?;
                let mut vault = self.handle.vault_mut();
                vault.graph.insert(name, node);
                vault.heed_tombstones();
                drop(vault);
                self.phase = Phase::Done;
            }
            _ => return Err(unexpected()),
        }
        Ok(())
    }
}

impl Machine for CancelErasure {
    type Output = ();

    fn poll(&mut self, now: Millis) -> Poll<()> {
        if self.failure.is_none() {
            match self.advance(now) {
                Ok(true) => return Poll::Done(Ok(())),
                Ok(false) => {}
                Err(error) => self.failure = Some(error),
            }
        }
        if let Some(error) = self.failure.take() {
            return Poll::Done(Err(error));
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        let Some(purpose) = self.desk.answered(id) else { return };
        if let Err(error) = self.answer(purpose, reply, now) {
            self.failure.get_or_insert(error);
        }
    }
}
