//! `cargo xtask screenshots`: every screen of the page as pictures, wide and on a phone, light and dark.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::{
    npm, package,
    program::{self, Profile},
    shell::{run, top},
    test::TESTS,
    tools,
};

#[derive(Args)]
pub struct Options {
    /// Folder for the pictures.
    #[arg(long)]
    to: Option<PathBuf>,
    /// Writes the few that README shows, into www/screenshots, and no others.
    #[arg(long, conflicts_with = "to")]
    readme: bool,
}

/// Builds what is needed, then lets a real browser walk through every screen.
///
/// # Errors
/// Building fails, or a screen is not reached.
pub fn pictures(options: &Options) -> Result<()> {
    tools::debian(&[("chromium", "chromium")])?;
    package::build()?;
    npm::install(TESTS)?;
    let server = program::build("strongroom-server", "strongroom-server", Profile::Dev)?;
    let cli = program::build("strongroom-cli", "strongroom", Profile::Dev)?;
    let folder = match (&options.to, options.readme) {
        (Some(folder), _) => std::path::absolute(folder)?,
        (None, true) => top().join("www/screenshots"),
        (None, false) => top().join("target/screenshots"),
    };
    let mut walk = npm::program(TESTS, "playwright", ["test", "--config=screenshots.config.ts", "--reporter=line"]);
    walk.env("STRONGROOM_SERVER", server).env("STRONGROOM_CLI", cli).env("STRONGROOM_SCREENSHOTS", &folder);
    walk.env("STRONGROOM_SCREENSHOTS_FOR", if options.readme { "readme" } else { "eyes" });
    run(&mut walk)?;
    eprintln!("• pictures in {}", folder.display());
    Ok(())
}
