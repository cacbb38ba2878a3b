//! `cargo xtask soak`: what takes too long for every day. Long fault schedules, a large file, very many files, the packed package.

mod faults;
mod fuzz;
mod kill;
mod package;
mod source;

use std::{fs, path::Path, process::ExitCode, time::Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{
    archive,
    bench::{Browser, Cli, Contender},
    folder,
    meter::Cost,
    shell::{seconds, top},
    test::tally::{Check, Tally, checks},
    twice,
};

/// What a tab may take, whatever is backed up: bytes.
const TAB: u64 = 500_000_000;

#[derive(Args)]
pub struct Options {
    /// Only the stage of this name: faults, fuzz, kill, twice, large, sparse, many, package.
    stage: Option<String>,
    /// How many schedules each fault test runs.
    #[arg(long, default_value_t = 300)]
    seeds: u64,
    /// How many seconds libFuzzer has for each reader.
    #[arg(long, default_value_t = 30)]
    fuzz: u64,
    /// How often the server is killed during uploads.
    #[arg(long, default_value_t = 100)]
    kills: u64,
    /// Size of the large file.
    #[arg(long, default_value_t = 5_000_000_000)]
    bytes: u64,
    /// Size of the file that is nearly all a hole; the disk needs room for it once.
    #[arg(long, default_value_t = 20_000_000_000)]
    hole: u64,
    /// How many small files.
    #[arg(long, default_value_t = 100_000)]
    files: usize,
}

type Stage = (&'static str, &'static str, fn(&Options) -> Result<Tally>);

const STAGES: [Stage; 8] = [
    ("faults", "Machines against storages that fail, and against their own end", |options| faults::run(options.seeds)),
    ("fuzz", "Readers of bytes that nobody can trust, and our cipher beside RustCrypto's", |options| fuzz::run_targets(options.fuzz)),
    ("kill", "The server, killed during uploads", |options| kill::run(options.kills)),
    ("package", "The package as it is published, in apps by Vite 7, webpack 5, esbuild and Next.js", |_| package::run()),
    ("twice", "The same commit, built in another place", |_| {
        Ok(checks(vec![("modules and page are the same, byte for byte", twice::whole())]))
    }),
    ("large", "One large file, through the command line and a tab", large),
    ("sparse", "One file that is nearly all a hole and larger than any memory, through a tab", sparse),
    ("many", "Very many small files, through the command line and a tab", many),
];

/// Runs the stages that were asked for; ends with `N passed, N failed`.
///
/// # Errors
/// The stage asked for does not exist.
pub fn run(options: &Options) -> Result<ExitCode> {
    let wanted: Vec<&Stage> = STAGES.iter().filter(|(name, ..)| options.stage.as_ref().is_none_or(|stage| stage == name)).collect();
    ensure!(!wanted.is_empty(), "there is no stage of that name; see cargo xtask soak --help");
    let mut total = Tally::default();
    for (_, heading, work) in wanted {
        println!("\n== {heading}");
        let start = Instant::now();
        let tally = work(options).unwrap_or_else(|error| {
            println!("{error:#}");
            Tally::one(false)
        });
        println!("{}  ({})", tally.or_failed(), seconds(start.elapsed()));
        total += tally.or_failed();
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn large(options: &Options) -> Result<Tally> {
    let source = source::large(options.bytes)?;
    through_both(&source)
}

fn many(options: &Options) -> Result<Tally> {
    let source = source::many(options.files)?;
    through_both(&source)
}

/// The tab alone, and as a download alone: a disk holds so much once.
fn sparse(options: &Options) -> Result<Tally> {
    let source = source::sparse(options.hole)?;
    let home = top().join("target/soak/round");
    folder::empty(&home)?;
    let mut browser = Browser::prepare()?;
    let mut peak = 0;
    let result = (|| {
        browser.begin(&home)?;
        let first = browser.back_up(&source)?;
        let (restored, zip) = browser.download()?.context("a tab can download")?;
        for (what, cost) in [("first backup", first), ("restore as ZIP", restored)] {
            println!("        browser: {what} {:.1} s, {} MB at its peak", cost.seconds, cost.peak / 1_000_000);
            peak = peak.max(cost.peak);
        }
        archive::same(&source, &zip)
    })();
    browser.end();
    folder::empty(&home)?;
    Ok(checks(vec![("a tab gives it back as ZIP, byte for byte", result), ("the tab never took 500 MB", bounded(peak))]))
}

fn bounded(peak: u64) -> Result<()> {
    ensure!(peak > 0 && peak < TAB, "it took {} MB", peak / 1_000_000);
    Ok(())
}

fn through_both(source: &Path) -> Result<Tally> {
    let mut list: Vec<Check> = vec![("the command line gives it back, byte for byte", round_trip(&mut Cli::prepare()?, source).map(drop))];
    let tab = round_trip(&mut Browser::prepare()?, source);
    let bounded = tab.as_ref().map_err(|error| anyhow::anyhow!("{error}")).and_then(|&peak| bounded(peak));
    list.push(("a tab gives it back, into a folder and as ZIP, byte for byte", tab.map(drop)));
    list.push(("the tab never took 500 MB", bounded));
    Ok(checks(list))
}

/// Backed up, backed up again unchanged, restored, compared: the highest peak of memory.
fn round_trip(contender: &mut dyn Contender, source: &Path) -> Result<u64> {
    let home = top().join("target/soak/round");
    folder::empty(&home)?;
    let (vault, target) = (home.join("vault"), home.join("restored"));
    fs::create_dir(&vault)?;
    fs::create_dir(&target)?;
    contender.begin(&vault)?;
    let name = contender.name();
    let mut peak = 0;
    let mut show = |what: &str, cost: &Cost| {
        println!("        {name}: {what} {:.1} s, {} MB at its peak", cost.seconds, cost.peak / 1_000_000);
        peak = peak.max(cost.peak);
    };
    show("first backup", &contender.back_up(source)?);
    show("unchanged", &contender.back_up(source)?);
    let restored = match contender.restore_reading_back(&target)? {
        Some(cost) => cost,
        None => contender.restore(&target)?,
    };
    show("restore", &restored);
    folder::same(source, &target.join(source.file_name().context("the source has a name")?), contender.keeps_times())?;
    if let Some((cost, zip)) = contender.download()? {
        show("restore as ZIP", &cost);
        archive::same(source, &zip)?;
    }
    contender.end();
    folder::empty(&home)?;
    if let Some(cost) = contender.back_up_chosen(&home, source)? {
        show("first backup of a chosen folder", &cost);
        folder::empty(&home)?;
    }
    Ok(peak)
}
