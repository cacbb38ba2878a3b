//! The end-to-end tests: real browsers, the built page, a server for each test.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{engines, python, storage, tally::Tally, typescript::TESTS};
use crate::{
    apps, garage, npm, packed,
    program::{self, Profile},
    shell::{tee, top},
    tools,
};

pub fn tests(name: Option<&str>) -> Result<Tally> {
    engines::install()?;
    let package = packed::installed()?;
    npm::install(TESTS)?;
    let apps = apps::build(&["react"])?;
    storage::servers()?;
    let python = python::interpreter()?;
    let server = program::build("strongroom-server", "strongroom-server", Profile::Dev)?;
    let cli = program::build("strongroom-cli", "strongroom", Profile::Dev)?;
    let back_end = program::example("strongroom-bucket", "back_end")?;
    tools::debian(&[("curl", "curl")])?;
    let garage = garage::program()?;
    let report = top().join("target/browser/report.json");
    let _ = fs::remove_file(&report);
    let mut tests = npm::program(TESTS, "playwright", ["test", "--reporter=list,json"]);
    if let Some(name) = name {
        // What runs first otherwise runs whole, whatever its name.
        tests.args(["--no-deps", "--workers=1", "--grep", name]);
    }
    tests.env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report).env("FORCE_COLOR", "0");
    tests.env("STRONGROOM_SERVER", server).env("STRONGROOM_CLI", cli).env("STRONGROOM_PYTHON", python).env("STRONGROOM_GARAGE", garage);
    tests.env("STRONGROOM_BACK_END", back_end).env("STRONGROOM_PACKAGE", package).env("STRONGROOM_APPS", apps);
    let (well, _) = tee(&mut tests)?;
    let report: Value = serde_json::from_slice(&fs::read(&report).context("Playwright left no report")?).context("Playwright's report")?;
    Ok(Tally::of_playwright(&report).ended(well))
}
