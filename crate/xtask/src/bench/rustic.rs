//! rustic, a peer: the same repositories as restic's, by a program in Rust.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{About, Contender, peers::version};
use crate::{
    meter::{self, Cost},
    shell::{has, top},
};

pub struct Rustic {
    program: PathBuf,
    folder: PathBuf,
}

impl Rustic {
    /// Where it is installed: on the path, or where [`super::peers`] says.
    pub fn find() -> Option<Self> {
        let own = top().join(super::peers::BUILT).join("bin/rustic");
        let program = if own.is_file() { own } else { has("rustic").then(|| PathBuf::from("rustic"))? };
        Some(Self { program, folder: PathBuf::new() })
    }

    fn call(&self, verb: &str) -> Command {
        let mut call = Command::new(&self.program);
        // Its configuration and its log would else be a person's own.
        call.env("HOME", &self.folder).env("XDG_CONFIG_HOME", &self.folder);
        call.args(["--log-level", "error", "--no-progress", "--no-cache", "--repository"]).arg(self.stored());
        call.arg("--password-file").arg(self.folder.join("password")).arg(verb);
        call
    }
}

impl Contender for Rustic {
    fn name(&self) -> &'static str {
        "rustic"
    }

    fn about(&self) -> Result<About> {
        Ok(About::new(
            "rustic",
            version(Command::new(&self.program).arg("--version"))?,
            "repository in a folder, zstd as by default, no cache, unchanged files by size and time",
        ))
    }

    fn begin(&mut self, folder: &Path) -> Result<()> {
        self.folder = folder.to_owned();
        fs::write(folder.join("password"), "correct horse battery staple\n")?;
        meter::program(&mut self.call("init")).map(drop)
    }

    /// Under one name, so that version 2 is the next snapshot of version 1; by size and time alone: it lies elsewhere.
    fn back_up(&mut self, source: &Path) -> Result<Cost> {
        let name = source.file_name().context("the corpus has a name")?;
        let mut call = self.call("backup");
        call.args(["--ignore-ctime", "--ignore-inode", "--as-path"]).arg(name).arg(source);
        meter::program(&mut call)
    }

    fn restore(&mut self, target: &Path) -> Result<Cost> {
        meter::program(self.call("restore").arg("latest").arg(target))
    }

    fn stored(&self) -> PathBuf {
        self.folder.join("repository")
    }
}
