//! What the built modules and scripts may name, and how big they may be.

use std::fs;

use anyhow::{Context, Result, bail};
use wasmparser::{Parser, Payload};

use super::tally::{Check, Tally, checks};
use crate::{
    record::{Budget, Record},
    shell::top,
    twice,
    wasm::PACKAGE,
};

/// What an app loads beside the modules.
const SCRIPTS: [&str; 4] = ["index.js", "vault-worker.js", "courier.js", "sw.js"];

pub fn check(_: Option<&str>) -> Result<Tally> {
    let record = Record::read()?;
    let mut list: Vec<Check> = Vec::new();
    for (module, words) in &record.walls {
        list.push(("the crypto workers' script names no way out", script_names_none(&format!("{module}-worker.js"), words)));
        list.push(("vault.wasm imports nothing but its glue, and no way out", imports_none(&format!("{module}.wasm"), words)));
    }
    list.push(("both modules keep to their budgets of bytes", modules_fit(&record)));
    list.push(("the package's scripts keep to their budget of bytes", fit(SCRIPTS.map(str::to_owned), &record.scripts)));
    list.push(("the ready-made elements keep to their budget of bytes", fit(["elements.js".to_owned()], &record.elements)));
    list.push(("the offline reader keeps to its budget of bytes", fit(["restore.html".to_owned()], &record.offline)));
    list.push(("the page built once more elsewhere is the same, byte for byte", twice::page()));
    Ok(checks(list))
}

fn script_names_none(file: &str, words: &[String]) -> Result<()> {
    let script = fs::read_to_string(built(file)).with_context(|| format!("{file} is not built"))?;
    match words.iter().find(|word| script.contains(word.as_str())) {
        Some(word) => bail!("{file} names {word}"),
        None => Ok(()),
    }
}

fn imports_none(file: &str, words: &[String]) -> Result<()> {
    let module = fs::read(built(file)).with_context(|| format!("{file} is not built"))?;
    let mut count = 0;
    for payload in Parser::new(0).parse_all(&module) {
        let Payload::ImportSection(section) = payload? else { continue };
        for import in section.into_imports() {
            let import = import?;
            count += 1;
            if !import.module.ends_with("_bg.js") && import.module != "wbg" {
                bail!("{file} imports {}::{}", import.module, import.name);
            }
            let name = import.name.to_lowercase();
            if let Some(word) = words.iter().find(|word| name.contains(&word.to_lowercase())) {
                bail!("{file} imports {}, which is {word}", import.name);
            }
        }
    }
    println!("        {file} has {count} imports");
    Ok(())
}

fn modules_fit(record: &Record) -> Result<()> {
    let modules = record.module.iter().filter(|(_, module)| !module.inlined);
    fit(modules.map(|(name, _)| format!("{name}.wasm")), &record.budget)
}

fn fit(files: impl IntoIterator<Item = String>, budget: &Budget) -> Result<()> {
    let (mut plain, mut compressed) = (0, 0);
    for file in files {
        let bytes = fs::read(built(&file)).with_context(|| format!("{file} is not built"))?;
        let small = brotli_length(&bytes)?;
        println!("        {file} {} bytes, {small} with brotli", bytes.len());
        plain += bytes.len() as u64;
        compressed += small;
    }
    println!("        together {plain} of {} bytes, {compressed} of {} with brotli", budget.plain, budget.brotli);
    if plain > budget.plain || compressed > budget.brotli {
        bail!("{plain} bytes and {compressed} with brotli; allowed are {} and {}", budget.plain, budget.brotli);
    }
    Ok(())
}

/// At quality 11, as static files are compressed.
fn brotli_length(bytes: &[u8]) -> Result<u64> {
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &brotli::enc::BrotliEncoderParams::default())?;
    Ok(compressed.len() as u64)
}

fn built(file: &str) -> std::path::PathBuf {
    top().join(PACKAGE).join("dist").join(file)
}
