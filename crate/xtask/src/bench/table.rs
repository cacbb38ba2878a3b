//! Everything that was measured, as one table: medians, with least and most.

use std::fmt;

use super::{
    Phase,
    report::{Report, Run, Spread, TAB},
};

/// A report, to be printed.
pub struct Table<'a>(pub &'a Report);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(report) = self;
        writeln!(f, "| | | MB/s | s | least–most | tab ÷ it | CPU s/GB | of it server | peak MB | all MB | stored MB |")?;
        writeln!(f, "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        for phase in Phase::ALL {
            for contender in &report.contenders {
                let of = |figure: fn(&Run) -> f64| report.spread(phase, &contender.name, figure);
                let Some(Spread { median, least, most }) = of(|run| run.cost.seconds) else { continue };
                let bytes = report.bytes(phase);
                let middle = |figure| of(figure).map_or(f64::NAN, |spread| spread.median);
                let ratio = report.ratio(phase, &contender.name).filter(|_| contender.name != TAB).map(ratio).unwrap_or_default();
                let (cpu, server) = (middle(|run| run.cost.cpu_seconds), middle(|run| run.cost.server_cpu_seconds));
                let stored = middle(|run| run.stored.map_or(f64::NAN, |stored| stored as f64)) / 1e6;
                let stored = if stored.is_nan() { String::new() } else { format!("{stored:.1}") };
                writeln!(
                    f,
                    "| {} | {} | {:.0} | {median:.2} | {least:.2}–{most:.2} | {ratio} | {:.2} | {:.2} | {:.0} | {:.0} | {stored} |",
                    phase.name(),
                    contender.about.label,
                    bytes / median / 1e6,
                    cpu / bytes * 1e9,
                    server / bytes * 1e9,
                    middle(|run| run.cost.peak as f64) / 1e6,
                    middle(|run| run.cost.peak_of_all as f64) / 1e6,
                )?;
            }
        }
        writeln!(f, "\n{}", report.machine)?;
        for contender in &report.contenders {
            writeln!(f, "{}: {}, {}", contender.about.label, contender.about.version, contender.about.how)?;
        }
        for missing in &report.missing {
            writeln!(f, "{}: not installed, so not measured ({})", missing.name, missing.install)?;
        }
        writeln!(
            f,
            "\nMB are millions of bytes. Ratios are of the same round. CPU: of all processes that worked, the server's part beside it."
        )?;
        writeln!(
            f,
            "Peak: of a program its resident memory; of a browser the largest renderer's proportional memory (the tab), and that of all"
        )?;
        writeln!(f, "its processes, sampled.")
    }
}

/// `0.76 (0.71–0.80)`
pub fn ratio(Spread { median, least, most }: Spread) -> String {
    format!("{median:.2} ({least:.2}–{most:.2})")
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::bench::report::{TAB, tests::report};

    #[test]
    fn speed_is_of_the_version_that_the_phase_is_about() {
        let text = Table(&report(&[("cli", &[3.0, 1.0, 2.0])])).to_string();
        assert!(text.contains("| first backup | cli | 50 | 2.00 | 1.00–3.00 |"), "{text}");
        assert!(text.contains("| restore | cli | 100 | 2.00 | 1.00–3.00 |"), "{text}");
    }

    #[test]
    fn the_tab_is_divided_by_all_others() {
        let text = Table(&report(&[(TAB, &[1.0, 3.0]), ("borg", &[2.0, 4.0])])).to_string();
        assert!(text.contains("| first backup | borg | 33 | 3.00 | 2.00–4.00 | 0.62 (0.50–0.75) |"), "{text}");
    }
}
