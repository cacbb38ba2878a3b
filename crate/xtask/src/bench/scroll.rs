//! A tab that goes through a folder of 100,000 files: none of its frames should last longer than 50 ms on two cores.

use std::fs::{self, File};

use anyhow::Result;

use crate::{
    folder,
    shell::{step, top},
    tab::{self, Tab},
};

const FILES: usize = 100_000;

/// Measures and prints.
///
/// # Errors
/// Building fails, or the page shows an error.
pub fn run() -> Result<()> {
    let server = tab::prepare()?;
    let home = top().join("target/bench/scroll");
    folder::empty(&home)?;
    let source = home.join("many");
    fs::create_dir(&source)?;
    for number in 0..FILES {
        File::create(source.join(format!("{number:06}.txt")))?;
    }
    let mut tab = Tab::open(&server, &home)?;
    step(&format!("backing {FILES} files up"), || tab.back_up(&source))?;
    let told = step("scrolling through them", || tab.scroll())?;
    println!(
        "a folder of {FILES} files: open after {:.0} ms; {} frames through it, {} of them over 50 ms, the slowest {:.0} ms",
        told["opened"].as_f64().unwrap_or_default(),
        told["frames"],
        told["over"],
        told["slowest"].as_f64().unwrap_or_default()
    );
    drop(tab);
    folder::empty(&home)
}
