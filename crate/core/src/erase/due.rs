//! Shows what is to be erased, and when.

extern crate alloc;
use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use super::keeper::{Keeper, Pending};
use crate::{
    ask::{Ask, AskId, Machine, Millis, Poll, Reply},
    desk::Desk,
    error::Error,
    graph::{Graph, Tombstone},
    id::Name,
    refresh::Refresh,
    vault::{Vault, VaultHandle, unexpected},
};

/// Something that is to be erased.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Erasure {
    /// Name of the tombstone, hex.
    pub tombstone: String,
    /// When it was made, as far as this vault shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<Millis>,
    /// From when on it can be erased; none while the broker does not know of it. By the broker's clock, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Millis>,
    pub objects: u64,
    /// Of packs that this vault knows.
    pub bytes: u64,
    /// Nodes among them.
    pub nodes: u64,
    /// Of these, the forgotten snapshots, which come back when it is called off.
    pub snapshots: u64,
}

impl Erasure {
    fn of((name, made, doomed): (Name, Millis, &Tombstone), due: Option<Millis>, vault: &Vault) -> Self {
        let length =
            |name: &Name| vault.table.number(name).and_then(|number| vault.table.pack(number)).map_or(0, |pack| u64::from(pack.length));
        Self {
            tombstone: name.to_string(),
            made: Some(made),
            due,
            objects: doomed.count() as u64,
            bytes: doomed.packs.iter().map(length).sum(),
            nodes: doomed.nodes.len() as u64,
            snapshots: doomed.nodes.iter().filter(|name| vault.graph.is_snapshot(name)).count() as u64,
        }
    }
}

/// What stands in the graph, and what the broker was told of beside it.
fn erasures(vault: &Vault, keeper: Keeper, pending: &Pending) -> Vec<Erasure> {
    let graph: &Graph = &vault.graph;
    let standing = graph.tombstones();
    let due = |name: &Name, made: Millis| match keeper {
        Keeper::Broker => pending.of(name).map(|told| told.due),
        Keeper::Client { delay } => Some(made.saturating_add(delay)),
    };
    let known = standing.iter().map(|&(name, made, doomed)| Erasure::of((name, made, doomed), due(&name, made), vault));
    let unknown = pending.erasures.iter().filter(|told| !standing.iter().any(|(name, ..)| name.to_string() == told.tombstone));
    let unknown = unknown.map(|told| Erasure {
        tombstone: told.tombstone.clone(),
        made: None,
        due: Some(told.due),
        objects: told.objects,
        bytes: 0,
        nodes: 0,
        snapshots: 0,
    });
    known.chain(unknown).collect()
}

/// Lists what is to be erased.
pub struct Erasures {
    handle: VaultHandle,
    keeper: Keeper,
    desk: Desk<Purpose>,
    refresh: Option<Refresh>,
    pending: Option<Pending>,
    failure: Option<Error>,
}

enum Purpose {
    Refresh(AskId),
    Ask,
}

impl Erasures {
    pub fn new(handle: &VaultHandle, keeper: Keeper) -> Self {
        let refresh = Some(Refresh::new(handle));
        Self { handle: handle.clone(), keeper, desk: Desk::default(), refresh, pending: None, failure: None }
    }

    fn advance(&mut self, now: Millis) -> Result<(), Error> {
        let Some(refresh) = &mut self.refresh else { return Ok(()) };
        let Some(result) = self.desk.drive(refresh, Purpose::Refresh, now) else { return Ok(()) };
        self.refresh = None;
        result?;
        match self.keeper {
            Keeper::Broker => self.desk.ask(Purpose::Ask, Ask::Broker { call: "erase/list", body: b"{}".to_vec() }),
            Keeper::Client { .. } => self.pending = Some(Pending::default()),
        }
        Ok(())
    }
}

impl Machine for Erasures {
    type Output = Vec<Erasure>;

    fn poll(&mut self, now: Millis) -> Poll<Self::Output> {
        if let Err(error) = self.advance(now) {
            self.failure.get_or_insert(error);
        }
        if let Some(error) = self.failure.take() {
            return Poll::Done(Err(error));
        }
        if let Some(pending) = &self.pending {
            return Poll::Done(Ok(erasures(&self.handle.vault(), self.keeper, pending)));
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        let result = match (self.desk.answered(id), reply, &mut self.refresh) {
            (None, ..) => Ok(()),
            (Some(Purpose::Refresh(id)), reply, Some(refresh)) => {
                refresh.handle(id, reply, now);
                Ok(())
            }
            (Some(Purpose::Ask), Reply::Broker(answer), _) => Pending::read(answer).map(|pending| self.pending = Some(pending)),
            _ => Err(unexpected()),
        };
        if let Err(error) = result {
            self.failure.get_or_insert(error);
        }
    }
}
