//! Two builds of one commit give the same bytes, wherever they are made.

use std::{env, fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    folder, npm,
    package::{self, PAGE},
    shell::{self, command, output, run, top},
    wasm::PACKAGE,
};

/// The package's scripts and the page, made once more in another folder from the modules that are built: seconds.
///
/// # Errors
/// The two differ; the sentence names the first file that does.
pub fn page() -> Result<()> {
    package::build()?;
    let home = top().join("target/twice/page");
    folder::empty(&home)?;
    copy_sources(&home, &[PACKAGE, PAGE])?;
    for file in folder::files(&top().join(PACKAGE).join("generated"))? {
        copy(&Path::new(PACKAGE).join("generated").join(file), &home)?;
    }
    for module in ["vault.wasm", "courier.wasm", "offline.wasm"] {
        copy(&Path::new(PACKAGE).join("dist").join(module), &home)?;
    }
    for folder in [PACKAGE, PAGE] {
        borrow_packages(folder, &home)?;
    }
    for (folder, script) in [(PACKAGE, "build:workers"), (PACKAGE, "build:index"), (PACKAGE, "build:offline"), (PAGE, "build")] {
        run(npm::script(folder, script).current_dir(home.join(folder)))?;
    }
    folder::same(&top().join(PAGE).join("dist"), &home.join(PAGE).join("dist"), false)
}

/// Everything, from nothing but the sources, in another folder, where the sources of other crates have other paths, too: minutes.
///
/// # Errors
/// As [`page`].
pub fn whole() -> Result<()> {
    package::build()?;
    let home = top().join("target/twice/whole");
    folder::empty(&home)?;
    let (copy, cargo) = (home.join("strongroom"), home.join("cargo"));
    copy_sources(&copy, &["."])?;
    fs::create_dir(&cargo)?;
    let own = crate::wasm::cargo_home()?;
    for entry in fs::read_dir(&own)? {
        let entry = entry?;
        link(&entry.path(), &cargo.join(entry.file_name()))?;
    }
    let this = env::current_exe()?;
    run(command(&this.to_string_lossy(), ["build"]).env(shell::TOP, &copy).env("CARGO_HOME", &cargo).current_dir(&copy))?;
    folder::same(&top().join(PAGE).join("dist"), &copy.join(PAGE).join("dist"), false)
}

/// All but what is built.
fn copy_sources(home: &Path, folders: &[&str]) -> Result<()> {
    for file in
        output(command("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]).args(folders))?.split_terminator('\0')
    {
        copy(Path::new(file), home)?;
    }
    Ok(())
}

/// From the top to the same place below `home`.
fn copy(file: &Path, home: &Path) -> Result<()> {
    let target = home.join(file);
    fs::create_dir_all(target.parent().context("a file lies in a folder")?)?;
    fs::copy(top().join(file), &target).with_context(|| format!("{} cannot be copied", file.display()))?;
    Ok(())
}

/// The npm packages that are installed, but for ours, which is the copy's.
fn borrow_packages(folder: &str, home: &Path) -> Result<()> {
    let (own, theirs) = (top().join(folder).join("node_modules"), home.join(folder).join("node_modules"));
    fs::create_dir(&theirs)?;
    for entry in fs::read_dir(&own)? {
        let entry = entry?;
        let target = if entry.file_name() == "strongroom" { home.join(PACKAGE) } else { entry.path() };
        link(&target, &theirs.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(unix)]
fn link(target: &Path, at: &Path) -> Result<()> {
    std::os::unix::fs::symlink(target, at).with_context(|| format!("{} cannot be linked", at.display()))
}

#[cfg(not(unix))]
fn link(_: &Path, at: &Path) -> Result<()> {
    anyhow::bail!("{}: this check wants symbolic links", at.display())
}
