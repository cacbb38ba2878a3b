//! What of a tree is wanted.

extern crate alloc;
use alloc::{collections::BTreeMap, vec::Vec};

/// What of a folder is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    All,
    Only(BTreeMap<Vec<u8>, Selection>),
}

impl Selection {
    /// Everything at or below any of these paths.
    pub fn of(paths: &[Vec<Vec<u8>>]) -> Self {
        let mut root = Self::Only(BTreeMap::new());
        paths.iter().for_each(|path| root.add(path));
        root
    }

    /// What is wanted of the entry of that name.
    pub fn inner(&self, name: &[u8]) -> Option<Self> {
        match self {
            Self::All => Some(Self::All),
            Self::Only(names) => names.get(name).cloned(),
        }
    }

    fn add(&mut self, path: &[Vec<u8>]) {
        match (path.split_first(), &mut *self) {
            (None, _) => *self = Self::All,
            (Some(_), Self::All) => {}
            (Some((name, rest)), Self::Only(names)) => {
                names.entry(name.clone()).or_insert_with(|| Self::Only(BTreeMap::new())).add(rest);
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
