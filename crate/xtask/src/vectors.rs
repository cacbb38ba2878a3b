//! `cargo xtask vectors`: the golden vectors under tests/vectors.

use anyhow::Result;
use clap::Args;

use crate::shell::{self, cargo, step};

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Options {
    /// Fails when a vector differs from what the code makes.
    #[arg(long)]
    check: bool,
    /// Writes the vectors anew; `git diff` then shows what changed.
    #[arg(long)]
    bless: bool,
}

/// Runs the tests of the core that hold it to the vectors.
///
/// # Errors
/// A vector differs, or cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let mut tests = cargo(["test", "--quiet", "--package", "strongroom-core", "vectors"]);
    if options.bless {
        tests.env("STRONGROOM_BLESS", "1");
    }
    step(if options.bless { "writing the vectors" } else { "checking the vectors" }, || shell::run(&mut tests))
}
