//! The chart for the documents: seconds as bars, the tab's first; light and dark as the reader's page is.

use std::fmt::{self, Display};

use super::{
    Phase,
    report::{Report, TAB},
};

/// A report, as SVG.
pub struct Chart<'a>(pub &'a Report);

const WIDTH: f64 = 760.0;
/// Where bars begin.
const LEFT: f64 = 250.0;
/// Room for the longest bar; its number stands behind it.
const BAR: f64 = 400.0;
const LINE: f64 = 22.0;
const TITLE: f64 = 34.0;
/// So many times the tab's seconds, the longest bar: a longer one has an open end.
const LONGEST: f64 = 4.0;

const STYLE: &str = "
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.number { font-variant-numeric: tabular-nums }
.bar { fill: #8c959f }
.tab { fill: #0a7d5a }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .bar { fill: #6e7681 }
  .tab { fill: #3fb98d }
}";

impl Display for Chart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bars = String::new();
        let mut y = 0.0;
        for phase in Phase::ALL {
            y = self.panel(phase, y, &mut bars).map_err(|_| fmt::Error)?;
        }
        writeln!(f, r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img">"#)?;
        writeln!(f, "<title>Seconds that a backup and a restore take; shorter is better</title>")?;
        writeln!(f, "<style>{STYLE}\n</style>")?;
        writeln!(f, "{bars}</svg>")
    }
}

impl Chart<'_> {
    /// One phase's bars from that height on; gives back where the next begin. A phase of the tab alone is left out.
    fn panel(&self, phase: Phase, top: f64, out: &mut impl fmt::Write) -> Result<f64, fmt::Error> {
        let Self(report) = self;
        let of = |name: &str| report.spread(phase, name, |run| run.cost.seconds).map(|spread| spread.median);
        let measured: Vec<_> = report.contenders.iter().filter_map(|contender| Some((contender, of(&contender.name)?))).collect();
        let Some(tab) = of(TAB).filter(|_| measured.len() > 1) else { return Ok(top) };
        let most = measured.iter().map(|(_, seconds)| *seconds).fold(tab, f64::max).min(tab * LONGEST);
        let mut y = top + TITLE;
        writeln!(out, r#"<text class="title" x="0" y="{}">{}, seconds</text>"#, y - 12.0, phase.name())?;
        for (contender, seconds) in measured {
            let class = if contender.name == TAB { "tab" } else { "bar" };
            let (length, middle) = (BAR * seconds.min(most) / most, y + LINE / 2.0);
            let end = if seconds > most { LEFT + length - 8.0 } else { LEFT + length };
            // A bar that would be longer ends in a notch.
            let (up, down, tip) = (y + 3.0, y + LINE - 3.0, LEFT + length);
            let label = escaped(&contender.about.label);
            writeln!(out, r#"<text x="{}" y="{}" text-anchor="end">{label}</text>"#, LEFT - 10.0, middle + 4.5)?;
            writeln!(out, r#"<path class="{class}" d="M{LEFT} {up:.1}H{tip:.1}L{end:.1} {middle:.1}L{tip:.1} {down:.1}H{LEFT}Z"/>"#)?;
            let number = if seconds < 10.0 { format!("{seconds:.2}") } else { format!("{seconds:.1}") };
            writeln!(out, r#"<text class="number" x="{:.1}" y="{:.1}">{number}</text>"#, tip + 8.0, middle + 4.5)?;
            y += LINE;
        }
        Ok(y + 6.0)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::Chart;
    use crate::bench::report::{TAB, tests::report};

    #[test]
    fn twice_the_seconds_are_twice_the_bar_and_a_bar_that_would_be_too_long_has_an_open_end() {
        let chart = Chart(&report(&[(TAB, &[2.0]), ("a & b", &[4.0]), ("slow", &[40.0])])).to_string();
        assert!(chart.contains(r#"<path class="tab" d="M250 37.0H350.0L350.0 "#), "{chart}");
        assert!(chart.contains(r#"<path class="bar" d="M250 59.0H450.0L450.0 "#), "{chart}");
        assert!(chart.contains(r#"<path class="bar" d="M250 81.0H650.0L642.0 "#), "{chart}");
        assert!(chart.contains(">a &amp; b<") && chart.contains(">40.0<"), "{chart}");
    }

    #[test]
    fn what_nobody_else_did_is_not_shown() {
        assert!(!Chart(&report(&[(TAB, &[2.0])])).to_string().contains("<path"));
    }
}
