//! Who links whom.

use anyhow::{Result, bail};

use super::tally::Check;
use crate::shell::{cargo, output};

pub fn checks() -> Vec<Check> {
    vec![
        ("the server does not link core: it has nothing to decrypt with", links_not("strongroom-server", "strongroom-core")),
        ("the courier does not link core", links_not("strongroom-courier", "strongroom-core")),
        ("the courier does not link the vault module", links_not("strongroom-courier", "strongroom-wasm")),
        ("what is known of buckets does not link core", links_not("strongroom-bucket", "strongroom-core")),
        ("core does not link what is known of buckets", links_not("strongroom-core", "strongroom-bucket")),
        ("the offline reader links no libzstd, which takes a compiler for C", links_not("strongroom-offline", "zstd-sys")),
        ("the offline reader does not link the vault module", links_not("strongroom-offline", "strongroom-wasm")),
        ("core links nothing else of ours", links_not("strongroom-core", "strongroom-server")),
    ]
}

fn links_not(package: &str, other: &str) -> Result<()> {
    let tree = output(&mut cargo(["tree", "--package", package, "--edges", "normal,build", "--prefix", "none", "--target", "all"]))?;
    if !tree.starts_with(package) {
        bail!("cargo tree says nothing of {package}");
    }
    match tree.lines().find(|line| line.starts_with(&format!("{other} "))) {
        Some(line) => bail!("cargo tree shows {}", line.split(" (").next().unwrap_or(line)),
        None => Ok(()),
    }
}
