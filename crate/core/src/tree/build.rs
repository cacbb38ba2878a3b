//! Writing folders and lists of chunks, cut in parts where FORMAT.md §9 says.

extern crate alloc;
use alloc::vec::Vec;

use super::{Chunks, Content, ContentPart, FolderPart, FolderRef, Form, INLINE_MAX, TreeEntry, put_chunk, put_entry};
use crate::{
    bytes::Write,
    error::Code,
    id::Id,
    key::{Secret, keyed},
    limits::{BLOB_MAX, ENTRIES_MAX},
};

/// A part of a folder or of a list of chunks holds at most this many.
const PART_ENTRIES: usize = 8192;
/// A part of a folder ends when it has this many bytes.
const PART_BYTES: usize = 1 << 20;
/// The low bits that are zero where a part ends.
const CUT_MASK: u64 = (1 << 10) - 1;

/// Says after which names a folder is cut.
pub(crate) struct CutKey(pub Secret<32>);

impl CutKey {
    fn cuts(&self, name: &[u8]) -> bool {
        let [a, b, c, d, e, f, g, h, ..] = keyed(&self.0, name).0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h]) & CUT_MASK == 0
    }
}

/// Writes a folder whose entries stand in ascending order of name. `emit` stores a tree blob and says its id.
///
/// # Errors
/// `Unsupported` when the folder has more parts than an index can name.
pub(crate) fn write_folder(
    entries: &mut dyn Iterator<Item = TreeEntry>,
    cut: &CutKey,
    emit: &mut dyn FnMut(Vec<u8>) -> Id,
) -> Result<FolderRef, Code> {
    let mut parts: Vec<FolderPart> = Vec::new();
    let mut body = Vec::new();
    let mut count = 0;
    let mut entries = entries.peekable();
    while let Some(entry) = entries.next() {
        put_entry(&mut body, &entry);
        count += 1;
        let end = entries.peek().is_none();
        if end || count == PART_ENTRIES || body.len() >= PART_BYTES || cut.cuts(&entry.name) {
            let id = emit(joined(Form::Folder, count, &body));
            parts.push(FolderPart { last: entry.name, id, entries: u32::try_from(count).expect("at most 8,192") });
            body.clear();
            count = 0;
        }
    }
    match parts.as_slice() {
        [] => Ok(FolderRef { id: emit(joined(Form::Folder, 0, &[])), form: Form::Folder }),
        [only] => Ok(FolderRef { id: only.id, form: Form::Folder }),
        many => {
            for part in many {
                body.put_bytes16(&part.last);
                body.put(&part.id.0);
                body.put_u32(part.entries);
            }
            Ok(FolderRef { id: emit_index(Form::FolderIndex, many.len(), &body, emit)?, form: Form::FolderIndex })
        }
    }
}

/// Writes down the chunks of a file: inline, or as blobs. `emit` stores a tree blob and says its id.
///
/// # Errors
/// `Unsupported` when the file has more parts than an index can name.
pub(crate) fn write_content(chunks: Chunks, emit: &mut dyn FnMut(Vec<u8>) -> Id) -> Result<Content, Code> {
    if chunks.len() <= INLINE_MAX {
        return Ok(Content::Inline(chunks));
    }
    let mut parts: Vec<ContentPart> = Vec::new();
    let mut body = Vec::new();
    let (mut count, mut bytes) = (0, 0);
    for (at, chunk) in chunks.iter().enumerate() {
        put_chunk(&mut body, chunk);
        count += 1;
        bytes += u64::from(chunk.length);
        let [a, b, ..] = chunk.id.0;
        let cut = u64::from(u16::from_le_bytes([a, b])) & CUT_MASK == 0;
        if at + 1 == chunks.len() || count == PART_ENTRIES || cut {
            parts.push(ContentPart { id: emit(joined(Form::Content, count, &body)), bytes });
            body.clear();
            (count, bytes) = (0, 0);
        }
    }
    if let [only] = parts.as_slice() {
        return Ok(Content::List(only.id));
    }
    for part in &parts {
        body.put(&part.id.0);
        body.put_u64(part.bytes);
    }
    Ok(Content::Index(emit_index(Form::ContentIndex, parts.len(), &body, emit)?))
}

fn emit_index(form: Form, parts: usize, body: &[u8], emit: &mut dyn FnMut(Vec<u8>) -> Id) -> Result<Id, Code> {
    let blob = joined(form, parts, body);
    if parts > ENTRIES_MAX as usize || blob.len() > BLOB_MAX as usize {
        return Err(Code::Unsupported);
    }
    Ok(emit(blob))
}

