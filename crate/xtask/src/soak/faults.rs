//! The core's own tests of faults and ends, with many more schedules than every day.

use anyhow::Result;

use crate::{
    shell::{cargo, tee},
    test::tally::Tally,
};

/// How many schedules the tests of crate/core run; they read it.
const SEEDS: &str = "STRONGROOM_SEEDS";

pub fn run(seeds: u64) -> Result<Tally> {
    let mut tests =
        cargo(["test", "--quiet", "--release", "--package", "strongroom-core", "--no-fail-fast", "--tests", "--", "--show-output"]);
    let (well, text) = tee(tests.env(SEEDS, seeds.to_string()))?;
    Ok(Tally::of_cargo(&text).ended(well))
}
