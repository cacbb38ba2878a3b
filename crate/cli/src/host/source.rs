//! Files and folders of this computer, walked in order of name; links and special files are named, not followed.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read as _, Seek, SeekFrom},
    os::unix::{
        ffi::{OsStrExt, OsStringExt},
        fs::{FileTypeExt, MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    vec,
};

use strongroom_core::{Code, Entry, EntryKind, FileId, HostError, Millis, Read, Seen, Walked};

use super::there::There;

/// Entries answered at a time.
const STRIDE: usize = 500;

/// What is to be backed up.
#[derive(Debug, Default)]
pub struct Source {
    walk: Mutex<Walk>,
    found: RwLock<Found>,
}

/// Where a walk is: folders that are being read, the deepest last.
#[derive(Debug, Default)]
struct Walk {
    /// The name each path has in the snapshot; none when its content lies at the root.
    roots: vec::IntoIter<(Option<OsString>, PathBuf)>,
    levels: Vec<Level>,
    /// Device and inode of the vault's own folder.
    skip: Option<(u64, u64)>,
}

#[derive(Debug)]
struct Level {
    /// As in the snapshot.
    path: Vec<Vec<u8>>,
    /// Number in [`Found::folders`].
    folder: u32,
    names: vec::IntoIter<OsString>,
}

/// Files by number.
#[derive(Debug, Default)]
struct Found {
    folders: Vec<PathBuf>,
    files: Vec<FileRecord>,
}

#[derive(Debug)]
struct FileRecord {
    folder: u32,
    name: Box<OsStr>,
    stamp: Stamp,
}

/// What tells that a file was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Source {
    /// These paths, each under its own name; everything in `vault` is skipped.
    ///
    /// # Errors
    /// `SourceGone` or `SourceUnreadable` when a path cannot be found; `BadName` when two have one name.
    pub fn new(paths: &[PathBuf], vault: Option<&Path>) -> Result<Self, HostError> {
        let mut roots: Vec<(Option<OsString>, PathBuf)> = Vec::new();
        for path in paths {
            let real = fs::canonicalize(path).map_err(|error| failure(path, "cannot be found", &error))?;
            let name = path.file_name().or(real.file_name()).map(OsStr::to_owned);
            if roots.iter().any(|(other, _)| *other == name || other.is_none()) {
                let message = format!("Two sources are called {}. Back up the folder that holds both.", real.display());
                return Err(HostError { code: Code::BadName, message });
            }
            roots.push((name, real));
        }
        let skip = vault.and_then(|vault| fs::metadata(vault).ok()).map(|metadata| (metadata.dev(), metadata.ino()));
        let walk = Walk { roots: roots.into_iter(), levels: Vec::new(), skip };
        Ok(Self { walk: Mutex::new(walk), found: RwLock::default() })
    }

    /// The next entries.
    pub fn walk(&self) -> Walked {
        let mut walk = self.walk.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        let mut entries = Vec::with_capacity(STRIDE);
        while entries.len() < STRIDE {
            if !walk.step(&mut found, &mut entries) {
                return Walked { entries, done: true };
            }
        }
        Walked { entries, done: false }
    }

    /// What a file is now: from here on it is read as it is found to be.
    ///
    /// # Errors
    /// `SourceGone`, `SourceUnreadable`.
    pub fn look(&self, file: FileId) -> Result<Seen, HostError> {
        let (path, _) = self.file(file).ok_or_else(unknown)?;
        let metadata = fs::symlink_metadata(&path).map_err(|error| failure(&path, "cannot be read", &error))?;
        if !metadata.is_file() {
            return Err(HostError { code: Code::SourceGone, message: format!("{} is not a file any more.", path.display()) });
        }
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        found.files.get_mut(file.0 as usize).ok_or_else(unknown)?.stamp = Stamp::of(&metadata);
        Ok(Seen { size: metadata.size(), mtime: Some(mtime(&metadata)) })
    }

    fn file(&self, file: FileId) -> Option<(PathBuf, Stamp)> {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        let record = found.files.get(file.0 as usize)?;
        Some((found.folders.get(record.folder as usize)?.join(&*record.name), record.stamp))
    }
}

impl Walk {
    /// Looks at one more name; `false` when there is none.
    fn step(&mut self, found: &mut Found, entries: &mut Vec<Entry>) -> bool {
        let Some(level) = self.levels.last_mut() else {
            let Some((name, path)) = self.roots.next() else { return false };
            self.root(name, &path, found, entries);
            return true;
        };
        match level.names.next() {
            None => drop(self.levels.pop()),
            Some(name) => {
                let (folder, mut path) = (level.folder, level.path.clone());
                path.push(name.as_bytes().to_vec());
                self.visit(path, folder, name, found, entries);
            }
        }
        true
    }

