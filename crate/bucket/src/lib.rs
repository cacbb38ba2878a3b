//! What Strongroom knows of buckets that speak S3, in one place for the server, the courier and the command line: how objects are
//! addressed, signed for and listed, what a bucket is found to do, and what to tell its owner. It does no I/O: whoever uses it brings a
//! [`Wire`]. It knows nothing of vaults, and does not link the core.
#![forbid(unsafe_code)]

pub mod advice;
mod answer;
mod binding;
pub mod cors;
mod folders;
mod hidden;
mod list;
mod place;
mod probe;
mod sign;
mod time;

pub use answer::Answer;
pub use binding::Binding;
pub use folders::folders;
pub use hidden::Hidden;
pub use list::{Listed, PAGE, list_query, parse_list};
pub use place::{Config, Place};
pub use probe::{Holder, Level, Probe, run as probe};
pub use sign::{Request, percent, presign};

/// How a request gets to the bucket.
#[allow(async_fn_in_trait)] // for our own three programs, each with one kind of future
pub trait Wire {
    /// The presigned URL of a request.
    fn presign(&self, request: &Request<'_>) -> String;

    /// Sends exactly these headers and waits for the whole answer.
    ///
    /// # Errors
    /// A sentence: no answer came.
    async fn send(&self, method: &'static str, url: &str, headers: &[(&'static str, String)], body: &[u8]) -> Result<Answer, String>;

    /// Milliseconds since 1970, by the clock that requests are signed by.
    fn now(&self) -> i64;

    /// So many random hex digits that nobody else draws the same.
    fn name(&self) -> String;
}
