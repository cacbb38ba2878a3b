//! Walks the tree of a snapshot in order, or the selected part of it, reading tree blobs as it goes.

extern crate alloc;
use alloc::{
    format,
    vec::{IntoIter, Vec},
};

use super::{Content, ContentPart, FolderPart, FolderRef, Form, Item, Selection, Tree, TreeEntry, TreeReader, read::ExtentKey, total};
use crate::{
    ask::{Ask, Millis, Reply},
    error::{Code, Error},
    id::Id,
    job::ChunkRef,
    limits::DEPTH_MAX,
    ordered::{Map, Set},
    progress::display_path,
    vault::{VaultHandle, is_damage},
};

/// Folders read ahead.
const AHEAD: usize = 8;

/// What a walk comes by, in tree order, folders before what is in them.
#[derive(Debug)]
pub(crate) enum WalkEvent {
    Folder {
        path: Vec<Vec<u8>>,
        mtime: Option<Millis>,
    },
    /// Its chunks follow, after what of it is not wanted, then `FileEnd`.
    File {
        path: Vec<Vec<u8>>,
        size: u64,
        mtime: Option<Millis>,
    },
    /// So many bytes of the file come before where it is to begin.
    Before(u64),
    Chunks(Vec<ChunkRef>),
    /// `Err` when the list of chunks cannot be read.
    FileEnd(Result<(), Error>),
    /// What is at this path, or part of it, cannot be read.
    Damaged {
        path: Vec<Vec<u8>>,
        error: Error,
    },
}

/// What a step of the walk gives.
pub(crate) enum Step {
    Event(WalkEvent),
    /// A tree blob must come first.
    Wait,
    End,
}

/// A walk.
pub(crate) struct Walker {
    reader: TreeReader<Blob>,
    stack: Vec<Frame>,
    path: Vec<Vec<u8>>,
    /// Read ahead, or just come.
    arrived: Map<Blob, Result<Tree, Error>>,
    asked: Set<Blob>,
    /// Folders that were walked, where each is walked once only.
    seen: Option<Set<Id>>,
    /// Of the file in work: its size, and the sum of the chunks so far.
    file: (u64, u64),
    /// Where files begin.
    from: u64,
    /// Files and bytes of what is selected, as far as the walk came by.
    pub selected: (u64, u64),
    /// Tree blobs that were read, where all are wanted.
    read: Option<Vec<Id>>,
}

type Blob = (Id, Form);

/// What is still to do, innermost last.
enum Frame {
    Folder {
        folder: FolderRef,
        selection: Selection,
        part: Option<Part>,
    },
    Parts {
        parts: IntoIter<FolderPart>,
        before: Option<Vec<u8>>,
        selection: Selection,
    },
    Entries {
        entries: IntoIter<TreeEntry>,
        selection: Selection,
    },
    /// Names of a selection that were not found.
    Absent(IntoIter<Vec<u8>>),
    /// Leaves a folder.
    Up,
    Chunks(Vec<ChunkRef>),
    Content {
        id: Id,
        form: Form,
        bytes: u64,
    },
    ContentParts(IntoIter<ContentPart>),
    FileEnd,
}

/// What an index says of a part of a folder.
struct Part {
    before: Option<Vec<u8>>,
    last: Vec<u8>,
    entries: u32,
}

impl Walker {
    /// Walks what is selected below this root.
    pub fn new(handle: &VaultHandle, root: FolderRef, selection: Selection) -> Self {
        let mut walker = Self::nowhere(handle, None);
        walker.stack.push(Frame::Folder { folder: root, selection, part: None });
        walker
    }

    /// Walks below roots that are still to be named, into each folder once.
    pub fn once(handle: &VaultHandle) -> Self {
        Self::nowhere(handle, Some(Set::new()))
    }

    /// Walks below roots that are still to be named, into each folder and each list of chunks once, and notes every blob read.
    pub fn noting(handle: &VaultHandle) -> Self {
        Self { read: Some(Vec::new()), ..Self::once(handle) }
    }

    /// The tree blobs that were read since the last call.
    pub fn take_read(&mut self) -> Vec<Id> {
        self.read.as_mut().map(core::mem::take).unwrap_or_default()
    }

    /// Leaves out what of each file comes before, as far as whole chunks go.
    pub fn beginning_at(self, from: u64) -> Self {
        Self { from, ..self }
    }

    /// Goes on at this root, when the walk is at its end.
    pub fn enter_root(&mut self, root: FolderRef) {
        self.path.clear();
        self.stack.push(Frame::Folder { folder: root, selection: Selection::All, part: None });
    }

    /// The next extent to fetch.
    pub fn next_ask(&mut self) -> Option<(ExtentKey, Ask)> {
        self.reader.next_ask()
    }

