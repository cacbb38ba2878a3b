//! How many instructions the native stages take, as callgrind counts them: a figure that does not depend on how busy a machine is.
//!
//! It depends on what the processor can do, of which callgrind shows programs AVX2 but no AVX-512: where a program finds something else than
//! stands in instructions.txt, nothing is compared, and that is said. `STRONGROOM_BLESS=1` writes the file anew.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};

use super::tally::Tally;
use crate::{
    folder,
    program::{self, Profile},
    shell::{command, output, top},
    tools,
};

const FILE: &str = "crate/xtask/src/test/instructions.txt";
/// Functions of crate/core/examples/stages.rs: whose instructions count, and what ends a stage.
const MEASURED: &str = "stages::measured";
const DONE: &str = "stages::done";
/// So much more than the file says is a failure; so much less asks for a new file.
const SLACK: f64 = 0.1;

/// The processor's features, then instructions for each byte or thing of each stage.
#[derive(Debug, PartialEq)]
struct Counts {
    features: String,
    stages: Vec<(String, f64)>,
}

pub fn check(_: Option<&str>) -> Result<Tally> {
    tools::debian(&[("valgrind", "valgrind")])?;
    let program = program::example("strongroom-core", "stages", Profile::Dev)?;
    let found = count(&program)?;
    if std::env::var_os("STRONGROOM_BLESS").is_some() {
        fs::write(top().join(FILE), found.to_text())?;
    }
    let known = Counts::parse(&fs::read_to_string(top().join(FILE))?).context("instructions.txt cannot be read")?;
    if found.features != known.features {
        println!("not compared: here are {:?}, and {FILE} is of {:?}", found.features, known.features);
        return Ok(Tally { skipped: found.stages.len() as u64, ..Tally::default() });
    }
    let mut tally = Tally::default();
    let known: BTreeMap<String, f64> = known.stages.into_iter().collect();
    ensure!(known.len() == found.stages.len(), "{FILE} knows {} stages of {}", known.len(), found.stages.len());
    for (name, count) in &found.stages {
        let known = known.get(name).with_context(|| format!("{FILE} does not know {name}"))?;
        let well = *count <= known * (1.0 + SLACK);
        let hint = if *count < known * (1.0 - SLACK) { ": fewer, so write the file anew with STRONGROOM_BLESS=1" } else { "" };
        println!("{}  {name}: {count:.2} instructions, {known:.2} before{hint}", if well { "ok    " } else { "FAILED" });
        tally += Tally::one(well);
    }
    Ok(tally)
}

/// Runs the stages under callgrind, which leaves a file for each.
fn count(program: &Path) -> Result<Counts> {
    let home = top().join("target/callgrind");
    folder::empty(&home)?;
    let out = home.join("out");
    let mut stages = command("valgrind", ["--quiet", "--tool=callgrind", "--collect-atstart=no"]);
    stages.arg(format!("--toggle-collect={MEASURED}")).arg(format!("--dump-after={DONE}"));
    stages.arg(format!("--callgrind-out-file={}", out.display())).arg(program);
    let text = output(&mut stages)?;
    let mut lines = text.lines();
    let features = lines.next().context("the stages print nothing")?.to_owned();
    let stage = |(number, line): (usize, &str)| {
        let (name, count) = line.split_once('\t').with_context(|| format!("not a stage: {line}"))?;
        let left = fs::read_to_string(home.join(format!("out.{}", number + 1))).context("callgrind left nothing of a stage")?;
        Ok((name.to_owned(), total(&left).context("callgrind counted nothing")? / count.parse::<f64>()?))
    };
    Ok(Counts { features, stages: lines.enumerate().map(stage).collect::<Result<_>>()? })
}

/// `totals: 7`, or in older versions `summary: 7`.
fn total(text: &str) -> Option<f64> {
    let number = |line: &str| line.strip_prefix("totals:").or(line.strip_prefix("summary:"))?.trim().parse().ok();
    text.lines().find_map(number)
}

impl Counts {
    fn to_text(&self) -> String {
        let line = |(name, count): &(String, f64)| format!("{name}\t{count:.3}\n");
        format!("{}\n{}", self.features, self.stages.iter().map(line).collect::<String>())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let features = lines.next()?.to_owned();
        let stage = |line: &str| line.split_once('\t').and_then(|(name, count)| Some((name.to_owned(), count.parse().ok()?)));
        Some(Self { features, stages: lines.map(stage).collect::<Option<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, total};

    #[test]
    fn counts_come_back_from_their_text() {
        let counts = Counts { features: "x86_64 avx2".into(), stages: vec![("seal".into(), 2.5), ("open".into(), 0.125)] };
        assert_eq!(Counts::parse(&counts.to_text()), Some(counts));
        assert_eq!(Counts::parse("x86_64\nseal"), None);
    }

    #[test]
    fn the_total_of_a_stage_is_found() {
        assert_eq!(total("events: Ir\n\ntotals: 1234\n"), Some(1234.0));
    }
}
