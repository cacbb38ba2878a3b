//! What running programs use, as Linux's /proc says: processor time, and memory at its peak.

use std::{
    collections::BTreeMap,
    fs,
    process::Command,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// What one piece of work took.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Cost {
    pub seconds: f64,
    /// Of all processes that worked.
    pub cpu_seconds: f64,
    /// The server's part of them.
    pub server_cpu_seconds: f64,
    /// Of the program, or of the tab: bytes.
    pub peak: u64,
    /// Of everything that worked but the server: bytes.
    pub peak_of_all: u64,
}

/// Runs a program to its end and measures it; its standard output is thrown away.
///
/// # Errors
/// The program cannot be started or ends with failure.
pub fn program(command: &mut Command) -> Result<Cost> {
    let before = waited_for()?;
    let start = Instant::now();
    let mut child = command.stdout(std::process::Stdio::null()).spawn().with_context(|| format!("{command:?} cannot be started"))?;
    let pid = child.id();
    let (ended, end) = mpsc::channel::<()>();
    // The kernel keeps the high-water mark: only what is added in the last milliseconds can be missed.
    let sampler = thread::spawn(move || {
        let mut peak = 0;
        while end.recv_timeout(Duration::from_millis(5)) == Err(RecvTimeoutError::Timeout) {
            peak = peak.max(high_water(pid));
        }
        peak
    });
    let status = child.wait()?;
    let seconds = start.elapsed().as_secs_f64();
    drop(ended);
    let peak = sampler.join().expect("sampling does not panic");
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(Cost { seconds, cpu_seconds: waited_for()? - before, peak, peak_of_all: peak, ..Cost::default() })
}

/// Measures a browser and a server while they work together.
pub struct Pair {
    pub browser: u32,
    pub server: u32,
}

/// Between two looks at a browser's memory.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// A look makes the kernel go through all pages of all processes, and who wants memory waits: so many times as long as one took, none is taken.
const LOOKS_COST: u32 = 30;

impl Pair {
    /// Runs `work`, which says itself how many seconds count, and measures until it ends.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn during(&self, work: impl FnOnce() -> Result<f64>) -> Result<Cost> {
        let before = family(self.browser).map(|browser| Sums::of(&browser))?;
        let server = cpu_seconds(self.server)?;
        let (ended, end) = mpsc::channel::<()>();
        let browser = self.browser;
        let sampler = thread::spawn(move || {
            let mut highest = Sums::default();
            let mut pause = LOOK_AGAIN;
            while end.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                let begun = Instant::now();
                highest = highest.with(family(browser).map(|browser| Sums::of(&browser)).unwrap_or_default());
                pause = LOOK_AGAIN.max(begun.elapsed() * LOOKS_COST);
            }
            highest
        });
        let result = work();
        drop(ended);
        let highest = sampler.join().expect("sampling does not panic");
        let seconds = result?;
        let after = highest.with(Sums::of(&family(self.browser)?));
        let server_cpu_seconds = cpu_seconds(self.server)? - server;
        let cpu_seconds = after.cpu_seconds - before.cpu_seconds + server_cpu_seconds;
        Ok(Cost { seconds, cpu_seconds, server_cpu_seconds, peak: after.tab, peak_of_all: after.all })
    }
}

/// Of a browser's processes together; memory that several share counts for each in its part (proportional set size).
#[derive(Clone, Copy, Default)]
struct Sums {
    cpu_seconds: f64,
    tab: u64,
    all: u64,
}

impl Sums {
    fn of(processes: &BTreeMap<u32, f64>) -> Self {
        let mut sums = Self { cpu_seconds: processes.values().sum(), ..Self::default() };
        for &pid in processes.keys() {
            let memory = proportional(pid);
            sums.all += memory;
            if fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains("--type=renderer")) {
                // Chromium keeps others too: a spare one, and its own pages.
                sums.tab = sums.tab.max(memory);
            }
        }
        sums
    }

    /// The larger of each. Processor time can go back when a process ends; what it used counts on.
    fn with(self, other: Self) -> Self {
        Self { cpu_seconds: self.cpu_seconds.max(other.cpu_seconds), tab: self.tab.max(other.tab), all: self.all.max(other.all) }
    }
}

/// A process and all that it started, with the processor time of each so far.
fn family(root: u32) -> Result<BTreeMap<u32, f64>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(status) = Status::of(pid) else { continue }; // ended while we looked
        all.insert(pid, status);
    }
    let mut found = BTreeMap::new();
    let mut waiting = vec![root];
    while let Some(pid) = waiting.pop() {
        found.insert(pid, all.get(&pid).map_or(0.0, |status| status.cpu_seconds));
        waiting.extend(all.iter().filter(|(_, status)| status.parent == pid).map(|(child, _)| *child));
    }
    Ok(found)
}

/// proc_pid_stat(5): fields 4, 14 and 15, and of its children that ended 16 and 17.
struct Status {
    parent: u32,
    cpu_seconds: f64,
    ended_cpu_seconds: f64,
}

impl Status {
    fn of(pid: impl std::fmt::Display) -> Result<Self> {
        const TICKS_PER_SECOND: f64 = 100.0;
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let (_, fields) = text.rsplit_once(") ").context("/proc/<pid>/stat has no name")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let field = |number: usize| fields.get(number - 3).and_then(|field| field.parse::<u64>().ok()).context("/proc/<pid>/stat is short");
        Ok(Self {
            parent: u32::try_from(field(4)?)?,
            cpu_seconds: (field(14)? + field(15)?) as f64 / TICKS_PER_SECOND,
            ended_cpu_seconds: (field(16)? + field(17)?) as f64 / TICKS_PER_SECOND,
        })
    }
}

fn cpu_seconds(pid: u32) -> Result<f64> {
    Ok(Status::of(pid)?.cpu_seconds)
}

/// Processor time of all programs that ran to their end here.
fn waited_for() -> Result<f64> {
    Ok(Status::of("self")?.ended_cpu_seconds)
}

/// Resident memory at its peak; 0 once the process is gone.
fn high_water(pid: u32) -> u64 {
    kilobytes(&format!("/proc/{pid}/status"), "VmHWM:")
}

fn proportional(pid: u32) -> u64 {
    kilobytes(&format!("/proc/{pid}/smaps_rollup"), "Pss:")
}

fn kilobytes(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1_024
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::program;

    #[test]
    fn a_program_that_computes_has_processor_time_and_memory() {
        let cost = program(Command::new("sh").args(["-c", "n=0; while [ $n -lt 200000 ]; do n=$((n+1)); done"])).expect("sh runs");
        assert!(cost.cpu_seconds > 0.02 && cost.cpu_seconds < cost.seconds + 0.05, "{cost:?}");
        assert!(cost.peak > 100_000, "{cost:?}");
    }

    #[test]
    fn a_program_that_fails_is_no_measurement() {
        assert!(program(Command::new("sh").args(["-c", "exit 3"])).is_err());
    }
}
