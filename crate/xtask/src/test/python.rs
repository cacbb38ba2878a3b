//! The second reader's tests, in an environment of their own under target/.

use std::path::PathBuf;

use anyhow::Result;

use super::tally::Tally;
use crate::{
    program::{self, Profile},
    shell::{command, run, step, tee, top},
    stamp::{Inputs, unless_done},
    tools,
};

const READER: &str = "tests/reader";
const PACKAGES: &str = "tests/reader/requirements.txt";

/// The interpreter of the environment, which has what the reader imports.
///
/// # Errors
/// Python or one of the packages cannot be installed.
pub fn interpreter() -> Result<PathBuf> {
    let folder = top().join("target/python");
    let python = folder.join("bin/python");
    let inputs = Inputs::default().path(PACKAGES)?;
    unless_done("python", &inputs, &["target/python/bin/python"], || {
        tools::debian(&[("python3", "python3")])?;
        if run(&mut command("python3", ["-c", "import ensurepip"])).is_err() {
            tools::install(&["python3-venv"])?;
        }
        step("Python packages of the second reader", || {
            run(command("python3", ["-m", "venv", "--clear"]).arg(&folder))?;
            run(&mut command(&python.to_string_lossy(), ["-m", "pip", "install", "--quiet", "--requirement", PACKAGES]))
        })
    })?;
    Ok(python)
}

pub fn reader(_: Option<&str>) -> Result<Tally> {
    let python = interpreter()?;
    let cli = program::build("strongroom-cli", "strongroom", Profile::Dev)?;
    let mut tests = command(&python.to_string_lossy(), ["-m", "unittest", "discover", "--verbose", "--start-directory", READER]);
    let (well, text) = tee(tests.env("STRONGROOM_CLI", cli))?;
    Ok(Tally::of_unittest(&text).ended(well))
}
