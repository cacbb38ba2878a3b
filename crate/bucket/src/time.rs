//! Times as S3 writes them.

const DAY: i64 = 86_400;

/// `20260102T030405Z` of milliseconds since 1970.
pub fn stamp(now: i64) -> String {
    let seconds = now.max(0) / 1000;
    let (year, month, day) = civil(seconds / DAY);
    let of_day = seconds % DAY;
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", of_day / 3600, of_day / 60 % 60, of_day % 60)
}

/// Milliseconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110 §5.6.7.
pub fn read_date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = text.split_once(", ")?.1.strip_suffix(" GMT")?.split([' ', ':']);
    let day: i64 = parts.next()?.parse().ok()?;
    let month = parts.next()?;
    let month = 1 + i64::try_from(MONTHS.iter().position(|known| *known == month)?).ok()?;
    let mut number = || parts.next()?.parse::<i64>().ok();
    let (year, hour, minute, second) = (number()?, number()?, number()?, number()?);
    let plausible = (1970..10_000).contains(&year) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    plausible.then(|| (days(year, month, day) * DAY + hour * 3600 + minute * 60 + second) * 1000)
}

/// Days since 1970 (Hinnant, *chrono-Compatible Low-Level Date Algorithms*).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The other way.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_and_dates_are_those_of_the_standards() {
        assert_eq!(stamp(1_369_353_600_000), "20130524T000000Z");
        assert_eq!(stamp(951_827_696_789), "20000229T123456Z");
        assert_eq!(read_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
        assert_eq!(read_date("Tue, 29 Feb 2000 12:34:56 GMT"), Some(951_827_696_000));
        for wrong in ["", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Brr 1994 08:49:37 GMT"] {
            assert_eq!(read_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_is_there_and_back() {
        for day in 0..146_097 {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }
}
