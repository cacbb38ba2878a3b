//! The server on a bucket of a real S3 server, which the tests start.

use anyhow::Result;

use crate::{
    shell::{cargo, tee},
    test::{rust, tally::Tally},
    tools,
};

/// Of Debian: a program of each, and its package.
const CEPH: [(&str, &str); 5] =
    [("radosgw", "radosgw"), ("ceph-mon", "ceph-mon"), ("ceph-osd", "ceph-osd"), ("ceph", "ceph-common"), ("curl", "curl")];

pub fn run() -> Result<Tally> {
    rust::postgresql()?;
    tools::debian(&CEPH)?;
    let (well, text) = tee(&mut cargo(["test", "--package", "strongroom-server", "--features", "ceph", "--test", "bucket"]))?;
    Ok(Tally::of_cargo(&text).ended(well))
}
