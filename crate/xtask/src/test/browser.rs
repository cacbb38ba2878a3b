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

/// Those of tests/playwright.config.ts, one after the other: what fails in one hides nothing of the other.
const PROJECTS: [&str; 2] = ["beside", "alone"];

pub fn tests(name: Option<&str>) -> Result<Tally> {
    engines::install()?;
    let package = packed::installed()?;
    npm::install(TESTS)?;
    let apps = apps::build(&["react"])?;
    storage::servers()?;
    let python = python::interpreter()?;
    let server = program::build("strongroom-server", "strongroom-server", Profile::Dev)?;
    let cli = program::build("strongroom-cli", "strongroom", Profile::Dev)?;
    let back_end = program::example("strongroom-bucket", "back_end", Profile::Dev)?;
    tools::debian(&[("curl", "curl")])?;
    let garage = garage::program()?;
    let report = top().join("target/browser/report.json");
    let mut tally = Tally::default();
    for project in PROJECTS {
        let _ = fs::remove_file(&report);
        let mut tests = npm::program(TESTS, "playwright", ["test", "--reporter=list,json", "--project", project]);
        tests.args(name.into_iter().flat_map(|name| ["--pass-with-no-tests", "--grep", name]));
        tests.env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report).env("FORCE_COLOR", "0");
        tests.env("STRONGROOM_SERVER", &server).env("STRONGROOM_CLI", &cli).env("STRONGROOM_PYTHON", &python);
        tests.env("STRONGROOM_GARAGE", &garage).env("STRONGROOM_BACK_END", &back_end);
        tests.env("STRONGROOM_PACKAGE", &package).env("STRONGROOM_APPS", &apps);
        let (well, _) = tee(&mut tests)?;
        let report: Value =
            serde_json::from_slice(&fs::read(&report).context("Playwright left no report")?).context("Playwright's report")?;
        tally += Tally::of_playwright(&report).ended(well);
    }
    Ok(tally)
}
