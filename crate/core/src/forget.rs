//! Forgets snapshots: by rules that say which to keep, or by name. Nothing is erased: prune does that (FORMAT.md §10).

extern crate alloc;
use alloc::{string::String, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::{
    ask::{Ask, AskId, Body, Machine, Millis, Poll, Reply},
    desk::Desk,
    error::{Code, Error},
    graph::{Node, Record},
    id::Name,
    list::no_snapshot,
    ordered::Set,
    refresh::Refresh,
    seal::Kind,
    vault::{SnapshotInfo, VaultHandle, host_error, unexpected},
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Which snapshots to keep, of each label by itself. Hours, days, weeks (from Monday), months and years are those of UTC; of each
/// the newest snapshot stays, and only those count in which there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeepRules {
    pub last: u32,
    pub hourly: u32,
    pub daily: u32,
    pub weekly: u32,
    pub monthly: u32,
    pub yearly: u32,
    /// All that are no older than this, milliseconds.
    pub within: Option<Millis>,
    /// All with one of these labels.
    pub tags: Vec<String>,
}

/// Why a snapshot is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    Last,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
    Within,
    Tag,
}

/// What rules say of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub snapshot: SnapshotInfo,
    /// Every reason to keep it; none if it is to be forgotten.
    pub kept: Vec<Kept>,
}

/// How many periods, the reason, and which period a time is in.
type Rule = (u32, Kept, fn(Millis) -> i64);

impl KeepRules {
    /// Rules that keep nothing are a mistake.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn periods(&self) -> [Rule; 6] {
        [
            (self.last, Kept::Last, |_| 0),
            (self.hourly, Kept::Hourly, |time| time.div_euclid(HOUR)),
            (self.daily, Kept::Daily, |time| time.div_euclid(DAY)),
            // 1970-01-01 was a Thursday.
            (self.weekly, Kept::Weekly, |time| (time.div_euclid(DAY) + 3).div_euclid(7)),
            (self.monthly, Kept::Monthly, |time| month(time.div_euclid(DAY))),
            (self.yearly, Kept::Yearly, |time| month(time.div_euclid(DAY)).div_euclid(12)),
        ]
    }
}

/// Months since the year 0, of a day since 1970 (H. Hinnant, *chrono-compatible low-level date algorithms*).
fn month(days: i64) -> i64 {
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let since_march = (5 * (day - (365 * year + year / 4 - year / 100)) + 2) / 153;
    (year + era * 400) * 12 + since_march + 2
}

/// What the rules say of each snapshot, in the order given, which is newest first.
pub fn preview(snapshots: &[SnapshotInfo], rules: &KeepRules, now: Millis) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = snapshots.iter().map(|snapshot| Verdict { snapshot: snapshot.clone(), kept: Vec::new() }).collect();
    let mut labels: Vec<&str> = Vec::new();
    for snapshot in snapshots {
        if !labels.contains(&snapshot.label.as_str()) {
            labels.push(&snapshot.label);
        }
    }
    for label in labels {
        let mut of_label: Vec<&mut Verdict> = verdicts.iter_mut().filter(|verdict| verdict.snapshot.label == label).collect();
        for (mut left, why, period) in rules.periods() {
            let mut last = None;
            for verdict in &mut of_label {
                let this = period(verdict.snapshot.time);
                if left > 0 && (why == Kept::Last || last != Some(this)) {
                    (left, last) = (left - 1, Some(this));
                    verdict.kept.push(why);
                }
            }
        }
        for verdict in &mut of_label {
            if rules.within.is_some_and(|within| verdict.snapshot.time >= now.saturating_sub(within)) {
                verdict.kept.push(Kept::Within);
            }
            if rules.tags.iter().any(|tag| tag == label) {
                verdict.kept.push(Kept::Tag);
            }
        }
    }
    verdicts
}

/// Which snapshots go.
#[derive(Clone, Debug)]
pub enum Forgotten {
    /// Those that the rules do not keep.
    Rules(KeepRules),
    Named(Vec<Name>),
}

