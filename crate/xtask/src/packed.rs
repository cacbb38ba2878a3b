//! The npm package as it is published: packed into a tarball, installed where an app would have it.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::{
    folder, package,
    shell::{command, output, run, step, top},
    stamp::{Inputs, unless_done},
    wasm::PACKAGE,
};

const HOME: &str = "target/package";
const TARBALL: &str = "target/package/strongroom.tgz";
/// An app that has nothing but the package.
const APP: &str = "target/package/app";
const INSTALLED: &str = "target/package/app/node_modules/strongroom";

/// What the tarball is made from.
///
/// # Errors
/// A file cannot be read.
pub fn inputs() -> Result<Inputs> {
    let files = ["dist", "package.json", "README.md"];
    files.iter().try_fold(Inputs::default(), |inputs, file| inputs.path(format!("{PACKAGE}/{file}")))
}

/// Builds the package and packs it; the tarball.
///
/// # Errors
/// Building fails, or npm does.
pub fn tarball() -> Result<PathBuf> {
    package::build()?;
    unless_done("packed", &inputs()?, &[TARBALL, INSTALLED], || {
        step("tarball of strongroom", || {
            let home = top().join(HOME);
            folder::empty(&home)?;
            let mut pack = command("npm", ["pack", "--silent", "--pack-destination"]);
            let name = output(pack.arg(&home).current_dir(top().join(PACKAGE)))?;
            fs::rename(home.join(name.trim()), top().join(TARBALL)).context("npm has packed nothing")?;
            let app = top().join(APP);
            fs::create_dir(&app)?;
            fs::write(app.join("package.json"), "{ \"name\": \"app\", \"private\": true, \"type\": \"module\" }\n")?;
            let mut install = command("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error"]);
            run(install.arg(top().join(TARBALL)).current_dir(&app)).context("the tarball cannot be installed")
        })
    })?;
    Ok(top().join(TARBALL))
}

/// The package in the `node_modules` of an app that has installed the tarball.
///
/// # Errors
/// As [`tarball`].
pub fn installed() -> Result<PathBuf> {
    tarball()?;
    Ok(top().join(INSTALLED))
}
