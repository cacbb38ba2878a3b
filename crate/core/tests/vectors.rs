//! Golden vectors: `tests/vectors/<scenario>.json` says inputs and outputs of one scenario each, damage included, in words
//! and hex, for this and any other reader. A plain run compares; with `STRONGROOM_BLESS=1` it writes them anew.

#[path = "vectors/golden.rs"]
mod golden;

#[path = "vectors/format.rs"]
mod format;
#[path = "vectors/sign_in.rs"]
mod sign_in;
