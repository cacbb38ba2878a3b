//! Borg, a peer: Debian's package, to its own repository in a folder.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{About, Contender, peers::version};
use crate::{
    meter::{self, Cost},
    shell::has,
};

/// Where versions of the corpus lie in turn: what Borg remembers of a file, it remembers by the file's whole path.
const NOW: &str = "now";

#[derive(Default)]
pub struct Borg {
    folder: PathBuf,
    archives: usize,
}

impl Borg {
    /// Where it is installed.
    pub fn find() -> Option<Self> {
        has("borg").then(Self::default)
    }

    fn call(&self, verb: &str) -> Command {
        let mut call = Command::new("borg");
        // Its cache and its own files lie beside the repository, so that no round knows of another.
        call.env("BORG_BASE_DIR", self.folder.join("base")).env("BORG_PASSPHRASE", "correct horse battery staple");
        call.args([verb, "--error"]);
        call
    }

    fn archive(&self) -> String {
        format!("{}::{}", self.stored().display(), self.archives)
    }
}

impl Contender for Borg {
    fn name(&self) -> &'static str {
        "borg"
    }

    fn about(&self) -> Result<About> {
        let version = version(Command::new("borg").arg("--version"))?;
        Ok(About::new("borg", version, "repository in a folder, repokey-blake2, lz4 (as by default), its files cache by size and time"))
    }

    fn begin(&mut self, folder: &Path) -> Result<()> {
        (self.folder, self.archives) = (folder.to_owned(), 0);
        fs::create_dir(folder.join("base"))?;
        meter::program(self.call("init").args(["--encryption", "repokey-blake2"]).arg(self.stored())).map(drop)
    }

    fn back_up(&mut self, source: &Path) -> Result<Cost> {
        let name = source.file_name().context("the corpus has a name")?;
        let now = self.folder.join(NOW);
        if self.archives > 0 {
            fs::remove_file(&now)?;
        }
        symlink(source.parent().context("the corpus lies in a folder")?, &now)?;
        self.archives += 1;
        let mut call = self.call("create");
        call.args(["--files-cache", "mtime,size"]).arg(self.archive()).arg(Path::new(NOW).join(name)).current_dir(&self.folder);
        meter::program(&mut call)
    }

    fn restore(&mut self, target: &Path) -> Result<Cost> {
        meter::program(self.call("extract").args(["--strip-components", "1"]).arg(self.archive()).current_dir(target))
    }

    fn stored(&self) -> PathBuf {
        self.folder.join("repository")
    }
}
