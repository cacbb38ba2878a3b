//! Counting what test runners report.

use std::{fmt, ops::AddAssign};

use anyhow::Result;
use serde_json::Value;

/// Tests that ran. What was skipped is shown and never counted as passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Tally {
    pub fn one(passed: bool) -> Self {
        Self { passed: passed.into(), failed: (!passed).into(), skipped: 0 }
    }

    /// A run that counted nothing, or ended badly without counting a failure, is itself one failure.
    pub fn or_failed(self) -> Self {
        Self { failed: self.failed.max((self.passed == 0).into()), ..self }
    }

    /// What a runner counted, once it is known whether it ended well.
    pub fn ended(self, well: bool) -> Self {
        Self { failed: self.failed.max((!well).into()), ..self }
    }

    /// `test result: ok. 3 passed; 0 failed; 1 ignored; …` of cargo test, added up.
    pub fn of_cargo(text: &str) -> Self {
        let mut tally = Self::default();
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("test result: ")) {
            let counts = line.split_once(". ").map_or("", |(_, counts)| counts);
            for count in counts.split("; ") {
                match count.split_once(' ') {
                    Some((number, "passed")) => tally.passed += number.parse().unwrap_or(0),
                    Some((number, "failed")) => tally.failed += number.parse().unwrap_or(0),
                    Some((number, "ignored")) => tally.skipped += number.parse().unwrap_or(0),
                    _ => {}
                }
            }
        }
        tally
    }

    /// `# pass 3` (or `ℹ pass 3`) of node's test runner.
    pub fn of_node(text: &str) -> Self {
        let count = |what: &str| {
            let number = |line: &str| match line.split_whitespace().collect::<Vec<_>>()[..] {
                ["#" | "ℹ", found, number] if found == what => number.parse::<u64>().ok(),
                _ => None,
            };
            text.lines().filter_map(number).sum::<u64>()
        };
        Self { passed: count("pass"), failed: count("fail") + count("cancelled"), skipped: count("skipped") + count("todo") }
    }

    /// The report that Playwright leaves as JSON. A test that passed only when tried again has failed.
    pub fn of_playwright(report: &Value) -> Self {
        let count = |what: &str| report["stats"][what].as_u64().unwrap_or(0);
        Self { passed: count("expected"), failed: count("unexpected") + count("flaky"), skipped: count("skipped") }
    }

    /// `Ran 3 tests in 0.1s` and `FAILED (failures=1, errors=1)` or `OK (skipped=1)` of Python's unittest.
    pub fn of_unittest(text: &str) -> Self {
        let (mut ran, mut tally) = (0, Self::default());
        for line in text.lines() {
            if let ["Ran", number, "test" | "tests", ..] = line.split_whitespace().collect::<Vec<_>>()[..] {
                ran += number.parse::<u64>().unwrap_or(0);
            }
            let counts = line.strip_prefix("FAILED (").or(line.strip_prefix("OK (")).and_then(|counts| counts.strip_suffix(')'));
            for count in counts.into_iter().flat_map(|counts| counts.split(", ")) {
                match count.split_once('=') {
                    Some(("failures" | "errors" | "unexpected successes", number)) => tally.failed += number.parse().unwrap_or(0),
                    Some(("skipped" | "expected failures", number)) => tally.skipped += number.parse().unwrap_or(0),
                    _ => {}
                }
            }
        }
        Self { passed: ran.saturating_sub(tally.failed + tally.skipped), ..tally }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:5} passed {:3} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

/// One statement about the repository, and whether it holds.
pub type Check = (&'static str, Result<()>);

/// Prints each check's outcome and counts them.
pub fn checks(checks: impl IntoIterator<Item = Check>) -> Tally {
    let mut tally = Tally::default();
    for (statement, outcome) in checks {
        tally += Tally::one(outcome.is_ok());
        match outcome {
            Ok(()) => println!("ok      {statement}"),
            Err(error) => println!("FAILED  {statement}: {error:#}"),
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn cargo_results_are_added_up() {
        let text = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
            test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured";
        assert_eq!(Tally::of_cargo(text), Tally { passed: 5, failed: 1, skipped: 1 });
    }

    #[test]
    fn node_results_are_read_in_both_styles() {
        assert_eq!(Tally::of_node("# tests 4\n# pass 3\n# fail 1\n# cancelled 0\n"), Tally { passed: 3, failed: 1, skipped: 0 });
        assert_eq!(Tally::of_node("ℹ pass 2\nℹ skipped 1\nℹ fail 0\n"), Tally { passed: 2, failed: 0, skipped: 1 });
    }

    #[test]
    fn unittest_results_are_read() {
        let text = "Ran 7 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=1)";
        assert_eq!(Tally::of_unittest(text), Tally { passed: 3, failed: 3, skipped: 1 });
        assert_eq!(Tally::of_unittest("Ran 1 test in 0.1s\n\nOK"), Tally { passed: 1, failed: 0, skipped: 0 });
    }

    #[test]
    fn a_run_without_tests_is_a_failure() {
        assert_eq!(Tally::of_cargo("no tests here").or_failed(), Tally { passed: 0, failed: 1, skipped: 0 });
    }

    #[test]
    fn a_runner_that_crashed_is_a_failure_whatever_it_counted() {
        assert_eq!(Tally::of_node("# pass 3\n").ended(false), Tally { passed: 3, failed: 1, skipped: 0 });
    }
}
