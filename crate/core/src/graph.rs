//! The snapshot graph: its nodes, its heads, and what a client remembers of it (FORMAT.md §10).

extern crate alloc;
use alloc::{string::String, vec::Vec};
use core::cmp::Reverse;

use crate::{
    ask::Millis,
    bytes::{Reader, Write},
    error::Code,
    id::{Id, Name},
    limits::{DOOMED_MAX, LABEL_MAX, PARENTS_MAX, SLOTS_MAX},
    ordered::{Map, Set},
    tree::{FolderRef, Form},
};

const VERSION: u8 = 1;

/// One record of the vault's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub time: Millis,
    /// Heads that the writer saw, ascending.
    pub parents: Vec<Name>,
    pub record: Record,
}

/// What a node says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    Snapshot(Snapshot),
    SlotSet(SlotSet),
    /// Names of nodes that are removed, ascending.
    Forget(Vec<Name>),
    Tombstone(Tombstone),
}

/// What is to be erased once the delay has passed (FORMAT.md §16). Each list is ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tombstone {
    pub packs: Vec<Name>,
    pub indexes: Vec<Name>,
    pub nodes: Vec<Name>,
}

impl Tombstone {
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// How many objects it names.
    pub fn count(&self) -> usize {
        self.packs.len() + self.indexes.len() + self.nodes.len()
    }
}

/// A tree of files at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub root: FolderRef,
    pub files: u64,
    pub folders: u64,
    pub bytes: u64,
    /// Entries of the source that could not be read.
    pub left: u64,
    /// Against which unchanged files were recognised.
    pub baseline: Option<Name>,
    pub label: String,
    pub writer: String,
}

/// The key slots of the vault, and which slot sets these replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotSet {
    /// Ascending.
    pub replaced: Vec<Name>,
    pub slots: Vec<SlotRecord>,
}

/// One key slot, as the graph knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotRecord {
    pub id: [u8; 16],
    /// 1 passphrase, 2 recovery phrase, 3 passkey.
    pub kind: u8,
    /// X25519.
    pub public_key: [u8; 32],
    pub made: Millis,
    pub label: String,
}

impl Node {
    /// The body of a snapshot graph node (FORMAT.md §10).
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_u8(VERSION);
        out.put_u8(match self.record {
            Record::Snapshot(_) => 1,
            Record::SlotSet(_) => 2,
            Record::Forget(_) => 3,
            Record::Tombstone(_) => 4,
        });
        out.put_i64(self.time);
        put_names16(&mut out, &self.parents);
        match &self.record {
            Record::Snapshot(snapshot) => {
                out.put(&snapshot.root.id.0);
                out.put_u8(snapshot.root.form as u8);
                out.put_u64(snapshot.files);
                out.put_u64(snapshot.folders);
                out.put_u64(snapshot.bytes);
                out.put_u64(snapshot.left);
                out.put_u8(u8::from(snapshot.baseline.is_some()));
                snapshot.baseline.iter().for_each(|name| out.put(&name.0));
                out.put_bytes16(snapshot.label.as_bytes());
                out.put_bytes16(snapshot.writer.as_bytes());
            }
            Record::SlotSet(set) => {
                put_names16(&mut out, &set.replaced);
                out.put_u8(u8::try_from(set.slots.len()).expect("at most 16 slots"));
                for slot in &set.slots {
                    out.put(&slot.id);
                    out.put_u8(slot.kind);
                    out.put(&slot.public_key);
                    out.put_i64(slot.made);
                    out.put_bytes16(slot.label.as_bytes());
                }
            }
            Record::Forget(names) => put_names32(&mut out, names),
            Record::Tombstone(Tombstone { packs, indexes, nodes }) => {
                [packs, indexes, nodes].into_iter().for_each(|names| put_names32(&mut out, names));
            }
        }
        out
    }

    /// Reads the body of a snapshot graph node (FORMAT.md §10).
    ///
    /// # Errors
    /// `Damaged` for bad order, bad text or bytes left over; `Unsupported` for another version, type, or beyond §13.
    pub fn decode(body: &[u8]) -> Result<Self, Code> {
        let mut reader = Reader::new(body);
        if reader.u8()? != VERSION {
            return Err(Code::Unsupported);
        }
        let kind = reader.u8()?;
        let time = reader.i64()?;
        let parents = read_names16(&mut reader)?;
        let record = match kind {
            1 => Record::Snapshot(read_snapshot(&mut reader)?),
            2 => Record::SlotSet(read_slot_set(&mut reader)?),
            3 => Record::Forget(read_names32(&mut reader)?),
            4 => {
                let (packs, indexes, nodes) = (read_names32(&mut reader)?, read_names32(&mut reader)?, read_names32(&mut reader)?);
                let tombstone = Tombstone { packs, indexes, nodes };
                if tombstone.count() > DOOMED_MAX {
                    return Err(Code::Unsupported);
                }
                Record::Tombstone(tombstone)
            }
            _ => return Err(Code::Unsupported),
        };
        reader.end()?;
        Ok(Self { time, parents, record })
    }
}

