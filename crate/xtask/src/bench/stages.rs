//! Each stage by itself: the core's, natively and as wasm in workers of Chromium, and the browser's own ways in and out.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{
    javascript,
    report::{Place, Report, Spread, StageRun},
};
use crate::{
    corpus::{Corpus, Random},
    folder,
    meter::Pair,
    npm,
    program::{self, Profile},
    record::Record,
    shell::{output, step, top},
    tab::Chromium,
    tools,
    wasm::{self, PACKAGE},
};

/// Bytes that go through a stage.
const LENGTH: usize = 24 << 20;
const DATA: [&str; 2] = ["source", "random"];
/// `crate/stages` knows them by these numbers.
const CORE: [&str; 8] = ["chunk", "hash", "compress", "seal", "open", "decompress", "lane, back up", "lane, restore"];

/// What was built, and what goes through it.
pub struct Stages {
    native: PathBuf,
    home: PathBuf,
    /// Files to read: many small ones.
    source: PathBuf,
}

impl Stages {
    /// # Errors
    /// Something cannot be installed or built.
    pub fn prepare(corpus: &Corpus) -> Result<Self> {
        let record = Record::read()?;
        tools::for_build(&record.target)?;
        tools::debian(&[("chromium", "chromium")])?;
        npm::install(PACKAGE)?;
        wasm::build_bare(&record, "strongroom-stages", "target/bench/stages/stages.wasm")?;
        javascript::build()?;
        let native = program::build("strongroom-stages", "strongroom-stages", Profile::Release)?;
        let home = top().join("target/bench/stages");
        let source = corpus.first.join("source");
        fs::write(home.join("source"), front(&source)?)?;
        // In a folder of its own: folders are what can be dropped.
        folder::empty(&home.join("large"))?;
        fs::write(home.join("large/random"), Random::new("stages").bytes(LENGTH))?;
        fs::copy(home.join("large/random"), home.join("random"))?;
        Ok(Self { native, home, source })
    }

    /// Every stage once, everywhere.
    ///
    /// # Errors
    /// A program or the page fails.
    pub fn round(&self, round: usize) -> Result<Vec<StageRun>> {
        let mut runs = Vec::new();
        for data in DATA {
            step(&format!("round {round}: stages, natively, {data}"), || self.native(round, data, &mut runs))?;
        }
        step(&format!("round {round}: stages, in Chromium"), || self.browser(round, &mut runs))?;
        Ok(runs)
    }

    fn native(&self, round: usize, data: &str, runs: &mut Vec<StageRun>) -> Result<()> {
        for line in output(Command::new(&self.native).arg(self.home.join(data)))?.lines() {
            let told: Value = serde_json::from_str(line)?;
            let stage = told["stage"].as_str().context("a stage has a name")?;
            runs.push(run(round, stage, data, Place::Native, &told, told["cpuSeconds"].as_f64().context("a stage takes time")?)?);
        }
        Ok(())
    }

