//! Every storage does the same five things, and no more is promised than was seen.

mod careless;
mod common;

use std::sync::Arc;

use careless::Careless;
use common::{Rig, conformance::conforms};
use strongroom_server::{
    Clock,
    storage::{Embedded, Level, Storage},
};

#[tokio::test]
async fn the_embedded_storage_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::Embedded(Arc::new(Embedded::open(folder.path(), common::UNLIMITED).unwrap()));
    conforms(&storage).await;
    assert_eq!(storage.level(), Level::Immutable);
}

/// Adversarial test 12.
#[tokio::test]
async fn a_storage_that_ignores_refuses_or_races_is_not_believed() {
    for (careless, level) in [
        (Careless::default(), Level::TamperEvident),
        (Careless { refuses_absence: true, ..Careless::default() }, Level::TamperEvident),
        (Careless { heeds_checksum: true, ..Careless::default() }, Level::AppendOnly),
        (Careless { heeds_checksum: true, refuses_absence: true, ..Careless::default() }, Level::AppendOnly),
        (Careless { heeds_checksum: true, races: true, ..Careless::default() }, Level::AppendOnly),
        (Careless { heeds_absence: true, ..Careless::default() }, Level::AppendOnly),
        (Careless { heeds_checksum: true, keeps_refused: true, heeds_absence: true, ..Careless::default() }, Level::AppendOnly),
        (Careless { heeds_checksum: true, heeds_absence: true, ..Careless::default() }, Level::Immutable),
    ] {
        let config = careless.start().await;
        let rig = Rig::start_with(|rig| {
            rig.bucket = Some(config);
            rig.clock = Clock::system();
        })
        .await;
        let about = rig.get("/api/v1/about").await.json();
        assert_eq!(about["storage"]["level"], level.as_str(), "{careless:?}");
    }
}