fn read_snapshot(reader: &mut Reader<'_>) -> Result<Snapshot, Code> {
    let id = Id(reader.array()?);
    let root = FolderRef { id, form: Form::of_folder(reader.u8()?)? };
    let (files, folders, bytes, left) = (reader.u64()?, reader.u64()?, reader.u64()?, reader.u64()?);
    let baseline = match reader.u8()? {
        0 => None,
        1 => Some(Name(reader.array()?)),
        _ => return Err(Code::Damaged),
    };
    Ok(Snapshot { root, files, folders, bytes, left, baseline, label: read_label(reader)?, writer: read_label(reader)? })
}

fn read_slot_set(reader: &mut Reader<'_>) -> Result<SlotSet, Code> {
    let replaced = read_names16(reader)?;
    let count = usize::from(reader.u8()?);
    if count == 0 || count > SLOTS_MAX {
        return Err(Code::Unsupported);
    }
    let mut slots = Vec::with_capacity(count);
    for _ in 0..count {
        let (id, kind, public_key, made) = (reader.array()?, reader.u8()?, reader.array()?, reader.i64()?);
        slots.push(SlotRecord { id, kind, public_key, made, label: read_label(reader)? });
    }
    Ok(SlotSet { replaced, slots })
}

fn read_label(reader: &mut Reader<'_>) -> Result<String, Code> {
    let bytes = reader.bytes16(LABEL_MAX)?;
    core::str::from_utf8(bytes).map(String::from).map_err(|_| Code::Damaged)
}

fn read_names16(reader: &mut Reader<'_>) -> Result<Vec<Name>, Code> {
    let count = usize::from(reader.u16()?);
    if count > PARENTS_MAX {
        return Err(Code::Unsupported);
    }
    read_names(reader, count)
}

fn read_names32(reader: &mut Reader<'_>) -> Result<Vec<Name>, Code> {
    let count = reader.count32(u32::MAX, 32)?;
    read_names(reader, count)
}

/// Names in strictly ascending order.
fn read_names(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Name>, Code> {
    if count.checked_mul(32).is_none_or(|bytes| bytes > reader.remaining()) {
        return Err(Code::Damaged);
    }
    let mut names: Vec<Name> = Vec::with_capacity(count);
    for _ in 0..count {
        let name = Name(reader.array()?);
        if names.last().is_some_and(|last| *last >= name) {
            return Err(Code::Damaged);
        }
        names.push(name);
    }
    Ok(names)
}

fn put_names16(out: &mut Vec<u8>, names: &[Name]) {
    out.put_u16(u16::try_from(names.len()).expect("at most 1,024 names"));
    names.iter().for_each(|name| out.put(&name.0));
}

fn put_names32(out: &mut Vec<u8>, names: &[Name]) {
    out.put_u32(u32::try_from(names.len()).expect("fewer names than an object can carry"));
    names.iter().for_each(|name| out.put(&name.0));
}

/// All nodes that this client has read.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Map<Name, Node>,
}

impl Graph {
    pub fn insert(&mut self, name: Name, node: Node) {
        self.nodes.insert(name, node);
    }

