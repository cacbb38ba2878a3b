//! The apps of tests/apps: each built by another bundler, with the package from its tarball and everything else from its own lock file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    folder, packed,
    shell::{command, output, run, step, top},
    stamp::unless_done,
};

const SOURCES: &str = "tests/apps";
/// What several of them do.
const JOURNEY: &str = "tests/apps/journey.js";
const BUILT: &str = "target/apps";

/// Builds these apps; the folder in which each has its `dist`.
///
/// # Errors
/// npm cannot install what an app names, or its bundler ends with failure.
pub fn build(names: &[&str]) -> Result<PathBuf> {
    let tarball = packed::tarball()?;
    for name in names {
        let inputs = packed::inputs()?.path(format!("{SOURCES}/{name}"))?.path(JOURNEY)?;
        unless_done(&format!("app-{name}"), &inputs, &[&format!("{BUILT}/{name}/dist/index.html")], || {
            step(&format!("app {name}"), || build_one(name, &tarball))
        })?;
    }
    Ok(top().join(BUILT))
}

fn build_one(name: &str, tarball: &Path) -> Result<()> {
    let home = top().join(BUILT).join(name);
    folder::empty(&home)?;
    let source = format!("{SOURCES}/{name}");
    // Only what a commit would have: not what somebody has built in there.
    let files = output(&mut command("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", &source]))?;
    for file in files.split_terminator('\0').map(Path::new) {
        let target = home.join(file.strip_prefix(&source).context("a file lies in its folder")?);
        fs::create_dir_all(target.parent().context("a file lies in a folder")?)?;
        fs::copy(top().join(file), &target).with_context(|| format!("{} cannot be copied", file.display()))?;
    }
    fs::copy(top().join(JOURNEY), home.join("journey.js"))?;
    let npm = |words: &[&str]| {
        let mut command = command("npm", words);
        command.current_dir(&home).env("NEXT_TELEMETRY_DISABLED", "1");
        command
    };
    run(&mut npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    run(npm(&["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]).arg(tarball))?;
    run(&mut npm(&["run", "--silent", "build"]))
}
