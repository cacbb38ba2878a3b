//! rustfmt, clippy, cargo test.

use std::path::Path;

use anyhow::Result;

use super::tally::Tally;
use crate::{
    record::Record,
    shell::{cargo, tee},
    tools,
};

/// Wasm that Node.js runs.
const WASI: &str = "wasm32-wasip1";

pub fn format(_: Option<&str>) -> Result<Tally> {
    tools::rust_component("rustfmt", "fmt")?;
    let (well, _) = tee(&mut cargo(["fmt", "--all", "--check"]))?;
    Ok(Tally::one(well))
}

/// All targets of this machine, then the libraries that a browser runs as it will run them.
pub fn lints(_: Option<&str>) -> Result<Tally> {
    tools::rust_component("clippy", "clippy")?;
    let record = Record::read()?;
    tools::for_build(&record.target)?;
    let (well, _) = tee(&mut cargo(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    let mut tally = Tally::one(well);
    let mut browser = cargo(["clippy", "--quiet", "--lib", "--target", &record.target]);
    for module in record.module.values() {
        browser.args(["--package", &module.package]);
    }
    let (well, _) = tee(browser.args(["--", "-D", "warnings"]))?;
    tally += Tally::one(well);
    Ok(tally)
}

pub fn tests(name: Option<&str>) -> Result<Tally> {
    postgresql()?;
    let (well, text) = tee(cargo(["test", "--quiet", "--workspace", "--no-fail-fast"]).args(name))?;
    let mut tally = Tally::of_cargo(&text).ended(well);
    // What is written for wasm's vectors runs on arrays here: as wasm, too.
    tools::rust_target(WASI)?;
    let vectors =
        ["test", "--quiet", "--target", WASI, "--package", "strongroom-chacha", "--package", "strongroom-cipher", "--no-fail-fast"];
    let (well, text) = tee(cargo(vectors).args(name))?;
    tally += Tally::of_cargo(&text).ended(well);
    Ok(tally)
}

/// The server's tests start one of their own.
pub fn postgresql() -> Result<()> {
    if Path::new("/usr/lib/postgresql").is_dir() { Ok(()) } else { tools::debian(&[("initdb", "postgresql")]) }
}
