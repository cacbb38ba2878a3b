//! Sources that are large in one way: one file of many bytes, many files of few.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::PathBuf,
};

use anyhow::Result;

use crate::{
    corpus::Random,
    folder,
    shell::{step, top},
};

const PART: u64 = 8 << 20;

/// A folder with one file of so many bytes: random parts, and holes between them.
///
/// # Errors
/// There is no room.
pub fn large(bytes: u64) -> Result<PathBuf> {
    let home = top().join(format!("target/soak/large-{bytes}"));
    let path = home.join("disk.img");
    if fs::metadata(&path).is_ok_and(|status| status.len() == bytes) {
        return Ok(home);
    }
    step("a large file", || {
        folder::empty(&home)?;
        let mut random = Random::new("large");
        let part = home.join("part");
        let file = File::create(&part)?;
        file.set_len(bytes)?;
        for at in (0..bytes).step_by(PART as usize) {
            // Nearly half of a disk is empty, and a hole is some parts long.
            if (at / PART) % 20 < 11 {
                let length = PART.min(bytes - at) as usize;
                file.write_all_at(&random.bytes(length), at)?;
            }
        }
        Ok(fs::rename(part, path)?)
    })?;
    Ok(home)
}

/// A folder with one file of so many bytes, nearly all of it a hole: a part in each thousand million bytes is not.
///
/// # Errors
/// The folder cannot be written.
pub fn sparse(bytes: u64) -> Result<PathBuf> {
    let home = top().join(format!("target/soak/sparse-{bytes}"));
    folder::empty(&home)?;
    let file = File::create(home.join("disk.img"))?;
    file.set_len(bytes)?;
    let mut random = Random::new("sparse");
    for at in (0..bytes.saturating_sub(PART)).step_by(1_000_000_000) {
        file.write_all_at(&random.bytes(PART as usize), at)?;
    }
    Ok(home)
}

/// A folder with so many files of some hundred bytes, a hundred in each of its folders.
///
/// # Errors
/// There is no room.
pub fn many(count: usize) -> Result<PathBuf> {
    let home = top().join(format!("target/soak/many-{count}"));
    let whole = home.join("files");
    if whole.is_dir() {
        return Ok(whole);
    }
    step("many files", || {
        folder::empty(&home)?;
        let mut random = Random::new("many");
        let part = home.join("part");
        for number in 0..count {
            let parent = part.join(format!("{:03}/{:03}", number / 10_000, number / 100 % 100));
            if number % 100 == 0 {
                fs::create_dir_all(&parent)?;
            }
            let length = random.between(0, 1_500);
            fs::write(parent.join(format!("note {number}.txt")), random.bytes(length))?;
        }
        Ok(fs::rename(part, &whole)?)
    })?;
    Ok(whole)
}
