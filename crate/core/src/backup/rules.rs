//! What a backup takes and what it leaves out: patterns, in the simple part of gitignore's syntax.

extern crate alloc;
use alloc::{format, string::String, vec::Vec};

use crate::{
    error::{Code, Error},
    limits::NAME_MAX,
};

/// Most patterns of one backup: each is tried on every entry.
const PATTERNS_MAX: usize = 256;

/// Patterns of what to leave out, and of what alone to take. What is in a folder that matches goes with the folder.
///
/// `*.iso` and `Thumbs.db` are names at any depth, whatever the case of ASCII letters. A pattern with a `/` before its end is a path
/// from the root, exactly: `/photos/2019`, `work/*/build`, `work/**/tmp`. A `/` at the end says that only folders match. `*` stands
/// for any characters of one name, `?` for one, `\` before a character for just that character, `**` for any folders.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    exclude: Vec<Pattern>,
    /// Everything, where there are none.
    include: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    /// As it was given.
    text: String,
    steps: Vec<Step>,
    /// From the root; otherwise a name at any depth.
    path: bool,
    /// Only folders match.
    folders: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(Vec<u8>),
    /// `**`
    Any,
}

impl Rules {
    /// # Errors
    /// `BadRequest` for what is no pattern.
    pub fn parse<T: AsRef<str>>(exclude: &[T], include: &[T]) -> Result<Self, Error> {
        if exclude.len() + include.len() > PATTERNS_MAX {
            return Err(bad(format!("There are more than {PATTERNS_MAX} rules. Leave out a whole folder instead of what is in it.")));
        }
        let parse = |texts: &[T]| texts.iter().map(|text| Pattern::parse(text.as_ref())).collect::<Result<_, _>>();
        Ok(Self { exclude: parse(exclude)?, include: parse(include)? })
    }

    /// Whether only some of what is found is taken.
    pub(super) fn has_includes(&self) -> bool {
        !self.include.is_empty()
    }

    /// The number of the pattern that leaves this entry out. `names` are its own and those above it, from the entry to the root.
    pub(super) fn excluded<'a>(&self, folder: bool, names: impl Iterator<Item = &'a [u8]> + Clone) -> Option<u16> {
        (0..).zip(&self.exclude).find(|(_, pattern)| pattern.matches(folder, names.clone())).map(|(number, _)| number)
    }

    /// Whether a pattern names this entry as one to take.
    pub(super) fn included<'a>(&self, folder: bool, names: impl Iterator<Item = &'a [u8]> + Clone) -> bool {
        self.include.iter().any(|pattern| pattern.matches(folder, names.clone()))
    }

    /// The pattern of that number, as it was given.
    pub(super) fn text(&self, number: u16) -> Option<&str> {
        self.exclude.get(usize::from(number)).map(|pattern| pattern.text.as_str())
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, Error> {
        let folders = text.ends_with('/');
        let body = text.strip_suffix('/').unwrap_or(text);
        let path = body.contains('/');
        let body = body.strip_prefix('/').unwrap_or(body);
        if text.starts_with('!') {
            return Err(bad(format!("The rule {text} begins with “!”. Put what is to be taken among the rules for that.")));
        }
        if text.len() > NAME_MAX {
            return Err(bad(format!("A rule is longer than {NAME_MAX} bytes. Shorten it.")));
        }
        let mut steps = Vec::new();
        for name in body.split('/') {
            match name {
                "" => return Err(bad(format!("The rule “{text}” has a part without a name. Give a name between the slashes."))),
                "**" if steps.last() == Some(&Step::Any) => {}
                "**" => steps.push(Step::Any),
                name => steps.push(Step::Name(name.into())),
            }
        }
        // `a/**` is what is in `a`.
        if steps.last() == Some(&Step::Any) {
            steps.push(Step::Name(b"*".to_vec()));
        }
        Ok(Self { text: text.into(), steps, path, folders })
    }

    /// From the entry's name upwards, as [`glob`] goes along a name.
    fn matches<'a>(&self, folder: bool, mut names: impl Iterator<Item = &'a [u8]> + Clone) -> bool {
        if self.folders && !folder {
            return false;
        }
        let mut steps = self.steps.iter().rev();
        if !self.path {
            let (Some(Step::Name(step)), Some(name)) = (steps.next(), names.next()) else { return true };
            return glob(step, name, true);
        }
        let mut retry = None;
        loop {
            let step = steps.next();
            if let Some(Step::Any) = step {
                retry = Some((steps.clone(), names.clone()));
                continue;
            }
            match (step, names.next()) {
                (None, None) => return true,
                (Some(Step::Name(step)), Some(name)) if glob(step, name, false) => continue,
                _ => {}
            }
            let Some((after, mut longer)) = retry.take() else { return false };
            if longer.next().is_none() {
                return false;
            }
            retry = Some((after.clone(), longer.clone()));
            (steps, names) = (after, longer);
        }
    }
}