/// What was forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgetReport {
    pub verdicts: Vec<Verdict>,
    /// The forget node; none when nothing was to be forgotten, or in a dry run.
    pub node: Option<Name>,
}

/// Writes a forget node.
pub struct Forget {
    handle: VaultHandle,
    what: Forgotten,
    dry_run: bool,
    rng: ChaCha20Rng,
    desk: Desk<Purpose>,
    refresh: Option<Refresh>,
    /// What is on its way.
    node: Option<(Name, Node)>,
    report: Option<ForgetReport>,
    failure: Option<Error>,
}

enum Purpose {
    Refresh(AskId),
    Put,
}

impl Forget {
    /// A dry run only says what would be forgotten.
    pub fn new(handle: &VaultHandle, what: Forgotten, dry_run: bool, seed: [u8; 32]) -> Self {
        Self {
            handle: handle.clone(),
            what,
            dry_run,
            rng: ChaCha20Rng::from_seed(seed),
            desk: Desk::default(),
            refresh: Some(Refresh::new(handle)),
            node: None,
            report: None,
            failure: None,
        }
    }

    fn advance(&mut self, now: Millis) -> Result<(), Error> {
        let Some(refresh) = &mut self.refresh else { return Ok(()) };
        let Some(result) = self.desk.drive(refresh, Purpose::Refresh, now) else { return Ok(()) };
        self.refresh = None;
        result?;
        let verdicts = self.verdicts(now)?;
        let names: Set<Name> = verdicts.iter().filter(|verdict| verdict.kept.is_empty()).map(|verdict| verdict.snapshot.id).collect();
        self.report = Some(ForgetReport { verdicts, node: None });
        if names.len() > 0 && !self.dry_run {
            let (name, node, object) = self.handle.seal_node(Record::Forget(names.iter().collect()), now, &mut self.rng)?;
            self.node = Some((name, node));
            let put = Ask::Put { object: self.handle.object(Kind::Snapshot, &name), body: Body::Inline(object) };
            self.desk.ask(Purpose::Put, put);
        }
        Ok(())
    }

    fn verdicts(&self, now: Millis) -> Result<Vec<Verdict>, Error> {
        let snapshots = self.handle.snapshots();
        match &self.what {
            Forgotten::Rules(rules) if rules.is_empty() => {
                let message = "No rule says which snapshots to keep, so all would be forgotten. Give at least one.";
                Err(Error::new(Code::BadRequest, message))
            }
            Forgotten::Rules(rules) => Ok(preview(&snapshots, rules, now)),
            Forgotten::Named(names) => {
                if let Some(name) = names.iter().find(|name| !snapshots.iter().any(|snapshot| snapshot.id == **name)) {
                    return Err(no_snapshot(name));
                }
                let wanted = snapshots.into_iter().filter(|snapshot| names.contains(&snapshot.id));
                Ok(wanted.map(|snapshot| Verdict { snapshot, kept: Vec::new() }).collect())
            }
        }
    }

    fn answer(&mut self, purpose: Purpose, reply: Reply, now: Millis) -> Result<(), Error> {
        match (purpose, reply) {
            (Purpose::Refresh(id), reply) => {
                if let Some(refresh) = &mut self.refresh {
                    refresh.handle(id, reply, now);
                }
                Ok(())
            }
            (Purpose::Put, Reply::Done(answer)) => {
                let (name, node) = self.node.take().ok_or_else(unexpected)?;
                answer.map_err(|error| host_error(error, &self.handle.object(Kind::Snapshot, &name)))?;
                self.handle.vault_mut().graph.insert(name, node);
                if let Some(report) = &mut self.report {
                    report.node = Some(name);
                }
                Ok(())
            }
            _ => Err(unexpected()),
        }
    }
}

impl Machine for Forget {
    type Output = ForgetReport;

    fn poll(&mut self, now: Millis) -> Poll<ForgetReport> {
        if self.failure.is_none() {
            self.failure = self.advance(now).err();
        }
        if let Some(error) = self.failure.take() {
            return Poll::Done(Err(error));
        }
        match self.desk.take() {
            Some((id, ask)) => Poll::Ask(id, ask),
            None if self.desk.is_idle() => match self.report.take() {
                Some(report) => Poll::Done(Ok(report)),
                None => Poll::Wait(None),
            },
            None => Poll::Wait(None),
        }
    }

