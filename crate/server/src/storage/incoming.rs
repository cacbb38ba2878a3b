//! An object on its way in: a temporary file in the same file system, until it is whole, on the disk, and has its name.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use crate::secret::random_id;

/// A temporary file. Removed when dropped, whatever happened.
pub struct Incoming {
    path: PathBuf,
    file: File,
}

impl Incoming {
    pub fn create(folder: &Path) -> io::Result<Self> {
        let path = folder.join(hex::encode(random_id()));
        let file = File::create_new(&path)?;
        Ok(Self { path, file })
    }

    /// Gives the file its name, unless that name has the same bytes already. Afterwards it survives a power cut.
    ///
    /// Returns whether there is a new file. A name means its content, so a file of that name with other bytes has decayed
    /// on the disk; it is replaced.
    pub fn publish(self, target: &Path) -> io::Result<bool> {
        self.file.sync_all()?;
        let new = match fs::hard_link(&self.path, target) {
            Ok(()) => true,
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                if !is_same(&self.path, target)? {
                    tracing::warn!("a stored object had decayed on the disk and was sent again: replaced");
                    fs::rename(&self.path, target)?;
                }
                false
            }
            Err(e) => return Err(e),
        };
        sync_parent(target)?;
        Ok(new)
    }

    /// Gives the file its name, in place of whatever had it. Afterwards it survives a power cut.
    pub fn replace(self, target: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, target)?;
        sync_parent(target)
    }
}

impl Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Gone already after a rename; anything else is removed at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes a folder and those above it, and sees to it that they survive a power cut.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folder(parent)?;
    }
    match fs::create_dir(folder) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => sync_parent(folder),
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let read = one.read(&mut left)?;
        if read == 0 {
            return Ok(true);
        }
        other.read_exact(&mut right[..read])?;
        if left[..read] != right[..read] {
            return Ok(false);
        }
    }
}
