//! The source as it was walked: folders and files, and what is known of each.

extern crate alloc;
use alloc::{boxed::Box, format, string::String, vec::Vec};

pub(super) use super::node::{File, Folder, Node, NodeId, NodeItem, Out, Weight};
use super::{
    names::Names,
    order::{Gap, Order},
    paged::Paged,
    rules::Rules,
};
use crate::{
    ask::{Entry, EntryKind, Millis},
    error::Code,
    limits::{DEPTH_MAX, NAME_MAX},
    progress::{LeftList, display_path},
    tree::is_name,
};

pub(super) struct Source {
    nodes: Paged<Node>,
    names: Names,
    /// All nodes but the root, by the folder around them, then by name.
    order: Order,
    rules: Rules,
    /// Folders that are taken, without the root.
    pub folders: u64,
    /// What cannot be read, and why.
    unreadable: Vec<(NodeId, String)>,
    /// Entries of the source that are left out because they cannot be backed up.
    pub left: u64,
}

impl Source {
    pub fn new(rules: Rules) -> Self {
        let (mut nodes, mut names) = (Paged::default(), Names::default());
        if let Some(name) = names.add(&[]) {
            nodes.push(Node::new(0, name, None, NodeItem::Folder(Box::default())));
        }
        Self { nodes, names, order: Order::default(), rules, folders: 0, unreadable: Vec::new(), left: 0 }
    }

    /// Takes an entry of the walk in. One that cannot be backed up, by its path alone, is counted and named in `report`.
    pub fn add(&mut self, entry: Entry, report: &mut LeftList) {
        if let Some(why) = refusal(&entry.path).or_else(|| self.insert(&entry).err()) {
            self.left += 1;
            report.add(display_path(&entry.path), Code::SourceUnreadable, why);
        }
    }

    /// Judges everything anew.
    pub fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
        self.folders = 0;
        for node in self.nodes.iter_mut() {
            if let NodeItem::Folder(folder) = &mut node.item {
                folder.taken = Weight::default();
            }
        }
        for id in self.ids().skip(1) {
            self.judge(id);
        }
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Entries that cannot be backed up, without those that the rules leave out.
    pub fn unreadable(&self) -> u64 {
        let taken = |(id, _): &&(NodeId, String)| self.get(*id).is_some_and(|node| node.out.is_none());
        self.left + self.unreadable.iter().filter(taken).count() as u64
    }

    /// Lets go of what the rules leave out, and names what cannot be read in `report`: from here on nothing is judged anew. Says
    /// what was left out, without what is in a folder that was.
    pub fn settle_rules(&mut self, report: &mut LeftList) -> Vec<NodeId> {
        self.left = self.unreadable();
        for (id, why) in core::mem::take(&mut self.unreadable) {
            if self.get(id).is_some_and(|node| node.out.is_none()) {
                report.add(self.path(id), Code::SourceUnreadable, why);
            }
        }
        let mut out = Vec::new();
        for id in self.ids() {
            let Some(Node { out: Some(why), parent, item, .. }) = self.get_mut(id) else { continue };
            let (why, parent) = (*why, *parent);
            let weight = match item {
                NodeItem::Folder(folder) => folder.found,
                NodeItem::File(file) => Weight { files: 1, bytes: file.size },
                NodeItem::Left(weight) => *weight,
            };
            let was_open = !matches!(core::mem::replace(item, NodeItem::Left(weight)), NodeItem::Left(_));
            if let Some(folder) = self.folder_mut(parent).filter(|_| was_open) {
                folder.open = folder.open.saturating_sub(1);
            }
            // What is in a folder of which nothing was named is no news.
            let above = self.get(parent).and_then(|node| node.out);
            if why != Out::Above && above.is_none() {
                out.push(id);
            }
        }
        out
    }

