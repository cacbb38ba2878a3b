//! All that was measured, as it is kept: every run, by whom, on what machine. Tables and charts are made of it.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::{Phase, machine::Machine, peers::Missing};
use crate::meter::Cost;

/// Who stands first, and whose times are divided by all others'.
pub const TAB: &str = "browser";

#[derive(Serialize, Deserialize)]
pub struct Report {
    pub machine: Machine,
    pub corpus: Versions,
    /// In the order of each round.
    pub contenders: Vec<Contender>,
    /// Who was asked for and is not installed.
    pub missing: Vec<Missing>,
    pub runs: Vec<Run>,
    #[serde(default)]
    pub stages: Vec<StageRun>,
}

/// Both versions of the corpus.
#[derive(Serialize, Deserialize)]
pub struct Versions {
    pub first: Version,
    pub second: Version,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Version {
    pub files: u64,
    pub bytes: u64,
}

#[derive(Serialize, Deserialize)]
pub struct Contender {
    pub name: String,
    #[serde(flatten)]
    pub about: About,
}

/// What a reader needs to know of who is measured.
#[derive(Serialize, Deserialize)]
pub struct About {
    /// As tables call it.
    pub label: String,
    /// Of the program, or of the browser.
    pub version: String,
    /// The settings.
    pub how: String,
}

impl About {
    pub fn new(label: &str, version: String, how: &str) -> Self {
        Self { label: label.to_owned(), version, how: how.to_owned() }
    }
}

/// One phase of one contender in one round.
#[derive(Clone, Serialize, Deserialize)]
pub struct Run {
    pub round: usize,
    pub phase: Phase,
    pub contender: String,
    #[serde(flatten)]
    pub cost: Cost,
    /// Bytes that it added to the storage.
    pub stored: Option<u64>,
}

/// One stage by itself, in one round.
#[derive(Clone, Serialize, Deserialize)]
pub struct StageRun {
    pub round: usize,
    pub stage: String,
    /// What went through it.
    pub data: String,
    pub place: Place,
    pub bytes: u64,
    pub seconds: f64,
    pub cpu_seconds: f64,
}

/// Where a stage ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// One thread.
    Native,
    /// One worker of Chromium.
    Worker,
    /// As many workers as the tab has lanes, at once.
    Workers,
}

impl Report {
    /// # Errors
    /// The file is missing, or no such report.
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is no report of the benchmark", file.display()))
    }

    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, file: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        fs::write(file, text + "\n").with_context(|| format!("{} cannot be written", file.display()))
    }

    /// The bytes that a phase is about.
    pub fn bytes(&self, phase: Phase) -> f64 {
        let Versions { first, second } = self.corpus;
        (if phase <= Phase::Unchanged { first } else { second }).bytes as f64
    }

    /// What one contender's runs of a phase say; `None` where there is none.
    pub fn spread(&self, phase: Phase, contender: &str, figure: impl Fn(&Run) -> f64) -> Option<Spread> {
        Spread::of(self.of(phase, contender).map(figure))
    }

    /// The tab's seconds, divided by another's of the same round.
    pub fn ratio(&self, phase: Phase, contender: &str) -> Option<Spread> {
        let tab = |round| self.of(phase, TAB).find(|run| run.round == round);
        Spread::of(self.of(phase, contender).filter_map(|run| Some(tab(run.round)?.cost.seconds / run.cost.seconds)))
    }

    fn of<'a>(&'a self, phase: Phase, contender: &'a str) -> impl Iterator<Item = &'a Run> {
        self.runs.iter().filter(move |run| run.phase == phase && run.contender == contender)
    }
}

/// Of several measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Spread {
    /// `None` of nothing.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (least, most, middle) = (*sorted.first()?, *sorted.last()?, sorted.len() / 2);
        let median = if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[middle - 1], sorted[middle]) } else { sorted[middle] };
        Some(Self { median, least, most })
    }
}

#[cfg(test)]
pub mod tests {
    use super::{About, Contender, Report, Run, Spread, TAB, Version, Versions};
    use crate::{
        bench::{Phase, machine::Machine},
        meter::Cost,
    };

    /// Versions of 100 and 200 MB, and these times of a first backup and a restore: a round each.
    pub fn report(times: &[(&str, &[f64])]) -> Report {
        let about = |name: &str| About::new(name, "1.0".to_owned(), "as it is");
        let contenders = times.iter().map(|(name, _)| Contender { name: (*name).to_owned(), about: about(name) });
        let runs = times.iter().flat_map(|(name, seconds)| {
            [Phase::First, Phase::Restore].into_iter().flat_map(move |phase| {
                seconds.iter().enumerate().map(move |(round, &seconds)| {
                    let cost = Cost { seconds, ..Cost::default() };
                    Run { round, phase, contender: (*name).to_owned(), cost, stored: None }
                })
            })
        });
        Report {
            machine: Machine::here().expect("Linux tells"),
            corpus: Versions { first: Version { files: 10, bytes: 100_000_000 }, second: Version { files: 20, bytes: 200_000_000 } },
            contenders: contenders.collect(),
            missing: vec![],
            runs: runs.collect(),
            stages: vec![],
        }
    }

    #[test]
    fn medians_are_of_the_middle_one_or_two() {
        assert_eq!(Spread::of([9.0, 1.0, 2.0]), Some(Spread { median: 2.0, least: 1.0, most: 9.0 }));
        assert_eq!(Spread::of([9.0, 2.0, 1.0, 4.0]), Some(Spread { median: 3.0, least: 1.0, most: 9.0 }));
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn ratios_are_of_the_same_round_since_a_round_that_was_slow_was_slow_for_all() {
        let report = report(&[(TAB, &[1.0, 10.0, 2.0]), ("restic", &[2.0, 20.0, 4.0])]);
        assert_eq!(report.ratio(Phase::First, "restic"), Some(Spread { median: 0.5, least: 0.5, most: 0.5 }));
        assert_eq!(report.ratio(Phase::Changed, "restic"), None);
    }

    #[test]
    fn a_report_that_was_written_reads_the_same() {
        let report = report(&[(TAB, &[1.0]), ("borg", &[2.0])]);
        let file = std::env::temp_dir().join(format!("strongroom-report-{}.json", std::process::id()));
        report.write(&file).expect("it can be written");
        let read = Report::read(&file).expect("and read");
        assert_eq!(serde_json::to_value(&read).expect("plain data"), serde_json::to_value(&report).expect("plain data"));
        std::fs::remove_file(file).expect("and removed");
    }
}
