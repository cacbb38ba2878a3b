//! Files in the making. Each has a name of its own and is locked by the process that writes it, so that what a killed one left can be told
//! from what another is writing.

use std::{
    fs::File,
    os::fd::{AsFd, OwnedFd},
};

use rustix::{
    fs::{AtFlags, Dir, FileType, FlockOperation, Mode, OFlags, flock, openat, unlinkat},
    io::Errno,
};

const PREFIX: &str = ".strongroom-";

/// A new file in that folder, and its name.
///
/// # Errors
/// What the system says.
pub fn create(folder: impl AsFd, number: u64) -> Result<(String, File), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    for attempt in 0..u64::MAX {
        let name = format!("{PREFIX}{}-{number}-{attempt}", std::process::id());
        match openat(&folder, &name, flags, Mode::from_raw_mode(0o666)) {
            Ok(file) => {
                // A file system without locks keeps what is left over.
                let _ = flock(&file, FlockOperation::NonBlockingLockExclusive);
                return Ok((name, file.into()));
            }
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Errno::EXIST)
}

/// Removes from a folder what nobody writes any more. What cannot be looked at or removed stays.
pub fn sweep(folder: &OwnedFd) {
    let Ok(entries) = Dir::read_from(folder) else { return };
    for entry in entries.flatten().filter(|entry| is_name(entry.file_name().to_bytes())) {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let Ok(file) = openat(folder, entry.file_name(), flags, Mode::empty()) else { continue };
        let is_file = rustix::fs::fstat(&file).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile);
        if is_file && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = unlinkat(folder, entry.file_name(), AtFlags::empty());
        }
    }
}

/// Three numbers behind the prefix.
fn is_name(name: &[u8]) -> bool {
    let is_number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    name.strip_prefix(PREFIX.as_bytes()).is_some_and(|rest| {
        let parts: Vec<_> = rest.split(|byte| *byte == b'-').collect();
        parts.len() == 3 && parts.into_iter().all(is_number)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_a_killed_process_left_goes_and_what_is_being_written_or_is_called_otherwise_stays() {
        let target = tempfile::tempdir().expect("a folder");
        let folder = OwnedFd::from(File::open(target.path()).expect("opened"));
        let (left, file) = create(&folder, 1).expect("created");
        drop(file);
        let (written, _file) = create(&folder, 2).expect("created");
        let others = [".strongroom-1-2", ".strongroom-1-2-x", ".strongroom-1-2-3-4", "x.strongroom-1-2-3"];
        for name in others {
            fs::write(target.path().join(name), "mine").expect("written");
        }
        fs::create_dir(target.path().join(".strongroom-7-7-7")).expect("made");
        sweep(&folder);
        let stays = |name: &str| target.path().join(name).exists();
        assert!(!stays(&left) && stays(&written) && stays(".strongroom-7-7-7") && others.into_iter().all(stays));
    }
}
