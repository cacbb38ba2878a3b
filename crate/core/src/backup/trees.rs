//! Builds folders bottom-up, as soon as everything in them is settled, and packs their tree blobs here in the machine.

extern crate alloc;
use alloc::vec::Vec;

use rand_chacha::ChaCha20Rng;

use super::{
    Backup,
    source::{NodeId, NodeItem, Source},
};
use crate::{
    codec::Encoder,
    error::{Code, Error},
    id::Id,
    job::SealedPack,
    ordered::Set,
    pack::{BlobEntry, BlobKind, Packers},
    seal::{Kind, Seal},
    tree::{Chunks, Content, CutKey, FolderRef, Item, TreeEntry, total, write_content, write_folder},
    vault::VaultHandle,
};

/// Packs tree blobs.
pub(super) struct Trees {
    handle: VaultHandle,
    cut: CutKey,
    encoder: Encoder,
    packers: Packers,
    seal: Seal,
    /// Packs that are full.
    full: Vec<(SealedPack, Vec<u8>)>,
    /// Plaintext bytes of tree blobs that are new.
    pub new_bytes: u64,
}

impl Trees {
    pub fn new(handle: &VaultHandle, rng: ChaCha20Rng) -> Self {
        let vault = handle.vault();
        Self {
            handle: handle.clone(),
            cut: CutKey(vault.ring.folder_cut_key()),
            encoder: Encoder::new(),
            packers: Packers::new(rng),
            seal: vault.ring.sealer(Kind::Pack),
            full: Vec::new(),
            new_bytes: 0,
        }
    }

    /// Packs a tree blob, unless the vault has it or is about to.
    fn emit(&mut self, blob: &[u8], pending: &mut Set<Id>) -> Id {
        let vault = self.handle.vault();
        let id = vault.ring.tree_id(blob);
        if vault.has(&id, BlobKind::Tree) || !pending.insert(id) {
            return id;
        }
        self.new_bytes += blob.len() as u64;
        let plain = length(blob);
        let (codec, stored) = self.encoder.encode(blob);
        let entry = BlobEntry { kind: BlobKind::Tree, codec, id, stored: length(stored), plain };
        self.full.extend(self.packers.push(entry, stored, &self.seal));
        id
    }

    fn write_folder(&mut self, entries: &mut dyn Iterator<Item = TreeEntry>, pending: &mut Set<Id>) -> Result<FolderRef, Code> {
        // The key is lent out while blobs are packed.
        let cut = CutKey(self.cut.0.clone());
        write_folder(entries, &cut, &mut |blob| self.emit(&blob, pending))
    }

    /// Closes what is open, joined.
    fn finish(&mut self, rng: &mut ChaCha20Rng) {
        self.full.extend(self.packers.finish(&self.seal, rng));
    }
}

impl Backup {
    /// Settles what needs no reading: unchanged files, empty files, and the folders that hold only such.
    pub(super) fn settle_unread(&mut self) -> Result<(), Error> {
        // What is in a folder has a higher number: so every folder is met after all that is in it.
        for id in self.source.ids().rev() {
            match self.source.get_mut(id).map(|node| &mut node.item) {
                Some(NodeItem::File(file)) => {
                    let unchanged = file.content().is_some();
                    if file.size == 0 && !unchanged {
                        file.know(Content::Inline(Chunks::default()));
                    }
                    if file.content().is_some() {
                        file.settled = true;
                        self.files_done += 1;
                        if unchanged { &mut self.skipped } else { &mut self.done }.push(id);
                        self.settle_child_of(id);
                    }
                }
                Some(NodeItem::Folder(folder)) if folder.open == 0 => {
                    self.build(id)?;
                    self.settle_child_of(id);
                }
                _ => {}
            }
        }
        self.put_trees();
        Ok(())
    }

