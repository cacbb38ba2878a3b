//! Garage, one of the two real S3 servers of the tests: built once, in the background, and kept under `target`.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::Child,
    sync::Mutex,
};

use anyhow::{Context, Result, bail};

use crate::shell::{cargo, step, top};

const VERSION: &str = "2.5.0";

static BUILDING: Mutex<Option<Child>> = Mutex::new(None);

/// Begins to build it, unless it is there; what comes meanwhile goes on.
///
/// # Errors
/// Cargo cannot be started.
pub fn begin() -> Result<()> {
    let mut building = BUILDING.lock().expect("nobody panics with it");
    if building.is_some() || binary().is_file() {
        return Ok(());
    }
    eprintln!("• building Garage {VERSION} in the background, once (some minutes of both processors; its log is {})", log().display());
    fs::create_dir_all(folder())?;
    let (out, err) = (File::create(log())?, File::options().append(true).open(log())?);
    let mut install =
        cargo(["install", "garage", "--version", VERSION, "--locked", "--no-default-features", "--features", "sqlite,bundled-libs"]);
    install.arg("--root").arg(folder()).arg("--target-dir").arg(folder().join("build"));
    // A third of the time, and quick enough for tests.
    install
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_LTO", "off");
    *building = Some(install.stdout(out).stderr(err).spawn().context("cargo install garage: cannot be started")?);
    Ok(())
}

/// The program, once it is built.
///
/// # Errors
/// It cannot be built; the log says why.
pub fn program() -> Result<PathBuf> {
    begin()?;
    let building = BUILDING.lock().expect("nobody panics with it").take();
    if let Some(mut building) = building {
        let ended = step("waiting for Garage", || Ok(building.wait()?))?;
        let _ = fs::remove_dir_all(folder().join("build"));
        if !ended.success() {
            bail!("Garage cannot be built: see {}", log().display());
        }
    }
    Ok(binary())
}

fn folder() -> PathBuf {
    top().join("target/garage")
}

fn binary() -> PathBuf {
    folder().join("bin/garage")
}

fn log() -> PathBuf {
    folder().join("log")
}
