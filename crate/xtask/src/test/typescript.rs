//! tsc and node's test runner, in each folder that has a package.json.

use anyhow::Result;

use super::tally::Tally;
use crate::{npm, package::PAGE, shell::tee, wasm::PACKAGE};

/// The browser tests.
pub const TESTS: &str = "tests";

pub fn types(_: Option<&str>) -> Result<Tally> {
    let mut tally = Tally::default();
    for folder in [PACKAGE, PAGE, TESTS] {
        npm::install(folder)?;
        let (well, _) = tee(&mut npm::script(folder, "check"))?;
        println!("{}  {folder}", if well { "ok    " } else { "FAILED" });
        tally += Tally::one(well);
    }
    Ok(tally)
}

pub fn units(_: Option<&str>) -> Result<Tally> {
    let mut tally = Tally::default();
    for folder in [PACKAGE, PAGE] {
        npm::install(folder)?;
        println!("-- {folder}");
        let (well, text) = tee(&mut npm::script(folder, "test"))?;
        tally += Tally::of_node(&text).ended(well);
    }
    Ok(tally)
}
