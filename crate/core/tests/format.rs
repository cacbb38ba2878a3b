//! The format layer against FORMAT.md: what is written is read back, and nothing else is.

#[path = "format/support.rs"]
mod support;

#[path = "format/chunk.rs"]
mod chunk;
#[path = "format/codec.rs"]
mod codec;
#[path = "format/directory.rs"]
mod directory;
#[path = "format/key.rs"]
mod key;
#[path = "format/lane.rs"]
mod lane;
#[path = "format/opaque.rs"]
mod opaque;
#[path = "format/phrase.rs"]
mod phrase;
#[path = "format/seal.rs"]
mod seal;
#[path = "format/slot.rs"]
mod slot;
