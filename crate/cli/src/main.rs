//! `strongroom`: backup, restore and verify over a vault in a folder, a bucket or at a server, from the same core as the browser.

mod args;
mod ask;
mod command;
mod host;
mod memory;
mod place;
mod secret;
mod show;
mod vault;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use serde_json::json;
use strongroom_core::{Code, Error, HostError, Place};

use args::{Args, Command};

/// How a command that ran to its end went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Whole,
    /// Some files were left out, or something is damaged; each was named.
    Partial,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let json = args.json;
    let result = match args.command {
        Command::Init(args) => command::init::run(&args, json),
        Command::Backup(args) => command::backup::run(&args, json),
        Command::Snapshots(args) => command::snapshots::run(&args, json),
        Command::Ls(args) => command::ls::run(&args, json),
        Command::Restore(args) => command::restore::run(&args, json),
        Command::Verify(args) => command::verify::run(&args, json),
        Command::Doctor(args) => command::doctor::run(&args, json),
        Command::Forget(args) => command::forget::run(&args, json),
        Command::Passphrase(args) => command::passphrase::run(&args, json),
        Command::Prune(args) => command::prune::run(&args, json),
        Command::Erasures(args) => command::erasures::run(&args, json),
    };
    match result {
        Ok(Ending::Whole) => ExitCode::SUCCESS,
        Ok(Ending::Partial) => ExitCode::from(3),
        Err(error) => {
            if json {
                println!("{}", json!({ "error": { "code": error.code, "message": error.message, "place": place(&error.place) } }));
            }
            match place(&error.place) {
                Some(place) if !error.message.contains(place) => eprintln!("{} ({place})", error.message),
                _ => eprintln!("{}", error.message),
            }
            ExitCode::from(if matches!(error.code, Code::WrongSecret | Code::BadPhrase) { 4 } else { 1 })
        }
    }
}

fn place(place: &Place) -> Option<&str> {
    match place {
        Place::Nothing => None,
        Place::Object(place) | Place::Path(place) => Some(place),
    }
}

/// A failure of this computer, as the command's own.
fn failed(error: HostError) -> Error {
    Error::new(error.code, error.message)
}
