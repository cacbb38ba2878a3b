//! Work is done again only when what it is made from has changed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::shell::top;

/// The hash of what a product is made from: files, folders, values.
#[derive(Default)]
pub struct Inputs(blake3::Hasher);

impl Inputs {
    /// A file, or everything in a folder but what was itself generated; paths count, from the top. What is missing counts as such.
    ///
    /// # Errors
    /// A file that is there cannot be read.
    pub fn path(mut self, path: impl AsRef<Path>) -> Result<Self> {
        self.add(&top().join(path))?;
        Ok(self)
    }

    /// Any other thing that the product depends on.
    pub fn value(mut self, value: impl AsRef<[u8]>) -> Self {
        self.part(value.as_ref());
        self
    }

    fn add(&mut self, path: &Path) -> Result<()> {
        self.part(path.strip_prefix(top()).unwrap_or(path).as_os_str().as_encoded_bytes());
        if path.is_dir() {
            let mut entries: Vec<PathBuf> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
            entries.sort();
            for entry in entries.iter().filter(|entry| !is_generated(entry)) {
                self.add(entry)?;
            }
        } else if path.is_file() {
            let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
            self.part(&bytes);
        }
        Ok(())
    }

    fn part(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    }
}

/// Does `work` unless it was done for the same `inputs` before and each of its `products` (paths from the top) is still there.
///
/// # Errors
/// Those of `work`, which is then done again next time.
pub fn unless_done(name: &str, inputs: &Inputs, products: &[&str], work: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp = top().join("target/stamp").join(name);
    let hash = inputs.0.finalize().to_hex().to_string();
    let done = fs::read_to_string(&stamp).is_ok_and(|old| old == hash);
    if done && products.iter().all(|product| top().join(product).exists()) {
        return Ok(());
    }
    let _ = fs::remove_file(&stamp);
    work()?;
    fs::create_dir_all(stamp.parent().expect("the stamp lies in a folder"))?;
    fs::write(&stamp, hash).with_context(|| format!("{} cannot be written", stamp.display()))
}

fn is_generated(path: &Path) -> bool {
    path.file_name().is_some_and(|name| ["node_modules", "dist", "target", ".cache", "results"].iter().any(|generated| name == *generated))
}
