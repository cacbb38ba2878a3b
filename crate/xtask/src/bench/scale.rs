//! `cargo xtask bench scale`: what grows with a vault, and how. Core's machines against vaults of a million files, of ten tebibytes, of a
//! thousand snapshots, each beside one of a tenth: ten times as much is linear, once is flat. Then a tab against as many generated files.

use std::{fmt, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    folder,
    program::{self, Profile},
    shell::{output, step, top},
    tab::{self, Tab},
};

/// What is made, how large, and what is measured in it; each measurement is a process of its own.
struct Series {
    name: &'static str,
    make: &'static str,
    count: u64,
    programs: &'static [&'static str],
}

const FILES: u64 = 1_000_000;
/// A vault of 1 TiB has so many chunks of 256 KiB, one of 10 TiB so many of 1 MiB.
const TEBIBYTE: u64 = 1 << 22;
const SERIES: [Series; 4] = [
    Series { name: "1,000,000 files", make: "make-files", count: FILES, programs: &["unchanged", "look", "changed"] },
    Series { name: "1 TiB", make: "make-chunks", count: TEBIBYTE, programs: &["look", "unchanged"] },
    Series { name: "10 TiB, large chunks", make: "make-large-chunks", count: 10 << 20, programs: &["look", "unchanged"] },
    Series { name: "1,000 snapshots", make: "make-snapshots", count: 1_000, programs: &["look", "versions", "unchanged"] },
];

/// A line of examples/scale.rs.
struct Took {
    what: String,
    /// CPU seconds, peak bytes, requests, bytes fetched, bytes put, bytes read.
    figures: [f64; 6],
}

/// Measures with so large a part of everything, and prints.
///
/// # Errors
/// Building or a measurement fails.
pub fn run(part: f64) -> Result<()> {
    let program = program::example("strongroom-core", "scale", Profile::Release)?;
    let mut table = String::new();
    for Series { name, make, count, programs } in SERIES {
        let count = ((count as f64 * part) as u64).max(10);
        let series = |count| step(&format!("{name}: {count}"), || measure(&program, make, count, programs));
        let (tenth, whole) = (series(count / 10)?, series(count)?);
        for (few, many) in tenth.iter().zip(&whole) {
            table.push_str(&row(name, few, many));
        }
    }
    println!("| | | CPU s | × | peak MB | × | requests | × | fetched MB | × | put MB | read MB |");
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    print!("{table}");
    println!(
        "\n×: how often what a tenth of it takes. Peak: resident memory of a process of its own, with one lane. Objects lie on the disk."
    );
    in_tab(part)
}

/// Through the page, in a new vault of a new browser for each number of files, and prints.
///
/// # Errors
/// Building or a backup fails.
pub fn in_tab(part: f64) -> Result<()> {
    let server = tab::prepare()?;
    println!("\n| files in a tab | | s | CPU s | tab MB |\n|--:|---|--:|--:|--:|");
    for count in [FILES / 10, FILES] {
        let files = (count as f64 * part) as u64;
        let home = top().join("target/bench/scale");
        folder::empty(&home)?;
        let mut tab = Tab::open(&server, &home)?;
        for what in ["first backup", "unchanged backup"] {
            let cost = step(&format!("{files} files in a tab: {what}"), || tab.back_up_generated(files))?;
            println!("| {files} | {what} | {:.1} | {:.1} | {:.0} |", cost.seconds, cost.cpu_seconds, cost.peak as f64 / 1e6);
        }
        drop(tab);
        folder::empty(&home)?;
    }
    Ok(())
}

fn measure(program: &Path, make: &str, count: u64, programs: &[&str]) -> Result<Vec<Took>> {
    let home = top().join("target/bench/scale");
    folder::empty(&home)?;
    let mut took = Vec::new();
    for what in [&[make], programs].concat() {
        // How many files there are counts where they were backed up, else there are none.
        let files = if make == "make-files" || what == make { count } else { 0 };
        let text = output(Command::new(program).arg(what).arg(files.to_string()).arg(&home)).context(what.to_owned())?;
        for line in text.lines() {
            took.push(Took::parse(line).with_context(|| format!("not a measurement: {line}"))?);
        }
    }
    folder::empty(&home)?;
    Ok(took)
}

impl Took {
    fn parse(line: &str) -> Option<Self> {
        let (what, figures) = line.split_once('\t')?;
        let figures: Vec<f64> = figures.split('\t').skip(1).filter_map(|figure| figure.parse().ok()).collect();
        Some(Self { what: what.to_owned(), figures: figures.try_into().ok()? })
    }
}

fn row(name: &str, few: &Took, many: &Took) -> String {
    let [cpu, peak, requests, fetched, put, read] = many.figures;
    let times = |at: usize| Times(many.figures[at] / few.figures[at]);
    format!(
        "| {name} | {} | {cpu:.2} | {} | {:.0} | {} | {requests:.0} | {} | {:.1} | {} | {:.1} | {:.1} |\n",
        many.what,
        times(0),
        peak / 1e6,
        times(1),
        times(2),
        fetched / 1e6,
        times(3),
        put / 1e6,
        read / 1e6,
    )
}

/// How often; nothing of nothing is no number.
struct Times(f64);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_finite() { write!(f, "{:.1}", self.0) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Took, row};

    #[test]
    fn a_row_says_how_often_what_a_tenth_takes() {
        let took = |line| Took::parse(line).expect("a line");
        let (few, many) = (took("open\t0.1\t0.10\t20000000\t4\t1000000\t0\t0"), took("open\t1\t0.50\t40000000\t40\t10000000\t0\t0"));
        assert_eq!(row("files", &few, &many), "| files | open | 0.50 | 5.0 | 40 | 2.0 | 40 | 10.0 | 10.0 | 10.0 | 0.0 | 0.0 |\n");
        assert!(Took::parse("open\t0.1").is_none());
    }
}
