//! Text as people and programs write it: source code, JSON lines, CSV.

use std::fmt::Write;

use super::random::Random;

const SYLLABLES: [&str; 25] = [
    "ba", "co", "di", "fe", "gu", "ha", "jo", "ki", "lu", "me", "no", "pa", "qui", "ra", "so", "ti", "un", "va", "we", "xo", "za", "ter",
    "ing", "ment", "al",
];

/// Words of one to four syllables, the same for all text of a corpus.
pub fn vocabulary() -> Vec<String> {
    let mut random = Random::new("words");
    (0..6_000).map(|_| (0..random.between(1, 4)).map(|_| *random.pick(&SYLLABLES)).collect()).collect()
}

/// One file of a program that uses these `names` over and over, `length` bytes or a line more.
pub fn source(random: &mut Random, names: &[&str], words: &[String], length: usize) -> String {
    let mut text = String::from("// Part of the corpus of Strongroom's benchmark. Made by a seeded generator; means nothing.\n\n");
    while text.len() < length {
        block(&mut text, random, names, words).expect("strings take all that is written");
    }
    text
}

fn block(text: &mut String, random: &mut Random, names: &[&str], words: &[String]) -> std::fmt::Result {
    let mut name = || *random.pick_often(names);
    let (function, kind, first, second) = (name(), name(), name(), name());
    writeln!(text, "/// {}.", sentence(random, words, 5, 14))?;
    writeln!(text, "pub fn {function}_{kind}({first}: &{kind}, {second}: usize) -> Result<{kind}, Error> {{")?;
    for _ in 0..random.between(2, 14) {
        let (a, b, c) = (*random.pick_often(names), *random.pick_often(names), random.below(4_096));
        match random.below(8) {
            0 => writeln!(text, "    let mut {a} = {first}.{b}({c})?;")?,
            1 => writeln!(text, "    if {a}.len() > {c} {{\n        return Err(Error::{b});\n    }}")?,
            2 => writeln!(text, "    for {a} in {second}.iter().map(|{b}| {b} + {c}) {{\n        {b}.push({a});\n    }}")?,
            3 => writeln!(text, "    // {}", sentence(random, words, 4, 12))?,
            4 => writeln!(
                text,
                "    let {a} = match {b} {{\n        Some({a}) => {a},\n        None => return Ok({kind}::default()),\n    }};"
            )?,
            5 => writeln!(text, "    assert_eq!({a}.{b}(), {c:#x});")?,
            6 => writeln!(text, "    self.{a}.insert({b}.clone(), \"{}\".into());", random.pick(words))?,
            _ => writeln!(text, "    {a}.{b}(&{first}, {second}, {c});")?,
        }
    }
    writeln!(text, "    Ok({first}.{kind}())\n}}\n")
}

/// Events as a service logs them, one JSON object a line, `length` bytes or a line more.
pub fn json_lines(random: &mut Random, words: &[String], length: usize) -> String {
    let (mut text, mut time, mut id) = (String::new(), 1_700_000_000_u64, 0);
    while text.len() < length {
        time += random.below(10) as u64;
        let event = *random.pick(&["view", "click", "purchase", "login", "logout", "error"]);
        let tags = (0..random.below(6)).map(|_| format!("\"{}\"", random.pick_often(words))).collect::<Vec<_>>().join(",");
        let (user, name, active) = (random.between(1, 50_000), random.pick_often(words), random.unit() < 0.7);
        let (amount, trace, message) = (random.around(20.0, 1.0), random.next(), sentence(random, words, 3, 25));
        writeln!(
            text,
            "{{\"id\":{id},\"ts\":{time},\"user\":{{\"id\":{user},\"name\":\"{name}\",\"active\":{active}}},\"event\":\"{event}\",\
             \"amount\":{amount:.2},\"tags\":[{tags}],\"message\":\"{message}\",\"trace\":\"{trace:016x}\"}}"
        )
        .expect("strings take all that is written");
        id += 1;
    }
    text
}

/// Orders as a shop exports them, `length` bytes or a row more.
pub fn csv(random: &mut Random, words: &[String], length: usize) -> String {
    let (mut text, mut id) = (String::from("id,date,country,product,quantity,price,total,comment\n"), 0);
    while text.len() < length {
        let (quantity, price) = (random.between(1, 40), random.around(12.0, 0.8));
        let country = *random.pick(&["DE", "FR", "US", "GB", "JP", "BR", "IN", "ZA", "AU", "CA"]);
        let (month, day) = (random.between(1, 12), random.between(1, 28));
        let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
        let (first, then, total) = (random.pick_often(words), random.pick_often(words), quantity as f64 * price);
        let comment = sentence(random, words, 0, 8);
        writeln!(
            text,
            "{id},2026-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02},{country},{first}-{then},{quantity},{price:.2},{total:.2},\
             \"{comment}\""
        )
        .expect("strings take all that is written");
        id += 1;
    }
    text
}

fn sentence(random: &mut Random, words: &[String], least: usize, most: usize) -> String {
    let mut text = String::new();
    for at in 0..random.between(least, most) {
        if at > 0 {
            text.push(' ');
        }
        text.push_str(random.pick_often::<String>(words));
    }
    text
}
