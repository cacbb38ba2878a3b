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
    let (name, folder) = profile.names();
    step(program, || run(&mut cargo(["build", "--profile", name, "--package", package])))?;
    Ok(top().join("target").join(folder).join(program))
}

/// Builds an example of a package and says where it lies.
///
/// # Errors
/// The compiler ends with failure.
pub fn example(package: &str, name: &str, profile: Profile) -> Result<PathBuf> {
    let (profile, folder) = profile.names();
    step(name, || run(&mut cargo(["build", "--profile", profile, "--package", package, "--example", name])))?;
    Ok(top().join("target").join(folder).join("examples").join(name))
}

impl Profile {
    /// Cargo's name of it, and of the folder where it is built.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Release => ("release", "release"),
            Self::Dev => ("dev", "debug"),
        }
    }
}
