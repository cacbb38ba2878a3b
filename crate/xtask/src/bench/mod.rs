//! `cargo xtask bench`: how fast, for the command line and for a tab, on one generated corpus, beside other people's programs; every restore
//! is compared. And how fast each stage is by itself, how fast the server grants, and how smoothly a large folder scrolls.

mod borg;
mod chart;
mod cli;
mod javascript;
mod machine;
mod peers;
mod readme;
mod report;
mod restic;
mod rustic;
mod scale;
mod scroll;
mod server;
mod stages;
mod tab;
mod table;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    corpus::{self, Corpus},
    folder,
    meter::Cost,
    shell::{command, run as run_program, step, top},
};
use chart::Chart;
pub use cli::Cli;
use machine::Machine;
use report::{About, Report, Run, Version, Versions};
use stages::StageTable;
pub use tab::Browser;
use table::Table;

#[derive(Args)]
pub struct Options {
    /// Only this one: cli (the command line), browser (a tab of Chromium with the server), stages (each by itself, natively and in
    /// Chromium), scroll (a tab in a folder of 100,000 files), server (its grants, under two hundred vaults), scale (core and a
    /// tab against very large vaults; not by default), or scale-tab (that tab alone).
    #[arg(value_parser = ["cli", "browser", "stages", "scroll", "server", "scale", "scale-tab"])]
    contender: Option<String>,
    /// Size of the corpus: 1 is some 10,000 files and 800 MB.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// How often everything is measured, the contenders in turn; medians are printed, with least and most.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Measure others too: restic, rustic and Borg where they are installed, and what one would assemble of JavaScript packages.
    #[arg(long)]
    peers: bool,
    /// Only this peer, of those.
    #[arg(long, value_name = "NAME")]
    peer: Vec<String>,
    /// Keep every run in this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw the seconds as bars, as SVG.
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
    /// Measure nothing: show what an earlier run kept.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["contender", "peers", "json"])]
    from: Option<PathBuf>,
    /// Write the table and the chart of README.md anew.
    #[arg(long)]
    readme: bool,
}

/// What is measured, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    First,
    /// Of a folder that is chosen and not dropped, which browsers open in another way: the tab alone.
    Chosen,
    Unchanged,
    Changed,
    Restore,
    /// Every file read back and compared once it is written, as the page does unless told not to: the tab alone.
    ReadBack,
    /// Into a ZIP, as a download: the tab alone.
    Download,
}

impl Phase {
    const ALL: [Self; 7] = [Self::First, Self::Chosen, Self::Unchanged, Self::Changed, Self::Restore, Self::ReadBack, Self::Download];

    fn name(self) -> &'static str {
        match self {
            Self::First => "first backup",
            Self::Chosen => "first, chosen folder",
            Self::Unchanged => "unchanged",
            Self::Changed => "after edits",
            Self::Restore => "restore",
            Self::ReadBack => "restore, read back",
            Self::Download => "restore, ZIP",
        }
    }
}

/// A backup program. Each round it starts with an empty vault in a folder of its own.
pub trait Contender {
    fn name(&self) -> &'static str;
    /// Who it is, once it is prepared.
    fn about(&self) -> Result<About>;

    /// Creates the vault in an empty folder.
    fn begin(&mut self, folder: &Path) -> Result<()>;
    fn back_up(&mut self, source: &Path) -> Result<Cost>;
    /// A first backup of a folder that is chosen instead of dropped, into a vault of its own in an empty folder, for those where that differs.
    fn back_up_chosen(&mut self, _folder: &Path, _source: &Path) -> Result<Option<Cost>> {
        Ok(None)
    }
    /// The newest snapshot into an empty folder, where `source` then lies under its name.
    fn restore(&mut self, target: &Path) -> Result<Cost>;
    /// The same, read back and compared, for those who can.
    fn restore_reading_back(&mut self, _target: &Path) -> Result<Option<Cost>> {
        Ok(None)
    }
    /// The newest snapshot as a ZIP, for those who can.
    fn download(&mut self) -> Result<Option<(Cost, PathBuf)>> {
        Ok(None)
    }
    /// Where everything lies that it stored.
    fn stored(&self) -> PathBuf;
    /// Whether restored files have their times.
    fn keeps_times(&self) -> bool {
        true
    }
    /// Whether another backup adds a snapshot to what is stored; else it is everything anew, and one of what did not change is left out.
    fn keeps_snapshots(&self) -> bool {
        true
    }
    fn end(&mut self) {}
}

type Contenders = Vec<Box<dyn Contender>>;