    pub fn handle(&mut self, key: ExtentKey, reply: Reply) {
        self.reader.handle(key, reply);
    }

    /// The next event.
    ///
    /// # Errors
    /// What is not damage: the storage does not answer.
    pub fn step(&mut self) -> Result<Step, Error> {
        while let Some(frame) = self.stack.pop() {
            let event = match frame {
                Frame::Folder { folder, selection, part } => match self.load(folder.id, folder.form)? {
                    None => {
                        self.stack.push(Frame::Folder { folder, selection, part });
                        return Ok(Step::Wait);
                    }
                    Some(found) => match found.and_then(|tree| self.enter(tree, selection, part)) {
                        Ok(()) => None,
                        Err(error) => Some(WalkEvent::Damaged { path: self.path.clone(), error }),
                    },
                },
                Frame::Parts { parts, before, selection } => {
                    self.next_part(parts, before, selection);
                    None
                }
                Frame::Entries { mut entries, selection } => entries.next().and_then(|entry| {
                    if selection == Selection::All && matches!(entry.item, Item::Folder { .. }) {
                        self.read_folders_ahead(entries.as_slice());
                    }
                    let inner = selection.inner(&entry.name);
                    if selection != Selection::All && inner == Some(Selection::All) {
                        self.select(&entry.item);
                    }
                    self.stack.push(Frame::Entries { entries, selection });
                    self.entry(entry, inner?)
                }),
                Frame::Absent(mut names) => names.next().map(|name| {
                    self.stack.push(Frame::Absent(names));
                    let path = self.joined(name);
                    WalkEvent::Damaged { error: absent(&path), path }
                }),
                Frame::Up => {
                    self.path.pop();
                    None
                }
                Frame::Chunks(mut chunks) => {
                    let before = self.leave_out(&mut chunks);
                    if before > 0 {
                        self.file.1 += before;
                        self.stack.push(Frame::Chunks(chunks));
                        Some(WalkEvent::Before(before))
                    } else {
                        self.file.1 += total(&chunks).unwrap_or(u64::MAX - self.file.1);
                        Some(WalkEvent::Chunks(chunks))
                    }
                }
                Frame::Content { id, form, bytes } => match self.load(id, form)? {
                    None => {
                        self.stack.push(Frame::Content { id, form, bytes });
                        return Ok(Step::Wait);
                    }
                    Some(found) => found.and_then(|tree| self.enter_content(tree, bytes)).err().map(|error| {
                        while !matches!(self.stack.pop(), Some(Frame::FileEnd) | None) {}
                        WalkEvent::FileEnd(Err(error))
                    }),
                },
                Frame::ContentParts(mut parts) => {
                    let part = parts.next();
                    if let Some(part) = part.as_ref().filter(|part| self.file.1.saturating_add(part.bytes) <= self.from) {
                        self.file.1 = self.file.1.saturating_add(part.bytes);
                        self.stack.push(Frame::ContentParts(parts));
                        return Ok(Step::Event(WalkEvent::Before(part.bytes)));
                    }
                    if let Some(part) = part {
                        self.read_ahead(parts.as_slice().iter().take(1).map(|part| (part.id, Form::Content)));
                        self.stack.push(Frame::ContentParts(parts));
                        self.stack.push(Frame::Content { id: part.id, form: Form::Content, bytes: part.bytes });
                    }
                    None
                }
                Frame::FileEnd => Some(WalkEvent::FileEnd(if self.file.0 == self.file.1 { Ok(()) } else { Err(contradiction()) })),
            };
            if let Some(event) = event {
                return Ok(Step::Event(event));
            }
        }
        Ok(Step::End)
    }

    fn nowhere(handle: &VaultHandle, seen: Option<Set<Id>>) -> Self {
        Self {
            reader: TreeReader::new(handle),
            stack: Vec::new(),
            path: Vec::new(),
            arrived: Map::new(),
            asked: Set::new(),
            seen,
            file: (0, 0),
            from: 0,
            selected: (0, 0),
            read: None,
        }
    }

