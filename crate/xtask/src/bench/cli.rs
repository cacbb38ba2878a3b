//! The command line over a vault in a folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Result;

use super::{About, Contender, peers::version};
use crate::{
    meter::{self, Cost},
    program::{self, Profile},
};

pub struct Cli {
    program: PathBuf,
    folder: PathBuf,
}

impl Cli {
    pub fn prepare() -> Result<Self> {
        Ok(Self { program: program::build("strongroom-cli", "strongroom", Profile::Release)?, folder: PathBuf::new() })
    }

    fn call(&self, verb: &str) -> Command {
        let mut call = Command::new(&self.program);
        call.arg(verb).arg("--vault").arg(self.stored()).arg("--passphrase-file").arg(self.folder.join("passphrase"));
        call.stderr(Stdio::null());
        call
    }
}

impl Contender for Cli {
    fn name(&self) -> &'static str {
        "cli"
    }

    fn about(&self) -> Result<About> {
        let version = version(Command::new(&self.program).arg("--version"))?;
        Ok(About::new("command line", version, "vault in a folder, zstd level 3"))
    }

    fn begin(&mut self, folder: &Path) -> Result<()> {
        self.folder = folder.to_owned();
        fs::write(folder.join("passphrase"), "correct horse battery staple\n")?;
        meter::program(self.call("init").arg("--recovery-phrase-out").arg(folder.join("phrase"))).map(drop)
    }

    fn back_up(&mut self, source: &Path) -> Result<Cost> {
        meter::program(self.call("backup").arg(source))
    }

    fn restore(&mut self, target: &Path) -> Result<Cost> {
        meter::program(self.call("restore").arg("--to").arg(target))
    }

    fn stored(&self) -> PathBuf {
        self.folder.join("objects")
    }
}
