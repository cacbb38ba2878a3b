//! What the lanes spent their time on, so that progress says which sets the pace on this side.

use serde::{Deserialize, Serialize};
use strongroom_core::{Bottleneck, Millis, Progress};

/// After so many milliseconds of all lanes together, what was before counts for half.
const SPAN: u32 = 8_000;

/// What a lane's time went to: milliseconds.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub struct Spent {
    /// It had nothing to do but wait for the bytes of files.
    reading: u32,
    working: u32,
}

impl Spent {
    /// A clock may have been set back meanwhile.
    pub fn new(reading: Millis, working: Millis) -> Self {
        let [reading, working] = [reading, working].map(|time| time.clamp(0, SPAN.into()) as u32);
        Self { reading, working }
    }

    /// Adds what came later.
    pub fn add(&mut self, later: Self) {
        self.reading += later.reading;
        self.working += later.working;
        while self.reading + self.working > SPAN {
            self.reading /= 2;
            self.working /= 2;
        }
    }

    /// The machine cannot tell reading from working.
    pub fn tell_apart(self, progress: &mut Progress) {
        if progress.bottleneck == Some(Bottleneck::Computer) && self.reading > self.working {
            progress.bottleneck = Some(Bottleneck::Files);
        }
    }
}

#[cfg(test)]
mod tests {
    use strongroom_core::{Bottleneck, Progress};

    use super::Spent;

    fn told(spent: Spent, bottleneck: Option<Bottleneck>) -> Option<Bottleneck> {
        let mut progress = Progress { bottleneck, ..Progress::default() };
        spent.tell_apart(&mut progress);
        progress.bottleneck
    }

    #[test]
    fn files_set_the_pace_when_lanes_waited_longer_for_them_than_they_worked_lately() {
        let mut spent = Spent::default();
        assert_eq!(told(spent, Some(Bottleneck::Computer)), Some(Bottleneck::Computer));
        (0..10_000).for_each(|_| spent.add(Spent::new(5, 20)));
        assert_eq!(told(spent, Some(Bottleneck::Computer)), Some(Bottleneck::Computer));
        (0..1_000).for_each(|_| spent.add(Spent::new(20, 5)));
        assert_eq!(told(spent, Some(Bottleneck::Computer)), Some(Bottleneck::Files));
        assert_eq!(told(spent, Some(Bottleneck::Storage)), Some(Bottleneck::Storage), "the storage holds everything up, reading too");
        assert_eq!(told(spent, None), None);
    }

    #[test]
    fn a_clock_that_is_set_does_not_outweigh_what_was_spent() {
        let mut spent = Spent::new(-3_600_000, 100);
        spent.add(Spent::new(0, 100));
        assert_eq!(told(spent, Some(Bottleneck::Computer)), Some(Bottleneck::Computer));
        (0..100).for_each(|_| spent.add(Spent::new(3_600_000, i64::MAX)));
        assert_eq!(told(spent, Some(Bottleneck::Computer)), Some(Bottleneck::Computer));
    }
}