    fn root(&mut self, name: Option<OsString>, path: &Path, found: &mut Found, entries: &mut Vec<Entry>) {
        match (path.parent(), name) {
            (Some(parent), Some(name)) => {
                let folder = found.folder(parent.to_owned());
                let real = path.file_name().unwrap_or(&name).to_owned();
                self.visit(vec![name.into_vec()], folder, real, found, entries);
            }
            _ => {
                if let Err(error) = self.descend(Vec::new(), path.to_owned(), found) {
                    entries.push(unreadable(Vec::new(), &why(&error)));
                }
            }
        }
    }

    fn visit(&mut self, path: Vec<Vec<u8>>, folder: u32, name: OsString, found: &mut Found, entries: &mut Vec<Entry>) {
        let real = found.folders[folder as usize].join(&name);
        let metadata = match fs::symlink_metadata(&real) {
            Ok(metadata) => metadata,
            Err(error) => return entries.push(unreadable(path, &why(&error))),
        };
        if metadata.is_dir() {
            if self.skip == Some((metadata.dev(), metadata.ino())) {
                return;
            }
            match self.descend(path.clone(), real, found) {
                Ok(()) => entries.push(Entry { path, kind: EntryKind::Folder { mtime: Some(mtime(&metadata)) } }),
                Err(error) => entries.push(unreadable(path, &why(&error))),
            }
        } else if metadata.is_file() {
            let file = found.file(FileRecord { folder, name: name.into_boxed_os_str(), stamp: Stamp::of(&metadata) });
            entries.push(Entry { path, kind: EntryKind::File { file, size: metadata.size(), mtime: Some(mtime(&metadata)) } });
        } else {
            entries.push(unreadable(path, special(&metadata)));
        }
    }

    fn descend(&mut self, path: Vec<Vec<u8>>, real: PathBuf, found: &mut Found) -> io::Result<()> {
        let mut names = fs::read_dir(&real)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
        names.sort_unstable();
        let folder = found.folder(real);
        self.levels.push(Level { path, folder, names: names.into_iter() });
        Ok(())
    }
}

impl Found {
    fn folder(&mut self, path: PathBuf) -> u32 {
        self.folders.push(path);
        u32::try_from(self.folders.len() - 1).expect("fewer than 2^32 folders fit the memory")
    }

    fn file(&mut self, record: FileRecord) -> FileId {
        self.files.push(record);
        FileId(u32::try_from(self.files.len() - 1).expect("fewer than 2^32 files fit the memory"))
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { size: metadata.size(), seconds: metadata.mtime(), nanoseconds: metadata.mtime_nsec() }
    }
}

/// Reads slices; keeps the file of the last one open, since slices of one strand come in order to one lane. A run has either a source or files
/// that are there already, so that a number names one of them.
pub struct Reader {
    source: Arc<Source>,
    there: Arc<There>,
    open: Option<Open>,
}

struct Open {
    number: FileId,
    file: File,
    position: u64,
    path: PathBuf,
    stamp: Stamp,
}

impl Reader {
    pub fn new(source: &Arc<Source>, there: &Arc<There>) -> Self {
        Self { source: Arc::clone(source), there: Arc::clone(there), open: None }
    }

    /// One slice of a file.
    ///
    /// # Errors
    /// `SourceGone`, `SourceUnreadable`; `SourceChanged` when the file is not what the walk saw any more.
    pub fn read(&mut self, read: &Read) -> Result<Vec<u8>, HostError> {
        let mut open = match self.open.take() {
            // From where a lane begins it is read as it was looked at last.
            Some(open) if open.number == read.file && !read.begins() => open,
            _ => self.open(read.file)?,
        };
        let bytes = open.read(read).map_err(|error| failure(&open.path, "cannot be read", &error))?;
        if read.last || bytes.len() != read.length as usize {
            let metadata = open.file.metadata().map_err(|error| failure(&open.path, "cannot be read", &error))?;
            if bytes.len() != read.length as usize || Stamp::of(&metadata) != open.stamp {
                let message = format!("{} changed while it was read. The next backup takes it.", open.path.display());
                return Err(HostError { code: Code::SourceChanged, message });
            }
        } else {
            self.open = Some(open);
        }
        Ok(bytes)
    }

    fn open(&self, number: FileId) -> Result<Open, HostError> {
        if let Some(file) = self.there.take(number) {
            let path = PathBuf::from("What lies there");
            let stamp = file.metadata().map(|metadata| Stamp::of(&metadata)).map_err(|error| failure(&path, "cannot be read", &error))?;
            return Ok(Open { number, file, position: 0, path, stamp });
        }
        let (path, stamp) = self.source.file(number).ok_or_else(unknown)?;
        let flags = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).expect("a flag of open fits its argument");
        let file = OpenOptions::new().read(true).custom_flags(flags).open(&path);
        let file = file.map_err(|error| failure(&path, "cannot be read", &error))?;
        Ok(Open { number, file, position: 0, path, stamp })
    }
}

