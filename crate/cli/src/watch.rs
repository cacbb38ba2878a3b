//! Runs that a person watches: progress on the terminal, Ctrl-C to end them in order.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{consts::SIGINT, flag};
use strongroom_core::{Code, Error, Machine, Steer};

use crate::{host::Host, show::Line};

/// What a shell says of a program that Ctrl-C ended.
const ENDED_BY_SIGINT: i32 = 130;

/// Runs a machine to its end, or until Ctrl-C: the first cancels it, the second ends the program.
///
/// # Errors
/// What the machine ends with; `Cancelled` after Ctrl-C.
pub fn run<M: Machine + Steer>(host: &Host, machine: &mut M, json: bool) -> Result<M::Output, Error> {
    let interrupted = interruption().map_err(|error| Error::new(Code::Internal, format!("Ctrl-C cannot be listened to ({error}).")))?;
    let line = Line::new(json);
    let mut cancelled = false;
    host.run(machine, |machine| {
        if interrupted.load(Ordering::Relaxed) && !cancelled {
            cancelled = true;
            machine.cancel();
        }
        line.show(&machine.progress());
    })
}

fn interruption() -> io::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    // In this order, so that the first Ctrl-C only raises the flag.
    flag::register_conditional_shutdown(SIGINT, ENDED_BY_SIGINT, Arc::clone(&interrupted))?;
    flag::register(SIGINT, Arc::clone(&interrupted))?;
    Ok(interrupted)
}
