//! The part of README.md that is made of a report, and its chart.

use std::{fmt, fs};

use anyhow::{Context, Result};

use super::{
    Phase,
    chart::Chart,
    report::{Report, Spread, TAB},
    table,
};
use crate::shell::top;

const README: &str = "README.md";
/// The chart, from the top.
const CHART: &str = "tests/bench/chart.svg";
const BEGIN: &str = "<!-- Made by `cargo xtask bench --readme`. -->\n";
const END: &str = "<!-- So far. -->\n";

/// Puts them there.
///
/// # Errors
/// README.md has no place for it, or cannot be written.
pub fn write(report: &Report) -> Result<()> {
    let file = top().join(README);
    let text = fs::read_to_string(&file)?;
    let (before, after) = around(&text)?;
    fs::write(file, format!("{before}{BEGIN}{}{END}{after}", Section(report)))?;
    fs::write(top().join(CHART), Chart(report).to_string()).with_context(|| format!("{CHART} cannot be written"))
}

fn around(text: &str) -> Result<(&str, &str)> {
    let (before, rest) = text.split_once(BEGIN).with_context(|| format!("{README} has no line {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("{README} has no line {END}"))?;
    Ok((before, after))
}

/// Seconds of everyone, what the tab's are of theirs, and who they are.
pub struct Section<'a>(pub &'a Report);

impl fmt::Display for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(report) = self;
        let phases: Vec<Phase> =
            Phase::ALL.into_iter().filter(|phase| report.contenders.iter().any(|who| self.seconds(*phase, &who.name).is_some())).collect();
        let names: Vec<&str> = phases.iter().map(|phase| phase.name()).collect();
        let rounds = report.runs.iter().map(|run| run.round).max().unwrap_or(0);
        let (first, second) = (report.corpus.first, report.corpus.second);
        writeln!(f, "![Seconds that each takes, as bars]({CHART})\n")?;
        writeln!(f, "| seconds; tab ÷ it | {} | CPU s/GB, first | peak MB, first |", names.join(" | "))?;
        writeln!(f, "|---|{}--:|--:|", "--:|".repeat(phases.len()))?;
        for contender in &report.contenders {
            let cells: Vec<String> = phases.iter().map(|phase| self.cell(*phase, &contender.name)).collect();
            let cpu = report
                .spread(Phase::First, &contender.name, |run| run.cost.cpu_seconds)
                .map(|spread| format!("{:.1}", spread.median / report.bytes(Phase::First) * 1e9));
            let peak = report
                .spread(Phase::First, &contender.name, |run| run.cost.peak_of_all as f64)
                .map(|spread| format!("{:.0}", spread.median / 1e6));
            let label = &contender.about.label;
            writeln!(f, "| {label} | {} | {} | {} |", cells.join(" | "), cpu.unwrap_or_default(), peak.unwrap_or_default())?;
        }
        writeln!(
            f,
            "\nMedians of {rounds} rounds, everyone in turn; in brackets the tab's seconds divided by theirs, of the same round, with least and most. {} files of {} MB in the first \
             version, {} of {} MB in the second; generated, the same everywhere. On {}. Peak: of a browser, all its processes. Every restore was compared.\n",
            first.files,
            first.bytes / 1_000_000,
            second.files,
            second.bytes / 1_000_000,
            report.machine
        )?;
        for contender in &report.contenders {
            writeln!(f, "- {}: {}, {}.", contender.about.label, contender.about.version, contender.about.how)?;
        }
        for missing in &report.missing {
            writeln!(f, "- {} was not installed.", missing.name)?;
        }
        writeln!(f, "\n`cargo xtask bench --from tests/bench/measured.json` shows every figure of that run.\n")
    }
}

impl Section<'_> {
    fn seconds(&self, phase: Phase, contender: &str) -> Option<Spread> {
        self.0.spread(phase, contender, |run| run.cost.seconds)
    }

    fn cell(&self, phase: Phase, contender: &str) -> String {
        let Some(seconds) = self.seconds(phase, contender) else { return "–".to_owned() };
        match self.0.ratio(phase, contender).filter(|_| contender != TAB) {
            Some(ratio) => format!("{:.2}; {}", seconds.median, table::ratio(ratio)),
            None => format!("{:.2}", seconds.median),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Section, around};
    use crate::{
        bench::report::{TAB, tests::report},
        shell::top,
    };

    #[test]
    fn the_readme_has_a_place_for_it() {
        let text = std::fs::read_to_string(top().join("README.md")).expect("README.md is there");
        around(&text).expect("with a beginning and an end");
    }

    #[test]
    fn who_did_not_do_a_phase_has_a_dash_and_who_did_has_seconds_and_the_ratio() {
        let mut report = report(&[(TAB, &[1.0]), ("borg", &[4.0])]);
        report.runs.pop();
        let text = Section(&report).to_string();
        assert!(text.contains("| borg | 4.00; 0.25 (0.25–0.25) | – | 0.0 |"), "{text}");
    }
}
