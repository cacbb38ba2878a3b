//! The server on buckets of two real S3 servers, which the tests start: Ceph and Garage.

use anyhow::Result;

use super::{rust, tally::Tally};
use crate::{
    garage,
    shell::{cargo, tee},
    tools,
};

/// Of Debian: a program of each, and its package.
const CEPH: [(&str, &str); 5] =
    [("radosgw", "radosgw"), ("ceph-mon", "ceph-mon"), ("ceph-osd", "ceph-osd"), ("ceph", "ceph-common"), ("curl", "curl")];

pub fn tests(name: Option<&str>) -> Result<Tally> {
    rust::postgresql()?;
    servers()?;
    let garage = garage::program()?;
    let mut tests = cargo(["test", "--quiet", "--package", "strongroom-server", "--features", "buckets", "--test", "bucket"]);
    let (well, text) = tee(tests.args(name).env("STRONGROOM_GARAGE", garage))?;
    Ok(Tally::of_cargo(&text).ended(well))
}

/// What the packages of Debian bring of it.
///
/// # Errors
/// They cannot be installed from here; the sentence says what to type.
pub fn servers() -> Result<()> {
    tools::debian(&CEPH)
}
