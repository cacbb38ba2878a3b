//! The server's own test of two hundred vaults that back up at once, as people run it, and judged by its times.

use anyhow::{Result, ensure};

use crate::shell::{cargo, tee};

/// Within how many milliseconds 99 of 100 grants must have come, with two processors; the test reads it.
const GRANT: (&str, &str) = ("STRONGROOM_GRANT_MS", "50");
/// How many grants each of eight clients asks for, one after the other.
const GRANTS: (&str, &str) = ("STRONGROOM_GRANTS", "2500");

pub fn run() -> Result<()> {
    let mut tests = cargo(["test", "--quiet", "--release", "--package", "strongroom-server", "--test", "load"]);
    tests.args(["--", "--nocapture", "--test-threads=1"]).env(GRANT.0, GRANT.1).env(GRANTS.0, GRANTS.1);
    ensure!(tee(&mut tests)?.0, "the server fails under load, or is too slow");
    Ok(())
}
