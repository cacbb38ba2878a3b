//! The recovery phrase: 24 words of BIP-39 English for 32 random bytes (FORMAT.md §6).

use alloc::{format, string::String, vec::Vec};
use core::fmt::{self, Write};

use bip39::{Language, Mnemonic};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    error::{Code, Error},
    key::{Secret, derive, draw},
};

extern crate alloc;

const WORDS: usize = 24;

/// 32 bytes of entropy that a person can write down.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryPhrase(Secret<32>);

impl RecoveryPhrase {
    /// A new one.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::new(draw(rng)))
    }

    /// Reads what a person typed: any case, any white space, words may be numbered (`1. abandon`).
    ///
    /// # Errors
    /// `BadPhrase`, and the sentence says which word, or that the words do not belong together.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = Zeroizing::new(text.to_ascii_lowercase());
        let words: Vec<&str> = text.split_whitespace().filter(|word| !is_number(word)).collect();
        if let Some(position) = words.iter().position(|word| !is_listed(word)) {
            return Err(bad(format!("Word {} of the recovery phrase is not one of the list. Check its spelling.", position + 1)));
        }
        if words.len() != WORDS {
            return Err(bad(format!("A recovery phrase has {WORDS} words, these are {}. Type all of them.", words.len())));
        }
        let text = Zeroizing::new(words.join(" "));
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &text).map_err(|_| {
            bad(String::from(
                "These words do not belong together: one of them is wrong or out of place. Check each against the recovery kit.",
            ))
        })?;
        let (entropy, _) = mnemonic.to_entropy_array();
        let entropy = Zeroizing::new(entropy);
        let bytes = entropy.first_chunk().expect("24 words carry 32 bytes");
        Ok(Self(Secret::new(*bytes)))
    }

    /// The words, in lower case, one space between.
    pub fn words(&self) -> Zeroizing<String> {
        let mnemonic = Mnemonic::from_entropy_in(Language::English, self.0.expose()).expect("32 bytes make 24 words");
        let mut text = Zeroizing::new(String::with_capacity(9 * WORDS));
        write!(text, "{mnemonic}").expect("a string takes whatever is written");
        text
    }

    /// The secret of the recovery slot.
    pub fn entropy(&self) -> &Secret<32> {
        &self.0
    }

    /// The password of the recovery slot's own sign-in: `derive["recovery sign-in"](entropy)` (FORMAT.md §14).
    pub fn sign_in_password(&self) -> Secret<32> {
        Secret::new(derive("recovery sign-in", &[self.0.expose()]))
    }
}

impl fmt::Debug for RecoveryPhrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryPhrase(…)")
    }
}

/// The first bits of these bytes as words of the same list, for people to compare. Not a secret, and no phrase.
pub(crate) fn words_of(bytes: &[u8; 32], count: usize) -> String {
    let words = RecoveryPhrase(Secret::new(*bytes)).words();
    let words: Vec<&str> = words.split(' ').take(count).collect();
    words.join(" ")
}

/// Whether a word is one of the list. It is asked for as a phrase, the word twelve times over: the list itself, looked at from here,
/// would stand in the module a second time, with 28 kB.
fn is_listed(word: &str) -> bool {
    let text = Zeroizing::new([word; 12].join(" "));
    Mnemonic::parse_in_normalized_without_checksum_check(Language::English, &text).is_ok()
}

/// `7`, `7.` or `7)`.
fn is_number(word: &str) -> bool {
    let digits = word.trim_end_matches(['.', ')', ':']);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn bad(message: String) -> Error {
    Error::new(Code::BadPhrase, message)
}
