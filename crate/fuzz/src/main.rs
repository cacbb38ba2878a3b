//! One target, led by libFuzzer: `STRONGROOM_FUZZ=<target> fuzz <folder of inputs> [libFuzzer's options]`.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use strongroom_fuzz::{TARGETS, Target};

static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| TARGET.get_or_init(chosen).check(bytes));

fn chosen() -> Target {
    let name = std::env::var("STRONGROOM_FUZZ").expect("STRONGROOM_FUZZ names a target");
    TARGETS.into_iter().find(|target| target.name == name).expect("a target of that name")
}
