//! Tree blobs: folders, contents, and the indexes that join their parts (FORMAT.md §9).

extern crate alloc;
use alloc::vec::Vec;

mod build;
mod chunks;
mod read;
mod select;
mod walk;

pub(crate) use build::{CutKey, write_content, write_folder};
pub use chunks::Chunks;
pub(crate) use read::{ExtentCache, ExtentKey, TreeReader};
pub(crate) use select::Selection;
pub(crate) use walk::{Step, WalkEvent, Walker};

use crate::{
    ask::Millis,
    bytes::{Reader, Write},
    error::Code,
    id::Id,
    job::ChunkRef,
    limits::{BLOB_MAX, ENTRIES_MAX, NAME_MAX},
};

/// More chunks than this stand in content blobs of their own.
pub(crate) const INLINE_MAX: usize = 32;
/// An mtime that is not known.
pub(crate) const NO_TIME: i64 = i64::MIN;

/// A tree blob, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    Folder(Vec<TreeEntry>),
    FolderIndex(Vec<FolderPart>),
    Content(Vec<ChunkRef>),
    ContentIndex(Vec<ContentPart>),
}

/// The first byte of a tree blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    Folder = 1,
    FolderIndex = 2,
    Content = 3,
    ContentIndex = 4,
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// 1 to 4,096 bytes; no NUL, no `/`, not `.` or `..`.
    pub name: Vec<u8>,
    pub mtime: Option<Millis>,
    pub item: Item,
}

/// What stands under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    File { size: u64, content: Content },
    Folder { folder: FolderRef, files: u64, bytes: u64 },
}

/// Where the chunks of a file are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// At most 32 chunks, in the entry itself.
    Inline(Chunks),
    /// The id of a content blob.
    List(Id),
    /// The id of a content index.
    Index(Id),
}

/// A folder's tree blob, or the index of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FolderRef {
    pub id: Id,
    /// [`Form::Folder`] or [`Form::FolderIndex`].
    pub form: Form,
}

/// A part of a huge folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderPart {
    pub last: Vec<u8>,
    pub id: Id,
    pub entries: u32,
}

/// A part of a long list of chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentPart {
    pub id: Id,
    pub bytes: u64,
}

impl Form {
    /// A folder's form in an entry or a snapshot: 1 or 2.
    pub(crate) fn of_folder(byte: u8) -> Result<Self, Code> {
        match byte {
            1 => Ok(Self::Folder),
            2 => Ok(Self::FolderIndex),
            _ => Err(Code::Unsupported),
        }
    }
}

impl Tree {
    /// Reads a tree blob, which must be of the form that the place which names it expects (FORMAT.md §9).
    ///
    /// # Errors
    /// `Damaged` for another form, bad order, bad names or sums, or bytes left over; `Unsupported` beyond the limits of §13.
    pub fn decode(blob: &[u8], form: Form) -> Result<Self, Code> {
        let mut reader = Reader::new(blob);
        if reader.u8()? != form as u8 {
            return Err(Code::Damaged);
        }
        let tree = match form {
            Form::Folder => Self::Folder(read_folder(&mut reader)?),
            Form::FolderIndex => Self::FolderIndex(read_folder_index(&mut reader)?),
            Form::Content => {
                let count = reader.count32(ENTRIES_MAX, 36)?;
                Self::Content(read_chunks(&mut reader, count)?)
            }
            Form::ContentIndex => Self::ContentIndex(read_content_index(&mut reader)?),
        };
        reader.end()?;
        Ok(tree)
    }
}

/// Whether a name can stand in a folder (FORMAT.md §9).
pub(crate) fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.len() <= NAME_MAX && name != b"." && name != b".." && !name.iter().any(|byte| matches!(byte, 0 | b'/'))
}

/// The lengths of chunks, added up; `None` when they overflow.
pub(crate) fn total(chunks: &[ChunkRef]) -> Option<u64> {
    chunks.iter().try_fold(0_u64, |sum, chunk| sum.checked_add(u64::from(chunk.length)))
}

