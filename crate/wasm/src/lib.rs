//! `vault.wasm`: the core in a browser's workers. One worker is the *engine* (keys, index, decisions; drives the core's
//! machines), the others are *lanes* (cut, compress, seal, open). Neither reaches the network: objects go to and come
//! from the courier, files and sinks belong to the page (SECURITY.md, *In the page*).
//!
//! Exports are few and synchronous. Each runs an event loop of its own inside the worker from then on.
#![deny(unsafe_code)] // but for the names that the linker looks for in level.rs

mod ask;
mod command;
mod courier;
mod crew;
mod engine;
mod held;
mod js;
mod lane;
mod level;
mod message;

mod prune;
mod report;
mod run;
mod source;
mod spent;
mod turn;
mod words;

pub use engine::run_engine;
pub use lane::run_lane;