/// Measures, or reads what was measured, and prints.
///
/// # Errors
/// Building, or a run that is measured, fails; or a restore is not what was backed up; or a file cannot be read or written.
pub fn run(options: &Options) -> Result<()> {
    if options.contender.as_deref() == Some("scale") {
        return scale::run(options.scale);
    }
    if options.contender.as_deref() == Some("scale-tab") {
        return scale::in_tab(options.scale);
    }
    let report = match &options.from {
        Some(file) => Some(Report::read(file)?),
        None => measure(options)?,
    };
    let Some(report) = report else { return Ok(()) };
    if !report.stages.is_empty() {
        print!("\n{}", StageTable(&report));
    }
    if !report.runs.is_empty() {
        print!("\n{}", Table(&report));
    }
    if let Some(file) = &options.json {
        report.write(file)?;
    }
    if let Some(file) = &options.chart {
        fs::write(file, Chart(&report).to_string()).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    if options.readme {
        readme::write(&report)?;
    }
    Ok(())
}

/// Everyone, in turn; `None` where nobody backs anything up.
fn measure(options: &Options) -> Result<Option<Report>> {
    let wants = |contender: &str| options.contender.as_deref().is_none_or(|only| only == contender);
    if wants("server") {
        server::run()?;
    }
    if wants("scroll") {
        scroll::run()?;
    }
    let (mut contenders, missing) = contenders(options)?;
    if contenders.is_empty() && !wants("stages") {
        return Ok(None);
    }
    let corpus = corpus::make(options.scale)?;
    let version = |folder| folder::size(folder).map(|(files, bytes)| Version { files, bytes });
    let mut report = Report {
        machine: Machine::here()?,
        corpus: Versions { first: version(&corpus.first)?, second: version(&corpus.second)? },
        contenders: contenders
            .iter()
            .map(|contender| Ok(report::Contender { name: contender.name().to_owned(), about: contender.about()? }))
            .collect::<Result<_>>()?,
        missing,
        runs: vec![],
        stages: vec![],
    };
    let stages = wants("stages").then(|| stages::Stages::prepare(&corpus)).transpose()?;
    for round in 1..=options.rounds {
        if let Some(stages) = &stages {
            report.stages.extend(stages.round(round)?);
        }
        for contender in &mut contenders {
            let name = contender.name();
            let rows = step(&format!("round {round}: {name}"), || one_round(contender.as_mut(), &corpus))?;
            for (phase, cost, stored) in rows {
                eprintln!("  {:20}{:8.2} s", phase.name(), cost.seconds);
                report.runs.push(Run { round, phase, contender: name.to_owned(), cost, stored });
            }
        }
    }
    Ok(Some(report))
}

/// Who takes part, and who would if it were installed.
fn contenders(options: &Options) -> Result<(Contenders, Vec<peers::Missing>)> {
    let wants = |contender: &str| options.contender.as_deref().is_none_or(|only| only == contender);
    let mut contenders = Contenders::new();
    if wants("browser") {
        contenders.push(Box::new(Browser::prepare()?));
    }
    if wants("cli") {
        contenders.push(Box::new(Cli::prepare()?));
    }
    let asked = |name: &str| options.peer.is_empty() || options.peer.iter().any(|peer| peer == name);
    if contenders.is_empty() || !options.peers && options.peer.is_empty() {
        return Ok((contenders, vec![]));
    }
    let (mut found, mut missing) = peers::find();
    if wants("browser") {
        found.extend(javascript::prepare()?.into_iter().map(|pipeline| Box::new(pipeline) as _));
    }
    contenders.extend(found.into_iter().filter(|peer| asked(peer.name())));
    missing.retain(|peer| asked(&peer.name));
    Ok((contenders, missing))
}

fn one_round(contender: &mut dyn Contender, corpus: &Corpus) -> Result<Vec<(Phase, Cost, Option<u64>)>> {
    let home = top().join("target/bench/round");
    folder::empty(&home)?;
    let vault = home.join("vault");
    fs::create_dir(&vault)?;
    contender.begin(&vault)?;
    let mut rows = Vec::new();
    let mut stored = 0;
    for (phase, source) in [(Phase::First, &corpus.first), (Phase::Unchanged, &corpus.first), (Phase::Changed, &corpus.second)] {
        if phase == Phase::Unchanged && !contender.keeps_snapshots() {
            continue;
        }
        settle()?;
        let cost = contender.back_up(source).context(phase.name())?;
        let total = folder::size(&contender.stored())?.1;
        rows.push((phase, cost, Some(total - stored)));
        stored = total;
    }
    for phase in [Phase::Restore, Phase::ReadBack] {
        let target = home.join("restored");
        fs::create_dir(&target)?;
        settle()?;
        let cost = match phase {
            Phase::Restore => Some(contender.restore(&target)),
            _ => contender.restore_reading_back(&target).transpose(),
        };
        if let Some(cost) = cost {
            rows.push((phase, cost.context(phase.name())?, None));
            folder::same(&corpus.second, &target.join(name_of(&corpus.second)?), contender.keeps_times())?;
        }
        fs::remove_dir_all(&target)?;
    }
    settle()?;
    if let Some((cost, archive)) = contender.download().context("restore as ZIP")? {
        crate::archive::same(&corpus.second, &archive)?;
        rows.push((Phase::Download, cost, None));
    }
    contender.end();
    folder::empty(&home)?;
    settle()?;
    if let Some(cost) = contender.back_up_chosen(&home, &corpus.first).context(Phase::Chosen.name())? {
        rows.push((Phase::Chosen, cost, None));
        folder::empty(&home)?;
    }
    Ok(rows)
}

/// What the run before wrote goes to the disk first, so that the next one does not wait for it.
fn settle() -> Result<()> {
    run_program(&mut command::<&str>("sync", []))
}

fn name_of(folder: &Path) -> Result<&Path> {
    folder.file_name().map(Path::new).context("the corpus has a name")
}
