//! A disk image: blocks of 4 KiB in runs, some 45 % of them zeros.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::Result;

use super::random::Random;

/// Bytes of one block.
pub const BLOCK: usize = 4_096;

/// Writes `blocks` blocks: runs of zeros, random bytes, text that comes again, small records.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, words: &[String], blocks: usize) -> Result<()> {
    let mut random = Random::new("image");
    let text: Vec<u8> = (0..200_000).flat_map(|_| [random.pick(words).as_bytes(), b" "].concat()).collect();
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut left = blocks;
    while left > 0 {
        let kind = random.unit();
        let run = random.between(1, 1_024).min(left);
        left -= run;
        let bytes = match kind {
            ..0.45 => vec![0; run * BLOCK],
            0.45..0.65 => random.bytes(run * BLOCK),
            0.65..0.85 => {
                let start = random.below(text.len());
                text.iter().cycle().skip(start).take(run * BLOCK).copied().collect()
            }
            _ => records(&mut random, run),
        };
        file.write_all(&bytes)?;
    }
    file.flush()?;
    Ok(())
}

/// Every 256 bytes a key of 16 random bytes and a small number.
fn records(random: &mut Random, run: usize) -> Vec<u8> {
    let mut bytes = vec![0; run * BLOCK];
    for record in bytes.chunks_mut(256) {
        random.fill(&mut record[..16]);
        let number = random.below(1 << 20) as u64;
        record[16..24].copy_from_slice(&number.to_le_bytes());
    }
    bytes
}
