//! The npm package from its tarball: what is in it, how it is typed, and that it can be imported where it is installed.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};

use super::{
    TESTS,
    tally::{Tally, checks},
};
use crate::{
    folder, npm, packed, reference,
    shell::{command, run},
    wasm::PACKAGE,
};

/// What an app must find, and nothing of how it was made.
const FILES: [&str; 13] = [
    "index.js",
    "index.d.ts",
    "streaming.js",
    "streaming.d.ts",
    "element.js",
    "element.d.ts",
    "elements.js",
    "vault-worker.js",
    "vault.wasm",
    "courier.js",
    "courier.wasm",
    "sw.js",
    "restore.html",
];
/// What has an address of its own in the package and is no module, so that nothing has to be typed.
const ASSETS: [&str; 6] = ["vault-worker.js", "vault.wasm", "courier.js", "courier.wasm", "sw.js", "restore.html"];

pub fn check(_: Option<&str>) -> Result<Tally> {
    let tarball = packed::tarball()?;
    let installed = packed::installed()?;
    npm::install(TESTS)?;
    let tarball = tarball.to_str().context("the path is text")?;
    Ok(checks(vec![
        ("the installed package holds what an app needs, and nothing else", holds(&installed)),
        ("importing it touches neither window nor Worker, and the elements define nothing where there are none", imports(&installed)),
        ("esbuild takes it, with the elements", bundles(&installed)),
        ("publint finds nothing wrong", run(&mut npm::program(TESTS, "publint", ["run", "--strict", tarball]))),
        ("its types are found wherever modules can be imported", types(tarball)),
        ("every public name has its sentence in the API reference, and no link of it is dead", reference::build().map(drop)),
    ]))
}

fn holds(installed: &Path) -> Result<()> {
    for file in FILES {
        ensure!(installed.join("dist").join(file).is_file(), "dist/{file} is missing");
    }
    let files = folder::files(installed)?;
    match files
        .iter()
        .find(|file| !file.starts_with("dist") && !["package.json", "README.md", "LICENSE"].contains(&&*file.to_string_lossy()))
    {
        Some(file) => bail!("{} does not belong there", file.display()),
        None => Ok(()),
    }
}

/// The app's folder: a script in it finds the package by its name.
fn app(installed: &Path) -> Result<&Path> {
    installed.ancestors().nth(2).context("the package lies in the node_modules of an app")
}

fn imports(installed: &Path) -> Result<()> {
    let script = "await import('strongroom'); await (await import('strongroom/element')).defined; \
        if ('window' in globalThis || 'customElements' in globalThis) throw new Error('it has made what a browser has');";
    run(command("node", ["--input-type=module", "--eval", script]).current_dir(app(installed)?))
}

fn bundles(installed: &Path) -> Result<()> {
    let app = app(installed)?;
    fs::write(app.join("main.js"), "import * as strongroom from 'strongroom';\nimport 'strongroom/element';\nconsole.log(strongroom);\n")?;
    let main = app.join("main.js");
    let out = format!("--outfile={}", app.join("bundle.js").display());
    let main = main.to_str().context("the path is text")?;
    run(&mut npm::program(PACKAGE, "esbuild", [main, "--bundle", "--format=esm", "--log-level=warning", &out]))
}

fn types(tarball: &str) -> Result<()> {
    let words = [tarball, "--profile", "esm-only", "--no-color", "--no-emoji", "--exclude-entrypoints"];
    run(&mut npm::program(TESTS, "attw", words.into_iter().chain(ASSETS)))
}
