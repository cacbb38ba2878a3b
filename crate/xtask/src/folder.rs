//! Folders: what is in them, and whether two are the same.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, Result, bail};

/// Makes a folder, or empties it.
///
/// # Errors
/// The file system refuses.
pub fn empty(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).with_context(|| format!("{} cannot be removed", folder.display())),
        _ => fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display())),
    }
}

/// All files below a folder, relative, in order.
///
/// # Errors
/// A folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    Ok(leaves(folder)?.into_iter().filter(|(_, leaf)| leaf.size.is_some()).map(|(path, _)| path).collect())
}

/// How many files there are, and their bytes.
///
/// # Errors
/// A folder cannot be read.
pub fn size(folder: &Path) -> Result<(u64, u64)> {
    let sizes: Vec<u64> = leaves(folder)?.into_values().filter_map(|leaf| leaf.size).collect();
    Ok((sizes.len() as u64, sizes.iter().sum()))
}

/// Compares folders, empty ones too, files byte for byte, and times to the millisecond if `times`.
///
/// # Errors
/// They differ: the first difference, as a sentence.
pub fn same(expected: &Path, actual: &Path, times: bool) -> Result<()> {
    let (left, right) = (leaves(expected)?, leaves(actual)?);
    if let Some(path) = left.keys().find(|path| !right.contains_key(*path)) {
        bail!("{} is missing in {}", path.display(), actual.display());
    }
    if let Some(path) = right.keys().find(|path| !left.contains_key(*path)) {
        bail!("{} is too many in {}", path.display(), actual.display());
    }
    for (path, leaf) in &left {
        let other = &right[path];
        if leaf.size != other.size {
            bail!("{} has {:?} bytes, not {:?}", path.display(), other.size, leaf.size);
        }
        if leaf.size.is_some() {
            same_bytes(&expected.join(path), &mut File::open(actual.join(path))?)?;
            if times && leaf.milliseconds != other.milliseconds {
                bail!("{} has the time {}, not {}", path.display(), other.milliseconds, leaf.milliseconds);
            }
        }
    }
    Ok(())
}

/// Compares a file with other bytes.
///
/// # Errors
/// They differ, or cannot be read.
pub fn same_bytes(expected: &Path, actual: &mut impl Read) -> Result<()> {
    const PART: usize = 1 << 20;
    let mut file = File::open(expected)?;
    let (mut left, mut right) = (Vec::with_capacity(PART), Vec::with_capacity(PART));
    loop {
        left.clear();
        right.clear();
        file.by_ref().take(PART as u64).read_to_end(&mut left)?;
        actual.by_ref().take(PART as u64).read_to_end(&mut right)?;
        if left != right {
            bail!("{} came back with other bytes", expected.display());
        }
        if left.is_empty() {
            return Ok(());
        }
    }
}

/// A file, or a folder that has no size.
struct Leaf {
    size: Option<u64>,
    milliseconds: i128,
}

fn leaves(folder: &Path) -> Result<BTreeMap<PathBuf, Leaf>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![PathBuf::new()]);
    while let Some(at) = folders.pop() {
        let place = folder.join(&at);
        for entry in fs::read_dir(&place).with_context(|| format!("{} cannot be read", place.display()))? {
            let entry = entry?;
            let (status, path) = (entry.metadata()?, at.join(entry.file_name()));
            let since = status.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            found.insert(path.clone(), Leaf { size: status.is_file().then_some(status.len()), milliseconds: since.as_millis() as i128 });
            if status.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::{empty, same};

    #[test]
    fn a_changed_byte_a_missing_file_and_one_too_many_are_found() {
        let home: PathBuf = std::env::temp_dir().join(format!("strongroom-folder-{}", std::process::id()));
        let (left, right) = (home.join("left"), home.join("right"));
        for folder in [&left, &right] {
            empty(folder).expect("a temporary folder can be made");
            fs::write(folder.join("file"), "bytes").expect("and written to");
        }
        assert!(same(&left, &right, false).is_ok());
        fs::write(right.join("file"), "bytez").expect("written");
        assert!(same(&left, &right, false).is_err());
        fs::write(right.join("file"), "bytes").expect("written");
        fs::create_dir(right.join("folder")).expect("made");
        assert!(same(&left, &right, false).is_err());
        fs::create_dir(left.join("folder")).expect("made");
        fs::remove_file(right.join("file")).expect("removed");
        assert!(same(&left, &right, false).is_err());
        fs::remove_dir_all(home).expect("removed");
    }
}
