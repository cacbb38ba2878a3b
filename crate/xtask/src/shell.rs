//! Running other programs, from the top of the repository.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Says that another folder is the top: a copy of the repository is built by the same program.
pub const TOP: &str = "STRONGROOM_TOP";

/// The top of the repository.
pub fn top() -> PathBuf {
    if let Some(top) = std::env::var_os(TOP) {
        return top.into();
    }
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crate/xtask lies two folders below the top").to_owned()
}

/// `program arguments`, to be run at the top.
pub fn command<I: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(top());
    command
}

/// The cargo that runs this program. What `cargo run` set for this program alone is taken out again: it would change
/// the fingerprints of what is built next.
pub fn cargo<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Command {
    let mut command = command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()), arguments);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST")) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs to the end.
///
/// # Errors
/// The program is missing or ended with failure; the sentence names it.
pub fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    let status = command.status().with_context(|| format!("{line}: cannot be started"))?;
    if !status.success() {
        bail!("{line}: ended with {status}");
    }
    Ok(())
}

/// What the program prints to standard output.
///
/// # Errors
/// As [`run`].
pub fn output(command: &mut Command) -> Result<String> {
    let line = line(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("{line}: cannot be started"))?;
    if !output.status.success() {
        bail!("{line}: ended with {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Shows what the program prints, to both outputs, while it runs; gives it back with whether the program ended well.
///
/// # Errors
/// The program cannot be started.
pub fn tee(command: &mut Command) -> Result<(bool, String)> {
    let line = line(command);
    let (reader, writer) = std::io::pipe()?;
    let mut child = command.stdout(writer.try_clone()?).stderr(writer).spawn().with_context(|| format!("{line}: cannot be started"))?;
    command.stdout(Stdio::null()).stderr(Stdio::null()); // closes this side's ends of the pipe: it ends with the program
    let mut reader = BufReader::new(reader);
    let (mut text, mut bytes) = (String::new(), Vec::new());
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        let part = String::from_utf8_lossy(&bytes);
        print!("{part}");
        std::io::stdout().flush()?;
        text.push_str(&part);
        bytes.clear();
    }
    Ok((child.wait()?.success(), text))
}

/// Whether a program of this name is on the path.
pub fn has(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// Says what is being done, then how long it took.
///
/// # Errors
/// Those of `work`.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("• {what}");
    let start = Instant::now();
    let result = work();
    if result.is_ok() && start.elapsed() > Duration::from_secs(1) {
        eprintln!("  {}", seconds(start.elapsed()));
    }
    result
}

/// `12.3 s`
pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn line(command: &Command) -> String {
    std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
