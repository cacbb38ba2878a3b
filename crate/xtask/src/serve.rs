//! `cargo xtask serve`: the whole of Strongroom on this machine.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::{
    package,
    program::{self, Profile},
    shell::{self, command, top},
};

#[derive(Args)]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 8417)]
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
    let data = options.data.clone().unwrap_or_else(|| top().join(".strongroom"));
    let mut server = command(&program.to_string_lossy(), ["--port", &options.port.to_string()]);
    shell::run(server.arg("--data").arg(data).arg("--page").arg(top().join("www/dist")))
}
