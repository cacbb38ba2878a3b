//! What is tested with Python, in environments of their own under target/: the second reader, and the API's document.

use std::path::PathBuf;

use anyhow::Result;

use super::tally::Tally;
use crate::{
    program::{self, Profile},
    shell::{cargo, command, run, step, tee, top},
    stamp::{Inputs, unless_done},
    tools,
};

const READER: &str = "tests/reader";
/// An environment: its name below target/, what it is for, its packages.
type Environment = (&'static str, &'static str, &'static str);
const OF_READER: Environment = ("python", "the second reader", "tests/reader/requirements.txt");
const OF_API: Environment = ("schemathesis", "the API's tests", "tests/api/requirements.txt");

/// The interpreter of the environment that has what the reader imports.
///
/// # Errors
/// Python or one of the packages cannot be installed.
pub fn interpreter() -> Result<PathBuf> {
    install(&OF_READER).map(|programs| programs.join("python"))
}

/// The folder with an environment's programs.
fn install((name, whose, packages): &Environment) -> Result<PathBuf> {
    let folder = top().join("target").join(name);
    let programs = folder.join("bin");
    let inputs = Inputs::default().path(packages)?;
    unless_done(name, &inputs, &[&format!("target/{name}/bin/python")], || {
        tools::debian(&[("python3", "python3")])?;
        if run(&mut command("python3", ["-c", "import ensurepip"])).is_err() {
            tools::install(&["python3-venv"])?;
        }
        step(&format!("Python packages of {whose}"), || {
            run(command("python3", ["-m", "venv", "--clear"]).arg(&folder))?;
            let python = programs.join("python");
            run(&mut command(&python.to_string_lossy(), ["-m", "pip", "install", "--quiet", "--requirement", packages]))
        })
    })?;
    Ok(programs)
}

pub fn reader(_: Option<&str>) -> Result<Tally> {
    let python = interpreter()?;
    let cli = program::build("strongroom-cli", "strongroom", Profile::Dev)?;
    let mut tests = command(&python.to_string_lossy(), ["-m", "unittest", "discover", "--verbose", "--start-directory", READER]);
    let (well, text) = tee(tests.env("STRONGROOM_CLI", cli))?;
    Ok(Tally::of_unittest(&text).ended(well))
}

/// Schemathesis against the server, from a test of the server's own.
pub fn api(_: Option<&str>) -> Result<Tally> {
    let schemathesis = install(&OF_API)?.join("schemathesis");
    let mut tests = cargo([
        "test",
        "--quiet",
        "--package",
        "strongroom-server",
        "--features",
        "schemathesis",
        "--test",
        "schemathesis",
        "--",
        "--nocapture",
    ]);
    let (well, text) = tee(tests.env("STRONGROOM_SCHEMATHESIS", schemathesis))?;
    Ok(Tally::of_cargo(&text).ended(well))
}