    /// Goes into a folder, a part of one, or an index of parts.
    fn enter(&mut self, tree: Tree, selection: Selection, part: Option<Part>) -> Result<(), Error> {
        match tree {
            Tree::Folder(entries) => {
                if let Some(part) = &part {
                    check_part(&entries, part)?;
                }
                if let Selection::Only(names) = &selection {
                    let here = |name: &[u8]| part.as_ref().is_none_or(|part| part.spans(name));
                    let found = |name: &Vec<u8>| entries.binary_search_by(|entry| entry.name.cmp(name)).is_ok();
                    let absent: Vec<_> = names.iter().map(|(name, _)| name).filter(|name| here(name) && !found(name)).cloned().collect();
                    self.stack.push(Frame::Absent(absent.into_iter()));
                }
                if selection == Selection::All {
                    self.read_folders_ahead(&entries);
                }
                self.stack.push(Frame::Entries { entries: entries.into_iter(), selection });
            }
            Tree::FolderIndex(parts) => {
                if let Selection::Only(names) = &selection {
                    let absent: Vec<_> = names
                        .iter()
                        .map(|(name, _)| name)
                        .filter(|name| parts.last().is_none_or(|last| **name > last.last))
                        .cloned()
                        .collect();
                    self.stack.push(Frame::Absent(absent.into_iter()));
                }
                self.stack.push(Frame::Parts { parts: parts.into_iter(), before: None, selection });
            }
            _ => return Err(contradiction()),
        }
        Ok(())
    }

    fn next_part(&mut self, mut parts: IntoIter<FolderPart>, before: Option<Vec<u8>>, selection: Selection) {
        let Some(FolderPart { last, id, entries }) = parts.next() else { return };
        if selection == Selection::All {
            self.read_ahead(parts.as_slice().iter().take(2).map(|part| (part.id, Form::Folder)));
        }
        let part = Part { before, last: last.clone(), entries };
        let wanted = match &selection {
            Selection::All => true,
            Selection::Only(names) => names.iter().any(|(name, _)| part.spans(name)),
        };
        self.stack.push(Frame::Parts { parts, before: Some(last), selection: selection.clone() });
        if wanted {
            self.stack.push(Frame::Folder { folder: FolderRef { id, form: Form::Folder }, selection, part: Some(part) });
        }
    }

    fn entry(&mut self, entry: TreeEntry, selection: Selection) -> Option<WalkEvent> {
        let path = self.joined(entry.name.clone());
        if path.len() > DEPTH_MAX {
            let message = format!("The folders of this snapshot lie deeper than {DEPTH_MAX}; what is below is left out.");
            return Some(WalkEvent::Damaged { path, error: Error::new(Code::Unsupported, message) });
        }
        match entry.item {
            Item::Folder { folder, .. } => {
                if self.seen.as_mut().is_some_and(|seen| !seen.insert(folder.id)) {
                    return None;
                }
                self.path.push(entry.name);
                self.stack.push(Frame::Up);
                self.stack.push(Frame::Folder { folder, selection, part: None });
                Some(WalkEvent::Folder { path, mtime: entry.mtime })
            }
            Item::File { .. } if selection != Selection::All => Some(WalkEvent::Damaged { error: absent(&path), path }),
            Item::File { content: Content::List(id) | Content::Index(id), .. } if self.is_noted(id) => None,
            Item::File { size, content } => {
                self.file = (size, 0);
                self.stack.push(Frame::FileEnd);
                self.stack.push(match content {
                    Content::Inline(chunks) => Frame::Chunks(chunks.to_vec()),
                    Content::List(id) => Frame::Content { id, form: Form::Content, bytes: size },
                    Content::Index(id) => Frame::Content { id, form: Form::ContentIndex, bytes: size },
                });
                Some(WalkEvent::File { path, size, mtime: entry.mtime })
            }
        }
    }

    /// Takes away the next chunks that end before files begin; gives how many bytes they have.
    fn leave_out(&self, chunks: &mut Vec<ChunkRef>) -> u64 {
        let mut before = 0;
        let mut count = 0;
        for chunk in chunks.iter() {
            let end = before + u64::from(chunk.length);
            if self.file.1.saturating_add(end) > self.from {
                break;
            }
            before = end;
            count += 1;
        }
        if before > 0 {
            chunks.drain(..count);
        }
        before
    }

    /// Whether a list of chunks was walked before, where each is walked once.
    fn is_noted(&mut self, list: Id) -> bool {
        self.read.is_some() && self.seen.as_mut().is_some_and(|seen| !seen.insert(list))
    }

    fn select(&mut self, item: &Item) {
        let (files, bytes) = match item {
            Item::File { size, .. } => (1, *size),
            Item::Folder { files, bytes, .. } => (*files, *bytes),
        };
        self.selected = (self.selected.0.saturating_add(files), self.selected.1.saturating_add(bytes));
    }

