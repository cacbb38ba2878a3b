//! The embedded storage: objects as files, `objects/<vault>/<kind>/<name>` in the data folder, which is the layout of
//! FORMAT.md §2. No route overwrites or deletes.
//!
//! Everything in this module blocks; routes call it off the runtime's threads.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Seek, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{
    Listed,
    incoming::{Incoming, make_folder},
    room::{Limits, Room},
};
use crate::{
    error::{Error, Result},
    name::{Kind, Object, VaultId},
};

pub struct Embedded {
    objects: PathBuf,
    incoming: PathBuf,
    room: Room,
}

impl Embedded {
    /// Opens the storage in the data folder, removes what a crash left half done, and counts what is stored.
    pub fn open(data: &Path, limits: Limits) -> io::Result<Self> {
        let (objects, incoming) = (data.join("objects"), data.join("incoming"));
        make_folder(&objects)?;
        make_folder(&incoming)?;
        for left_over in fs::read_dir(&incoming)? {
            fs::remove_file(left_over?.path())?;
        }
        let stored = bytes_below(&objects)?;
        Ok(Self { room: Room::new(objects.clone(), limits, stored), objects, incoming })
    }

    /// Whether the folders are there and the disk answers.
    pub fn ping(&self) -> Result<()> {
        fs::read_dir(&self.objects)?;
        fs::read_dir(&self.incoming)?;
        Ok(())
    }

    /// For tests and operators: takes effect with the next object.
    pub fn set_limits(&self, limits: Limits) {
        self.room.set_limits(limits);
    }

    /// Stores an object that comes in pieces, if in the end it has that length and SHA-256 (lower-case hex). Whether it is
    /// new.
    ///
    /// # Errors
    /// `damaged` when it has not; `storage_full`; `unavailable`. Then nothing is stored.
    pub fn put<T: AsRef<[u8]>>(&self, object: &Object, length: u64, sha256: &str, pieces: impl Iterator<Item = T>) -> Result<bool> {
        let room = self.room.reserve(length)?;
        let mut file = BufWriter::with_capacity(1 << 17, Incoming::create(&self.incoming)?);
        let (mut hash, mut left) = (Sha256::new(), length);
        for piece in pieces {
            let piece = piece.as_ref();
            left = left.checked_sub(piece.len() as u64).ok_or(Error::Damaged("more bytes came than its address is signed for"))?;
            hash.update(piece);
            file.write_all(piece)?;
        }
        if left > 0 {
            return Err(Error::Damaged("fewer bytes came than its address is signed for"));
        }
        if hex::encode(hash.finalize()) != sha256 {
            return Err(Error::Damaged("other bytes came than its address is signed for"));
        }
        let target = self.path(object);
        make_folder(&self.folder(&object.vault, object.kind))?;
        let new = file.into_inner().map_err(io::IntoInnerError::into_error)?.publish(&target)?;
        if new {
            room.keep();
        }
        Ok(new)
    }

    /// Stores an object that is there already as a whole. A slot takes the place of what had its name.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_whole(&self, object: &Object, bytes: &[u8]) -> Result<()> {
        if object.kind.is_content_named() {
            return self.put(object, bytes.len() as u64, object.name(), std::iter::once(bytes)).map(|_| ());
        }
        self.put_slots(&[(object.clone(), bytes)])
    }

    /// Stores key slots, in place of what had their names.
    ///
    /// # Errors
    /// `storage_full`, before anything is written; `unavailable`.
    pub fn put_slots<T: AsRef<[u8]>>(&self, slots: &[(Object, T)]) -> Result<()> {
        let room = self.room.reserve(slots.iter().map(|(_, bytes)| bytes.as_ref().len() as u64).sum())?;
        let mut before = 0;
        for (object, bytes) in slots {
            before += self.stat(object)?.unwrap_or(0);
            let mut file = Incoming::create(&self.incoming)?;
            file.write_all(bytes.as_ref())?;
            make_folder(&self.folder(&object.vault, object.kind))?;
            file.replace(&self.path(object))?;
        }
        room.keep();
        self.room.free(before);
        Ok(())
    }

    /// An object's file and its length.
    ///
    /// # Errors
    /// `missing`; `unavailable`.
    pub fn open_object(&self, object: &Object) -> Result<(File, u64)> {
        match File::open(self.path(object)) {
            Ok(file) => {
                let length = file.metadata()?.len();
                Ok((file, length))
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(Error::Missing),
            Err(e) => Err(e.into()),
        }
    }

    /// An object's length, if it is there.
    pub fn stat(&self, object: &Object) -> Result<Option<u64>> {
        match fs::metadata(self.path(object)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// The object, or bytes `first..=last` of it, which must lie within it.
    pub fn get(&self, object: &Object, range: Option<(u64, u64)>) -> Result<Vec<u8>> {
        let (mut file, length) = self.open_object(object)?;
        let (first, last) = range.unwrap_or((0, length.saturating_sub(1)));
        if first > last || last >= length {
            return Err(Error::Range { length });
        }
        file.seek(io::SeekFrom::Start(first))?;
        let mut bytes = Vec::new();
        file.take(last - first + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Erases an object. The broker's alone: no session reaches this.
    pub fn delete(&self, object: &Object) -> Result<()> {
        let Some(length) = self.stat(object)? else { return Ok(()) };
        fs::remove_file(self.path(object))?;
        self.room.free(length);
        Ok(())
    }

    /// Bytes of all objects of a vault.
    pub fn usage(&self, vault: &VaultId) -> Result<u64> {
        match bytes_below(&self.objects.join(vault.as_str())) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
            other => Ok(other?),
        }
    }

    /// Up to `most` objects of one kind, by name, and whether there are more.
    pub fn list(&self, vault: &VaultId, kind: Kind, after: Option<&str>, most: usize) -> Result<(Vec<Listed>, bool)> {
        let folder = self.folder(vault, kind);
        let mut names = names_in(&folder)?;
        names.retain(|name| kind.takes(name) && after.is_none_or(|after| name.as_str() > after));
        names.sort_unstable();
        let more = names.len() > most;
        names.truncate(most);
        let listed = names.into_iter().map(|name| {
            let length = fs::metadata(folder.join(&name))?.len();
            Ok(Listed { name, length })
        });
        Ok((listed.collect::<io::Result<_>>()?, more))
    }

    fn folder(&self, vault: &VaultId, kind: Kind) -> PathBuf {
        self.objects.join(vault.as_str()).join(kind.as_str())
    }

    fn path(&self, object: &Object) -> PathBuf {
        self.folder(&object.vault, object.kind).join(object.name())
    }
}

/// The names in a folder, in no order; none when it does not exist.
fn names_in(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    // A name that is not UTF-8 is none of ours.
    let names = entries.filter_map(|entry| entry.map(|e| e.file_name().into_string().ok()).transpose());
    Ok(names.collect::<io::Result<_>>()?)
}

fn bytes_below(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { bytes_below(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}
