//! The names of a source: very many, short, and kept to the end of the run.

extern crate alloc;
use alloc::vec::Vec;

use crate::limits::NAME_MAX;

/// Names lie in pages, which never move: what grows in one piece is copied, and for a moment takes three times what is in it.
const PAGE: usize = 1 << 16;

/// Names, one after the other, each behind its length.
#[derive(Default)]
pub(super) struct Names {
    pages: Vec<Vec<u8>>,
}

/// Where a name lies: its page, above 16 bits of where it begins there.
#[derive(Clone, Copy)]
pub(super) struct Name(u32);

impl Names {
    /// Keeps a name of at most 4,096 bytes; none when there is no room left, after 4 GiB.
    pub fn add(&mut self, name: &[u8]) -> Option<Name> {
        const { assert!(2 + NAME_MAX <= PAGE) };
        let length = u16::try_from(name.len()).ok()?;
        if self.pages.last().is_none_or(|page| page.len() + 2 + name.len() > PAGE) {
            self.pages.push(Vec::with_capacity(PAGE));
        }
        let number = u16::try_from(self.pages.len() - 1).ok()?;
        let page = self.pages.last_mut()?;
        let start = u16::try_from(page.len()).ok()?;
        page.extend(length.to_le_bytes());
        page.extend(name);
        Some(Name(u32::from(number) << 16 | u32::from(start)))
    }

    pub fn get(&self, Name(at): Name) -> &[u8] {
        let rest = self.pages.get((at >> 16) as usize).and_then(|page| page.get((at & 0xffff) as usize..));
        let Some(([low, high], rest)) = rest.and_then(|rest| rest.split_first_chunk()) else { return &[] };
        rest.get(..usize::from(u16::from_le_bytes([*low, *high]))).unwrap_or_default()
    }
}
