//! Writes files and folders to the sink, in tree order, some at one time.

extern crate alloc;
use alloc::{collections::VecDeque, vec, vec::Vec};

use super::{
    Purpose, Restore,
    blobs::{Found, Wanted, wanted},
};
use crate::{
    ask::{Ask, Millis, Piece, SinkPart},
    error::{Code, Error, HostError},
    job::ChunkRef,
    ordered::Map,
    progress::display_path,
};

/// One write has at most so many bytes and so many pieces.
const WRITE_BYTES: u64 = 4 << 20;
const WRITE_PIECES: usize = 64;
/// So many failures of the sink one after the other end the run: it is not about single files.
const SINK_FAILURES: usize = 16;

/// What is to be written.
#[derive(Default)]
pub(super) struct Files {
    /// In tree order, not begun.
    queue: VecDeque<Item>,
    files: Map<u64, File>,
    /// Begun, and not all of it asked for.
    active: Vec<u64>,
    /// All of it asked for, but not answered.
    ending: Vec<u64>,
    /// Folders not answered.
    folders: usize,
    next: u64,
    sink_failures: usize,
}

enum Item {
    Folder { path: Vec<Vec<u8>>, mtime: Option<Millis> },
    File(u64),
}

struct File {
    path: Vec<Vec<u8>>,
    size: u64,
    mtime: Option<Millis>,
    /// In the window, not written.
    chunks: VecDeque<ChunkRef>,
    /// Bytes that were or are in the window.
    planned: u64,
    /// Bytes that were given to the sink.
    offset: u64,
    opened: bool,
    /// A write or discard is under way.
    busy: bool,
    damage: Option<Error>,
}

impl Files {
    pub fn folder(&mut self, path: Vec<Vec<u8>>, mtime: Option<Millis>) {
        self.queue.push_back(Item::Folder { path, mtime });
    }

    /// A file whose chunks will follow; its number.
    pub fn file(&mut self, path: Vec<Vec<u8>>, size: u64, mtime: Option<Millis>) -> u64 {
        let number = self.next;
        self.next += 1;
        let file = File { path, size, mtime, chunks: VecDeque::new(), planned: 0, offset: 0, opened: false, busy: false, damage: None };
        self.files.insert(number, file);
        self.queue.push_back(Item::File(number));
        number
    }

    /// The next chunk of a file; false when the file is given up, so that it needs none.
    pub fn chunk(&mut self, number: u64, chunk: ChunkRef) -> bool {
        let Some(file) = self.files.get_mut(&number).filter(|file| file.damage.is_none()) else { return false };
        file.planned += u64::from(chunk.length);
        file.chunks.push_back(chunk);
        true
    }

    /// The first bytes of a file are not wanted.
    pub fn before(&mut self, number: u64, bytes: u64) {
        if let Some(file) = self.files.get_mut(&number) {
            file.planned = file.planned.saturating_add(bytes);
            file.offset = file.offset.saturating_add(bytes);
        }
    }

    /// The rest of a file cannot be known.
    pub fn damaged(&mut self, number: u64, error: Error) {
        if let Some(file) = self.files.get_mut(&number) {
            file.damage.get_or_insert(error);
        }
    }

    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.unanswered() == 0
    }

    /// Files and folders that are lined up.
    pub fn count(&self) -> usize {
        self.queue.len()
    }

    /// Files and folders that are in work.
    fn unanswered(&self) -> usize {
        self.active.len() + self.ending.len() + self.folders
    }

    /// All of this file was asked for.
    fn asked(&mut self, number: u64) {
        self.active.retain(|active| *active != number);
        self.ending.push(number);
    }

    /// Paths in work right now.
    pub fn current(&self) -> impl Iterator<Item = alloc::string::String> {
        self.active.iter().chain(&self.ending).filter_map(|number| self.files.get(number)).map(|file| display_path(&file.path)).take(4)
    }
}

impl Restore {
    /// Writes what is ready.
    pub(super) fn write(&mut self) {
        loop {
            for number in self.files.active.clone() {
                self.write_file(number);
            }
            let may_begin = !self.options.sequential || self.files.active.is_empty();
            if !may_begin || self.files.unanswered() >= self.options.parallel.max(1) {
                break;
            }
            match self.files.queue.pop_front() {
                Some(Item::File(number)) => self.files.active.push(number),
                Some(Item::Folder { path, mtime }) => {
                    self.files.folders += 1;
                    self.desk.ask(Purpose::Folder(path.clone()), Ask::Folder { path, mtime });
                }
                None => break,
            }
        }
    }

