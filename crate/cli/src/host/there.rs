//! What lies in the sink already: opened for the lanes, which compare it with the vault.

use std::{
    collections::HashMap,
    fs::File,
    sync::{Mutex, MutexGuard, PoisonError},
};

use strongroom_core::FileId;

/// Open files by number.
#[derive(Debug, Default)]
pub struct There(Mutex<Files>);

#[derive(Debug, Default)]
struct Files {
    last: u32,
    open: HashMap<u32, File>,
}

impl There {
    /// A number for that file.
    pub fn enter(&self, file: File, size: u64) -> FileId {
        let mut files = self.files();
        files.last = files.last.wrapping_add(1);
        let number = files.last;
        // Nothing is read of an empty file.
        if size > 0 {
            files.open.insert(number, file);
        }
        FileId(number)
    }

    /// The file, for the lane that reads it: once only, since very many open files would pile up.
    pub fn take(&self, number: FileId) -> Option<File> {
        self.files().open.remove(&number.0)
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