    /// All chunks of a file are known and out of the lanes: notes them down, and builds the folders that were waiting only for it.
    pub(super) fn file_read(&mut self, id: NodeId) -> Result<(), Error> {
        let Some(file) = self.source.file_mut(id) else { return Ok(()) };
        let Content::Inline(chunks) = file.take() else { return Ok(()) };
        if total(&chunks) != Some(file.size) {
            return self.leave_out(id, Code::SourceChanged, "The file changed while it was read. It will be backed up next time.".into());
        }
        let (trees, pending) = (&mut self.trees, &mut self.store.pending);
        match write_content(chunks, &mut |blob| trees.emit(&blob, pending)) {
            Ok(content) => {
                file.know(content);
                file.settled = true;
            }
            Err(code) => {
                return self.leave_out(id, code, "The file has more parts than the format can name. Split it to back it up.".into());
            }
        }
        self.files_done += 1;
        self.files_read += 1;
        self.done.push(id);
        self.settle(id)
    }

    /// A file cannot be read: unless it can later, it is named in the report, and the run goes on.
    pub(super) fn leave_out(&mut self, id: NodeId, code: Code, message: alloc::string::String) -> Result<(), Error> {
        let Some(file) = self.source.file_mut(id) else { return Ok(()) };
        file.take();
        file.failed = true;
        self.source.doubt_above(id);
        self.failures.add(id, code, &message);
        self.settle(id)
    }

    /// Sends the packs of tree blobs that are full.
    pub(super) fn put_trees(&mut self) {
        for (pack, bytes) in core::mem::take(&mut self.trees.full) {
            self.put_inline(pack, bytes);
        }
    }

    /// Sends the rest of the tree blobs.
    pub(super) fn flush_trees(&mut self) {
        self.trees.finish(&mut self.rng);
        self.put_trees();
    }

    /// One node is settled; so may be the folders above it.
    fn settle(&mut self, mut id: NodeId) -> Result<(), Error> {
        while id != 0 && self.settle_child_of(id) {
            id = self.source.get(id).map_or(0, |node| node.parent);
            self.build(id)?;
        }
        self.put_trees();
        Ok(())
    }

    /// Whether the folder around a node that is settled now has nothing open any more.
    fn settle_child_of(&mut self, id: NodeId) -> bool {
        let parent = self.source.get(id).filter(|_| id != 0).map(|node| node.parent);
        let Some(folder) = parent.and_then(|parent| self.source.folder_mut(parent)) else { return false };
        folder.open = folder.open.saturating_sub(1);
        folder.open == 0
    }

    fn build(&mut self, id: NodeId) -> Result<(), Error> {
        let Self { source, trees, store, .. } = self;
        let Some(folder) = source.folder(id) else { return Ok(()) };
        let unsure = folder.unsure;
        let children: Vec<NodeId> = source.children(id).collect();
        let (mut files, mut bytes) = (0, 0_u64);
        let mut entries = children.into_iter().filter_map(|child| {
            let entry = settled(source, child, unsure)?;
            let (more_files, more_bytes) = match &entry.item {
                Item::File { size, .. } => (1, *size),
                Item::Folder { files, bytes, .. } => (*files, *bytes),
            };
            files += more_files;
            bytes = bytes.saturating_add(more_bytes);
            Some(entry)
        });
        let written = trees.write_folder(&mut entries, &mut store.pending);
        let root = written.map_err(|code| {
            Error::new(code, "A folder of the source has more entries than the format can name. Split it to back it up.")
        })?;
        if let Some(folder) = self.source.folder_mut(id) {
            folder.built = Some((root, files, bytes));
        }
        Ok(())
    }
}

/// What stands in the folder for a node, which keeps it where the folder is `unsure`; nothing for what was left out.
fn settled(source: &mut Source, id: NodeId, unsure: bool) -> Option<TreeEntry> {
    let node = source.get_mut(id)?;
    let mtime = node.mtime();
    let item = match &mut node.item {
        NodeItem::File(file) => {
            let size = file.size;
            let known = file.content()?;
            let content = if unsure { known.clone() } else { file.take() };
            Item::File { size, content }
        }
        NodeItem::Folder(folder) => folder.built.map(|(folder, files, bytes)| Item::Folder { folder, files, bytes })?,
        NodeItem::Left(_) => return None,
    };
    let name = source.get(id).map(|node| source.name(node).to_vec())?;
    Some(TreeEntry { name, mtime, item })
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("a tree blob has at most 8 MiB")
}
