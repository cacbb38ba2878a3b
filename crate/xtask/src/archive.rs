//! ZIP files, read by a crate that the product does not use.

use std::{
    collections::BTreeSet,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use zip::ZipArchive;

use crate::folder;

/// Compares the files of a folder with a ZIP that holds the folder under its name, byte for byte; checksums are checked too.
///
/// # Errors
/// They differ: the first difference, as a sentence.
pub fn same(expected: &Path, archive: &Path) -> Result<()> {
    let parent = expected.parent().context("a folder has a parent")?;
    let name = Path::new(expected.file_name().context("a folder has a name")?);
    let mut archive = ZipArchive::new(BufReader::with_capacity(1 << 20, File::open(archive)?)).context("the ZIP cannot be read")?;
    let mut left: BTreeSet<PathBuf> = folder::files(expected)?.into_iter().map(|file| name.join(file)).collect();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at)?;
        if entry.is_dir() {
            continue;
        }
        let path = PathBuf::from(entry.name()?.as_ref());
        ensure!(left.remove(&path), "the ZIP has {}, which was not backed up, or has it twice", path.display());
        folder::same_bytes(&parent.join(&path), &mut entry)?;
    }
    ensure!(left.is_empty(), "the ZIP lacks {} files, {:?} first", left.len(), left.first());
    Ok(())
}
