//! A source of notes that exist only while they are read: half of them in one folder, the others a hundred in each of many.

use strongroom_core::{Entry, EntryKind, FileId, Walked};

/// Entries given at one time.
const AT_ONCE: u64 = 500;

#[derive(Clone, Copy, Debug, Default)]
pub struct Source {
    pub files: u64,
    /// Every thousandth note is another one in each edition.
    pub edition: u64,
}

impl Source {
    /// The next entries; `walked` says how many there were, and grows.
    pub fn walk(&self, walked: &mut u64) -> Walked {
        let end = self.files.min(*walked + AT_ONCE);
        let entries = (*walked..end).map(|number| self.entry(number)).collect();
        *walked = end;
        Walked { entries, done: end == self.files }
    }

    fn entry(&self, number: u64) -> Entry {
        let name = format!("note {number:07}.txt");
        let path: Vec<String> = if number < self.files / 2 {
            vec!["flat".into(), name]
        } else {
            vec!["deep".into(), format!("{:03}", number / 10_000), format!("{:02}", number / 100 % 100), name]
        };
        let kind = EntryKind::File {
            file: FileId(u32::try_from(number).expect("fewer than 2^32 files")),
            size: size(number),
            mtime: Some(1_700_000_000_000 + (number + self.edition_of(number)) as i64),
        };
        Entry { path: path.into_iter().map(String::into_bytes).collect(), kind }
    }

    fn edition_of(&self, number: u64) -> u64 {
        if number.is_multiple_of(1_000) { self.edition } else { 0 }
    }

    /// Part of a note.
    pub fn bytes(&self, file: FileId, offset: u64, length: u32) -> Vec<u8> {
        let number = u64::from(file.0);
        let line = format!("note {number} in its edition {}\n", self.edition_of(number));
        line.bytes().cycle().skip((offset % line.len() as u64) as usize).take(length as usize).collect()
    }
}

fn size(number: u64) -> u64 {
    40 + number % 400
}
