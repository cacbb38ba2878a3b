//! Objects of vaults in a directory: `<vault id>/{pack,index,snap,slot}/<name>` (FORMAT.md §2).

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use strongroom_core::{Code, HostError, Kind, Listed, ObjectPath, PACK_LENGTH, VaultId};

use super::{is_name, place};

/// Temporary files older than this belong to nobody.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);
const TEMPORARY: &str = "tmp";

/// A directory that holds vaults.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    drawn: AtomicU64,
}

impl Directory {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), drawn: AtomicU64::new(0) }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The vaults in this directory.
    ///
    /// # Errors
    /// `NoVault` when it cannot be read.
    pub fn vaults(&self) -> Result<Vec<VaultId>, HostError> {
        let entries = fs::read_dir(&self.root).map_err(|error| HostError {
            code: Code::NoVault,
            message: format!("{} cannot be read ({error}). Name the folder that holds the vault.", self.root.display()),
        })?;
        let mut vaults: Vec<VaultId> = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
        vaults.sort();
        Ok(vaults)
    }

    /// Creates an object: written aside, synced, and linked under its name only when nothing has that name. Success also
    /// when these bytes are there already.
    ///
    /// # Errors
    /// `StorageFull`, `Denied` or `Unavailable` by what the system says; `Damaged` when other bytes have that name.
    pub fn put(&self, object: &ObjectPath, bytes: &[u8]) -> Result<(), HostError> {
        self.try_put(object, bytes).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => HostError {
                code: Code::Damaged,
                message: format!("{} is there already with other bytes. Nothing was overwritten; verify the vault.", place(object)),
            },
            _ => failure(object, "cannot be written", &error),
        })
    }

    fn try_put(&self, object: &ObjectPath, bytes: &[u8]) -> io::Result<()> {
        let target = self.path(object);
        let folder = target.parent().expect("an object lies in a folder");
        fs::create_dir_all(folder)?;
        let aside = Aside::create(self, object.vault, bytes)?;
        match aside.link(&target) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && fs::read(&target)? == bytes => Ok(()),
            linked => linked,
        }?;
        File::open(folder)?.sync_all()
    }

    /// Puts these bytes in the place of an object: written aside, synced, and renamed.
    ///
    /// # Errors
    /// `StorageFull`, `Denied` or `Unavailable` by what the system says.
    pub fn replace(&self, object: &ObjectPath, bytes: &[u8]) -> Result<(), HostError> {
        self.try_replace(object, bytes).map_err(|error| failure(object, "cannot be written", &error))
    }

    fn try_replace(&self, object: &ObjectPath, bytes: &[u8]) -> io::Result<()> {
        let target = self.path(object);
        let folder = target.parent().expect("an object lies in a folder");
        fs::create_dir_all(folder)?;
        let aside = Aside::create(self, object.vault, bytes)?;
        fs::rename(&aside.0, &target)?;
        File::open(folder)?.sync_all()
    }

    /// Erases an object whose delay is over, if it is there.
    ///
    /// # Errors
    /// `Denied` or `Unavailable` by what the system says.
    pub fn erase(&self, object: &ObjectPath) -> Result<(), HostError> {
        match fs::remove_file(self.path(object)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failure(object, "cannot be erased", &error)),
            _ => Ok(()),
        }
    }

    /// An object, or `length` bytes of it from `offset`.
    ///
    /// # Errors
    /// `Missing`; `Damaged` when it is shorter than that, or longer than any object; `Denied` or `Unavailable`.
    pub fn get(&self, object: &ObjectPath, range: Option<(u64, u32)>) -> Result<Vec<u8>, HostError> {
        let bytes = self.try_get(object, range).map_err(|error| failure(object, "cannot be read", &error))?;
        let wrong = match range {
            Some((_, length)) => bytes.len() != length as usize,
            None => bytes.len() > PACK_LENGTH as usize,
        };
        if wrong {
            let message = format!("{} is not as long as it was written. Run verify to see what it affects.", place(object));
            return Err(HostError { code: Code::Damaged, message });
        }
        Ok(bytes)
    }

    fn try_get(&self, object: &ObjectPath, range: Option<(u64, u32)>) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.path(object))?;
        let length = match range {
            Some((offset, length)) => {
                file.seek(SeekFrom::Start(offset))?;
                u64::from(length)
            }
            // One byte more than an object can have tells a longer file.
            None => file.metadata()?.len().min(u64::from(PACK_LENGTH) + 1),
        };
        let mut bytes = Vec::with_capacity(usize::try_from(length).expect("an object fits the memory"));
        file.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// All objects of one kind; files that are named otherwise are none.
    ///
    /// # Errors
    /// `Denied` or `Unavailable` by what the system says.
    pub fn list(&self, vault: VaultId, kind: Kind) -> Result<Vec<Listed>, HostError> {
        let folder = self.root.join(vault.to_string()).join(kind.folder());
        let listed = |entry: io::Result<fs::DirEntry>| {
            let entry = entry?;
            let name = entry.file_name().into_string().unwrap_or_default();
            Ok(if is_name(kind, &name) { Some(Listed { name, length: entry.metadata()?.len() }) } else { None })
        };
        match fs::read_dir(&folder) {
            Ok(entries) => entries.filter_map(|entry| listed(entry).transpose()).collect(),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
        .map_err(|error| HostError { code: code(&error), message: format!("{} cannot be listed ({error}).", folder.display()) })
    }

    /// Removes what runs that died have left aside; objects are never touched.
    pub fn sweep(&self, vault: VaultId) {
        let Ok(entries) = fs::read_dir(self.root.join(vault.to_string()).join(TEMPORARY)) else { return };
        for entry in entries.flatten() {
            let written = entry.metadata().and_then(|metadata| metadata.modified());
            let age = written.ok().and_then(|written| SystemTime::now().duration_since(written).ok());
            if age.is_some_and(|age| age > STALE) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn path(&self, object: &ObjectPath) -> PathBuf {
        self.root.join(object.vault.to_string()).join(object.kind.folder()).join(&object.name)
    }
}

/// A file that has no object's name yet; it is gone when this is dropped.
struct Aside(PathBuf);

impl Aside {
    /// Written and synced.
    fn create(storage: &Directory, vault: VaultId, bytes: &[u8]) -> io::Result<Self> {
        let folder = storage.root.join(vault.to_string()).join(TEMPORARY);
        fs::create_dir_all(&folder)?;
        let (mut file, aside) = loop {
            let number = storage.drawn.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{}-{number}", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => break (file, Self(path)),
                // Left by a run that had the same process id.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        };
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(aside)
    }

    /// Gives the file its name, unless something has it.
    fn link(&self, target: &Path) -> io::Result<()> {
        match fs::hard_link(&self.0, target) {
            // A file system without hard links: the name is the hash of the bytes, so a race loses nothing.
            Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) && !target.exists() => {
                fs::rename(&self.0, target)
            }
            linked => linked,
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn failure(object: &ObjectPath, what: &str, error: &io::Error) -> HostError {
    let (code, place) = (code(error), place(object));
    let message = match code {
        Code::StorageFull => format!("{place} {what}: the disk is full. Make room and run this again; what is stored is not stored twice."),
        Code::Missing => format!("{place} is missing. Run verify to see what it affects."),
        _ => format!("{place} {what} ({error}). Check the disk and its permissions."),
    };
    HostError { code, message }
}

fn code(error: &io::Error) -> Code {
    match error.kind() {
        ErrorKind::NotFound => Code::Missing,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Code::Denied,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Code::StorageFull,
        _ => Code::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(name: &str) -> ObjectPath {
        ObjectPath { vault: VaultId([7; 16]), kind: Kind::Pack, name: name.repeat(64) }
    }

    #[test]
    fn an_object_is_written_once_and_read_whole_or_in_part() {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = Directory::new(folder.path());
        storage.put(&object("a"), b"hello").expect("written");
        storage.put(&object("a"), b"hello").expect("the same again");
        assert_eq!(storage.put(&object("a"), b"jello").map_err(|error| error.code), Err(Code::Damaged));
        assert_eq!(storage.get(&object("a"), None).expect("there"), b"hello");
        assert_eq!(storage.get(&object("a"), Some((1, 3))).expect("there"), b"ell");
        assert_eq!(storage.get(&object("a"), Some((1, 9))).map_err(|error| error.code), Err(Code::Damaged));
        storage.erase(&object("b")).expect("what is not there is as good as erased");
        assert_eq!(storage.get(&object("b"), None).map_err(|error| error.code), Err(Code::Missing));
        assert_eq!(storage.vaults().expect("read"), [VaultId([7; 16])]);
        storage.replace(&object("a"), b"jello").expect("in one step");
        assert_eq!(storage.get(&object("a"), None).expect("there"), b"jello");
        storage.erase(&object("a")).expect("there");
        assert_eq!(storage.get(&object("a"), None).map_err(|error| error.code), Err(Code::Missing));
    }

    #[test]
    fn a_listing_has_only_objects_and_nothing_is_left_aside() {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = Directory::new(folder.path());
        storage.put(&object("a"), b"hello").expect("written");
        let vault = folder.path().join(VaultId([7; 16]).to_string());
        fs::write(vault.join("pack/.DS_Store"), b"x").expect("written");
        let listed = storage.list(VaultId([7; 16]), Kind::Pack).expect("listed");
        assert_eq!(listed, [Listed { name: "a".repeat(64), length: 5 }]);
        assert_eq!(fs::read_dir(vault.join(TEMPORARY)).expect("there").count(), 0);
    }
}
