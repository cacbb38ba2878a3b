//! `cargo xtask build`: the modules, the npm package `strongroom` around them, and the page.

use anyhow::Result;

use crate::{
    npm,
    record::Record,
    shell::{run, step},
    stamp::{Inputs, unless_done},
    tools,
    wasm::{self, PACKAGE},
};

/// The page: a customer of the npm package.
pub const PAGE: &str = "www";

/// Builds everything that a browser loads.
///
/// # Errors
/// A tool is missing and cannot be installed, or ends with failure.
pub fn build() -> Result<()> {
    let record = Record::read()?;
    tools::for_build(&record.target)?;
    npm::install(PACKAGE)?;
    wasm::build(&record)?;
    package()?;
    npm::install(PAGE)?;
    page()
}

/// Worker scripts, the typed face and its declarations.
fn package() -> Result<()> {
    let inputs = Inputs::default()
        .path(format!("{PACKAGE}/ts"))?
        .path(format!("{PACKAGE}/generated"))?
        .path(format!("{PACKAGE}/package.json"))?
        .path(format!("{PACKAGE}/package-lock.json"))?
        .path(format!("{PACKAGE}/tsconfig.json"))?
        // Of a kind with the page: restore.html has its style and its figures.
        .path(format!("{PAGE}/src/style"))?
        .path(format!("{PAGE}/src/lib/format.ts"))?
        .path(format!("{PACKAGE}/dist/offline.wasm"))?;
    let products = [
        "vault-worker.js",
        "courier.js",
        "sw.js",
        "streaming.js",
        "restore.html",
        "index.js",
        "index.d.ts",
        "element.js",
        "elements.js",
        "element.d.ts",
    ]
    .map(|file| format!("{PACKAGE}/dist/{file}"));
    unless_done("package", &inputs, &products.each_ref().map(String::as_str), || {
        step("npm package strongroom", || run(&mut npm::script(PACKAGE, "build")))
    })
}

fn page() -> Result<()> {
    let mut inputs = Inputs::default().path(PAGE)?.path(format!("{PACKAGE}/package.json"))?;
    for file in
        ["vault-worker.js", "vault.wasm", "courier.js", "courier.wasm", "sw.js", "streaming.js", "restore.html", "index.js", "index.d.ts"]
    {
        inputs = inputs.path(format!("{PACKAGE}/dist/{file}"))?;
    }
    unless_done("page", &inputs, &["www/dist/index.html", "www/dist/release.json"], || {
        step("page", || run(&mut npm::script(PAGE, "build")))
    })
}
