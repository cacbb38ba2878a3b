use strongroom_core::{Code, RecoveryPhrase, key::derive};

use crate::support::rng;

/// Vectors of BIP-39 itself: entropy, words.
const ZEROS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
                     abandon abandon abandon abandon abandon abandon abandon abandon abandon art";
const ONES: &str = "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote";

#[test]
fn words_are_those_of_bip39() {
    for (words, byte) in [(ZEROS, 0), (ONES, 0xff)] {
        let phrase = RecoveryPhrase::parse(words).unwrap();
        assert_eq!(phrase.entropy().expose(), &[byte; 32]);
        assert_eq!(phrase.words().as_str(), words);
    }
}

#[test]
fn a_drawn_phrase_comes_back_from_its_words_however_they_are_typed() {
    let phrase = RecoveryPhrase::generate(&mut rng(1));
    let words = phrase.words();
    assert_eq!(words.split(' ').count(), 24);
    let shouted = words.to_uppercase().replace(' ', "\r\n\t ");
    let numbered: Vec<String> = words.split(' ').zip(1..).map(|(word, number)| format!("{number}. {word}")).collect();
    for typed in [words.as_str(), &shouted, &numbered.join("\n"), &format!("  {}\n", words.as_str())] {
        assert_eq!(RecoveryPhrase::parse(typed).unwrap(), phrase);
    }
}

#[test]
fn an_error_names_the_position_of_the_bad_word() {
    let error = RecoveryPhrase::parse(&ZEROS.replacen("abandon art", "abandom art", 1)).unwrap_err();
    assert_eq!(error.code, Code::BadPhrase);
    assert!(error.message.contains("Word 23"), "{}", error.message);
    assert!(!error.message.contains("abandom"), "what was typed is not repeated");
}

#[test]
fn a_wrong_count_or_checksum_is_told_apart() {
    let count = RecoveryPhrase::parse("abandon art").unwrap_err();
    assert!(count.code == Code::BadPhrase && count.message.contains("these are 2"), "{}", count.message);
    let checksum = RecoveryPhrase::parse(&ZEROS.replace("art", "zoo")).unwrap_err();
    assert!(checksum.code == Code::BadPhrase && checksum.message.contains("do not belong together"), "{}", checksum.message);
    let twelve = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    assert_eq!(RecoveryPhrase::parse(twelve).unwrap_err().code, Code::BadPhrase, "12 words are a BIP-39 phrase, but not ours");
}

#[test]
fn the_sign_in_password_is_derived_and_nothing_is_shown() {
    let phrase = RecoveryPhrase::parse(ONES).unwrap();
    assert_eq!(phrase.sign_in_password().expose(), &derive("recovery sign-in", &[&[0xff; 32]]));
    assert_eq!(format!("{phrase:?}"), "RecoveryPhrase(…)");
}
