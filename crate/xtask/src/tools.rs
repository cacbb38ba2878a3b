//! What must be on the machine: installed when missing, and said so; nothing to do is quick.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::shell::{command, has, output, run, step, top};

/// The oldest Node.js that the page's bundler runs on.
const NODE: (u32, u32) = (20, 19);

/// What building needs: the wasm target of Rust, clang, Node.js.
///
/// # Errors
/// Something is missing and cannot be installed from here; the sentence says what to type.
pub fn for_build(target: &str) -> Result<()> {
    rust_target(target)?;
    debian(&[("clang", "clang"), ("llvm-ar", "llvm")])?;
    node()
}

/// A component of the Rust toolchain, by the program that it brings.
///
/// # Errors
/// As [`for_build`].
pub fn rust_component(component: &str, program: &str) -> Result<()> {
    let works = command("cargo", [program, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if works.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    step(&format!("installing {component} with rustup"), || run(&mut command("rustup", ["component", "add", component])))
}

/// Debian packages, each by a program that it brings.
///
/// # Errors
/// As [`for_build`].
pub fn debian(programs: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&str> = programs.iter().filter(|(program, _)| !has(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() { Ok(()) } else { install(&missing) }
}

/// Installs Debian packages.
///
/// # Errors
/// As [`for_build`].
pub fn install(packages: &[&str]) -> Result<()> {
    let mut install = vec!["apt-get", "install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=900"];
    install.extend(packages);
    let names = packages.join(" ");
    let update = ["apt-get", "update"];
    if !has("apt-get") {
        bail!("{names} (Debian's names) must be installed first.");
    }
    let before: &[&str] = match (is_root(), is_sudo_free()) {
        (true, _) => &[],
        (false, true) => &["sudo", "-n"],
        (false, false) => bail!("{names} must be installed first. Type: sudo {} && sudo {}", update.join(" "), install.join(" ")),
    };
    step(&format!("installing Debian packages: {names}"), || {
        for line in [&update[..], &install] {
            let words: Vec<&str> = before.iter().chain(line).copied().collect();
            run(command(words[0], &words[1..]).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))?;
        }
        Ok(())
    })
}

/// What Rust's compiler needs to build for a target.
///
/// # Errors
/// As [`for_build`].
pub fn rust_target(target: &str) -> Result<()> {
    let root = output(&mut command("rustc", ["--print", "sysroot"]))?;
    if top().join(root.trim()).join("lib/rustlib").join(target).is_dir() {
        return Ok(());
    }
    if !has("rustup") {
        bail!("Rust's target {target} is missing, and there is no rustup to install it: install rustup from https://rustup.rs.");
    }
    step(&format!("installing Rust's target {target}"), || run(&mut command("rustup", ["target", "add", target])))
}

fn node() -> Result<()> {
    if !has("node") || !has("npm") {
        bail!("Node.js {}.{} or newer, with npm, must be installed first: https://nodejs.org.", NODE.0, NODE.1);
    }
    let version = output(&mut command("node", ["--version"]))?;
    let mut numbers = version.trim().trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < NODE {
        bail!("Node.js {}.{} or newer is needed; `node` is {}. See https://nodejs.org.", NODE.0, NODE.1, version.trim());
    }
    Ok(())
}

fn is_root() -> bool {
    output(&mut command("id", ["-u"])).is_ok_and(|id| id.trim() == "0")
}

fn is_sudo_free() -> bool {
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "true"]).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
