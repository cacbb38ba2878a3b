//! How many uploads go at one time: as many as the link gains from, found out by trying one more now and then.

/// Two of 16 MiB keep most links busy.
const LEAST: usize = 2;
/// A browser has six connections to a host that speaks HTTP/1.1, and others want some.
const MOST: usize = 4;
/// One more must bring so many times the bytes a second.
const GAIN: f64 = 1.1;
/// A measurement is of so many uploads for each that goes at one time.
const UPLOADS: usize = 2;
/// After one more was in vain, so many measurements pass before the next trial: links change.
const REST: u32 = 16;
/// Smaller objects measure the way there and back, not the link.
const SMALL: u64 = 1 << 20;

/// Climbs while it gains. Times are milliseconds.
pub struct Pace {
    width: usize,
    /// Bytes a millisecond before the one more that is being tried.
    before: Option<f64>,
    rest: u32,
    measured: Option<Measured>,
}

struct Measured {
    since: f64,
    uploads: usize,
    /// Uploads at whose end another one had waited. They come in bursts where a few end at about the same time.
    waited: usize,
    bytes: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { width: LEAST, before: None, rest: 0, measured: None }
    }
}

impl Pace {
    /// So many uploads may go at one time.
    pub fn width(&self) -> usize {
        self.width
    }

    /// An upload of so many bytes ended well; `waited` says that some had to wait for a place since the one before.
    pub fn sent(&mut self, bytes: u64, waited: bool, now: f64) {
        if bytes < SMALL {
            return;
        }
        let Some(measured) = &mut self.measured else {
            self.measured = Some(Measured { since: now, uploads: 0, waited: 0, bytes: 0 });
            return;
        };
        measured.uploads += 1;
        measured.waited += usize::from(waited);
        measured.bytes += bytes;
        if measured.uploads < UPLOADS * self.width {
            return;
        }
        // Where hardly anybody waits, the link is not what takes long.
        let telling = 2 * measured.waited >= measured.uploads || self.before.is_some();
        let rate = measured.bytes as f64 / (now - measured.since).max(1.0);
        self.measured = None;
        if !telling {
            return;
        }
        if self.before.take_if(|before| rate < *before * GAIN).is_some() {
            self.width -= 1;
            self.rest = REST;
        } else if self.rest > 0 {
            self.rest -= 1;
        } else if self.width < MOST {
            self.before = Some(rate);
            self.width += 1;
        } else {
            self.before = None;
        }
    }

    /// The storage does not answer, or wants to be asked less.
    pub fn troubled(&mut self) {
        *self = Self { rest: REST, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The width after so many uploads over a link on which one upload gets at most `each` bytes a millisecond, and all together `all`.
    fn over(pace: &mut Pace, uploads: usize, each: f64, all: f64) -> Vec<usize> {
        let bytes = 16 << 20;
        let mut now = 0.0;
        (0..uploads)
            .map(|_| {
                now += bytes as f64 / (each * pace.width() as f64).min(all);
                pace.sent(bytes, true, now);
                pace.width()
            })
            .collect()
    }

    #[test]
    fn a_link_that_gives_each_upload_little_gets_more_of_them() {
        let mut pace = Pace::default();
        assert_eq!(over(&mut pace, 40, 10_000.0, 1e9).last(), Some(&MOST));
    }

    #[test]
    fn a_link_that_two_fill_is_tried_once_and_then_left_alone_for_long() {
        let widths = over(&mut Pace::default(), 70, 10_000.0, 20_000.0);
        assert_eq!(widths.last(), Some(&LEAST));
        assert_eq!(widths.iter().max(), Some(&(LEAST + 1)));
        let tried = widths.iter().filter(|width| **width > LEAST).count();
        assert_eq!(tried, UPLOADS * (LEAST + 1) + 1, "{widths:?}");
    }

    #[test]
    fn a_link_that_three_fill_gets_three() {
        assert_eq!(over(&mut Pace::default(), 60, 10_000.0, 30_000.0).last(), Some(&3));
    }

    #[test]
    fn uploads_that_end_in_pairs_with_one_waiting_for_both_are_a_link_that_is_full() {
        let mut pace = Pace::default();
        for upload in 0..6_u32 {
            pace.sent(16 << 20, upload % 2 == 0, f64::from(upload / 2) * 2_800.0 + f64::from(upload % 2) * 100.0);
        }
        assert!(pace.width() > LEAST);
    }

    #[test]
    fn where_nobody_waits_nothing_is_tried() {
        let mut pace = Pace::default();
        for upload in 0..100 {
            pace.sent(16 << 20, upload % 3 == 0, f64::from(upload) * 100.0);
        }
        assert_eq!(pace.width(), LEAST);
    }

    #[test]
    fn small_objects_tell_nothing() {
        let mut pace = Pace::default();
        for upload in 0..100 {
            pace.sent(100_000, true, f64::from(upload));
        }
        assert_eq!(pace.width(), LEAST);
    }

    #[test]
    fn a_storage_in_trouble_is_sent_less() {
        let mut pace = Pace::default();
        over(&mut pace, 40, 10_000.0, 1e9);
        pace.troubled();
        assert_eq!(pace.width(), LEAST);
        assert!(over(&mut pace, 40, 10_000.0, 1e9).iter().all(|width| *width == LEAST), "and is left alone for a while");
    }
}
