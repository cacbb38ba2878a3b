//! `Range: bytes=a-b` (RFC 9110 §14.2), one range at a time.

use crate::error::{Error, Result};

/// What of an object is wanted. `first ≤ last < length`.
#[derive(Debug, PartialEq, Eq)]
pub enum Wanted {
    Whole,
    Part { first: u64, last: u64 },
}

/// Several ranges, other units and what is no range at all are as if nothing had been said, as the RFC allows.
///
/// # Errors
/// `Range` (416) when the object ends before the range begins.
pub fn parse(header: &[u8], length: u64) -> Result<Wanted> {
    let Some((first, last)) = split(header) else { return Ok(Wanted::Whole) };
    let (first, last) = match (first, last) {
        (Some(first), Some(last)) if first > last => return Ok(Wanted::Whole),
        (Some(first), last) => (first, last.unwrap_or(u64::MAX)),
        // The last so many bytes.
        (None, Some(0)) => return Err(Error::Range { length }),
        (None, Some(most)) => (length.saturating_sub(most), u64::MAX),
        (None, None) => return Ok(Wanted::Whole),
    };
    if first >= length {
        return Err(Error::Range { length });
    }
    Ok(Wanted::Part { first, last: last.min(length - 1) })
}

/// The numbers before and after the dash; `None` for what is not `bytes=` and one range.
fn split(header: &[u8]) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = std::str::from_utf8(header).ok()?.strip_prefix("bytes=")?.trim().split_once('-')?;
    let number = |text: &str| match text {
        "" => Some(None),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok().map(Some),
        _ => None,
    };
    Some((number(first)?, number(last)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_within_the_object_is_given_and_the_rest_is_as_the_rfc_says() {
        let part = |first, last| Some(Wanted::Part { first, last });
        for (header, wanted) in [
            ("bytes=0-0", part(0, 0)),
            ("bytes=10-19", part(10, 19)),
            ("bytes=10-", part(10, 99)),
            ("bytes=10-1000", part(10, 99)),
            ("bytes=-10", part(90, 99)),
            ("bytes=-1000", part(0, 99)),
            ("bytes=99-99", part(99, 99)),
            ("bytes=100-", None),
            ("bytes=100-200", None),
            ("bytes=-0", None),
            ("bytes=20-10", Some(Wanted::Whole)),
            ("bytes=0-1,5-6", Some(Wanted::Whole)),
            ("bytes=-", Some(Wanted::Whole)),
            ("bytes=+1-2", Some(Wanted::Whole)),
            ("bytes=99999999999999999999-", Some(Wanted::Whole)),
            ("lines=1-2", Some(Wanted::Whole)),
            ("", Some(Wanted::Whole)),
        ] {
            assert_eq!(parse(header.as_bytes(), 100).ok(), wanted, "{header}");
        }
    }
}
