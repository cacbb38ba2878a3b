//! `courier.wasm`: everything of Strongroom in the browser that may reach the network. It gets sealed objects and
//! object names from the engine, never a key of a vault or a plaintext byte, and does not link the core (SECURITY.md, *In the page*).
//!
//! It serves one engine over one [`web_sys::MessagePort`]: put, get, list and broker calls ([`message`]), against one of
//! the [`storage`]s. Faults that pass are tried again, with the schedule of [`backoff`], until they are over.
#![forbid(unsafe_code)]

pub mod backoff;
mod body;
mod broker;
mod bucket;
mod directory;
mod fault;
mod gate;
mod http;
mod js;
mod message;
mod pace;
mod page;
mod retry;
mod serve;
mod sign;
mod storage;

pub use bucket::{examine, find};
pub use serve::serve;
