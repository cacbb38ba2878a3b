//! A corpus like a person's folders: source code, data in text, media, and a disk image; the same for the same seed.
//!
//! `write` makes the first version, `edit` turns it into the second: lines inserted, files renamed, copied, removed, added.

use std::{
    fs,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Result;

const MB: usize = 1_000_000;
const BLOCK: usize = 4_096;
/// Some 2020, so that every file has the same time whatever the day.
const TIME_SECONDS: u64 = 1_600_000_000;

/// Writes some `820 MB × scale` in some `10,000 × scale` files.
///
/// # Errors
/// The folder cannot be written.
pub fn write(folder: &Path, scale: f64) -> Result<()> {
    let mut random = Random::new("first");
    let words = Words::new(&mut random);
    let times = |count: f64| (count * scale).max(1.0) as usize;
    for number in 0..times(9_800.0) {
        let length = 1_000 + 12 * random.below(1_000);
        let text = source_text(&words, &mut random, length);
        put(&folder.join(format!("src/part{:02}/module{:03}/file{number:05}.rs", number % 37, number % 410)), &text)?;
    }
    for number in 0..10 {
        put(&folder.join(format!("text/events-{number:02}.jsonl")), &json_lines(&words, &mut random, times(12.0 * MB as f64)))?;
        put(&folder.join(format!("text/orders-{number:02}.csv")), &csv_rows(&words, &mut random, times(8.0 * MB as f64)))?;
    }
    for number in 0..times(60.0) {
        let length = 2 * MB + random.below(6 * MB);
        put(&folder.join(format!("media/2026-{:02}/IMG_{number:04}.jpg", number % 12 + 1)), &random.bytes(length))?;
    }
    disk_image(&folder.join("vm/disk.img"), &words, &mut random, times(256.0 * MB as f64))?;
    touch(folder)
}

/// What a few weeks do to such folders.
///
/// # Errors
/// The folder cannot be written.
pub fn edit(folder: &Path) -> Result<()> {
    let mut random = Random::new("second");
    let words = Words::new(&mut random);
    for (number, file) in files(&folder.join("src"))?.iter().enumerate() {
        match number % 200 {
            0..=3 => insert_line(file, format!("// edited {}\n", random.below(1 << 30)).as_bytes())?,
            4 | 5 => fs::rename(file, file.with_extension("renamed.rs"))?,
            6 => fs::remove_file(file)?,
            _ => {}
        }
    }
    for number in 0..60 {
        let length = 1_000 + random.below(9_000);
        let text = source_text(&words, &mut random, length);
        put(&folder.join(format!("src/new/file{number}.rs")), &text)?;
    }
    let media = files(&folder.join("media"))?;
    for (number, file) in media.iter().enumerate().take(10) {
        match number {
            0..=4 => fs::rename(file, file.with_extension("moved.jpg"))?,
            5..=7 => drop(fs::copy(file, file.with_extension("copy.jpg"))?),
            _ => put(file, &[b"EXIF-METADATA-INSERTED".repeat(9), fs::read(file)?].concat())?,
        }
    }
    for number in 0..2 {
        put(&folder.join(format!("media/new/IMG_9{number:03}.jpg")), &random.bytes(8 * MB))?;
    }
    for file in files(&folder.join("text"))? {
        insert_line(&file, b"{\"inserted\":true}\n")?;
    }
    edit_image(&folder.join("vm/disk.img"), &mut random)
}

/// Every file below a folder, in order.
///
/// # Errors
/// A folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// BLAKE3's extendable output as a generator.
struct Random(blake3::OutputReader);

impl Random {
    fn new(purpose: &str) -> Self {
        Self(blake3::Hasher::new_derive_key("strongroom 2026-11-21 bench corpus").update(purpose.as_bytes()).finalize_xof())
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.fill(&mut bytes);
        bytes
    }

    fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit as u64) as usize
    }
}

/// Words of a made-up language, some far more frequent than others.
struct Words(Vec<String>);

impl Words {
    fn new(random: &mut Random) -> Self {
        const SYLLABLES: [&str; 24] = [
            "ba", "co", "di", "fe", "gu", "ha", "jo", "ki", "lu", "me", "no", "pa", "qui", "ra", "so", "ti", "un", "va", "we", "xo", "za",
            "ter", "ing", "ment",
        ];
        let word = |random: &mut Random| (0..=random.below(3)).map(|_| SYLLABLES[random.below(SYLLABLES.len())]).collect();
        Self((0..6_000).map(|_| word(random)).collect())
    }

    fn any(&self, random: &mut Random) -> &str {
        let limit = 1 + random.below(self.0.len());
        &self.0[random.below(limit) * random.below(limit) / self.0.len()]
    }
}