/// `form ‖ count ‖ body`.
fn joined(form: Form, count: usize, body: &[u8]) -> Vec<u8> {
    let mut blob = Vec::with_capacity(5 + body.len());
    blob.put_u8(form as u8);
    blob.put_u32(u32::try_from(count).unwrap_or(u32::MAX));
    blob.put(body);
    blob
}

#[cfg(test)]
mod tests {
    use alloc::{collections::BTreeMap, format, vec};

    use super::*;
    use crate::{
        job::ChunkRef,
        tree::{Item, Tree},
    };

    extern crate alloc;

    fn file(name: &str) -> TreeEntry {
        TreeEntry { name: name.into(), mtime: None, item: Item::File { size: 0, content: Content::Inline(Chunks::default()) } }
    }

    fn collect(write: impl FnOnce(&mut dyn FnMut(Vec<u8>) -> Id)) -> BTreeMap<Id, Vec<u8>> {
        let mut blobs = BTreeMap::new();
        write(&mut |blob| {
            let id = Id(*blake3::hash(&blob).as_bytes());
            blobs.insert(id, blob);
            id
        });
        blobs
    }

    #[test]
    fn a_huge_folder_is_cut_in_parts_and_one_new_name_rewrites_one_part_and_the_index() {
        let cut = CutKey(Secret::new([7; 32]));
        let mut entries: Vec<_> = (0..20_000).map(|number| file(&format!("name {number:06}"))).collect();
        let mut root = None;
        let before = collect(|emit| root = write_folder(&mut entries.iter().cloned(), &cut, emit).ok());
        assert_eq!(root.map(|root| root.form), Some(Form::FolderIndex));
        assert!(before.len() > 5);
        let Some(Ok(Tree::FolderIndex(parts))) = root.map(|root| Tree::decode(&before[&root.id], root.form)) else { panic!("an index") };
        assert_eq!(parts.iter().map(|part| part.entries).sum::<u32>(), 20_000);
        entries.insert(10_001, file("name 010000 and a half"));
        let after = collect(|emit| root = write_folder(&mut entries.iter().cloned(), &cut, emit).ok());
        assert!(after.keys().filter(|id| !before.contains_key(id)).count() <= 3);
    }

    #[test]
    fn a_folder_reads_back_as_written_and_refuses_what_is_not_in_order_or_left_over() {
        let entries = vec![file("a"), file("b")];
        let blobs = collect(|emit| {
            write_folder(&mut entries.iter().cloned(), &CutKey(Secret::new([0; 32])), emit).map(drop).unwrap_or_default();
        });
        let blob = blobs.values().next().cloned().unwrap_or_default();
        assert_eq!(Tree::decode(&blob, Form::Folder), Ok(Tree::Folder(entries)));
        assert_eq!(Tree::decode(&blob, Form::Content), Err(Code::Damaged));
        assert_eq!(Tree::decode(&[blob.as_slice(), &[0]].concat(), Form::Folder), Err(Code::Damaged));
        let mut body = Vec::new();
        [file("b"), file("a")].iter().for_each(|entry| put_entry(&mut body, entry));
        assert_eq!(Tree::decode(&joined(Form::Folder, 2, &body), Form::Folder), Err(Code::Damaged));
        for name in ["..", ".", "a/b", "a\0b", ""] {
            let mut body = Vec::new();
            put_entry(&mut body, &file(name));
            assert_eq!(Tree::decode(&joined(Form::Folder, 1, &body), Form::Folder), Err(Code::Damaged), "{name:?}");
        }
        assert_eq!(Tree::decode(&[1, 0xff, 0xff, 0, 0, 1], Form::Folder), Err(Code::Damaged));
    }

    #[test]
    fn many_chunks_stand_in_content_blobs_that_an_index_joins() {
        let chunks: Vec<_> =
            (0..20_000_u32).map(|n| ChunkRef { id: Id(*blake3::hash(&n.to_le_bytes()).as_bytes()), length: 1 + n }).collect();
        let mut content = None;
        let blobs = collect(|emit| content = write_content(chunks.clone().into(), emit).ok());
        let Some(Content::Index(id)) = content else { panic!("an index") };
        let Ok(Tree::ContentIndex(parts)) = Tree::decode(&blobs[&id], Form::ContentIndex) else { panic!("an index") };
        let mut read = Vec::new();
        for part in parts {
            let Ok(Tree::Content(list)) = Tree::decode(&blobs[&part.id], Form::Content) else { panic!("a list") };
            assert_eq!(crate::tree::total(&list), Some(part.bytes));
            read.extend(list);
        }
        assert_eq!(read, chunks);
    }
}
