//! Writes the good inputs of all targets, each to a folder of its own: `seeds <folder>`.

use std::{fs, io, path::PathBuf};

use strongroom_fuzz::TARGETS;

fn main() -> io::Result<()> {
    let home = PathBuf::from(std::env::args_os().nth(1).expect("a folder"));
    for target in TARGETS {
        let folder = home.join(target.name);
        fs::create_dir_all(&folder)?;
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(folder.join(number.to_string()), seed)?;
        }
        println!("{}", target.name);
    }
    Ok(())
}
