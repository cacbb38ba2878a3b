//! The browsers of the end-to-end tests, and what moves a mouse in those that stand on a screen.

use std::process::Stdio;

use anyhow::{Result, bail};

use crate::{shell::command, tools};

/// Debian's Python, for which its bindings of GTK are built: another may stand before it on the path.
const PYTHON: &str = "/usr/bin/python3";
const WEBKIT: &str =
    "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('WebKit2', '4.1'); from gi.repository import Gtk, WebKit2";

/// Chromium, Firefox, WebKitGTK.
///
/// # Errors
/// Something is missing and cannot be installed from here; the sentence says what to type.
pub fn install() -> Result<()> {
    tools::debian(&[
        ("chromium", "chromium"),
        ("firefox-esr", "firefox-esr"),
        ("Xvfb", "xvfb"),
        ("xdotool", "xdotool"),
        ("dbus-daemon", "dbus"),
    ])?;
    if !has_webkit() {
        tools::install(&["python3-gi", "gir1.2-webkit2-4.1"])?;
        if !has_webkit() {
            bail!("{PYTHON} cannot load WebKitGTK (python3-gi and gir1.2-webkit2-4.1 of Debian 12 or newer).");
        }
    }
    Ok(())
}

fn has_webkit() -> bool {
    let look = command(PYTHON, ["-c", WEBKIT]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    look.is_ok_and(|status| status.success())
}
