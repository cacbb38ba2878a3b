//! `cargo xtask test`: everything that can fail, stage after stage, then what they counted.

mod browser;
mod core_is_pure;
mod engines;
mod instructions;
mod layers;
mod modules;
mod python;
mod repository;
pub mod rust;
mod storage;
pub mod tally;
mod tarball;
mod typescript;

use std::{process::ExitCode, time::Instant};

use anyhow::Result;
use clap::Args;

use crate::{garage, package, shell::seconds};
use tally::Tally;
pub use typescript::TESTS;

#[derive(Args)]
pub struct Options {
    /// Only the stage of this name: format, lints, architecture, rust, instructions, build, modules, package, types, units, reader, api, storage, browser.
    stage: Option<String>,
    /// Only tests whose names contain this (stages rust, storage and browser).
    name: Option<String>,
}

/// One stage: its name, what stands above it, what it does.
type Stage = (&'static str, &'static str, fn(Option<&str>) -> Result<Tally>);

const STAGES: [Stage; 14] = [
    ("format", "Rust is formatted", rust::format),
    ("lints", "Rust has no warnings", rust::lints),
    ("architecture", "The layers hold", architecture),
    ("rust", "Rust tests", rust::tests),
    ("instructions", "Native stages take no more instructions than they did", instructions::check),
    ("build", "Everything a browser loads is built", |_| package::build().map(|()| Tally::one(true))),
    ("modules", "The built modules keep to their walls and budgets", modules::check),
    ("package", "The npm package, from its tarball", tarball::check),
    ("types", "TypeScript is sound", typescript::types),
    ("units", "TypeScript tests", typescript::units),
    ("reader", "The second reader", python::reader),
    ("api", "The API's document, asked for everything in it", python::api),
    ("storage", "The server on real S3 servers", storage::tests),
    ("browser", "Real browsers, real page, real server", browser::tests),
];

/// Runs the stages that were asked for; each runs even if one before it failed.
///
/// # Errors
/// The stage asked for does not exist.
pub fn run(options: &Options) -> Result<ExitCode> {
    let wanted: Vec<&Stage> = STAGES.iter().filter(|(name, ..)| options.stage.as_ref().is_none_or(|stage| stage == name)).collect();
    if wanted.is_empty() {
        anyhow::bail!("there is no stage of that name; see cargo xtask test --help");
    }
    if wanted.iter().any(|(name, ..)| matches!(*name, "storage" | "browser")) {
        garage::begin()?;
    }
    let (mut total, mut lines) = (Tally::default(), Vec::new());
    for (name, heading, work) in wanted {
        println!("\n== {heading}");
        let start = Instant::now();
        let tally = work(options.name.as_deref()).unwrap_or_else(|error| {
            println!("{error:#}");
            Tally::one(false)
        });
        if tally.passed + tally.failed == 0 {
            println!("no test ran: that is a failure");
        }
        let tally = tally.or_failed();
        lines.push(format!("{name:14}{tally}  ({})", seconds(start.elapsed())));
        total += tally;
    }
    println!("\n== Result\n{}\n", lines.join("\n"));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn architecture(_: Option<&str>) -> Result<Tally> {
    let mut checks = core_is_pure::checks();
    checks.extend(layers::checks());
    checks.extend(repository::checks());
    Ok(tally::checks(checks))
}