impl Open {
    fn read(&mut self, read: &Read) -> io::Result<Vec<u8>> {
        if self.position != read.offset {
            self.position = self.file.seek(SeekFrom::Start(read.offset))?;
        }
        let mut bytes = Vec::with_capacity(read.length as usize);
        (&self.file).take(u64::from(read.length)).read_to_end(&mut bytes)?;
        self.position += bytes.len() as u64;
        Ok(bytes)
    }
}

fn unknown() -> HostError {
    HostError { code: Code::Internal, message: "A bug: a file was asked for that no walk has found.".into() }
}

fn mtime(metadata: &Metadata) -> Millis {
    metadata.mtime().saturating_mul(1_000).saturating_add(metadata.mtime_nsec() / 1_000_000)
}

fn unreadable(path: Vec<Vec<u8>>, why: &str) -> Entry {
    Entry { path, kind: EntryKind::Unreadable { why: why.into() } }
}

fn special(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    if kind.is_symlink() {
        "It is a symbolic link; links are not backed up."
    } else if kind.is_fifo() {
        "It is a named pipe, not a file."
    } else if kind.is_socket() {
        "It is a socket, not a file."
    } else {
        "It is a device, not a file."
    }
}

fn why(error: &io::Error) -> String {
    format!("It cannot be read ({error}).")
}

fn failure(path: &Path, what: &str, error: &io::Error) -> HostError {
    let code = if error.kind() == ErrorKind::NotFound { Code::SourceGone } else { Code::SourceUnreadable };
    HostError { code, message: format!("{} {what} ({error}).", path.display()) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn shown(walked: &Walked) -> Vec<String> {
        let show = |entry: &Entry| {
            let kind = match &entry.kind {
                EntryKind::File { size, .. } => format!("{size}"),
                EntryKind::Folder { .. } => "folder".into(),
                EntryKind::Unreadable { why } => why.clone(),
            };
            format!("{} {kind}", String::from_utf8_lossy(&entry.path.join(&b'/')))
        };
        walked.entries.iter().map(show).collect()
    }

    #[test]
    fn a_walk_names_everything_in_order_skips_the_vault_and_follows_no_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("b/empty")).expect("made");
        fs::create_dir_all(root.join("vault/pack")).expect("made");
        fs::write(root.join("b/file"), b"hello").expect("written");
        fs::write(root.join("a"), b"").expect("written");
        symlink("/etc/passwd", root.join("link")).expect("linked");
        let source = Source::new(std::slice::from_ref(&root), Some(&root.join("vault"))).expect("a source");
        let walked = source.walk();
        assert!(walked.done);
        let link = "root/link It is a symbolic link; links are not backed up.";
        assert_eq!(shown(&walked), ["root folder", "root/a 0", "root/b folder", "root/b/empty folder", "root/b/file 5", link]);
    }

    #[test]
    fn a_file_that_changed_since_the_walk_is_not_read_as_if_it_had_not_unless_it_is_looked_at_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        fs::write(&path, b"hello").expect("written");
        let source = Arc::new(Source::new(std::slice::from_ref(&path), None).expect("a source"));
        source.walk();
        let reader = || Reader::new(&source, &Arc::default());
        let read = Read { file: FileId(0), from: 0, offset: 1, length: 4, last: true };
        assert_eq!(reader().read(&read).expect("read"), b"ello");
        fs::write(&path, b"hello and more").expect("written");
        assert_eq!(reader().read(&read).map_err(|error| error.code), Err(Code::SourceChanged));
        let whole = Read { file: FileId(0), from: 0, offset: 0, length: 14, last: true };
        let seen = source.look(FileId(0)).expect("it is there");
        assert_eq!((seen.size, reader().read(&whole).expect("read as it is now")), (14, b"hello and more".to_vec()));
        let (front, end) = (Read { length: 2, last: false, ..whole }, Read { offset: 14, length: 0, ..whole });
        let mut strand = reader();
        assert_eq!(strand.read(&front).expect("read"), b"he");
        assert_eq!(strand.read(&end).expect("as it was"), b"");
        assert!(strand.open.is_none(), "a strand that is over keeps no file open");
        strand.read(&front).expect("read");
        fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(std::time::UNIX_EPOCH)).expect("touched");
        assert_eq!(strand.read(&end).map_err(|error| error.code), Err(Code::SourceChanged));
        fs::remove_file(&path).expect("removed");
        assert_eq!(source.look(FileId(0)).map(drop).map_err(|error| error.code), Err(Code::SourceGone));
        assert_eq!(reader().read(&read).map_err(|error| error.code), Err(Code::SourceGone));
    }
}
