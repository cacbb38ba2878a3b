//! restic, a peer: Debian's package, to its own repository in a folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{About, Contender, peers::version};
use crate::{
    meter::{self, Cost},
    shell::{has, output},
};

#[derive(Default)]
pub struct Restic {
    folder: PathBuf,
}

impl Restic {
    /// Where it is installed.
    pub fn find() -> Option<Self> {
        has("restic").then(Self::default)
    }

    /// The newest snapshot's id.
    fn newest(&self) -> Result<Option<String>> {
        let snapshots: Value = serde_json::from_str(&output(self.call("snapshots").arg("--json"))?)?;
        let newest = snapshots.as_array().and_then(|snapshots| snapshots.last());
        Ok(newest.and_then(|newest| newest["id"].as_str()).map(str::to_owned))
    }

    fn call(&self, verb: &str) -> Command {
        let mut call = Command::new("restic");
        call.args(["--quiet", "--no-cache", "--repo"]).arg(self.stored()).arg("--password-file").arg(self.folder.join("password"));
        call.arg(verb);
        call
    }
}

impl Contender for Restic {
    fn name(&self) -> &'static str {
        "restic"
    }

    fn about(&self) -> Result<About> {
        let version = version(Command::new("restic").arg("version"))?;
        Ok(About::new("restic", version, "repository in a folder, zstd as by default, no cache, unchanged files by size and time"))
    }

    fn begin(&mut self, folder: &Path) -> Result<()> {
        self.folder = folder.to_owned();
        fs::write(folder.join("password"), "correct horse battery staple\n")?;
        meter::program(&mut self.call("init")).map(drop)
    }

    /// Against the newest snapshot, by size and time alone: version 2 lies elsewhere.
    fn back_up(&mut self, source: &Path) -> Result<Cost> {
        let parent = source.parent().context("the corpus lies in a folder")?;
        let name = source.file_name().context("the corpus has a name")?;
        let mut call = self.call("backup");
        call.args(["--ignore-inode", "--ignore-ctime"]).arg(name).current_dir(parent);
        if let Some(newest) = self.newest()? {
            call.args(["--parent", &newest]);
        }
        meter::program(&mut call)
    }

    fn restore(&mut self, target: &Path) -> Result<Cost> {
        meter::program(self.call("restore").arg("latest").arg("--target").arg(target))
    }

    fn stored(&self) -> PathBuf {
        self.folder.join("repository")
    }
}
