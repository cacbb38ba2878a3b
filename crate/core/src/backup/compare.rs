//! Compares the source with the baseline's tree: what has the same path, size and mtime is unchanged and not read.

extern crate alloc;

use super::source::{NodeId, NodeItem, Source};
use crate::{
    error::Error,
    pack::BlobKind,
    progress::LeftList,
    tree::{Content, FolderRef, Form, Item, Tree, TreeEntry, TreeReader},
    vault::{VaultHandle, is_damage},
};

/// The comparison in work.
pub(super) struct Compare {
    handle: VaultHandle,
    pub reader: TreeReader<NodeId>,
    waiting: usize,
    removed: u64,
}

impl Compare {
    /// Compares with the tree at `root`, or with nothing.
    pub fn new(handle: &VaultHandle, root: Option<FolderRef>) -> Self {
        let mut compare = Self { handle: handle.clone(), reader: TreeReader::new(handle), waiting: 0, removed: 0 };
        if let Some(root) = root {
            compare.want(0, root);
        }
        compare
    }

    /// Goes on as far as tree blobs are here; true at the end.
    ///
    /// # Errors
    /// What is not damage. Below a damaged tree blob everything counts as new, so that it is stored anew.
    pub fn advance(&mut self, source: &mut Source, report: &mut LeftList) -> Result<bool, Error> {
        while let Some((node, result)) = self.reader.ready() {
            self.waiting -= 1;
            match result {
                Ok(Tree::Folder(entries)) => entries.into_iter().for_each(|entry| self.entry(node, entry, source)),
                Ok(Tree::FolderIndex(parts)) => {
                    parts.into_iter().for_each(|part| self.want(node, FolderRef { id: part.id, form: Form::Folder }));
                }
                Ok(_) => {}
                Err(error) if is_damage(error.code) => {
                    let path = match &error.place {
                        crate::error::Place::Object(object) => object.clone(),
                        _ => source.path(node),
                    };
                    report.add_error(path, error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(self.waiting == 0)
    }

    /// Files of the baseline that are not in the source any more.
    pub fn removed(&self) -> u64 {
        self.removed
    }

    fn want(&mut self, node: NodeId, folder: FolderRef) {
        self.waiting += 1;
        self.reader.want(node, folder.id, folder.form);
    }

    fn entry(&mut self, folder: NodeId, entry: TreeEntry, source: &mut Source) {
        let found = source.child(folder, &entry.name);
        let node = found.and_then(|id| source.get_mut(id));
        match (entry.item, node) {
            (Item::File { size, content }, Some(node)) => match (node.mtime(), &mut node.item) {
                (mtime, NodeItem::File(file)) => {
                    let same = file.size == size && mtime.is_some() && mtime == entry.mtime;
                    if same && self.is_here(&content) {
                        file.know(content);
                    } else {
                        file.changed = true;
                    }
                }
                _ => self.removed += 1,
            },
            (Item::Folder { folder, files, .. }, Some(node)) => match (&node.item, found) {
                (NodeItem::Folder(_), Some(id)) => self.want(id, folder),
                _ => self.removed = self.removed.saturating_add(files),
            },
            (Item::File { .. }, None) => self.removed += 1,
            (Item::Folder { files, .. }, None) => self.removed = self.removed.saturating_add(files),
        }
    }

    /// Whether the vault still holds what the entry names: the chunks, or the list of them.
    fn is_here(&self, content: &Content) -> bool {
        let vault = self.handle.vault();
        match content {
            Content::Inline(chunks) => chunks.iter().all(|chunk| vault.has(&chunk.id, BlobKind::Data)),
            Content::List(id) | Content::Index(id) => vault.has(id, BlobKind::Tree),
        }
    }
}
