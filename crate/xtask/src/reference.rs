//! `cargo xtask reference`: the npm package's API reference, from its types and what is said beside them.

use std::path::PathBuf;

use anyhow::Result;

use crate::{
    npm, package,
    shell::{run, top},
    wasm::PACKAGE,
};

/// typedoc has packages of its own: it wants another compiler than the package.
fn folder() -> String {
    format!("{PACKAGE}/reference")
}

/// Builds the package, and the reference into target/reference; its first page.
///
/// # Errors
/// A public name has no sentence, or a link is dead.
pub fn build() -> Result<PathBuf> {
    package::build()?;
    npm::install(&folder())?;
    run(&mut npm::script(&folder(), "build"))?;
    Ok(top().join("target/reference/index.html"))
}
