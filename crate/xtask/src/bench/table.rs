//! What was measured, as a table: medians, with least and most of the seconds.

use std::{collections::BTreeMap, fmt};

use super::Phase;
use crate::meter::Cost;

/// One run of one contender.
#[derive(Clone, Copy)]
pub struct Row {
    pub cost: Cost,
    /// Bytes that it added to the storage.
    pub stored: Option<u64>,
}

pub struct Table {
    first: f64,
    second: f64,
    rows: BTreeMap<Phase, Vec<(&'static str, Vec<Row>)>>,
}

impl Table {
    /// For versions of so many bytes.
    pub fn new(first: u64, second: u64) -> Self {
        Self { first: first as f64, second: second as f64, rows: BTreeMap::new() }
    }

    pub fn add(&mut self, phase: Phase, contender: &'static str, row: Row) {
        let contenders = self.rows.entry(phase).or_default();
        match contenders.iter_mut().find(|(name, _)| *name == contender) {
            Some((_, rows)) => rows.push(row),
            None => contenders.push((contender, vec![row])),
        }
    }

    fn bytes(&self, phase: Phase) -> f64 {
        if phase <= Phase::Unchanged { self.first } else { self.second }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| | | MB/s | s | least–most | CPU s/GB | of it server | peak MB | all MB | stored MB |")?;
        writeln!(f, "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        for (&phase, contenders) in &self.rows {
            let bytes = self.bytes(phase);
            for (name, rows) in contenders {
                let of = |figure: fn(&Row) -> f64| sorted(rows.iter().map(figure).collect());
                let seconds = of(|row| row.cost.seconds);
                let (least, most) = (seconds.first().copied().unwrap_or(f64::NAN), seconds.last().copied().unwrap_or(f64::NAN));
                let cpu = median(&of(|row| row.cost.cpu_seconds)) / bytes * 1e9;
                let server = median(&of(|row| row.cost.server_cpu_seconds)) / bytes * 1e9;
                let (peak, all) = (median(&of(|row| row.cost.peak as f64)) / 1e6, median(&of(|row| row.cost.peak_of_all as f64)) / 1e6);
                let stored = median(&of(|row| row.stored.map_or(f64::NAN, |stored| stored as f64))) / 1e6;
                let stored = if stored.is_nan() { String::new() } else { format!("{stored:.1}") };
                let (speed, seconds) = (bytes / median(&seconds) / 1e6, median(&seconds));
                writeln!(
                    f,
                    "| {} | {name} | {speed:.0} | {seconds:.2} | {least:.2}–{most:.2} | {cpu:.2} | {server:.2} | {peak:.0} | {all:.0} | {stored} |",
                    phase.name()
                )?;
            }
        }
        writeln!(f)?;
        writeln!(
            f,
            "MB are millions of bytes. CPU: of all processes that worked, the server's part beside it. Peak: of a program its resident"
        )?;
        writeln!(f, "memory; of a browser the largest renderer's proportional memory (the tab), and that of all its processes, sampled.")
    }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[length / 2],
        length => (sorted[length / 2 - 1] + sorted[length / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Phase, Row, Table, median};
    use crate::meter::Cost;

    #[test]
    fn medians_are_of_the_middle_one_or_two() {
        assert!((median(&[1.0, 2.0, 9.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[1.0, 2.0, 4.0, 9.0]) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn speed_is_of_the_version_that_the_phase_is_about() {
        let mut table = Table::new(100_000_000, 200_000_000);
        for phase in [Phase::First, Phase::Restore] {
            for seconds in [3.0, 1.0, 2.0] {
                table.add(phase, "cli", Row { cost: Cost { seconds, ..Cost::default() }, stored: None });
            }
        }
        let text = table.to_string();
        assert!(text.contains("| first backup | cli | 50 | 2.00 | 1.00–3.00 |"), "{text}");
        assert!(text.contains("| restore | cli | 100 | 2.00 | 1.00–3.00 |"), "{text}");
    }
}
