//! `cargo xtask serve`: the whole of Strongroom on this machine.

#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    package,
    program::{self, Profile},
    shell::{command, top},
};

#[derive(Args)]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 4180)]
    port: u16,
    /// Folder for accounts and objects [default: .strongroom at the top of the repository].
    #[arg(long)]
    data: Option<PathBuf>,
}

/// Builds what has changed, then serves until interrupted.
///
/// # Errors
/// Building fails, or the server ends with failure.
pub fn run(options: &Options) -> Result<()> {
    package::build()?;
    let program = program::build("strongroom-server", "strongroom-server", Profile::Release)?;
    let data = std::path::absolute(options.data.clone().unwrap_or_else(|| top().join(".strongroom")))?;
    let address = format!("127.0.0.1:{}", options.port);
    eprintln!("• serving; data in {}; Ctrl-C stops it", data.display());
    let mut server = command(&program.to_string_lossy(), ["--listen", &address]);
    become_program(server.arg("--data").arg(data).arg("--www").arg(top().join("www/dist")))
}

/// The server takes this process's place, so that signals reach it and it never outlives who started it.
#[cfg(unix)]
fn become_program(program: &mut Command) -> Result<()> {
    Err(program.exec()).context("strongroom-server cannot be started")
}

#[cfg(not(unix))]
fn become_program(program: &mut Command) -> Result<()> {
    crate::shell::run(program)
}
