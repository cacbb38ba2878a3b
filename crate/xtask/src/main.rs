//! `cargo xtask`: builds, serves, tests and measures Strongroom.

mod apps;
mod archive;
mod bench;
mod corpus;
mod folder;
mod garage;
mod meter;
mod npm;
mod package;
mod packed;
mod program;
mod record;
mod reference;
mod screenshots;
mod serve;
mod shell;
mod soak;
mod stamp;
mod tab;
mod test;
mod tools;
mod twice;
mod vectors;
mod wasm;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Builds, serves, tests and measures Strongroom.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs what is missing, then builds the wasm modules, the npm package and the page.
    Build,
    /// Builds, then serves the page, the broker and the storage on this machine.
    Serve(serve::Options),
    /// Installs what tests need, builds, and runs every check and test; ends with `N passed, N failed`.
    Test(test::Options),
    /// Measures the command line and a tab on a generated corpus.
    Bench(bench::Options),
    /// What takes too long for every day: long fault schedules, large files, many files; ends with `N passed, N failed`.
    Soak(soak::Options),
    /// Builds, then draws every screen of the page, wide and on a phone, light and dark.
    Screenshots(screenshots::Options),
    /// Builds the npm package's API reference.
    Reference,
    /// Checks the golden vectors, or writes them anew.
    Vectors(vectors::Options),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Build => package::build()?,
        Command::Serve(options) => serve::run(&options)?,
        Command::Test(options) => return test::run(&options),
        Command::Bench(options) => bench::run(&options)?,
        Command::Soak(options) => return soak::run(&options),
        Command::Screenshots(options) => screenshots::pictures(&options)?,
        Command::Reference => println!("{}", reference::build()?.display()),
        Command::Vectors(options) => vectors::run(&options)?,
    }
    Ok(ExitCode::SUCCESS)
}