fn read_folder(reader: &mut Reader<'_>) -> Result<Vec<TreeEntry>, Code> {
    // The least entry: kind, name of one byte, mtime, size, and an empty list of chunks.
    let count = reader.count32(ENTRIES_MAX, 1 + 3 + 8 + 8 + 3)?;
    let mut entries: Vec<TreeEntry> = Vec::with_capacity(count);
    for _ in 0..count {
        let kind = reader.u8()?;
        let name = read_name(reader)?;
        if entries.last().is_some_and(|last| last.name >= name) {
            return Err(Code::Damaged);
        }
        let mtime = match reader.i64()? {
            NO_TIME => None,
            time => Some(time),
        };
        let item = match kind {
            1 => {
                let size = reader.u64()?;
                Item::File { size, content: read_content(reader, size)? }
            }
            2 => {
                let form = Form::of_folder(reader.u8()?)?;
                let folder = FolderRef { id: Id(reader.array()?), form };
                Item::Folder { folder, files: reader.u64()?, bytes: reader.u64()? }
            }
            _ => return Err(Code::Unsupported),
        };
        entries.push(TreeEntry { name, mtime, item });
    }
    Ok(entries)
}

fn read_name(reader: &mut Reader<'_>) -> Result<Vec<u8>, Code> {
    let name = reader.bytes16(NAME_MAX)?;
    if is_name(name) { Ok(name.to_vec()) } else { Err(Code::Damaged) }
}

fn read_content(reader: &mut Reader<'_>, size: u64) -> Result<Content, Code> {
    match reader.u8()? {
        0 => {
            let count = usize::from(reader.u16()?);
            if count > INLINE_MAX {
                return Err(Code::Unsupported);
            }
            let chunks = Chunks::from(read_chunks(reader, count)?);
            if total(&chunks) == Some(size) { Ok(Content::Inline(chunks)) } else { Err(Code::Damaged) }
        }
        1 => Ok(Content::List(Id(reader.array()?))),
        2 => Ok(Content::Index(Id(reader.array()?))),
        _ => Err(Code::Unsupported),
    }
}

fn read_chunks(reader: &mut Reader<'_>, count: usize) -> Result<Vec<ChunkRef>, Code> {
    if count.checked_mul(36).is_none_or(|bytes| bytes > reader.remaining()) {
        return Err(Code::Damaged);
    }
    let mut chunks = Vec::with_capacity(count);
    for _ in 0..count {
        let chunk = ChunkRef { id: Id(reader.array()?), length: reader.u32()? };
        match chunk.length {
            0 => return Err(Code::Damaged),
            length if length > BLOB_MAX => return Err(Code::Unsupported),
            _ => chunks.push(chunk),
        }
    }
    Ok(chunks)
}

fn read_folder_index(reader: &mut Reader<'_>) -> Result<Vec<FolderPart>, Code> {
    let count = reader.count32(ENTRIES_MAX, 3 + 32 + 4)?;
    let mut parts: Vec<FolderPart> = Vec::with_capacity(count);
    for _ in 0..count {
        let part = FolderPart { last: read_name(reader)?, id: Id(reader.array()?), entries: reader.u32()? };
        if parts.last().is_some_and(|last| last.last >= part.last) {
            return Err(Code::Damaged);
        }
        parts.push(part);
    }
    Ok(parts)
}

fn read_content_index(reader: &mut Reader<'_>) -> Result<Vec<ContentPart>, Code> {
    let count = reader.count32(ENTRIES_MAX, 40)?;
    let mut parts = Vec::with_capacity(count);
    for _ in 0..count {
        let part = ContentPart { id: Id(reader.array()?), bytes: reader.u64()? };
        if part.bytes == 0 {
            return Err(Code::Damaged);
        }
        parts.push(part);
    }
    Ok(parts)
}

/// Appends an entry of a folder.
pub(crate) fn put_entry(out: &mut Vec<u8>, entry: &TreeEntry) {
    out.put_u8(match entry.item {
        Item::File { .. } => 1,
        Item::Folder { .. } => 2,
    });
    out.put_bytes16(&entry.name);
    out.put_i64(entry.mtime.unwrap_or(NO_TIME));
    match &entry.item {
        Item::File { size, content } => {
            out.put_u64(*size);
            match content {
                Content::Inline(chunks) => {
                    out.put_u8(0);
                    out.put_u16(u16::try_from(chunks.len()).expect("at most 32 chunks stand inline"));
                    chunks.iter().for_each(|chunk| put_chunk(out, chunk));
                }
                Content::List(id) => {
                    out.put_u8(1);
                    out.put(&id.0);
                }
                Content::Index(id) => {
                    out.put_u8(2);
                    out.put(&id.0);
                }
            }
        }
        Item::Folder { folder, files, bytes } => {
            out.put_u8(folder.form as u8);
            out.put(&folder.id.0);
            out.put_u64(*files);
            out.put_u64(*bytes);
        }
    }
}

pub(crate) fn put_chunk(out: &mut Vec<u8>, chunk: &ChunkRef) {
    out.put(&chunk.id.0);
    out.put_u32(chunk.length);
}
