//! Version 2 of the corpus: the same disk some weeks later.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::{
    Size,
    first::put,
    image::BLOCK,
    random::Random,
    text::{self, vocabulary},
};
use crate::folder::files;

/// Copies version 1 (untouched files are the same inodes) and edits the copy.
///
/// # Errors
/// Something cannot be read or written.
pub fn write(first: &Path, folder: &Path, size: Size) -> Result<()> {
    link_tree(first, folder)?;
    let random = &mut Random::new("edits");
    source(&folder.join("source"), random, size)?;
    media(&folder.join("media"), random, size)?;
    tables(&folder.join("text"), random, size)?;
    disk(&folder.join("machine/disk.img"), random, size)
}

/// 2 % of the files get a line, 1 % another name, 0.5 % go; a package moves, one is copied, some files are new.
fn source(folder: &Path, random: &mut Random, size: Size) -> Result<()> {
    let all = files(folder)?;
    let mut drawn = random.sample(all.len(), all.len() * 35 / 1_000).into_iter().map(|at| folder.join(&all[at]));
    for path in drawn.by_ref().take(all.len() / 50) {
        let text = fs::read_to_string(&path)?;
        let middle = text.len() / 2;
        let at = middle + text.as_bytes()[middle..].iter().position(|&byte| byte == b'\n').map_or(0, |line| line + 1);
        let line = format!("// edited in version 2: {}\n", random.below(1_000_000_000));
        rewrite(&path, [&text[..at], &line, &text[at..]].concat(), random)?;
    }
    for path in drawn.by_ref().take(all.len() / 100) {
        fs::rename(&path, path.with_extension("renamed"))?;
    }
    for path in drawn {
        fs::remove_file(path)?;
    }
    let mut packages = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    packages.sort();
    fs::rename(&packages[0], folder.join("moved"))?;
    link_tree(&packages[1], &folder.join("copied"))?;
    for number in 0..size.count(60) {
        let text = format!("pub fn new_{number}() {{}}\n").repeat(random.between(10, 400));
        put(&folder.join(format!("new/file_{number}.rs")), text, random)?;
    }
    Ok(())
}

/// Five are renamed, three copied, two get a new head, two are new.
fn media(folder: &Path, random: &mut Random, size: Size) -> Result<()> {
    let all: Vec<PathBuf> = files(folder)?.into_iter().map(|file| folder.join(file)).collect();
    for path in &all[..5] {
        fs::rename(path, path.with_extension("renamed.jpg"))?;
    }
    for path in &all[5..8] {
        put(&path.with_extension("copy.jpg"), fs::read(path)?, random)?;
    }
    for path in &all[8..10] {
        rewrite(path, [&b"a description inserted at the head".repeat(6), &fs::read(path)?[..]].concat(), random)?;
    }
    for number in 0..2 {
        let bytes = random.bytes(size.bytes(8_388_608.0));
        put(&folder.join(format!("new/IMG_900{number}.jpg")), bytes, random)?;
    }
    Ok(())
}

/// Logs grow, with a line in their middle too; twenty rows of each export change.
fn tables(folder: &Path, random: &mut Random, size: Size) -> Result<()> {
    let words = vocabulary();
    for path in files(folder)?.into_iter().map(|file| folder.join(file)) {
        let text = fs::read_to_string(&path)?;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let grows = path.extension().is_some_and(|ending| ending == "jsonl");
        if grows {
            lines.insert(lines.len() / 3, format!("{{\"inserted\":{}}}", random.below(1_000)));
        } else {
            for _ in 0..20 {
                let row = random.between(1, lines.len() - 1);
                lines[row].push_str(" *");
            }
        }
        let mut text = lines.join("\n") + "\n";
        if grows {
            text += &text::json_lines(random, &words, size.bytes(122_880.0));
        }
        rewrite(&path, text, random)?;
    }
    Ok(())
}

/// 200 blocks here and there, and 8 MiB in the middle.
fn disk(path: &Path, random: &mut Random, size: Size) -> Result<()> {
    let bytes = fs::read(path)?;
    let blocks = bytes.len() / BLOCK;
    rewrite(path, bytes, random)?;
    let modified = fs::metadata(path)?.modified()?;
    let file = File::options().write(true).open(path)?;
    for _ in 0..size.count(200) {
        let at = random.below(blocks);
        file.write_all_at(&random.bytes(BLOCK), (at * BLOCK) as u64)?;
    }
    file.write_all_at(&random.bytes(size.bytes(8_388_608.0)), (blocks / 2 * BLOCK) as u64)?;
    Ok(file.set_modified(modified)?)
}

/// In place of the file, never into it: version 1 has the same inode.
fn rewrite(path: &Path, bytes: impl AsRef<[u8]>, random: &mut Random) -> Result<()> {
    fs::remove_file(path)?;
    put(path, bytes, random)
}

fn link_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in files(from)? {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().expect("joined to a folder"))?;
        fs::hard_link(from.join(&file), target)?;
    }
    Ok(())
}
