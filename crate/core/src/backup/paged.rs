//! A list that grows without being moved: what grows in one piece is copied, and for a moment takes three times what is in it. Memory that
//! a browser's module took is never given back.

extern crate alloc;
use alloc::vec::Vec;

const PAGE: usize = 1 << 10;

pub(super) struct Paged<T> {
    /// All but the last are full.
    pages: Vec<Vec<T>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T> Paged<T> {
    pub fn len(&self) -> usize {
        self.pages.last().map_or(0, |last| (self.pages.len() - 1) * PAGE + last.len())
    }

    pub fn get(&self, at: usize) -> Option<&T> {
        self.pages.get(at / PAGE)?.get(at % PAGE)
    }

    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.pages.get_mut(at / PAGE)?.get_mut(at % PAGE)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.pages.iter_mut().flatten()
    }

    pub fn push(&mut self, item: T) {
        match self.pages.last_mut().filter(|page| page.len() < PAGE) {
            Some(page) => page.push(item),
            None => self.pages.push(Vec::from([item])),
        }
    }
}
