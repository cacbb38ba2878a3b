//! The native programs, built here.

use std::path::PathBuf;

use anyhow::Result;

use crate::shell::{cargo, run, step, top};

/// As a person runs it, or as a test does: quicker to build, with debug assertions.
#[derive(Clone, Copy)]
pub enum Profile {
    Release,
    Dev,
}

/// Builds a package's program and says where it lies.
///
/// # Errors
/// The compiler ends with failure.
pub fn build(package: &str, program: &str, profile: Profile) -> Result<PathBuf> {
    let (name, folder) = match profile {
        Profile::Release => ("release", "release"),
        Profile::Dev => ("dev", "debug"),
    };
    step(program, || run(&mut cargo(["build", "--profile", name, "--package", package])))?;
    Ok(top().join("target").join(folder).join(program))
}
