//! A `strongroom-server` of one's own, on a free port of loopback.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};

use crate::shell::top;

pub struct Server {
    child: Child,
    pub url: String,
    pub data: PathBuf,
}

impl Server {
    /// Starts one and waits until it listens.
    ///
    /// # Errors
    /// It ends before.
    pub fn start(program: &Path, data: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0", "--data"]).arg(data).arg("--www").arg(top().join("www/dist"));
        Self::spawn(command, data)
    }

    /// Another one that says where it listens, and keeps what it has in that folder.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn spawn(mut command: Command, data: &Path) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn().context("the server cannot be started")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("the server has no output")?).read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ").context("the server does not say where it listens")?.to_owned();
        Ok(Self { child, url, data: data.to_owned() })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
