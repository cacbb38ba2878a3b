//! Strongroom's server: the broker (accounts, sign-in, presigned URLs), the embedded storage, and the page's files.
//!
//! It stores ciphertext and cannot decrypt: it does not link the core, and holds no key of a vault. `API.md` is the
//! contract with its clients, `FORMAT.md` §14 the sign-in.

mod api;
mod app;
mod client;
mod clock;
mod db;
mod erase;
mod error;
mod health;
mod listen;
mod logins;
mod metrics;
pub mod name;
mod objects;
mod opaque;
mod page;
mod presign;
mod range;
mod record;
mod scope;
mod secret;
mod server;
mod session;
pub mod setup;
mod slot;
pub mod storage;
mod usage;
mod wire;

pub use clock::{Clock, DAY, HOUR, MINUTE, Millis, SECOND};
pub use db::Database;
pub use error::Error;
pub use listen::TlsFiles;
pub use server::{Config, Server, StartError, database_in, lock};
pub use storage::{DEFAULT_RESERVE, Limits, S3Config};
