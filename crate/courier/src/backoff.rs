//! When to try again: exponential back-off with full jitter (Brooker, *Exponential Backoff And Jitter*, AWS 2015).

/// What is wrong, as far as waiting is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No answer, or an answer that says "later": 408, 429, 5xx.
    Silent,
    /// An answer that this page may not read. It may have been a proxy's, or to a signature that is late: a few more tries tell.
    Barred,
    /// No room: 507. People need minutes to make some.
    Full,
}

/// The first and the longest wait, in milliseconds.
const FIRST_MS: f64 = 500.0;
const LONGEST_MS: f64 = 30_000.0;
/// A full storage is asked less often.
const FIRST_FULL_MS: f64 = 4_000.0;

/// `min(30 s, first · 2^failures) · random`, at least a tenth of it; `failures` counts from 0, `random` is in `[0, 1)`.
pub fn delay_ms(trouble: Trouble, failures: u32, random: f64) -> u32 {
    let first = match trouble {
        Trouble::Silent | Trouble::Barred => FIRST_MS,
        Trouble::Full => FIRST_FULL_MS,
    };
    let ceiling = (first * f64::from(2u32.saturating_pow(failures.min(16)))).min(LONGEST_MS);
    (ceiling * random.clamp(0.1, 1.0)) as u32
}

/// Whether a status says that the same request may succeed later.
pub fn trouble_of(status: u16) -> Option<Trouble> {
    match status {
        507 => Some(Trouble::Full),
        408 | 409 | 425 | 429 | 500..=599 => Some(Trouble::Silent),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_half_a_second_to_thirty() {
        let ceilings: Vec<u32> = (0..9).map(|failures| delay_ms(Trouble::Silent, failures, 1.0)).collect();
        assert_eq!(ceilings, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(delay_ms(Trouble::Silent, u32::MAX, 1.0), 30_000);
    }

    #[test]
    fn jitter_spreads_over_the_whole_wait_but_never_hammers() {
        assert_eq!(delay_ms(Trouble::Silent, 4, 0.5), 4_000);
        assert_eq!(delay_ms(Trouble::Silent, 0, 0.0), 50);
    }

    #[test]
    fn a_full_storage_is_asked_more_slowly() {
        assert!(delay_ms(Trouble::Full, 0, 0.5) > delay_ms(Trouble::Silent, 0, 0.5));
        assert_eq!(delay_ms(Trouble::Full, 30, 1.0), 30_000);
    }

    #[test]
    fn only_passing_statuses_are_tried_again() {
        assert_eq!(trouble_of(503), Some(Trouble::Silent));
        assert_eq!(trouble_of(429), Some(Trouble::Silent));
        assert_eq!(trouble_of(507), Some(Trouble::Full));
        for permanent in [200, 400, 401, 403, 404, 412, 416] {
            assert_eq!(trouble_of(permanent), None, "{permanent}");
        }
    }
}
