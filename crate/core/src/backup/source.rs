//! The source as it was walked: folders and files, and what is known of each.

extern crate alloc;
use alloc::{collections::BTreeMap, format, rc::Rc, string::String, vec, vec::Vec};

use crate::{
    ask::{Entry, EntryKind, FileId, Millis},
    error::Code,
    job::ChunkRef,
    limits::{DEPTH_MAX, NAME_MAX},
    progress::{LeftList, display_path},
    tree::{Content, FolderRef, is_name},
};

/// A node's number; the root is 0, and a folder's is below those of what is in it.
pub(super) type NodeId = u32;

pub(super) struct Source {
    nodes: Vec<Node>,
    /// Entries of the source that are left out.
    pub left: u64,
}

pub(super) struct Node {
    pub parent: NodeId,
    name: Rc<[u8]>,
    pub mtime: Option<Millis>,
    pub item: NodeItem,
}

pub(super) enum NodeItem {
    Folder(Folder),
    File(File),
    /// Cannot be read; stands in no folder.
    Left,
}

#[derive(Default)]
pub(super) struct Folder {
    pub children: BTreeMap<Rc<[u8]>, NodeId>,
    /// Children that are not settled yet.
    pub open: usize,
    /// Once everything below is settled: the tree blob, files and bytes.
    pub built: Option<(FolderRef, u64, u64)>,
}

pub(super) struct File {
    pub file: FileId,
    pub size: u64,
    /// So far.
    pub chunks: Vec<ChunkRef>,
    /// Once all chunks are known, or found unchanged.
    pub content: Option<Content>,
    /// The baseline has another state of this file.
    pub changed: bool,
}

impl Source {
    pub fn new() -> Self {
        let root = Node { parent: 0, name: Rc::from([]), mtime: None, item: NodeItem::Folder(Folder::default()) };
        Self { nodes: vec![root], left: 0 }
    }

    /// Takes an entry of the walk in. One that cannot be backed up is counted and named in `report`.
    pub fn add(&mut self, entry: Entry, report: &mut LeftList) {
        let refused = match &entry.kind {
            EntryKind::Unreadable { why } => Some(why.clone()),
            _ => refusal(&entry.path),
        };
        if let Some(why) = refused.or_else(|| self.insert(&entry).err()) {
            self.left += 1;
            report.add(display_path(&entry.path), Code::SourceUnreadable, why);
        }
    }

    pub fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    pub fn get_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id as usize)
    }

    pub fn file_mut(&mut self, id: NodeId) -> Option<&mut File> {
        match &mut self.get_mut(id)?.item {
            NodeItem::File(file) => Some(file),
            _ => None,
        }
    }

    pub fn folder_mut(&mut self, id: NodeId) -> Option<&mut Folder> {
        match &mut self.get_mut(id)?.item {
            NodeItem::Folder(folder) => Some(folder),
            _ => None,
        }
    }

    pub fn child(&self, folder: NodeId, name: &[u8]) -> Option<NodeId> {
        match &self.get(folder)?.item {
            NodeItem::Folder(folder) => folder.children.get(name).copied(),
            _ => None,
        }
    }

    /// All nodes, parents first.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    pub fn path(&self, mut id: NodeId) -> String {
        let mut path = Vec::new();
        while let Some(node) = self.get(id).filter(|_| id != 0) {
            path.push(node.name.to_vec());
            id = node.parent;
        }
        path.reverse();
        display_path(&path)
    }

    fn insert(&mut self, entry: &Entry) -> Result<(), String> {
        let Some((name, above)) = entry.path.split_last() else {
            if let (EntryKind::Folder { mtime }, Some(root)) = (&entry.kind, self.get_mut(0)) {
                root.mtime = *mtime;
            }
            return Ok(());
        };
        let mut parent = 0;
        for name in above {
            parent = self.folder(parent, name, None)?;
        }
        match entry.kind {
            EntryKind::Folder { mtime } => self.folder(parent, name, mtime).map(drop),
            EntryKind::File { file, size, mtime } => {
                if self.child(parent, name).is_some() {
                    return Err(String::from("Another entry of the source has the same path; the first one was backed up."));
                }
                let file = File { file, size, chunks: Vec::new(), content: None, changed: false };
                self.push(parent, name, mtime, NodeItem::File(file));
                Ok(())
            }
            EntryKind::Unreadable { .. } => Ok(()),
        }
    }

    /// The folder of that name, made if need be.
    fn folder(&mut self, parent: NodeId, name: &[u8], mtime: Option<Millis>) -> Result<NodeId, String> {
        let Some(id) = self.child(parent, name) else {
            return Ok(self.push(parent, name, mtime, NodeItem::Folder(Folder::default())));
        };
        match self.get_mut(id) {
            Some(Node { item: NodeItem::Folder(_), mtime: known, .. }) => {
                *known = mtime.or(*known);
                Ok(id)
            }
            _ => Err(String::from("A file of the source has the same path as a folder; the first one was backed up.")),
        }
    }

    fn push(&mut self, parent: NodeId, name: &[u8], mtime: Option<Millis>, item: NodeItem) -> NodeId {
        let id = u32::try_from(self.nodes.len()).expect("fewer than 2^32 entries fit in memory");
        let name: Rc<[u8]> = Rc::from(name);
        if let Some(folder) = self.folder_mut(parent) {
            folder.children.insert(Rc::clone(&name), id);
            folder.open += 1;
        }
        self.nodes.push(Node { parent, name, mtime, item });
        id
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