    fn handle(&mut self, id: AskId, reply: Reply, now: Millis) {
        let Some(purpose) = self.desk.answered(id) else { return };
        if let Err(error) = self.answer(purpose, reply, now) {
            self.failure.get_or_insert(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use super::*;

    /// 2026-11-22T12:00:00Z, a Sunday.
    const NOON: Millis = 1_795_348_800_000;

    fn snapshots(ages: &[i64], label: &str) -> Vec<SnapshotInfo> {
        let info = |age: &i64| SnapshotInfo {
            id: Name([u8::try_from(age.rem_euclid(251)).expect("below 251"); 32]),
            time: NOON - age,
            label: label.to_string(),
            writer: String::new(),
            files: 0,
            folders: 0,
            bytes: 0,
            left: 0,
            head: false,
        };
        ages.iter().map(info).collect()
    }

    /// The ages of what the rules keep, in hours.
    fn kept(ages: &[i64], rules: &KeepRules) -> Vec<i64> {
        let ages: Vec<i64> = ages.iter().map(|hours| hours * HOUR).collect();
        let verdicts = preview(&snapshots(&ages, ""), rules, NOON);
        verdicts.iter().filter(|verdict| !verdict.kept.is_empty()).map(|verdict| (NOON - verdict.snapshot.time) / HOUR).collect()
    }

    #[test]
    fn of_each_period_the_newest_stays_as_many_periods_as_the_rule_says() {
        let days: Vec<i64> = (0..800).map(|day| day * 24).collect();
        assert_eq!(kept(&[0, 1, 2, 3], &KeepRules { last: 2, ..KeepRules::default() }), [0, 1]);
        assert_eq!(kept(&[0, 13, 14, 50, 51], &KeepRules { daily: 2, ..KeepRules::default() }), [0, 13], "13 hours ago was yesterday");
        assert_eq!(
            kept(&[0, 13, 14, 50, 51], &KeepRules { daily: 3, ..KeepRules::default() }),
            [0, 13, 50],
            "days without any do not count"
        );
        assert_eq!(kept(&days, &KeepRules { weekly: 3, ..KeepRules::default() }), [0, 7 * 24, 14 * 24], "weeks end on Sundays");
        assert_eq!(kept(&days, &KeepRules { monthly: 3, ..KeepRules::default() }), [0, 22 * 24, 53 * 24], "31 October, 30 September");
        assert_eq!(kept(&days, &KeepRules { yearly: 3, ..KeepRules::default() }), [0, 326 * 24, 691 * 24], "31 December");
        assert_eq!(kept(&days, &KeepRules { within: Some(2 * DAY), ..KeepRules::default() }), [0, 24, 48]);
    }

    #[test]
    fn rules_add_up_and_each_label_counts_by_itself() {
        let all = [snapshots(&[0, HOUR, 2 * HOUR], "papers"), snapshots(&[HOUR, 2 * HOUR], "photos")].concat();
        let rules = KeepRules { last: 1, hourly: 2, tags: vec!["photos".to_string()], ..KeepRules::default() };
        let kept: Vec<Vec<Kept>> = preview(&all, &rules, NOON).into_iter().map(|verdict| verdict.kept).collect();
        use Kept::{Hourly, Last, Tag};
        assert_eq!(kept, [vec![Last, Hourly], vec![Hourly], vec![], vec![Last, Hourly, Tag], vec![Hourly, Tag]]);
    }

    #[test]
    fn times_far_from_any_calendar_are_no_trouble() {
        let infos = [i64::MAX, 0, i64::MIN].map(|time| SnapshotInfo { time, ..snapshots(&[0], "").remove(0) });
        let rules = KeepRules { monthly: 2, within: Some(i64::MAX), ..KeepRules::default() };
        let kept: Vec<usize> = preview(&infos, &rules, i64::MIN).iter().map(|verdict| verdict.kept.len()).collect();
        assert_eq!(kept, [2, 2, 1]);
    }
}
