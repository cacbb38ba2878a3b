//! `cargo xtask bench`: how fast, for the command line and for a tab, on one generated corpus; every restore is compared. And how fast the
//! server grants.

mod cli;
mod restic;
mod scale;
mod server;
mod tab;
mod table;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    corpus::{self, Corpus},
    folder,
    meter::Cost,
    shell::{command, run as run_program, step, top},
};
pub use cli::Cli;
pub use tab::Browser;
use table::{Row, Table};

#[derive(Args)]
pub struct Options {
    /// Only this one: cli (the command line), browser (a tab of Chromium with the server), server (its grants, under two hundred vaults), or
    /// scale (core against very large vaults; not by default).
    #[arg(value_parser = ["cli", "browser", "server", "scale"])]
    contender: Option<String>,
    /// Size of the corpus: 1 is some 10,000 files and 800 MB.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// How often everything is measured, the contenders in turn; medians are printed, with least and most.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Measure restic too, where it is installed.
    #[arg(long)]
    peers: bool,
}

/// What is measured, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    First,
    Unchanged,
    Changed,
    Restore,
    /// Into a ZIP, as a download: the tab alone.
    Download,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Self::First => "first backup",
            Self::Unchanged => "unchanged",
            Self::Changed => "after edits",
            Self::Restore => "restore",
            Self::Download => "restore, ZIP",
        }
    }
}

/// A backup program. Each round it starts with an empty vault in a folder of its own.
pub trait Contender {
    fn name(&self) -> &'static str;

    /// Creates the vault in an empty folder.
    fn begin(&mut self, folder: &Path) -> Result<()>;
    fn back_up(&mut self, source: &Path) -> Result<Cost>;
    /// The newest snapshot into an empty folder, where `source` then lies under its name.
    fn restore(&mut self, target: &Path) -> Result<Cost>;
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
    fn end(&mut self) {}
}

/// Measures and prints.
///
/// # Errors
/// Building, or a run that is measured, fails; or a restore is not what was backed up.
pub fn run(options: &Options) -> Result<()> {
    if options.contender.as_deref() == Some("scale") {
        return scale::run(options.scale);
    }
    let wants = |contender: &str| options.contender.as_deref().is_none_or(|only| only == contender);
    if wants("server") {
        server::run()?;
    }
    let mut contenders: Vec<Box<dyn Contender>> = Vec::new();
    if wants("cli") {
        contenders.push(Box::new(Cli::prepare()?));
    }
    if wants("browser") {
        contenders.push(Box::new(Browser::prepare()?));
    }
    if options.peers && !contenders.is_empty() {
        contenders.extend(restic::Restic::find().map(|restic| Box::new(restic) as Box<dyn Contender>));
    }
    if contenders.is_empty() {
        return Ok(());
    }
    let corpus = corpus::make(options.scale)?;
    let (first, second) = (folder::size(&corpus.first)?, folder::size(&corpus.second)?);
    println!(
        "{} files, {} MB; after edits {} files, {} MB; {} rounds",
        first.0,
        first.1 / 1_000_000,
        second.0,
        second.1 / 1_000_000,
        options.rounds
    );
    let mut table = Table::new(first.1, second.1);
    for round in 1..=options.rounds {
        for contender in &mut contenders {
            let name = contender.name();
            let rows = step(&format!("round {round}: {name}"), || one_round(contender.as_mut(), &corpus))?;
            for (phase, row) in rows {
                eprintln!("  {:14}{:8.2} s", phase.name(), row.cost.seconds);
                table.add(phase, name, row);
            }
        }
    }
    print!("\n{table}");
    Ok(())
}

fn one_round(contender: &mut dyn Contender, corpus: &Corpus) -> Result<Vec<(Phase, Row)>> {
    let home = top().join("target/bench/round");
    folder::empty(&home)?;
    let vault = home.join("vault");
    fs::create_dir(&vault)?;
    contender.begin(&vault)?;
    let mut rows = Vec::new();
    let mut stored = 0;
    for (phase, source) in [(Phase::First, &corpus.first), (Phase::Unchanged, &corpus.first), (Phase::Changed, &corpus.second)] {
        settle()?;
        let cost = contender.back_up(source).context(phase.name())?;
        let total = folder::size(&contender.stored())?.1;
        rows.push((phase, Row { cost, stored: Some(total - stored) }));
        stored = total;
    }
    let target = home.join("restored");
    fs::create_dir(&target)?;
    settle()?;
    let cost = contender.restore(&target).context("restore")?;
    folder::same(&corpus.second, &target.join(name_of(&corpus.second)?), contender.keeps_times())?;
    fs::remove_dir_all(&target)?;
    rows.push((Phase::Restore, Row { cost, stored: None }));
    settle()?;
    if let Some((cost, archive)) = contender.download().context("restore as ZIP")? {
        crate::archive::same(&corpus.second, &archive)?;
        rows.push((Phase::Download, Row { cost, stored: None }));
    }
    contender.end();
    folder::empty(&home)?;
    Ok(rows)
}

/// What the run before wrote goes to the disk first, so that the next one does not wait for it.
fn settle() -> Result<()> {
    run_program(&mut command::<&str>("sync", []))
}

fn name_of(folder: &Path) -> Result<&Path> {
    folder.file_name().map(Path::new).context("the corpus has a name")
}
