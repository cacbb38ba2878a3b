//! What of a tree is wanted.

extern crate alloc;
use alloc::vec::Vec;

/// What of a folder is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    All,
    /// By name, ascending.
    Only(Vec<(Vec<u8>, Selection)>),
}

impl Selection {
    /// Everything at or below any of these paths.
    pub fn of(paths: &[Vec<Vec<u8>>]) -> Self {
        let mut root = Self::Only(Vec::new());
        paths.iter().for_each(|path| root.add(path));
        root
    }

    /// What is wanted of the entry of that name.
    pub fn inner(&self, name: &[u8]) -> Option<Self> {
        match self {
            Self::All => Some(Self::All),
            Self::Only(names) => {
                let at = names.binary_search_by(|(known, _)| known.as_slice().cmp(name)).ok()?;
                names.get(at).map(|(_, inner)| inner.clone())
            }
        }
    }

    fn add(&mut self, path: &[Vec<u8>]) {
        match (path.split_first(), &mut *self) {
            (None, _) => *self = Self::All,
            (Some(_), Self::All) => {}
            (Some((name, rest)), Self::Only(names)) => {
                let at = names.binary_search_by(|(known, _)| known.cmp(name)).unwrap_or_else(|at| {
                    names.insert(at, (name.clone(), Self::Only(Vec::new())));
                    at
                });
                if let Some((_, inner)) = names.get_mut(at) {
                    inner.add(rest);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::*;

    extern crate alloc;

    fn path(text: &str) -> Vec<Vec<u8>> {
        text.split('/').map(|name| name.as_bytes().to_vec()).collect()
    }

    #[test]
    fn a_folder_selects_what_is_below_it_and_the_empty_path_everything() {
        let selection = Selection::of(&[path("a/b"), path("a/b/c"), path("d")]);
        assert_eq!(selection.inner(b"d"), Some(Selection::All));
        assert_eq!(selection.inner(b"a").and_then(|a| a.inner(b"b")), Some(Selection::All));
        assert_eq!(selection.inner(b"x"), None);
        assert_eq!(Selection::of(&[path("a"), vec![]]), Selection::All);
    }
}
