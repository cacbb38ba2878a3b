//! The suite on SQLite, in the data folder.

mod common;
mod suite;
