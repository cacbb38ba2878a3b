//! What the benchmark backs up: a disk as a person has it, and the same disk some weeks later. Seeded: the same scale, the same bytes.

mod first;
mod image;
mod random;
mod second;
mod text;

use std::{fs, path::PathBuf};

use anyhow::{Result, ensure};

pub use random::Random;

use crate::{
    folder,
    shell::{step, top},
    stamp::{Inputs, unless_done},
};

/// How large, in proportion: 1 is some 10,000 files and 800 MB.
#[derive(Clone, Copy)]
pub struct Size(f64);

impl Size {
    /// So many things, at least one.
    fn count(self, whole: usize) -> usize {
        ((whole as f64 * self.0).round() as usize).max(1)
    }

    /// So many bytes, at least 4 KiB.
    fn bytes(self, whole: f64) -> usize {
        ((whole * self.0) as usize).max(4_096)
    }
}

/// Both versions: folders of one name, so that the second is the first one's next snapshot.
pub struct Corpus {
    pub first: PathBuf,
    pub second: PathBuf,
}

/// The corpus of that scale, made when it is not there.
///
/// # Errors
/// The scale is not between 0.02 and 100, or there is no room.
pub fn make(scale: f64) -> Result<Corpus> {
    ensure!((0.02..=100.0).contains(&scale), "a scale is between 0.02 and 100");
    let home = format!("target/bench/corpus-{scale}");
    let corpus = Corpus { first: top().join(&home).join("1/disk"), second: top().join(&home).join("2/disk") };
    let inputs = Inputs::default().path("crate/xtask/src/corpus")?.value(&home);
    unless_done(&format!("corpus-{scale}"), &inputs, &[&home], || {
        step(&format!("corpus of scale {scale}"), || {
            folder::empty(&top().join(&home))?;
            fs::create_dir_all(&corpus.first)?;
            first::write(&corpus.first, Size(scale))?;
            second::write(&corpus.first, &corpus.second, Size(scale))
        })
    })?;
    Ok(corpus)
}