fn source_text(words: &Words, random: &mut Random, length: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(length + 200);
    while text.len() < length {
        let [name, argument, kind] = [words.any(random), words.any(random), words.any(random)];
        let line = match random.below(5) {
            0 => format!("\n/// The {name} of a {argument}.\npub fn {name}_{argument}({argument}: &{kind}) -> Option<{kind}> {{\n"),
            1 => format!("    let {name} = {argument}.{kind}()?;\n"),
            2 => format!("    if {name} > {} {{\n        return None;\n    }}\n", random.below(100)),
            3 => format!("    // {name} {argument} {kind}\n"),
            _ => format!("    Some({name})\n}}\n"),
        };
        text.extend_from_slice(line.as_bytes());
    }
    text
}

fn json_lines(words: &Words, random: &mut Random, length: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(length + 400);
    let (mut time, mut id) = (1_700_000_000, 0);
    while text.len() < length {
        time += random.below(10);
        id += 1;
        let message: Vec<&str> = (0..3 + random.below(22)).map(|_| words.any(random)).collect();
        let line = format!(
            "{{\"id\":{id},\"ts\":{time},\"user\":{{\"id\":{},\"name\":\"{}\"}},\"event\":\"{}\",\"amount\":{}.{:02},\"message\":\"{}\",\"trace\":\"{:016x}\"}}\n",
            random.below(50_000),
            words.any(random),
            ["view", "click", "purchase", "login", "logout", "error"][random.below(6)],
            random.below(200),
            random.below(100),
            message.join(" "),
            random.number()
        );
        text.extend_from_slice(line.as_bytes());
    }
    text
}

fn csv_rows(words: &Words, random: &mut Random, length: usize) -> Vec<u8> {
    let mut text = b"id,date,country,product,quantity,price,comment\n".to_vec();
    let mut id = 0;
    while text.len() < length {
        id += 1;
        let line = format!(
            "{id},2026-{:02}-{:02},{},{}-{},{},{}.{:02},\"{} {}\"\n",
            1 + random.below(12),
            1 + random.below(28),
            ["DE", "FR", "US", "GB", "JP", "BR", "IN", "ZA"][random.below(8)],
            words.any(random),
            words.any(random),
            1 + random.below(40),
            random.below(90),
            random.below(100),
            words.any(random),
            words.any(random)
        );
        text.extend_from_slice(line.as_bytes());
    }
    text
}

/// Runs of blocks: zeros (almost half), random, text, and small records as a file system has them.
fn disk_image(path: &Path, words: &Words, random: &mut Random, length: usize) -> Result<()> {
    fs::create_dir_all(path.parent().expect("the image lies in a folder"))?;
    let text = source_text(words, random, 2 * MB);
    let mut file = BufWriter::with_capacity(MB, fs::File::create(path)?);
    let mut written = 0;
    while written < length {
        let run = (BLOCK * (1 + random.below(1_024))).min(length - written);
        let bytes = match random.below(20) {
            0..=8 => vec![0; run],
            9..=12 => random.bytes(run),
            13..=16 => text.iter().copied().cycle().skip(random.below(text.len())).take(run).collect(),
            _ => records(random, run),
        };
        file.write_all(&bytes)?;
        written += run;
    }
    Ok(file.flush()?)
}

fn records(random: &mut Random, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    for record in bytes.chunks_mut(256) {
        let head = record.len().min(24);
        random.0.fill(&mut record[..head]);
    }
    bytes
}

fn edit_image(path: &Path, random: &mut Random) -> Result<()> {
    use std::io::{Seek, SeekFrom};
    let mut file = fs::File::options().write(true).open(path)?;
    let blocks = usize::try_from(file.metadata()?.len())? / BLOCK;
    for _ in 0..200 {
        file.seek(SeekFrom::Start((BLOCK * random.below(blocks)) as u64))?;
        file.write_all(&random.bytes(BLOCK))?;
    }
    file.seek(SeekFrom::Start((BLOCK * (blocks / 2)) as u64))?;
    Ok(file.write_all(&random.bytes(8 * MB.min(blocks * BLOCK / 16)))?)
}

fn insert_line(path: &Path, line: &[u8]) -> Result<()> {
    let text = fs::read(path)?;
    let middle = text.len() / 2;
    let at = text[middle..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |found| middle + found + 1);
    put(path, &[&text[..at], line, &text[at..]].concat())
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::create_dir_all(path.parent().expect("every file lies in a folder"))?;
    Ok(fs::write(path, bytes)?)
}

fn touch(folder: &Path) -> Result<()> {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(TIME_SECONDS);
    for path in files(folder)? {
        fs::File::options().write(true).open(path)?.set_modified(time)?;
    }
    Ok(())
}
