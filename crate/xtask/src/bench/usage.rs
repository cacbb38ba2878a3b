//! What a program used, once it has ended.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

#[derive(Clone, Copy, Debug)]
pub struct Usage {
    pub wall: Duration,
    pub cpu: Duration,
    /// Resident memory at its peak, bytes.
    pub peak: u64,
}

/// Runs a program to its end and measures it.
///
/// # Errors
/// The program cannot be started, or ends with failure.
pub fn measure(command: &mut Command) -> Result<Usage> {
    let start = Instant::now();
    let child = command.spawn()?;
    let pid = libc::pid_t::try_from(child.id())?;
    let mut status = 0;
    // SAFETY: all zeros is a value of this plain C struct, and both pointers are to locals that outlive the call.
    let (ended, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(pid, &raw mut status, 0, &raw mut usage), usage)
    };
    let wall = start.elapsed();
    if ended != pid || !libc::WIFEXITED(status) || libc::WEXITSTATUS(status) != 0 {
        bail!("{} ended badly", command.get_program().to_string_lossy());
    }
    let time =
        |value: libc::timeval| Duration::from_secs(value.tv_sec.unsigned_abs()) + Duration::from_micros(value.tv_usec.unsigned_abs());
    Ok(Usage { wall, cpu: time(usage.ru_utime) + time(usage.ru_stime), peak: usage.ru_maxrss.unsigned_abs() * 1_024 })
}
