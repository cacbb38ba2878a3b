//! What happens to what was doomed: it is shown, called off, or erased once the delay has passed (FORMAT.md §16).

mod cancel;
mod due;
mod keeper;
mod run;

pub use cancel::CancelErasure;
pub use due::{Erasure, Erasures};
pub use keeper::Keeper;
pub use run::{Erase, EraseReport};

pub(crate) use keeper::mark_calls;
