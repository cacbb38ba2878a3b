//! The two wasm modules and their glue, as wasm-pack.toml says.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::{Bindgen, Output};

use crate::{
    npm,
    record::Record,
    shell::{cargo, run, step, top},
    stamp::{Inputs, unless_done},
};

/// Where the npm package lies; `dist/<module>.wasm` and `generated/<module>/` in it are made here.
pub const PACKAGE: &str = "crate/wasm";

/// Builds every module of the record.
///
/// # Errors
/// A compiler, wasm-bindgen or wasm-opt ends with failure.
pub fn build(record: &Record) -> Result<()> {
    for (name, module) in &record.module {
        let compiled = compile(record, &module.package, &module.features)?;
        let inputs =
            Inputs::default().path(&compiled)?.value(record.wasm_opt.flags.join(" ")).path(format!("{PACKAGE}/package-lock.json"))?;
        let product = format!("{PACKAGE}/dist/{name}.wasm");
        unless_done(&format!("module-{name}"), &inputs, &[&product, &format!("{PACKAGE}/generated/{name}/{name}.js")], || {
            bind(name, &compiled)?;
            optimise(record, &format!("generated/{name}/{name}_bg.wasm"), &product)
        })?;
    }
    Ok(())
}

/// A module of numbers alone, built as the others are, without glue; it lies at that path from the top.
///
/// # Errors
/// As [`build`].
pub fn build_bare(record: &Record, package: &str, product: &str) -> Result<()> {
    let compiled = compile(record, package, &[])?;
    optimise(record, &compiled.to_string_lossy(), product)
}

fn compile(record: &Record, package: &str, features: &[String]) -> Result<PathBuf> {
    step(&format!("{package} for {}", record.target), || {
        let features = features.join(",");
        run(&mut cargo([
            "--config",
            &portable(&record.target)?,
            "build",
            "--package",
            package,
            "--lib",
            "--target",
            &record.target,
            "--profile",
            &record.profile,
            "--features",
            &features,
        ]))
    })?;
    let file = format!("{}.wasm", package.replace('-', "_"));
    Ok(top().join("target").join(&record.target).join(&record.profile).join(file))
}

/// The folder of other crates' sources stands in what the modules say when they panic: without another name for it no two people would
/// build the same bytes.
fn portable(target: &str) -> Result<String> {
    let sources = cargo_home()?.join("registry/src");
    Ok(format!("target.{target}.rustflags=[{:?}]", format!("--remap-path-prefix={}=/crates", sources.display())))
}

/// Where cargo keeps what it fetches.
///
/// # Errors
/// Neither CARGO_HOME nor a home folder is set.
pub fn cargo_home() -> Result<PathBuf> {
    let home = match (env::var_os("CARGO_HOME"), env::home_dir()) {
        (Some(home), _) => PathBuf::from(home),
        (None, Some(home)) => home.join(".cargo"),
        (None, None) => bail!("neither CARGO_HOME nor a home folder is set"),
    };
    Ok(home)
}

/// The glue runs in self-contained classic scripts which are handed their module, so it needs no address of its own.
fn bind(name: &str, compiled: &Path) -> Result<()> {
    let folder = top().join(PACKAGE).join("generated").join(name);
    step(&format!("{name}: wasm-bindgen"), || {
        let _ = fs::remove_dir_all(&folder);
        let mut bindgen = Bindgen::new();
        bindgen.web(true)?.typescript(true).omit_default_module_path(true).remove_producers_section(true).remove_name_section(true);
        let mut output = bindgen.out_name(name).input_path(compiled).generate_output().context("wasm-bindgen")?;
        hide_from_javascript(&mut output);
        output.emit(&folder).context("wasm-bindgen")
    })
}

/// What only C calls is an export, since it has a name that C can call. None of it is for JavaScript, and what nobody calls at all
/// (libzstd's sort, 30 kB) is then left out by wasm-opt.
fn hide_from_javascript(output: &mut Output) {
    let exports = &mut output.wasm_mut().exports;
    let for_c = |name: &str| name.starts_with("rust_zstd_wasm_shim_") || name.starts_with("__wrap_ZSTD_");
    let hidden: Vec<_> = exports.iter().filter(|export| for_c(&export.name)).map(|export| export.id()).collect();
    hidden.into_iter().for_each(|export| exports.delete(export));
}

/// From one path to another: the first from the package's folder, the second from the top.
fn optimise(record: &Record, input: &str, product: &str) -> Result<()> {
    let product = top().join(product);
    fs::create_dir_all(product.parent().expect("the module lies in a folder"))?;
    step(&format!("{input}: wasm-opt"), || {
        let output = product.to_string_lossy();
        let words = record.wasm_opt.flags.iter().map(String::as_str).chain([input, "-o", &output]);
        run(&mut npm::program(PACKAGE, "wasm-opt", words))
    })
}