    pub fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    pub fn get_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id as usize)
    }

    /// One that did not fail.
    pub fn file(&self, id: NodeId) -> Option<&File> {
        match &self.get(id)?.item {
            NodeItem::File(file) if !file.failed => Some(file),
            _ => None,
        }
    }

    pub fn file_mut(&mut self, id: NodeId) -> Option<&mut File> {
        match &mut self.get_mut(id)?.item {
            NodeItem::File(file) if !file.failed => Some(file),
            _ => None,
        }
    }

    pub fn failed_mut(&mut self, id: NodeId) -> Option<&mut File> {
        match &mut self.get_mut(id)?.item {
            NodeItem::File(file) if file.failed => Some(file),
            _ => None,
        }
    }

    pub fn folder(&self, id: NodeId) -> Option<&Folder> {
        match &self.get(id)?.item {
            NodeItem::Folder(folder) => Some(folder),
            _ => None,
        }
    }

    pub fn folder_mut(&mut self, id: NodeId) -> Option<&mut Folder> {
        match &mut self.get_mut(id)?.item {
            NodeItem::Folder(folder) => Some(folder),
            _ => None,
        }
    }

    /// The name of a node.
    pub fn name(&self, node: &Node) -> &[u8] {
        self.names.get(node.name)
    }

    /// What is in a folder, by name.
    pub fn children(&self, folder: NodeId) -> impl Iterator<Item = NodeId> {
        let inside = move |id: &NodeId| self.get(*id).is_some_and(|node| node.parent == folder);
        self.order.after(self.gap(folder, &[])).take_while(inside)
    }

    pub fn child(&self, folder: NodeId, name: &[u8]) -> Option<NodeId> {
        let next = self.order.after(self.gap(folder, name)).next()?;
        self.get(next).filter(|node| node.parent == folder && self.name(node) == name).map(|_| next)
    }

    /// Where in the order the first node of that folder stands, or would stand, whose name is not below that one.
    fn gap(&self, folder: NodeId, name: &[u8]) -> Gap {
        self.order.gap(|id| self.get(id).is_some_and(|node| (node.parent, self.name(node)) < (folder, name)))
    }

    /// Forgets the chunks of all files that are not settled.
    pub fn forget_unsettled(&mut self) {
        for node in self.nodes.iter_mut() {
            if let NodeItem::File(file) = &mut node.item
                && !file.settled
            {
                file.take();
            }
        }
    }

    /// All nodes, parents first.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    pub fn path(&self, mut id: NodeId) -> String {
        let mut path = Vec::new();
        while let Some(node) = self.get(id).filter(|_| id != 0) {
            path.push(self.name(node).to_vec());
            id = node.parent;
        }
        path.reverse();
        display_path(&path)
    }

    /// The node at a path, its names joined by `/`; the root at the empty path.
    pub fn at(&self, path: &str) -> Option<NodeId> {
        path.split('/').filter(|name| !name.is_empty()).try_fold(0, |folder, name| self.child(folder, name.as_bytes()))
    }

    /// The names on the way up, the node's own first.
    fn names_above(&self, id: NodeId) -> impl Iterator<Item = &[u8]> + Clone {
        let up = move |node: &&Node| self.get(node.parent).filter(|_| node.parent != 0);
        core::iter::successors(self.get(id).filter(|_| id != 0), up).map(|node| self.name(node))
    }

    fn insert(&mut self, entry: &Entry) -> Result<(), String> {
        let Some((name, above)) = entry.path.split_last() else {
            match (&entry.kind, self.get_mut(0)) {
                (EntryKind::Folder { mtime }, Some(root)) => root.note_mtime(*mtime),
                (EntryKind::Unreadable { why }, _) => self.unreadable.push((0, why.clone())),
                _ => {}
            }
            return Ok(());
        };
        let mut parent = 0;
        for name in above {
            parent = self.make_folder(parent, name, None)?;
        }
        match &entry.kind {
            EntryKind::Folder { mtime } => self.make_folder(parent, name, *mtime).map(drop),
            EntryKind::File { file, size, mtime } => {
                if self.child(parent, name).is_some() {
                    return Err(String::from("Another entry of the source has the same path; the first one was backed up."));
                }
                self.push(parent, name, *mtime, NodeItem::File(File::new(*file, *size))).map(drop)
            }
            EntryKind::Unreadable { why } => {
                let id = match self.child(parent, name) {
                    Some(known) => known,
                    None => self.push(parent, name, None, NodeItem::Left(Weight::default()))?,
                };
                self.unreadable.push((id, why.clone()));
                Ok(())
            }
        }
    }

    /// The folder of that name, made if need be.
    fn make_folder(&mut self, parent: NodeId, name: &[u8], mtime: Option<Millis>) -> Result<NodeId, String> {
        let Some(id) = self.child(parent, name) else {
            return self.push(parent, name, mtime, NodeItem::Folder(Box::default()));
        };
        match self.get_mut(id) {
            Some(node) if matches!(node.item, NodeItem::Folder(_)) => {
                node.note_mtime(mtime);
                Ok(id)
            }
            _ => Err(String::from("A file of the source has the same path as a folder; the first one was backed up.")),
        }
    }

    fn push(&mut self, parent: NodeId, name: &[u8], mtime: Option<Millis>, item: NodeItem) -> Result<NodeId, String> {
        let full = || String::from("The source has more entries than fit in memory. Back up some of its folders by themselves.");
        let id = NodeId::try_from(self.nodes.len()).map_err(|_| full())?;
        let kept = self.names.add(name).ok_or_else(full)?;
        self.order.insert(self.gap(parent, name), id);
        if let Some(folder) = self.folder_mut(parent) {
            folder.children += 1;
            folder.open += u32::from(!matches!(item, NodeItem::Left(_)));
        }
        let size = if let NodeItem::File(file) = &item { Some(file.size) } else { None };
        self.nodes.push(Node::new(parent, kept, mtime, item));
        if let Some(size) = size {
            self.weigh(id, size, |folder| &mut folder.found);
        }
        self.judge(id);
        Ok(id)
    }

    /// A file cannot be read: the folders around it may be built once more.
    pub fn doubt_above(&mut self, mut id: NodeId) {
        while id != 0 {
            id = self.get(id).map_or(0, |node| node.parent);
            match self.folder_mut(id) {
                Some(folder) if !folder.unsure => folder.unsure = true,
                _ => break,
            }
        }
    }

    /// A node is open again, and so are the folders around it that were built.
    pub fn open_above(&mut self, mut id: NodeId) {
        while id != 0 {
            id = self.get(id).map_or(0, |node| node.parent);
            let Some(folder) = self.folder_mut(id) else { break };
            folder.open += 1;
            if folder.built.take().is_none() {
                break;
            }
        }
    }

    /// Adds a file to a weight of all folders around it.
    fn weigh(&mut self, mut id: NodeId, size: u64, of: fn(&mut Folder) -> &mut Weight) {
        while id != 0 {
            id = self.get(id).map_or(0, |node| node.parent);
            if let Some(weight) = self.folder_mut(id).map(of) {
                weight.files += 1;
                weight.bytes = weight.bytes.saturating_add(size);
            }
        }
    }

    /// Says whether the rules take a node. What is around it has been judged.
    fn judge(&mut self, id: NodeId) {
        let Some(node) = self.get(id) else { return };
        let (is_folder, parent) = (matches!(node.item, NodeItem::Folder(_)), node.parent);
        let Some(above) = self.get(parent) else { return };
        let mut within = above.within;
        let out = match above.out {
            Some(Out::Rule(_) | Out::Above) => Some(Out::Above),
            _ => match self.rules.excluded(is_folder, self.names_above(id)) {
                Some(rule) => Some(Out::Rule(rule)),
                None => {
                    within = within || !self.rules.has_includes() || self.rules.included(is_folder, self.names_above(id));
                    (!within).then_some(Out::Unnamed)
                }
            },
        };
        let Some(node) = self.get_mut(id) else { return };
        (node.out, node.within) = (out, within);
        let size = if let NodeItem::File(file) = &node.item { Some(file.size) } else { None };
        if out.is_some() {
            return;
        }
        self.folders += u64::from(is_folder);
        if let Some(size) = size {
            self.weigh(id, size, |folder| &mut folder.taken);
        }
        self.take_above(parent);
    }

    /// Takes the folders around something that is taken.
    fn take_above(&mut self, mut id: NodeId) {
        while let Some(node) = self.get_mut(id).filter(|node| node.out == Some(Out::Unnamed)) {
            node.out = None;
            id = node.parent;
            self.folders += 1;
        }
    }
}

/// Why a path cannot stand in a tree.
fn refusal(path: &[Vec<u8>]) -> Option<String> {
    if path.len() > DEPTH_MAX {
        return Some(format!("It lies more than {DEPTH_MAX} folders deep. Move it up to back it up."));
    }
    path.iter()
        .any(|name| !is_name(name))
        .then(|| format!("Its name is empty, longer than {NAME_MAX} bytes, or not a name. Rename it to back it up."))
}
