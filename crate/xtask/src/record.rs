//! wasm-pack.toml, the build record of the wasm package.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::shell::top;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub target: String,
    pub profile: String,
    #[serde(rename = "wasm-opt")]
    pub wasm_opt: WasmOpt,
    pub module: BTreeMap<String, Module>,
    /// What a module's worker script may not name.
    pub walls: BTreeMap<String, Vec<String>>,
    /// Of the modules that a tab loads.
    pub budget: Budget,
    /// Of the package's scripts that an app without the elements loads.
    pub scripts: Budget,
    /// Of the ready-made elements' script.
    pub elements: Budget,
    /// Of restore.html.
    pub offline: Budget,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WasmOpt {
    pub flags: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    pub package: String,
    pub features: Vec<String>,
    /// It stands in restore.html and counts there.
    #[serde(default)]
    pub inlined: bool,
}

/// Bytes, as they are and with brotli.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    pub plain: u64,
    pub brotli: u64,
}

impl Record {
    /// # Errors
    /// wasm-pack.toml is missing, or says something that nobody here understands.
    pub fn read() -> Result<Self> {
        let text = fs::read_to_string(top().join("wasm-pack.toml")).context("wasm-pack.toml cannot be read")?;
        toml::from_str(&text).context("wasm-pack.toml")
    }
}