    pub fn contains(&self, name: &Name) -> bool {
        self.nodes.contains_key(name)
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Of all nodes, ascending.
    pub fn names(&self) -> impl Iterator<Item = Name> {
        self.nodes.keys()
    }

    /// What is left without these nodes.
    pub fn without(&self, absent: &[Name]) -> Self {
        let mut left = self.clone();
        for name in absent {
            left.nodes.remove(name);
        }
        left
    }

    /// The snapshot of that name, unless it was forgotten.
    pub fn snapshot(&self, name: &Name) -> Option<&Snapshot> {
        if self.forgotten().contains(name) {
            return None;
        }
        match &self.nodes.get(name)?.record {
            Record::Snapshot(snapshot) => Some(snapshot),
            _ => None,
        }
    }

    /// All snapshots that were not forgotten, newest first.
    pub fn snapshots(&self) -> Vec<(Name, Millis, &Snapshot)> {
        let forgotten = self.forgotten();
        let mut found = Map::new();
        for (name, node) in self.nodes.iter().filter(|(name, _)| !forgotten.contains(name)) {
            if let Record::Snapshot(snapshot) = &node.record {
                found.insert((Reverse(node.time), name), snapshot);
            }
        }
        found.iter().map(|((Reverse(time), name), snapshot)| (name, time, *snapshot)).collect()
    }

    /// Nodes that no other node names as a parent, ascending.
    pub fn heads(&self) -> Vec<Name> {
        let parents: Set<Name> = self.nodes.values().flat_map(|node| &node.parents).copied().collect();
        self.nodes.keys().filter(|name| !parents.contains(name)).collect()
    }

    /// Parents that are not here and that no forget node names, ascending.
    pub fn missing(&self) -> Vec<Name> {
        let forgotten = self.forgotten();
        let parents: Set<Name> = self.nodes.values().flat_map(|node| &node.parents).copied().collect();
        parents.iter().filter(|name| !self.contains(name) && !forgotten.contains(name)).collect()
    }

    /// When that node was written, by its writer's clock.
    pub fn time(&self, name: &Name) -> Option<Millis> {
        self.nodes.get(name).map(|node| node.time)
    }

    /// Of heads that a client remembers, those that are gone: neither here (a node that is here is a head or an ancestor of one), nor
    /// named by a forget node (FORMAT.md §10).
    pub fn lost(&self, heads: &[Name]) -> Vec<Name> {
        let forgotten = self.forgotten();
        heads.iter().filter(|head| !self.contains(head) && !forgotten.contains(head)).copied().collect()
    }

    /// The slot sets that no other replaces, ascending, and the slots in them; of one that stands in several, the record made last.
    pub fn slots(&self) -> (Vec<Name>, Vec<SlotRecord>) {
        let sets =
            || self.nodes.iter().filter_map(|(name, node)| if let Record::SlotSet(set) = &node.record { Some((name, set)) } else { None });
        let replaced: Set<Name> = sets().flat_map(|(_, set)| &set.replaced).copied().collect();
        let (mut names, mut slots) = (Vec::new(), Vec::<SlotRecord>::new());
        for (name, set) in sets().filter(|(name, _)| !replaced.contains(name)) {
            names.push(name);
            for slot in &set.slots {
                match slots.iter_mut().find(|known| known.id == slot.id) {
                    None => slots.push(slot.clone()),
                    Some(known) if known.made < slot.made => *known = slot.clone(),
                    Some(_) => {}
                }
            }
        }
        (names, slots)
    }

    /// The heads that a new node names: as many as it may.
    pub fn parents(&self) -> Vec<Name> {
        let mut heads = self.heads();
        heads.truncate(PARENTS_MAX);
        heads
    }

    /// Tombstones that stand, with their times, ascending by name.
    pub fn tombstones(&self) -> Vec<(Name, Millis, &Tombstone)> {
        let forgotten = self.forgotten();
        let standing = self.nodes.iter().filter(|(name, _)| !forgotten.contains(name));
        standing
            .filter_map(|(name, node)| match &node.record {
                Record::Tombstone(tombstone) => Some((name, node.time, tombstone)),
                _ => None,
            })
            .collect()
    }

    /// Whether this is the node of a snapshot, forgotten or not.
    pub fn is_snapshot(&self, name: &Name) -> bool {
        matches!(self.nodes.get(name), Some(Node { record: Record::Snapshot(_), .. }))
    }

    /// Snapshots and tombstones that were forgotten and are here still: nobody needs their nodes.
    pub fn needless(&self) -> Vec<Name> {
        let needless =
            |name: &Name| matches!(self.nodes.get(name).map(|node| &node.record), Some(Record::Snapshot(_) | Record::Tombstone(_)));
        self.forgotten().iter().filter(needless).collect()
    }

    /// How many nodes say what is to be erased or no longer counts. More of them: somebody forgot, pruned or erased.
    pub fn erasing(&self) -> usize {
        self.nodes.values().filter(|node| matches!(node.record, Record::Forget(_) | Record::Tombstone(_))).count()
    }

    /// What a forget node has to name so that these count again: the forget nodes that name them, and whatever else those name
    /// that is gone, lest it be missed.
    pub fn revival(&self, wanted: &[Name]) -> Vec<Name> {
        let counting = self.counting();
        let mut names = Set::new();
        for (forget, gone) in self.forgets() {
            if counting.contains(&forget) && gone.iter().any(|name| wanted.contains(name)) {
                names.insert(forget);
                for name in gone.iter().filter(|name| !self.contains(name)) {
                    names.insert(*name);
                }
            }
        }
        names.iter().collect()
    }

    /// What forget nodes that count name. All nodes here are reachable from a head.
    fn forgotten(&self) -> Set<Name> {
        let counting = self.counting();
        self.forgets().filter(|(forget, _)| counting.contains(forget)).flat_map(|(_, names)| names).copied().collect()
    }

    fn forgets(&self) -> impl Iterator<Item = (Name, &Vec<Name>)> {
        self.nodes.iter().filter_map(|(name, node)| match &node.record {
            Record::Forget(names) => Some((name, names)),
            _ => None,
        })
    }

    /// Forget nodes that no forget node that counts names.
    fn counting(&self) -> Set<Name> {
        // Who forgets each forget node. Such chains end: a node names only what was there before it.
        let mut forgotten_by: Map<Name, Vec<Name>> = Map::new();
        for (forget, names) in self.forgets() {
            for name in names.iter().filter(|name| matches!(self.nodes.get(name), Some(Node { record: Record::Forget(_), .. }))) {
                forgotten_by.get_or_insert_with(*name, Vec::new).push(forget);
            }
        }
        let mut counts: Map<Name, bool> = Map::new();
        for (forget, _) in self.forgets() {
            let mut open = alloc::vec![forget];
            while let Some(top) = open.last().copied() {
                let by = forgotten_by.get(&top).map(Vec::as_slice).unwrap_or_default();
                match by.iter().find(|name| !counts.contains_key(name)) {
                    Some(unknown) => open.push(*unknown),
                    None => {
                        let forgotten = by.iter().any(|name| counts.get(name) == Some(&true));
                        counts.insert(top, !forgotten);
                        open.pop();
                    }
                }
            }
        }
        counts.iter().filter(|(_, counts)| **counts).map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use super::*;

    extern crate alloc;

    fn snapshot(time: Millis, parents: Vec<Name>) -> Node {
        let root = FolderRef { id: Id([3; 32]), form: Form::Folder };
        let record = Snapshot {
            root,
            files: 1,
            folders: 2,
            bytes: 3,
            left: 4,
            baseline: Some(Name([9; 32])),
            label: "papers".to_string(),
            writer: "tab".to_string(),
        };
        Node { time, parents, record: Record::Snapshot(record) }
    }

    #[test]
    fn nodes_read_back_as_written_and_refuse_one_byte_more_or_less() {
        let slots = vec![SlotRecord { id: [1; 16], kind: 1, public_key: [2; 32], made: -5, label: "passphrase".to_string() }];
        let nodes = [
            snapshot(7, vec![Name([1; 32]), Name([2; 32])]),
            Node { time: 1, parents: vec![], record: Record::SlotSet(SlotSet { replaced: vec![Name([4; 32])], slots }) },
            Node { time: 1, parents: vec![], record: Record::Forget(vec![Name([4; 32]), Name([5; 32])]) },
            Node {
                time: 1,
                parents: vec![],
                record: Record::Tombstone(Tombstone {
                    packs: vec![Name([4; 32])],
                    indexes: vec![],
                    nodes: vec![Name([2; 32]), Name([3; 32])],
                }),
            },
        ];
        for node in nodes {
            let body = node.encode();
            assert_eq!(Node::decode(&body), Ok(node));
            assert!(Node::decode(&body[..body.len() - 1]).is_err());
            assert!(Node::decode(&[body.as_slice(), &[0]].concat()).is_err());
        }
        assert_eq!(Node::decode(&snapshot(7, vec![Name([2; 32]), Name([1; 32])]).encode()), Err(Code::Damaged));
    }

    #[test]
    fn two_writers_make_two_heads_and_the_next_merges_them() {
        let (a, b, c, d) = (Name([1; 32]), Name([2; 32]), Name([3; 32]), Name([4; 32]));
        let mut graph = Graph::default();
        graph.insert(a, snapshot(1, vec![]));
        graph.insert(b, snapshot(2, vec![a]));
        graph.insert(c, snapshot(3, vec![a]));
        assert_eq!(graph.heads(), [b, c]);
        graph.insert(d, snapshot(4, vec![b, c]));
        assert_eq!(graph.heads(), [d]);
        assert_eq!(graph.snapshots().iter().map(|(name, ..)| *name).collect::<Vec<_>>(), [d, c, b, a]);
    }

    #[test]
    fn a_forget_node_that_is_forgotten_does_not_count_unless_that_is_forgotten_too() {
        let [a, f, g, h] = [1, 2, 3, 4].map(|byte| Name([byte; 32]));
        let forget = |parents: &[Name], names: &[Name]| Node { time: 2, parents: parents.to_vec(), record: Record::Forget(names.to_vec()) };
        let mut graph = Graph::default();
        graph.insert(a, snapshot(1, vec![]));
        let shown = |graph: &Graph| graph.snapshots().len();
        for (name, node, left) in [(f, forget(&[a], &[a]), 0), (g, forget(&[f], &[f]), 1), (h, forget(&[g], &[g]), 0)] {
            graph.insert(name, node);
            assert_eq!((shown(&graph), graph.snapshot(&a).is_some()), (left, left == 1));
        }
        assert_eq!(graph.revival(&[a]), [f]);
        assert_eq!(graph.revival(&[g]), [h]);
        assert_eq!(graph.needless(), [a]);
    }

    #[test]
    fn a_tombstone_stands_until_it_is_forgotten() {
        let [a, t, f] = [1, 2, 3].map(|byte| Name([byte; 32]));
        let doomed = Tombstone { packs: vec![Name([7; 32])], indexes: vec![], nodes: vec![a] };
        let mut graph = Graph::default();
        graph.insert(t, Node { time: 5, parents: vec![], record: Record::Tombstone(doomed.clone()) });
        assert_eq!(graph.tombstones(), [(t, 5, &doomed)]);
        graph.insert(f, Node { time: 6, parents: vec![t], record: Record::Forget(vec![t]) });
        assert!(graph.tombstones().is_empty() && graph.needless() == [t] && graph.erasing() == 2);
    }

    #[test]
    fn what_comes_back_names_again_what_is_gone() {
        let [a, gone, f] = [1, 2, 3].map(|byte| Name([byte; 32]));
        let mut graph = Graph::default();
        graph.insert(a, snapshot(1, vec![gone]));
        graph.insert(f, Node { time: 2, parents: vec![a], record: Record::Forget(vec![a, gone]) });
        assert_eq!(graph.revival(&[a]), [gone, f]);
    }

    #[test]
    fn a_remembered_head_that_is_gone_is_a_rollback_unless_a_forget_node_names_it() {
        let (a, b, c) = (Name([1; 32]), Name([2; 32]), Name([3; 32]));
        let mut graph = Graph::default();
        graph.insert(a, snapshot(1, vec![]));
        assert_eq!(graph.lost(&[a]), []);
        assert_eq!(graph.lost(&[a, b]), [b]);
        graph.insert(c, Node { time: 2, parents: vec![a, b], record: Record::Forget(vec![b]) });
        assert_eq!(graph.lost(&[a, b, c]), []);
        assert!(graph.missing().is_empty());
    }
}
