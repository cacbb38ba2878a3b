//! What somebody types to find a name: words that must all be in it, whatever their case and accents; `*` is anything.

use js_sys::JsString;
use strongroom_core::Wanted;

/// Words, folded; each as the pieces between its stars.
pub struct Words(Vec<Vec<String>>);

impl Words {
    pub fn new(typed: &str) -> Self {
        let pieces = |word: &str| word.split('*').filter(|piece| !piece.is_empty()).map(str::to_owned).collect();
        Self(fold(typed).split_whitespace().map(pieces).collect())
    }

    /// The test of a name.
    pub fn wanted(self) -> Wanted {
        Box::new(move |name| {
            let name = fold(&String::from_utf8_lossy(name));
            self.0.iter().all(|pieces| {
                let mut rest = name.as_str();
                pieces.iter().all(|piece| match rest.find(piece.as_str()) {
                    Some(at) => {
                        rest = &rest[at + piece.len()..];
                        true
                    }
                    None => false,
                })
            })
        })
    }
}

/// Letters that people take for the same become the same: the browser knows Unicode, so this module need not.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let folded = String::from(JsString::from(text).normalize("NFKD").to_lower_case());
    folded.chars().filter(|character| !('\u{300}'..='\u{36f}').contains(character)).collect()
}
