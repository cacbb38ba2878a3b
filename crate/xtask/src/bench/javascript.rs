//! What a web developer would assemble from packages, in as many workers as the tab has lanes (`tests/bench`): chunks of a fixed length, each
//! hashed, compressed and encrypted by itself. No snapshots, no chunks found again, nothing that goes on where it was cut off: another
//! backup is everything anew.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{About, Contender};
use crate::{
    meter::{Cost, Pair},
    npm,
    shell::{command, run, step, top},
    stamp::{Inputs, unless_done},
    tab::{Chromium, Server},
    tools,
};

/// The page and its packages, from the top.
pub const FOLDER: &str = "tests/bench";

/// Name in `pipelines.ts`, label, what it is made of with the packages' names.
const PIPELINES: [(&str, &str, &str, &[&str]); 4] = [
    ("webcrypto", "JS (WebCrypto, gzip)", "SHA-256 and AES-GCM of WebCrypto, gzip of CompressionStream", &[]),
    (
        "zstd1",
        "JS (BLAKE3, zstd 1, libsodium)",
        "packages of wasm, ChaCha20-Poly1305",
        &["hash-wasm", "@bokuweb/zstd-wasm", "libsodium-wrappers"],
    ),
    (
        "zstd3",
        "JS (BLAKE3, zstd 3, libsodium)",
        "packages of wasm, ChaCha20-Poly1305",
        &["hash-wasm", "@bokuweb/zstd-wasm", "libsodium-wrappers"],
    ),
    (
        "noble",
        "JS (noble, fflate)",
        "packages of JavaScript: SHA-256, gzip, ChaCha20-Poly1305",
        &["@noble/hashes", "@noble/ciphers", "fflate"],
    ),
];

pub struct Javascript {
    pipeline: usize,
    tab: Option<(Chromium, Server)>,
    folder: PathBuf,
}

/// Builds the page, and gives back each pipeline.
///
/// # Errors
/// Something cannot be installed or built.
pub fn prepare() -> Result<Vec<Javascript>> {
    tools::debian(&[("chromium", "chromium")])?;
    build()?;
    Ok((0..PIPELINES.len()).map(|pipeline| Javascript { pipeline, tab: None, folder: PathBuf::new() }).collect())
}

/// Installs and builds the page.
pub fn build() -> Result<()> {
    npm::install(FOLDER)?;
    let inputs = Inputs::default().path(FOLDER)?;
    unless_done("bench-page", &inputs, &[&format!("{FOLDER}/dist/zstd.wasm")], || {
        step("the benchmark's page", || run(&mut npm::script(FOLDER, "build")))
    })
}

/// A tab with that page, and its server, which keeps objects in that folder.
pub fn open(folder: &Path) -> Result<(Chromium, Server)> {
    let mut sink: Command = command("node", ["sink.mjs"]);
    let data = folder.join("data");
    sink.arg(data.join("objects")).current_dir(top().join(FOLDER));
    let server = Server::spawn(sink, &data)?;
    let mut chromium = Chromium::start(&folder.join("profile"))?;
    chromium.open(&server.url)?;
    Ok((chromium, server))
}

/// The version of a package that is installed there.
fn version_of(package: &str) -> Result<String> {
    let file = top().join(FOLDER).join("node_modules").join(package).join("package.json");
    let about: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    Ok(about["version"].as_str().context("a package has a version")?.to_owned())
}

impl Javascript {
    /// Drops a folder on the page and measures what that starts.
    fn measured(&mut self, dropped: &Path, work: &str) -> Result<Cost> {
        let (chromium, server) = self.tab.as_mut().context("no round has begun")?;
        chromium.run("bench.await()")?;
        let pair = Pair { browser: chromium.pid(), server: server.pid() };
        pair.during(|| {
            chromium.drop_files(300.0, 300.0, &[dropped])?;
            chromium.run(work)?["seconds"].as_f64().context("the page gave no time")
        })
    }
}

impl Contender for Javascript {
    fn name(&self) -> &'static str {
        PIPELINES[self.pipeline].0
    }

    fn about(&self) -> Result<About> {
        let (_, label, how, packages) = PIPELINES[self.pipeline];
        let versions: Vec<String> =
            packages.iter().map(|package| Ok(format!("{package} {}", version_of(package)?))).collect::<Result<_>>()?;
        let how = format!(
            "{how}{}{}; chunks of 1 MiB; every backup is everything anew",
            if versions.is_empty() { "" } else { ": " },
            versions.join(", ")
        );
        Ok(About::new(label, super::tab::chromium()?, &how))
    }

    fn begin(&mut self, folder: &Path) -> Result<()> {
        self.folder = folder.to_owned();
        let (mut chromium, server) = open(folder)?;
        chromium.run(&format!("bench.begin('{}')", self.name()))?;
        self.tab = Some((chromium, server));
        Ok(())
    }

    fn back_up(&mut self, source: &Path) -> Result<Cost> {
        self.measured(source, "bench.backUp()")
    }

    fn restore(&mut self, target: &Path) -> Result<Cost> {
        self.measured(target, "bench.restore()")
    }

    fn stored(&self) -> PathBuf {
        self.folder.join("data/objects")
    }

    /// Browsers cannot set a file's time.
    fn keeps_times(&self) -> bool {
        false
    }

    fn keeps_snapshots(&self) -> bool {
        false
    }

    fn end(&mut self) {
        self.tab = None;
    }
}
