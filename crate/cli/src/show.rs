//! Sizes, times, names and progress, for people and for programs.

use std::{ffi::OsStr, io::IsTerminal, os::unix::ffi::OsStrExt, path::Path, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use strongroom_core::{Error, Left, Millis, Place, Progress};

/// `1,234`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).expect("digits are ASCII")).collect();
    groups.join(",")
}

/// `1.5 MB`.
pub fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if value < 1_000.0 {
            return if unit == "bytes" { format!("{bytes} bytes") } else { format!("{value:.1} {unit}") };
        }
        value /= 1_000.0;
    }
    format!("{value:.1} TB")
}

/// `2026-11-21 22:10:03` of UTC.
pub fn time(time: Millis) -> String {
    let (days, seconds) = (time.div_euclid(86_400_000), time.rem_euclid(86_400_000) / 1_000);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Year, month and day of a day since 1970 (H. Hinnant, *chrono-compatible low-level date algorithms*).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// A name for people: what is no UTF-8, and what a terminal would obey, is escaped.
pub fn name(name: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
        }
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02x}"));
        }
    }
    shown
}

/// A path inside a snapshot, as names.
pub fn names(path: &Path) -> Vec<Vec<u8>> {
    let parts = path.as_os_str().as_bytes().split(|byte| *byte == b'/');
    parts.filter(|name| !name.is_empty() && *name != b".").map(<[u8]>::to_vec).collect()
}

/// A name for programs: lossy UTF-8, and its exact bytes in hex beside it when that lost something.
pub fn name_json(name: &[u8]) -> (Value, Value) {
    let exact = std::str::from_utf8(name).is_ok();
    let hex = name.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    (json!(OsStr::from_bytes(name).to_string_lossy()), if exact { Value::Null } else { json!(hex) })
}

/// Names what was left out or is damaged on stderr.
pub fn left(what: &str, named: &[Left], count: u64) {
    for left in named {
        eprintln!("{what}: {}: {}", name(left.path.as_bytes()), left.message);
    }
    if count > named.len() as u64 {
        eprintln!("{what}: {} more", self::count(count - named.len() as u64));
    }
}

pub fn left_json(named: &[Left]) -> Vec<Value> {
    named.iter().map(|left| json!({ "path": left.path, "code": left.code, "message": left.message })).collect()
}

/// Damage that opening the vault has found, as what is left out.
pub fn damage(errors: Vec<Error>) -> Vec<Left> {
    let left = |error: Error| Left {
        path: match error.place {
            Place::Object(place) | Place::Path(place) => place,
            Place::Nothing => String::new(),
        },
        code: error.code,
        message: error.message,
    };
    errors.into_iter().map(left).collect()
}

/// A line of progress on stderr, on terminals only.
pub struct Line(ProgressBar);

impl Line {
    pub fn new(json: bool) -> Self {
        if json || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let style = "{spinner} {bar:24} {binary_bytes:>10} of {binary_total_bytes}  {wide_msg}";
        let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(style).expect("the template is well-formed"));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    pub fn show(&self, progress: &Progress) {
        if self.0.is_hidden() {
            return;
        }
        self.0.set_length(progress.bytes_total);
        self.0.set_position(progress.bytes_read);
        let left = progress.milliseconds_left.map_or(String::new(), |left| format!(", {} s left", (left / 1_000.0).ceil()));
        let current = progress.current.first().map_or(String::new(), |path| format!("  {}", name(path.as_bytes())));
        let rate = size(progress.rate as u64);
        self.0.set_message(format!("{} of {} files, {rate}/s{left}{current}", count(progress.files_done), count(progress.files_total)));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sizes_and_times_read_well() {
        assert_eq!((count(0), count(1_234_567)), ("0".into(), "1,234,567".into()));
        assert_eq!((size(999), size(1_500_000)), ("999 bytes".into(), "1.5 MB".into()));
        assert_eq!(time(1_795_299_003_999), "2026-11-21 22:10:03");
        assert_eq!(time(-1), "1969-12-31 23:59:59");
        assert_eq!(time(951_782_400_000), "2000-02-29 00:00:00");
    }

    #[test]
    fn names_cannot_speak_to_the_terminal() {
        assert_eq!(name(b"a\x1b[2J\xff\xc3\xa9"), "a\\u{1b}[2J\\xffé");
    }

    #[test]
    fn paths_become_names() {
        assert_eq!(names(Path::new("/a//b/./c/")), [b"a", b"b", b"c"]);
        assert!(names(Path::new("/")).is_empty());
    }
}
