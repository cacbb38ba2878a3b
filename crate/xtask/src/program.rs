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

/// Builds an example of a package, as a test runs it, and says where it lies.
///
/// # Errors
/// The compiler ends with failure.
pub fn example(package: &str, name: &str) -> Result<PathBuf> {
    step(name, || run(&mut cargo(["build", "--package", package, "--example", name])))?;
    Ok(top().join("target/debug/examples").join(name))
}
