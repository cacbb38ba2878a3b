//! The npm package from its tarball: what is in it, and that it can be used where it is installed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    folder, npm, package,
    shell::{command, output, run, top},
    test::{TESTS, tally::Check},
    wasm::PACKAGE,
};

/// What an app must find, and nothing of how it was made.
const FILES: [&str; 12] = [
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
];

/// # Errors
/// The package cannot be built or packed.
pub fn checks() -> Result<Vec<Check>> {
    package::build()?;
    let home = top().join("target/soak/package");
    folder::empty(&home)?;
    let mut pack = command("npm", ["pack", "--silent", "--pack-destination"]);
    let name = output(pack.arg(&home).current_dir(top().join(PACKAGE)))?;
    let tarball = home.join(name.trim());
    let app = install(&home, &tarball).context("the tarball cannot be installed")?;
    Ok(vec![
        ("the installed package holds what an app needs", holds(&app)),
        ("importing it touches neither window nor Worker, and the elements define nothing where there are none", imports(&app)),
        ("a bundler takes it, with the elements", bundles(&app)),
        ("publint finds nothing wrong", lint(&tarball)),
    ])
}

fn install(home: &Path, tarball: &Path) -> Result<PathBuf> {
    let app = home.join("app");
    fs::create_dir(&app)?;
    fs::write(app.join("package.json"), "{ \"name\": \"app\", \"private\": true, \"type\": \"module\" }\n")?;
    run(command("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error"]).arg(tarball).current_dir(&app))?;
    Ok(app)
}

fn holds(app: &Path) -> Result<()> {
    let home = app.join("node_modules/strongroom");
    for file in FILES {
        ensure!(home.join("dist").join(file).is_file(), "dist/{file} is missing");
    }
    let files = folder::files(&home)?;
    match files
        .iter()
        .find(|file| !file.starts_with("dist") && !["package.json", "README.md", "LICENSE"].contains(&&*file.to_string_lossy()))
    {
        Some(file) => bail!("{} does not belong there", file.display()),
        None => Ok(()),
    }
}

fn imports(app: &Path) -> Result<()> {
    let script = "await import('strongroom'); await (await import('strongroom/element')).defined; \
        if ('window' in globalThis || 'customElements' in globalThis) throw new Error('it has made what a browser has');";
    run(command("node", ["--input-type=module", "--eval", script]).current_dir(app))
}

fn bundles(app: &Path) -> Result<()> {
    fs::write(app.join("main.js"), "import * as strongroom from 'strongroom';\nimport 'strongroom/element';\nconsole.log(strongroom);\n")?;
    let main = app.join("main.js");
    let out = format!("--outfile={}", app.join("bundle.js").display());
    let main = main.to_str().context("the path is text")?;
    run(&mut npm::program(PACKAGE, "esbuild", [main, "--bundle", "--format=esm", "--log-level=warning", &out]))
}

fn lint(tarball: &Path) -> Result<()> {
    npm::install(TESTS)?;
    let tarball = tarball.to_str().context("the path is text")?;
    run(&mut npm::program(TESTS, "publint", ["run", "--strict", tarball]))
}