    fn write_file(&mut self, number: u64) {
        let Some(file) = self.files.files.get_mut(&number).filter(|file| !file.busy) else { return };
        // Before a file is begun, all that is known of it must be good.
        let whole = file.planned == file.size;
        if !file.opened && whole && file.damage.is_none() {
            for chunk in &file.chunks {
                match self.blobs.find(&wanted(chunk)) {
                    Found::NotYet => return,
                    Found::Bad(error) => {
                        file.damage = Some(error);
                        break;
                    }
                    Found::Ready(_) => {}
                }
            }
        }
        if file.damage.is_some() {
            return self.give_up(number);
        }
        let (mut pieces, mut bytes, mut used): (Vec<Piece>, u64, Vec<Wanted>) = (vec![], 0, vec![]);
        while let Some(chunk) = file.chunks.front().filter(|_| bytes < WRITE_BYTES && pieces.len() < WRITE_PIECES) {
            match self.blobs.find(&wanted(chunk)) {
                Found::NotYet => break,
                Found::Bad(error) => {
                    file.damage = Some(error);
                    break;
                }
                Found::Ready(piece) => {
                    match pieces.last_mut() {
                        // What lies together is written together.
                        Some(last) if last.held == piece.held && last.end == piece.start => last.end = piece.end,
                        _ => pieces.push(piece),
                    }
                    bytes += u64::from(chunk.length);
                    used.push(wanted(chunk));
                    file.chunks.pop_front();
                }
            }
        }
        if pieces.is_empty() && file.offset < file.size {
            if file.damage.is_some() {
                self.give_up(number);
            }
            return;
        }
        let part = SinkPart {
            file: number,
            path: file.path.clone(),
            size: file.size,
            mtime: file.mtime,
            offset: file.offset,
            pieces,
            last: file.offset + bytes == file.size,
        };
        file.opened = true;
        file.busy = true;
        file.offset += bytes;
        if part.last {
            self.files.asked(number);
        }
        self.desk.ask(Purpose::Write { file: number, used, bytes, first: part.offset == 0 }, Ask::Write(part));
    }

    pub(super) fn written(
        &mut self,
        number: u64,
        used: &[Wanted],
        bytes: u64,
        first: bool,
        answer: Result<(), HostError>,
    ) -> Result<(), Error> {
        used.iter().for_each(|id| self.blobs.release(id));
        let Some(file) = self.files.files.get_mut(&number) else { return Ok(()) };
        file.busy = false;
        if let Err(error) = answer {
            let error = Error::new(error.code, error.message);
            self.files.sink_failures += 1;
            let about_one = first && error.code == Code::SinkFailed && self.files.sink_failures < SINK_FAILURES;
            if !about_one {
                return Err(error);
            }
            // The sink never took this file: nothing to discard.
            file.opened = false;
            file.damage = Some(error);
            self.give_up(number);
            return Ok(());
        }
        self.files.sink_failures = 0;
        self.report.bytes += bytes;
        if file.offset == file.size {
            self.report.files += 1;
            self.finish(number);
        }
        Ok(())
    }

    /// A file is given up: discarded if it was begun, named in the report.
    fn give_up(&mut self, number: u64) {
        let Some(file) = self.files.files.get_mut(&number) else { return };
        let chunks = core::mem::take(&mut file.chunks);
        if let Some(error) = file.damage.clone() {
            self.damaged.add_error(display_path(&file.path), error);
        }
        let opened = file.opened;
        let path = file.path.clone();
        file.busy = opened;
        for chunk in chunks {
            self.blobs.release(&wanted(&chunk));
        }
        if opened {
            self.files.asked(number);
            self.desk.ask(Purpose::Discard(number), Ask::Discard { file: number, path });
        } else {
            self.finish(number);
        }
    }

    /// A file is done with, written or not.
    pub(super) fn finish(&mut self, number: u64) {
        self.files.active.retain(|active| *active != number);
        self.files.ending.retain(|ending| *ending != number);
        self.files.files.remove(&number);
        self.files_done += 1;
    }

    /// A file lies in the sink already.
    pub(super) fn skip(&mut self, size: u64) {
        self.report.there_files += 1;
        self.report.there_bytes += size;
        self.files_done += 1;
    }

    pub(super) fn folder_made(&mut self, path: &[Vec<u8>], answer: Result<(), HostError>) -> Result<(), Error> {
        self.files.folders -= 1;
        match answer {
            Ok(()) => self.report.folders += 1,
            Err(error) if error.code == Code::SinkFailed => self.damaged.add(display_path(path), error.code, error.message),
            Err(error) => return Err(Error::new(error.code, error.message)),
        }
        Ok(())
    }
}