/// Whether one name is what a pattern of `*`, `?` and `\` says. The latest `*` takes one character more whenever the rest does not fit.
fn glob(pattern: &[u8], name: &[u8], any_case: bool) -> bool {
    let (mut pattern, mut name) = (pattern, name);
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        let (wanted, rest) = match pattern {
            [b'*', rest @ ..] => {
                retry = Some((rest, name));
                pattern = rest;
                continue;
            }
            [b'\\', literal, rest @ ..] => (Some(*literal), rest),
            [b'?', rest @ ..] => (None, rest),
            [literal, rest @ ..] => (Some(*literal), rest),
            [] if name.is_empty() => return true,
            [] => (None, pattern),
        };
        let found = name.split_first().filter(|(found, _)| match wanted {
            Some(wanted) => **found == wanted || (any_case && found.eq_ignore_ascii_case(&wanted)),
            None => !pattern.is_empty(),
        });
        if let Some((found, others)) = found {
            pattern = rest;
            name = if wanted.is_none() && *found >= 0xc0 { skip_character(others) } else { others };
        } else {
            let Some((after, [_, longer @ ..])) = retry else { return false };
            retry = Some((after, longer));
            (pattern, name) = (after, longer);
        }
    }
}

/// What follows the rest of a character of UTF-8.
fn skip_character(mut name: &[u8]) -> &[u8] {
    while let [0x80..=0xbf, rest @ ..] = name {
        name = rest;
    }
    name
}

fn bad(message: String) -> Error {
    Error::new(Code::BadRequest, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether this one pattern matches; a path that ends with `/` is a folder's.
    fn matches(pattern: &str, path: &str) -> bool {
        let rules = Rules::parse(&[pattern], &[]).expect("a pattern");
        let names: Vec<&[u8]> = path.trim_end_matches('/').split('/').rev().map(str::as_bytes).collect();
        rules.excluded(path.ends_with('/'), names.iter().copied()).is_some()
    }

    #[test]
    fn names_match_at_any_depth_in_any_case() {
        for (pattern, path) in [
            ("node_modules/", "a/b/node_modules/"),
            ("*.iso", "Images/Debian.ISO"),
            ("*.tar.*", "a.tar.tar.gz"),
            ("?.txt", "ä.txt"),
            ("*", "anything"),
            (r"\*", "*"),
            (r"a\?b", "a?b"),
            ("**", "a/b"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("node_modules/", "a/node_modules"),
            ("*.iso", "a.iso/b"),
            ("?.txt", "ab.txt"),
            (r"\*", "a"),
            ("a", "b/ab"),
            ("cache", "caches"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn paths_match_from_the_root_exactly() {
        for (pattern, path) in [
            ("/photos", "photos"),
            ("photos/2019/", "photos/2019/"),
            ("work/*/build", "work/x/build"),
            ("work/**/tmp", "work/tmp"),
            ("work/**/tmp", "work/a/tmp/b/tmp"),
            ("**/a/**/b", "x/a/y/z/b"),
            ("work/**", "work/a/b"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("/photos", "old/photos"),
            ("/photos", "Photos"),
            ("photos/2019/", "photos/2019"),
            ("work/*/build", "work/x/y/build"),
            ("work/**/tmp", "works/tmp"),
            ("work/**", "work/"),
            ("**/a/**/b", "x/b"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn stars_take_no_more_than_polynomial_time() {
        let pattern = "*a".repeat(60);
        assert!(!matches(&pattern, &"ab".repeat(2_000)));
        assert!(!matches(&"**/a/".repeat(60), &format!("{}b", "a/".repeat(800))));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in ["", "/", "a//b", "!a", &"x".repeat(5_000)] {
            assert_eq!(Rules::parse(&[pattern], &[]).err().map(|error| error.code), Some(Code::BadRequest), "{pattern}");
        }
        assert!(Rules::parse(&["a"; PATTERNS_MAX], &[]).is_ok());
        assert!(Rules::parse(&["a"; PATTERNS_MAX], &["b"]).is_err());
    }
}
