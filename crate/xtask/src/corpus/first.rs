//! Version 1 of the corpus: a disk as a person has it.

use std::{
    fs::{self, File},
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};

use super::{Size, image, random::Random, text};

const MIB: f64 = 1_048_576.0;

/// Writes the whole tree into `folder`; the larger parts beside each other.
///
/// # Errors
/// Something cannot be written.
pub fn write(folder: &Path, size: Size) -> Result<()> {
    let words = &text::vocabulary();
    thread::scope(|scope| {
        let parts: [Box<dyn Fn() -> Result<()> + Send>; 4] = [
            Box::new(move || source(&folder.join("source"), words, size)),
            Box::new(move || tables(&folder.join("text"), words, size)),
            Box::new(move || media(&folder.join("media"), size)),
            Box::new(move || disk(&folder.join("machine"), words, size)),
        ];
        let parts = parts.map(|part| scope.spawn(part));
        parts.into_iter().try_for_each(|part| part.join().expect("writing the corpus does not panic"))
    })
}

/// A file with a time of its own between 2020 and 2026.
///
/// # Errors
/// The file cannot be written.
pub fn put(path: &Path, bytes: impl AsRef<[u8]>, random: &mut Random) -> Result<()> {
    fs::create_dir_all(path.parent().expect("files of the corpus lie in folders"))?;
    fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    touch(path, random)
}

/// Gives a file a time between 2020 and 2026, to the millisecond.
///
/// # Errors
/// The file system refuses.
pub fn touch(path: &Path, random: &mut Random) -> Result<()> {
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_577_836_800_000 + random.below(189_000_000_000) as u64);
    Ok(File::options().write(true).open(path)?.set_modified(time)?)
}

/// Packages of some forty files, each with its own names for things, some 75 MB of 10,000 files.
fn source(folder: &Path, words: &[String], size: Size) -> Result<()> {
    const EACH: usize = 40;
    let mut random = Random::new("source");
    for package in 0..size.count(10_000).div_ceil(EACH) {
        let names: Vec<&str> = (0..400).map(|_| random.pick(words).as_str()).collect();
        let home = folder.join(format!("{}-{package:03}", names[0]));
        let folders = ["src", "src/model", "src/view", "src/view/part", "test", "doc"];
        for file in 0..EACH {
            let ending = *random.pick(&["rs", "rs", "rs", "ts", "ts", "py", "c", "md"]);
            let path = home.join(random.pick(&folders)).join(format!("{}_{file}.{ending}", random.pick(&names)));
            let length = random.around(4_500.0, 1.0).clamp(60.0, 400_000.0);
            let text = text::source(&mut random, &names, words, length as usize);
            put(&path, text, &mut random)?;
        }
    }
    Ok(())
}

/// Ten logs and eight exports, some 205 MB.
fn tables(folder: &Path, words: &[String], size: Size) -> Result<()> {
    for number in 0..10 {
        let mut random = Random::new(&format!("events {number}"));
        let text = text::json_lines(&mut random, words, size.bytes(12.0 * MIB));
        put(&folder.join(format!("events-{number:02}.jsonl")), text, &mut random)?;
    }
    for number in 0..8 {
        let mut random = Random::new(&format!("orders {number}"));
        let text = text::csv(&mut random, words, size.bytes(10.0 * MIB));
        put(&folder.join(format!("orders-{number:02}.csv")), text, &mut random)?;
    }
    Ok(())
}

/// Photographs and films of 2 to 20 MiB, some 300 MiB: random bytes, as compressed media look to a compressor.
fn media(folder: &Path, size: Size) -> Result<()> {
    const LEAST: usize = 12;
    let mut random = Random::new("media");
    let count = size.count(27).max(LEAST);
    // A small corpus has smaller photographs, so that there are enough for the edits.
    let each = (27.0 * size.0 / count as f64).min(1.0) * MIB;
    for number in 0..count {
        let length = random.between(2_000, 20_000) as f64 / 1_000.0 * each;
        let bytes = random.bytes(length as usize);
        put(&folder.join(format!("2026-{:02}/IMG_{}.jpg", number % 12 + 1, 4_000 + number)), bytes, &mut random)?;
    }
    Ok(())
}

fn disk(folder: &Path, words: &[String], size: Size) -> Result<()> {
    fs::create_dir_all(folder)?;
    let path = folder.join("disk.img");
    image::write(&path, words, size.bytes(256.0 * MIB).div_ceil(image::BLOCK))?;
    touch(&path, &mut Random::new("image time"))
}
