//! The server's own test that kills it during uploads, with many more kills than every day.

use anyhow::Result;

use crate::{
    shell::{cargo, tee},
    test::tally::Tally,
};

/// How often the test of crate/server kills; it reads it.
const KILLS: &str = "STRONGROOM_KILLS";

pub fn run(kills: u64) -> Result<Tally> {
    let mut tests = cargo(["test", "--quiet", "--package", "strongroom-server", "--test", "kill", "--", "--show-output"]);
    let (well, text) = tee(tests.env(KILLS, kills.to_string()))?;
    Ok(Tally::of_cargo(&text).ended(well))
}
