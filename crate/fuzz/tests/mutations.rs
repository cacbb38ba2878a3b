//! Every target, some thousand inputs each.

use strongroom_fuzz::{Mutations, TARGETS};

const CASES: usize = 2_000;

#[test]
fn no_mutated_input_breaks_a_reader_or_tells_our_cipher_from_rustcrypto_s() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        seeds.iter().for_each(|seed| target.check(seed));
        for input in Mutations::of(seeds).take(CASES) {
            target.check(&input);
        }
        println!("{}: {CASES}", target.name);
    }
}
