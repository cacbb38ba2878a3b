//! The machine that it was measured on.

use std::{fmt, fs, thread};

use anyhow::Result;
use serde::{Deserialize, Serialize};

/// What a reader needs to know of it.
#[derive(Serialize, Deserialize)]
pub struct Machine {
    processor: String,
    threads: usize,
    /// Bytes.
    memory: u64,
    /// Linux's version.
    kernel: String,
}

impl Machine {
    /// This one.
    ///
    /// # Errors
    /// /proc cannot be read.
    pub fn here() -> Result<Self> {
        let field = |file: &str, name: &str| -> Result<String> {
            let text = fs::read_to_string(file)?;
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':').map(str::trim));
            Ok(line.unwrap_or("unknown").to_owned())
        };
        let kilobytes = field("/proc/meminfo", "MemTotal")?;
        Ok(Self {
            processor: field("/proc/cpuinfo", "model name")?,
            threads: thread::available_parallelism()?.get(),
            memory: kilobytes.split(' ').next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1_024,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, threads, memory, kernel } = self;
        write!(f, "{processor}, {threads} cores, {:.0} GiB of memory, Linux {kernel}", *memory as f64 / f64::from(1 << 30))
    }
}

#[cfg(test)]
mod tests {
    use super::Machine;

    #[test]
    fn this_machine_has_a_processor_and_memory() {
        let machine = Machine::here().expect("Linux tells");
        assert!(machine.threads > 0 && machine.memory > 100 << 20, "{machine}");
    }
}