    /// Goes into a list of chunks that must have so many bytes.
    fn enter_content(&mut self, tree: Tree, bytes: u64) -> Result<(), Error> {
        match tree {
            Tree::Content(chunks) if total(&chunks) == Some(bytes) => self.stack.push(Frame::Chunks(chunks)),
            Tree::ContentIndex(parts) => {
                let sum = parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(part.bytes));
                if sum != Some(bytes) {
                    return Err(contradiction());
                }
                self.stack.push(Frame::ContentParts(parts.into_iter()));
            }
            _ => return Err(contradiction()),
        }
        Ok(())
    }

    /// A blob, once it is here; asks for it at first.
    fn load(&mut self, id: Id, form: Form) -> Result<Option<Result<Tree, Error>>, Error> {
        let blob = (id, form);
        if !self.arrived.contains_key(&blob) && self.asked.insert(blob) {
            self.reader.want(blob, id, form);
        }
        while let Some((blob, result)) = self.reader.ready() {
            self.asked.remove(&blob);
            self.arrived.insert(blob, result);
        }
        match self.arrived.remove(&blob) {
            Some(Err(error)) if !is_damage(error.code) => Err(error),
            found => {
                if let (Some(Ok(_)), Some(read)) = (&found, &mut self.read) {
                    read.push(id);
                }
                Ok(found)
            }
        }
    }

    fn read_folders_ahead(&mut self, entries: &[TreeEntry]) {
        let folders = entries.iter().take(8 * AHEAD).filter_map(|entry| match entry.item {
            Item::Folder { folder, .. } => Some((folder.id, folder.form)),
            Item::File { .. } => None,
        });
        self.read_ahead(folders.take(AHEAD));
    }

    fn read_ahead(&mut self, blobs: impl Iterator<Item = Blob>) {
        for blob in blobs {
            let walked = self.seen.as_ref().is_some_and(|seen| seen.contains(&blob.0));
            let room = self.arrived.len() + self.asked.len() < 4 * AHEAD;
            if room && !walked && !self.arrived.contains_key(&blob) && self.asked.insert(blob) {
                self.reader.want(blob, blob.0, blob.1);
            }
        }
    }

    fn joined(&self, name: Vec<u8>) -> Vec<Vec<u8>> {
        let mut path = self.path.clone();
        path.push(name);
        path
    }
}

impl Part {
    /// Whether a name must stand in this part.
    fn spans(&self, name: &[u8]) -> bool {
        self.before.as_deref().is_none_or(|before| name > before) && name <= self.last.as_slice()
    }
}

/// A part holds what its index says, and no name that belongs to another part.
fn check_part(entries: &[TreeEntry], part: &Part) -> Result<(), Error> {
    let right = entries.len() == part.entries as usize
        && entries.last().is_some_and(|entry| entry.name == part.last)
        && entries.first().is_some_and(|entry| part.spans(&entry.name));
    if right { Ok(()) } else { Err(contradiction()) }
}

/// The error of tree blobs that contradict each other.
fn contradiction() -> Error {
    Error::new(Code::Damaged, "The folder tree contradicts itself here. Restore what is beside it, or another snapshot.")
}

fn absent(path: &[Vec<u8>]) -> Error {
    let message = format!("{} is not in this snapshot. Look into the snapshot for its right name.", display_path(path));
    Error::new(Code::NoSuchPath, message)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::key::Ring;

    #[test]
    fn parts_of_a_list_that_end_before_a_file_is_wanted_are_not_even_read() {
        let id = |number| Id([number; 32]);
        let chunk = |number| ChunkRef { id: id(number), length: 10 };
        let part = |number| ContentPart { id: id(number), bytes: 20 };
        let file = TreeEntry { name: b"film".to_vec(), mtime: None, item: Item::File { size: 60, content: Content::Index(id(9)) } };
        let handle = VaultHandle::new(Ring::generate(18, &mut ChaCha20Rng::from_seed([1; 32])));
        let root = FolderRef { id: id(8), form: Form::Folder };
        let mut walker = Walker::new(&handle, root, Selection::All).beginning_at(35);
        for (number, form, tree) in [
            (8, Form::Folder, Tree::Folder(vec![file])),
            (9, Form::ContentIndex, Tree::ContentIndex(vec![part(20), part(21), part(22)])),
            (21, Form::Content, Tree::Content(vec![chunk(3), chunk(4)])),
            (22, Form::Content, Tree::Content(vec![chunk(5), chunk(6)])),
        ] {
            walker.arrived.insert((id(number), form), Ok(tree));
        }
        let (mut before, mut chunks) = (0, vec![]);
        loop {
            match walker.step().expect("everything is here") {
                Step::Event(WalkEvent::Before(bytes)) => before += bytes,
                Step::Event(WalkEvent::Chunks(more)) => chunks.extend(more),
                Step::Event(WalkEvent::FileEnd(ended)) => assert!(ended.is_ok()),
                Step::Event(WalkEvent::File { size, .. }) => assert_eq!(size, 60),
                Step::Event(other) => panic!("{other:?}"),
                Step::Wait => panic!("a part is waited for that nobody wants"),
                Step::End => break,
            }
        }
        assert_eq!((before, chunks), (30, vec![chunk(4), chunk(5), chunk(6)]));
    }
}
