//! The npm package from its tarball in apps by several bundlers, each used in a real browser.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    apps, npm,
    shell::{tee, top},
    test::{TESTS, tally::Tally},
    tools,
};

const APPS: [&str; 4] = ["vite-7", "webpack-5", "esbuild", "next"];

/// # Errors
/// An app cannot be built.
pub fn run() -> Result<Tally> {
    tools::debian(&[("chromium", "chromium")])?;
    npm::install(TESTS)?;
    let apps = apps::build(&APPS)?;
    let mut tests = npm::program(TESTS, "playwright", ["test", "--config=soak.config.ts", "--reporter=list,json"]);
    let report = top().join("target/soak/report.json");
    let _ = fs::remove_file(&report);
    tests.env("STRONGROOM_APPS", apps).env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report).env("FORCE_COLOR", "0");
    let (well, _) = tee(&mut tests)?;
    let report: Value = serde_json::from_slice(&fs::read(&report).context("Playwright left no report")?).context("Playwright's report")?;
    Ok(Tally::of_playwright(&report).ended(well))
}
