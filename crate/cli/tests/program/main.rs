//! The real program, as a person or a script runs it.

mod bench;
mod damage;
mod end_to_end;
mod erase;
mod old_vault;
mod rollback;
mod rules;
mod secrets;
