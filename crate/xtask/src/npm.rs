//! The npm packages of the repository: each folder with a package.json and a lock file.

use std::process::Command;

use anyhow::Result;

use crate::{
    shell::{command, run, step, top},
    stamp::{Inputs, unless_done},
};

/// Installs what a folder's lock file names, when that has changed.
///
/// # Errors
/// npm ends with failure.
pub fn install(folder: &str) -> Result<()> {
    let inputs = Inputs::default().path(format!("{folder}/package.json"))?.path(format!("{folder}/package-lock.json"))?;
    unless_done(&format!("npm-{}", folder.replace('/', "-")), &inputs, &[&format!("{folder}/node_modules")], || {
        step(&format!("npm packages of {folder}"), || {
            run(command("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(top().join(folder)))
        })
    })
}

/// `npm run script` in a folder.
pub fn script(folder: &str, script: &str) -> Command {
    let mut command = command("npm", ["run", "--silent", script]);
    command.current_dir(top().join(folder));
    command
}

/// A program that a folder's packages bring, to be run in that folder.
pub fn program<'a>(folder: &str, program: &str, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let path = top().join(folder).join("node_modules/.bin").join(program);
    let mut command = command(&path.to_string_lossy(), arguments);
    command.current_dir(top().join(folder));
    command
}