    fn browser(&self, round: usize, runs: &mut Vec<StageRun>) -> Result<()> {
        let folder = top().join("target/bench/round");
        folder::empty(&folder)?;
        let (mut chromium, server) = javascript::open(&folder)?;
        for file in ["stages.wasm", "source", "random"] {
            fs::copy(self.home.join(file), folder.join("data/objects").join(file))?;
        }
        let pair = Pair { browser: chromium.pid(), server: server.pid() };
        let mut measure = |chromium: &mut Chromium, stage: &str, data: &str, place: Place, call: &str| -> Result<()> {
            let mut told = Value::Null;
            let cost = pair.during(|| {
                told = chromium.run(call)?;
                told["seconds"].as_f64().context("the page gave no time")
            })?;
            runs.push(run(round, stage, data, place, &told, cost.cpu_seconds)?);
            eprintln!("  {stage}, {data}: {:.2} s", cost.seconds);
            Ok(())
        };
        let lanes = chromium.run("bench.lanes()")?;
        for data in DATA {
            for (place, count) in [(Place::Worker, &json!(1)), (Place::Workers, &lanes)] {
                chromium.run(&format!("bench.beginStages('{data}', {count})"))?;
                for (number, stage) in CORE.iter().enumerate() {
                    measure(&mut chromium, stage, data, place, &format!("bench.stage({{ do: 'core', stage: {number} }})"))?;
                }
            }
        }
        chromium.run("bench.beginStages('random', 1)")?;
        for (data, files) in [("one file", self.home.join("large")), ("small files", self.source.clone())] {
            chromium.run("bench.await()")?;
            chromium.drop_files(300.0, 300.0, &[&files])?;
            chromium.run("bench.hold()")?;
            measure(&mut chromium, "read", data, Place::Worker, "bench.readHeld()")?;
        }
        measure(&mut chromium, "upload", "packs", Place::Worker, "bench.stage({ do: 'upload' })")?;
        measure(&mut chromium, "download", "packs", Place::Worker, "bench.stage({ do: 'download' })")
    }
}

fn run(round: usize, stage: &str, data: &str, place: Place, told: &Value, cpu_seconds: f64) -> Result<StageRun> {
    let (bytes, seconds) = (told["bytes"].as_u64().context("no bytes")?, told["seconds"].as_f64().context("no time")?);
    Ok(StageRun { round, stage: stage.to_owned(), data: data.to_owned(), place, bytes, seconds, cpu_seconds })
}

/// The files in a folder one after the other, as far as they are wanted.
fn front(folder: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(LENGTH);
    for file in folder::files(folder)? {
        if bytes.len() >= LENGTH {
            break;
        }
        bytes.extend(fs::read(folder.join(file))?);
    }
    bytes.truncate(LENGTH);
    Ok(bytes)
}

/// The stages of a report, to be printed: a line for each, with what goes through it in every place.
pub struct StageTable<'a>(pub &'a Report);

impl std::fmt::Display for StageTable<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let runs = &self.0.stages;
        let mut lines: Vec<(&str, &str)> = Vec::new();
        for run in runs {
            if !lines.contains(&(&run.stage, &run.data)) {
                lines.push((&run.stage, &run.data));
            }
        }
        writeln!(
            f,
            "| stage | of | native MB/s | CPU s/GB | a worker MB/s | CPU s/GB | ÷ native | as many as lanes MB/s | CPU s/GB | ÷ one |"
        )?;
        writeln!(f, "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        for (stage, data) in lines {
            let of = |place, figure: fn(&StageRun) -> f64| {
                let these = runs.iter().filter(|run| run.stage == stage && run.data == data && run.place == place);
                Spread::of(these.map(figure))
            };
            let speed = |place| of(place, |run| run.bytes as f64 / run.seconds / 1e6);
            let cell = |place| match (speed(place), of(place, |run| run.cpu_seconds / run.bytes as f64 * 1e9)) {
                (Some(Spread { median, least, most }), Some(cpu)) => format!("{median:.0} ({least:.0}–{most:.0}) | {:.2}", cpu.median),
                _ => "| ".to_owned(),
            };
            let quotient = |place, other| match (speed(place), speed(other)) {
                (Some(speed), Some(other)) => format!("{:.2}", speed.median / other.median),
                _ => String::new(),
            };
            let (native, worker, workers) = (Place::Native, Place::Worker, Place::Workers);
            writeln!(
                f,
                "| {stage} | {data} | {} | {} | {} | {} | {} |",
                cell(native),
                cell(worker),
                quotient(worker, native),
                cell(workers),
                quotient(workers, worker)
            )?;
        }
        writeln!(
            f,
            "\nA stage by itself, on bytes in memory: medians, with least and most. Upload and download: packs of 16 MiB, two at a time, to a plain"
        )?;
        writeln!(f, "server on loopback that checks nothing. CPU: of the browser with everything that it does, of a program its own.")
    }
}
