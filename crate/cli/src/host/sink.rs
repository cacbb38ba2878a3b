//! Restored files, below one folder of this computer. Every name is opened relative to its parent, no link is ever
//! followed, nothing is replaced unless asked, and a file appears under its name only when it is whole.

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs::{self, File},
    io::{self, Write as _},
    os::{
        fd::{AsFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rustix::{
    fs::{
        AtFlags, FileType, Mode, OFlags, RenameFlags, Timespec, Timestamps, UTIME_OMIT, futimens, mkdirat, open, openat, renameat,
        renameat_with, statat, unlinkat,
    },
    io::Errno,
};
use strongroom_core::{Code, HostError, Millis, SinkPart};

use super::{held::Shelf, unfinished};

type Names = Vec<Vec<u8>>;

/// A folder to restore into.
#[derive(Debug)]
pub struct Sink {
    root: Arc<OwnedFd>,
    overwrite: bool,
    /// Something lay in it at the start: a restore may go on.
    resumes: bool,
    files: Mutex<HashMap<u64, Writing>>,
    /// Folders and their times, set when everything is in them.
    folders: Mutex<Vec<(Names, Millis)>>,
    /// The folder used last.
    last: Mutex<Option<(Names, Arc<OwnedFd>)>>,
}

/// A file in the making.
#[derive(Debug)]
struct Writing {
    folder: Arc<OwnedFd>,
    temporary: String,
    file: File,
    written: u64,
}

/// What becomes of a folder that is not there.
#[derive(Clone, Copy)]
enum Missing {
    Made,
    Fails,
}

impl Sink {
    /// Makes the folder when it is not there.
    ///
    /// # Errors
    /// `SinkFailed` when it cannot be made or opened.
    pub fn new(root: &Path, overwrite: bool) -> Result<Self, HostError> {
        let failed =
            |error: io::Error| HostError { code: Code::SinkFailed, message: format!("{} cannot be written to ({error}).", root.display()) };
        fs::create_dir_all(root).map_err(failed)?;
        // The person named this folder, so it may be a link; below it none is followed.
        let resumes = fs::read_dir(root).map_err(failed)?.next().is_some();
        let root = open(root, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(|error| failed(error.into()))?;
        if resumes {
            unfinished::sweep(&root);
        }
        Ok(Self { root: Arc::new(root), overwrite, resumes, files: Mutex::default(), folders: Mutex::default(), last: Mutex::default() })
    }

    /// Whether something lay in it at the start, so that what a restore would write may be there.
    pub fn resumes(&self) -> bool {
        self.resumes
    }

    /// The file at that path, to be read, if it is of just that size. What cannot be opened is as good as not there.
    pub fn find(&self, path: &[Vec<u8>], size: u64) -> Option<File> {
        let (name, folder) = path.split_last()?;
        let folder = self.reach(folder, Missing::Fails).ok()?;
        check_name(name).ok()?;
        // A pipe of that name would keep who opens it waiting.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(openat(&*folder, name.as_slice(), flags, Mode::empty()).ok()?);
        file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() == size).then_some(file)
    }

    /// Makes a folder, or uses the one that is there.
    ///
    /// # Errors
    /// `SinkFailed`, `SinkFull`.
    pub fn folder(&self, path: &[Vec<u8>], mtime: Option<Millis>) -> Result<(), HostError> {
        let folder = self.reach(path, Missing::Made).map_err(|error| failure(path, error))?;
        if self.resumes {
            unfinished::sweep(&folder);
        }
        if let Some(mtime) = mtime {
            lock(&self.folders).push((path.to_vec(), mtime));
        }
        Ok(())
    }

    /// Writes a part of a file; the last one gives it its time and its name.
    ///
    /// # Errors
    /// `SinkFailed`, also when something is there already; `SinkFull`; `Internal` for parts out of order.
    pub fn write(&self, part: &SinkPart, shelf: &Shelf) -> Result<(), HostError> {
        let (name, folder) = part.path.split_last().ok_or_else(|| failure(&[], Errno::INVAL))?;
        if part.offset == 0 {
            let writing = self.begin(part.file, folder, name).map_err(|error| failure(&part.path, error))?;
            lock(&self.files).insert(part.file, writing);
        }
        let mut writing = lock(&self.files).remove(&part.file).filter(|writing| writing.written == part.offset).ok_or_else(out_of_order)?;
        let result = self.go_on(&mut writing, name, part, shelf);
        if result.is_err() {
            writing.discard();
        } else if !part.last {
            lock(&self.files).insert(part.file, writing);
        }
        result
    }

    /// Forgets a file that cannot be finished.
    pub fn discard(&self, file: u64) {
        if let Some(writing) = lock(&self.files).remove(&file) {
            writing.discard();
        }
    }

    /// Sets the times of folders, the deepest first. Call when everything is written.
    ///
    /// # Errors
    /// `SinkFailed` with the first that could not be set; the others are.
    pub fn finish(&self) -> Result<(), HostError> {
        let mut folders = std::mem::take(&mut *lock(&self.folders));
        folders.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        let mut result = Ok(());
        for (path, mtime) in folders {
            let set = self.reach(&path, Missing::Made).and_then(|folder| set_mtime(&*folder, mtime));
            result = result.and(set.map_err(|error| failure(&path, error)));
        }
        result
    }

    fn begin(&self, number: u64, folder: &[Vec<u8>], name: &[u8]) -> Result<Writing, Errno> {
        let folder = self.reach(folder, Missing::Made)?;
        check_name(name)?;
        match statat(&*folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => {}
            Err(error) => return Err(error),
            Ok(stat) if !self.overwrite || FileType::from_raw_mode(stat.st_mode) == FileType::Directory => return Err(Errno::EXIST),
            Ok(_) => {}
        }
        let (temporary, file) = unfinished::create(&*folder, number)?;
        Ok(Writing { folder, temporary, file, written: 0 })
    }

    fn go_on(&self, writing: &mut Writing, name: &[u8], part: &SinkPart, shelf: &Shelf) -> Result<(), HostError> {
        for piece in &part.pieces {
            let held = shelf.look(piece.held)?;
            let bytes = held.get(piece.start as usize..piece.end as usize).ok_or_else(out_of_order)?;
            writing.file.write_all(bytes).map_err(|error| failure(&part.path, Errno::from_io_error(&error).unwrap_or(Errno::IO)))?;
            writing.written += bytes.len() as u64;
        }
        if part.last { writing.finish(name, part.mtime, self.overwrite).map_err(|error| failure(&part.path, error)) } else { Ok(()) }
    }

    /// Opens a folder below the root, name by name.
    fn reach(&self, path: &[Vec<u8>], missing: Missing) -> Result<Arc<OwnedFd>, Errno> {
        if let Some((_, folder)) = lock(&self.last).as_ref().filter(|(names, _)| names == path) {
            return Ok(Arc::clone(folder));
        }
        let mut folder = Arc::clone(&self.root);
        for name in path {
            check_name(name)?;
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let opened = match openat(&*folder, name.as_slice(), flags, Mode::empty()) {
                Err(Errno::NOENT) if matches!(missing, Missing::Made) => {
                    match mkdirat(&*folder, name.as_slice(), Mode::from_raw_mode(0o777)) {
                        Ok(()) | Err(Errno::EXIST) => {}
                        Err(error) => return Err(error),
                    }
                    openat(&*folder, name.as_slice(), flags, Mode::empty())
                }
                opened => opened,
            };
            folder = Arc::new(opened?);
        }
        *lock(&self.last) = Some((path.to_vec(), Arc::clone(&folder)));
        Ok(folder)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        for (_, writing) in lock(&self.files).drain() {
            writing.discard();
        }
    }
}

impl Writing {
    fn finish(&self, name: &[u8], mtime: Option<Millis>, overwrite: bool) -> Result<(), Errno> {
        if let Some(mtime) = mtime {
            set_mtime(&self.file, mtime)?;
        }
        let (folder, temporary) = (&*self.folder, self.temporary.as_str());
        if overwrite {
            return renameat(folder, temporary, folder, name);
        }
        match renameat_with(folder, temporary, folder, name, RenameFlags::NOREPLACE) {
            // A file system that cannot promise it: look, then rename.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) => renameat(folder, temporary, folder, name),
                _ => Err(Errno::EXIST),
            },
            renamed => renamed,
        }
    }

    fn discard(self) {
        // What cannot be removed is at least not under the file's name.
        let _ = unlinkat(&*self.folder, self.temporary.as_str(), AtFlags::empty());
    }
}

/// One name, and nothing that leads elsewhere.
fn check_name(name: &[u8]) -> Result<(), Errno> {
    let leads_elsewhere = matches!(name, b"" | b"." | b"..") || name.iter().any(|byte| matches!(byte, 0 | b'/'));
    if leads_elsewhere { Err(Errno::INVAL) } else { Ok(()) }
}

fn set_mtime(target: impl AsFd, mtime: Millis) -> Result<(), Errno> {
    let time = Timespec { tv_sec: mtime.div_euclid(1_000), tv_nsec: mtime.rem_euclid(1_000) * 1_000_000 };
    let untouched = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
    futimens(target, &Timestamps { last_access: untouched, last_modification: time })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failure(path: &[Vec<u8>], error: Errno) -> HostError {
    let shown = path.join(&b'/');
    let shown = Path::new(OsStr::from_bytes(&shown)).display();
    let code = if matches!(error, Errno::NOSPC | Errno::DQUOT) { Code::SinkFull } else { Code::SinkFailed };
    let message = match error {
        Errno::EXIST => format!("{shown} is there already. Restore into an empty folder, or say --overwrite."),
        Errno::LOOP | Errno::NOTDIR => {
            format!("{shown} leads through a link or a file that is there already; links are not followed. Restore into an empty folder.")
        }
        Errno::NAMETOOLONG => format!("{shown} has a name that is too long for this file system."),
        Errno::INVAL | Errno::ILSEQ => format!("{shown} has a name that this system does not allow."),
        error => format!("{shown} cannot be written ({}).", io::Error::from(error)),
    };
    HostError { code, message }
}

fn out_of_order() -> HostError {
    HostError { code: Code::Internal, message: "A bug: parts of a file came out of order.".into() }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use strongroom_core::Piece;

    use super::*;

    fn names(path: &str) -> Names {
        path.split('/').map(|name| name.as_bytes().to_vec()).collect()
    }

    fn put(sink: &Sink, path: &str, offset: u64, text: &str, last: bool) -> Result<(), HostError> {
        let shelf = Shelf::default();
        let length = u32::try_from(text.len()).expect("short");
        let held = shelf.hold(text.as_bytes().to_vec(), [0; 32]).held;
        let pieces = vec![Piece { held, start: 0, end: length }];
        sink.write(&SinkPart { file: 1, path: names(path), size: 0, mtime: Some(-1), offset, pieces, last }, &shelf)
    }

    #[test]
    fn a_file_appears_when_it_is_whole_and_times_are_set_after_content() {
        let target = tempfile::tempdir().expect("a folder");
        let sink = Sink::new(target.path(), false).expect("a sink");
        sink.folder(&names("a/b"), Some(1_500)).expect("made");
        put(&sink, "a/b/c", 0, "hel", false).expect("written");
        assert!(!target.path().join("a/b/c").exists());
        put(&sink, "a/b/c", 3, "lo", true).expect("written");
        sink.finish().expect("finished");
        assert_eq!(fs::read(target.path().join("a/b/c")).expect("there"), b"hello");
        let file = fs::metadata(target.path().join("a/b/c")).expect("there");
        assert_eq!((file.mtime(), file.mtime_nsec()), (-1, 999_000_000));
        let folder = fs::metadata(target.path().join("a/b")).expect("there");
        assert_eq!((folder.mtime(), folder.mtime_nsec()), (1, 500_000_000));
    }

    #[test]
    fn links_that_are_there_are_neither_followed_nor_written_through() {
        let (target, outside) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        symlink(outside.path(), target.path().join("folder")).expect("linked");
        symlink(outside.path().join("file"), target.path().join("file")).expect("linked");
        for overwrite in [false, true] {
            let sink = Sink::new(target.path(), overwrite).expect("a sink");
            assert!(put(&sink, "folder/x", 0, "evil", true).is_err());
            assert!(sink.folder(&names("folder"), None).is_err());
            assert_eq!(put(&sink, "file", 0, "new", true).is_ok(), overwrite);
        }
        assert_eq!(fs::read_dir(outside.path()).expect("there").count(), 0);
        assert_eq!(fs::read(target.path().join("file")).expect("a file now"), b"new");
    }

    #[test]
    fn a_file_of_just_that_size_is_found_and_a_link_a_pipe_or_a_folder_is_not() {
        let (target, outside) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        assert!(!Sink::new(target.path(), false).expect("a sink").resumes());
        fs::create_dir(target.path().join("a")).expect("made");
        for path in [target.path().join("a/file"), outside.path().join("file")] {
            fs::write(path, "hello").expect("written");
        }
        symlink("file", target.path().join("a/link")).expect("linked");
        symlink(outside.path(), target.path().join("folder")).expect("linked");
        let pipe = target.path().join("a/pipe");
        assert!(std::process::Command::new("mkfifo").arg(pipe).status().expect("mkfifo starts").success());
        let sink = Sink::new(target.path(), false).expect("a sink");
        assert!(sink.resumes() && sink.find(&names("a/file"), 5).is_some());
        for (path, size) in [("a/file", 4), ("a/link", 5), ("folder/file", 5), ("a/pipe", 0), ("a", 0), ("b/file", 5), ("../file", 5)] {
            assert!(sink.find(&names(path), size).is_none(), "{path}");
        }
        assert!(!target.path().join("b").exists());
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let target = tempfile::tempdir().expect("a folder");
        let sink = Sink::new(&target.path().join("in"), true).expect("a sink");
        for path in
            [names("../x"), names("x/.."), names("."), vec![b"/x".to_vec()], vec![b"a/b".to_vec()], vec![b"x\0".to_vec()], vec![vec![]]]
        {
            assert!(sink.folder(&path, None).is_err(), "{path:?}");
        }
        assert_eq!(fs::read_dir(target.path()).expect("there").count(), 1);
    }

    #[test]
    fn nothing_is_replaced_and_what_is_discarded_leaves_nothing() {
        let target = tempfile::tempdir().expect("a folder");
        fs::write(target.path().join("mine"), "mine").expect("written");
        let sink = Sink::new(target.path(), false).expect("a sink");
        assert!(put(&sink, "mine", 0, "theirs", true).is_err());
        put(&sink, "half", 0, "half", false).expect("written");
        sink.discard(1);
        put(&sink, "dropped", 0, "half", false).expect("written");
        drop(sink);
        assert_eq!(fs::read(target.path().join("mine")).expect("there"), b"mine");
        assert_eq!(fs::read_dir(target.path()).expect("there").count(), 1);
    }
}
