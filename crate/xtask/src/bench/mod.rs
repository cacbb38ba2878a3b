//! `cargo xtask bench`: how fast, for the command line and for a tab, on one generated corpus.

mod corpus;
mod usage;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::{
    npm, package,
    program::{self, Profile},
    shell::{command, output, step, top},
    test::TESTS,
    tools,
};
use usage::measure;

const RUNS: [&str; 4] = ["first", "unchanged", "changed", "restore"];

#[derive(Args)]
pub struct Options {
    /// Size of the corpus; 1 is some 820 MB in 10,000 files.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// How often everything is measured; medians are printed.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Only the command line, or only the tab.
    #[arg(long, value_parser = ["cli", "tab"])]
    only: Option<String>,
}

/// One run of one contender.
#[derive(Clone, Copy)]
struct Sample {
    seconds: f64,
    cpu_seconds: f64,
    peak_mb: f64,
}

/// Measures and prints.
///
/// # Errors
/// Building, or a run that is measured, fails; or a restore is not what was backed up.
pub fn run(options: &Options) -> Result<()> {
    let wants = |contender: &str| options.only.as_deref().is_none_or(|only| only == contender);
    let cli = if wants("cli") { Some(program::build("strongroom-cli", "strongroom", Profile::Release)?) } else { None };
    let server = if wants("tab") { Some(prepare_tab()?) } else { None };
    let corpus = Corpus::make(options.scale)?;
    let mut samples: Vec<(&str, [Sample; 4])> = Vec::new();
    for round in 1..=options.rounds {
        if let Some(cli) = &cli {
            samples.push(("cli", step(&format!("round {round}: command line"), || measure_cli(cli, &corpus))?));
        }
        if let Some(server) = &server {
            samples.push(("tab", step(&format!("round {round}: tab"), || measure_tab(server, &corpus))?));
        }
    }
    println!(
        "\n{} files, {:.0} MB; {} MB after edits; medians of {}",
        corpus.files, corpus.megabytes, corpus.edited_megabytes, options.rounds
    );
    println!("\n{:5}{:11}{:>9}{:>9}{:>12}{:>10}", "", "", "s", "MB/s", "CPU s/GB", "peak MB");
    for contender in ["cli", "tab"].into_iter().filter(|contender| wants(contender)) {
        for (place, name) in RUNS.iter().enumerate() {
            let of = |field: fn(&Sample) -> f64| {
                median(samples.iter().filter(|(who, _)| *who == contender).map(|(_, runs)| field(&runs[place])).collect())
            };
            let (seconds, megabytes) = (of(|run| run.seconds), corpus.megabytes);
            let cpu = of(|run| run.cpu_seconds) / megabytes * 1_000.0;
            println!("{contender:5}{name:11}{seconds:9.2}{:9.0}{cpu:12.2}{:10.0}", megabytes / seconds, of(|run| run.peak_mb));
        }
    }
    Ok(())
}

/// Both versions, made once.
struct Corpus {
    first: PathBuf,
    second: PathBuf,
    files: usize,
    megabytes: f64,
    edited_megabytes: u64,
}

impl Corpus {
    fn make(scale: f64) -> Result<Self> {
        let folder = top().join(format!("target/bench/corpus-{scale}"));
        let (first, second) = (folder.join("first"), folder.join("second"));
        if !folder.join("made").exists() {
            step("making the corpus", || {
                let _ = fs::remove_dir_all(&folder);
                corpus::write(&first, scale)?;
                // With times, as `cp -a` and as people keep them.
                let copied = command("cp", ["-a"]).arg(&first).arg(&second).status()?;
                if !copied.success() {
                    bail!("the corpus cannot be copied");
                }
                corpus::edit(&second)?;
                Ok(fs::write(folder.join("made"), "")?)
            })?;
        }
        let files = corpus::files(&first)?;
        let (bytes, edited) = (size(&files)?, size(&corpus::files(&second)?)?);
        Ok(Self { first, second, files: files.len(), megabytes: bytes as f64 / 1e6, edited_megabytes: edited / 1_000_000 })
    }
}

fn size(files: &[PathBuf]) -> Result<u64> {
    files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum()
}

fn measure_cli(program: &Path, corpus: &Corpus) -> Result<[Sample; 4]> {
    let folder = top().join("target/bench/cli");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let (vault, passphrase, source, target) =
        (folder.join("vault"), folder.join("passphrase"), folder.join("source"), folder.join("restored"));
    fs::write(&passphrase, "correct horse battery staple\n")?;
    let call = |words: &[&str]| {
        let mut call = Command::new(program);
        call.args(words).arg("--vault").arg(&vault).arg("--passphrase-file").arg(&passphrase);
        call.stdout(Stdio::null()).stderr(Stdio::null());
        call
    };
    measure(call(&["init"]).arg("--recovery-phrase-out").arg(folder.join("phrase")))?;
    let as_source = |version: &Path, work: &dyn Fn() -> Result<Sample>| -> Result<Sample> {
        fs::rename(version, &source)?;
        let result = work();
        fs::rename(&source, version)?;
        result
    };
    let back_up = || sample(call(&["backup", "--label", "bench"]).arg(&source));
    let first = as_source(&corpus.first, &back_up)?;
    let unchanged = as_source(&corpus.first, &back_up)?;
    let changed = as_source(&corpus.second, &back_up)?;
    let restore = sample(call(&["restore"]).arg("--to").arg(&target))?;
    let same = command("diff", ["--recursive", "--brief"]).arg(&corpus.second).arg(target.join("source")).status()?;
    if !same.success() {
        bail!("what the command line restored is not what was backed up");
    }
    fs::remove_dir_all(&folder)?;
    Ok([first, unchanged, changed, restore])
}

fn sample(command: &mut Command) -> Result<Sample> {
    let usage = measure(command)?;
    Ok(Sample { seconds: usage.wall.as_secs_f64(), cpu_seconds: usage.cpu.as_secs_f64(), peak_mb: usage.peak as f64 / 1e6 })
}

fn prepare_tab() -> Result<PathBuf> {
    tools::debian(&[("chromium", "chromium")])?;
    package::build()?;
    npm::install(TESTS)?;
    program::build("strongroom-server", "strongroom-server", Profile::Release)
}

fn measure_tab(server: &Path, corpus: &Corpus) -> Result<[Sample; 4]> {
    let mut tab = npm::program(TESTS, "tsx", ["bench/tab.ts"]);
    let text = output(tab.arg(&corpus.first).arg(&corpus.second).env("STRONGROOM_SERVER", server))?;
    let report: Value = serde_json::from_str(text.lines().last().unwrap_or("")).context("what the tab's bench said")?;
    let number = |value: &Value| value.as_f64().context("a number is missing in what the tab's bench said");
    let peak_mb = number(&report["tabPeakMB"])?;
    let mut samples = [Sample { seconds: 0.0, cpu_seconds: 0.0, peak_mb }; 4];
    for (sample, name) in samples.iter_mut().zip(RUNS) {
        let run = &report["results"][name];
        *sample = Sample { seconds: number(&run["seconds"])?, cpu_seconds: number(&run["cpuSeconds"])?, peak_mb };
    }
    Ok(samples)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
