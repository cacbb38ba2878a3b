//! `GET about`: who answers, and what its storage promises.

use serde::Serialize;

use crate::{name::MAX_OBJECT, wire::Json};

#[derive(Serialize)]
pub struct Answer {
    name: &'static str,
    version: &'static str,
    storage: Storage,
}

#[derive(Serialize)]
struct Storage {
    level: &'static str,
    maximum: u64,
}

/// The embedded storage is immutable: no session can overwrite an object, or delete one.
pub async fn about() -> Json<Answer> {
    let storage = Storage { level: "immutable", maximum: MAX_OBJECT };
    Json(Answer { name: "Strongroom", version: env!("CARGO_PKG_VERSION"), storage })
}
