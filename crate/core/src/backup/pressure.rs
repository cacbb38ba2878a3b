//! What sets a backup's pace.

use super::{Backup, Phase};
use crate::{
    ask::Millis,
    progress::{Bottleneck, Stage},
};

/// How far back it is looked, milliseconds.
const SPAN: f64 = 4_000.0;

/// Which of both everything has waited for lately.
#[derive(Default)]
pub(super) struct Pressure {
    noted: Option<(Millis, bool)>,
    /// Milliseconds with the storage ahead and behind, fading.
    computer: f64,
    storage: f64,
}

impl Pressure {
    /// Notes what holds for the time from now on.
    pub fn note(&mut self, now: Millis, by_storage: bool) {
        if let Some((since, by_storage)) = self.noted {
            let span = (now - since).max(0) as f64;
            let fade = SPAN / (SPAN + span);
            (self.computer, self.storage) = (self.computer * fade, self.storage * fade);
            *(if by_storage { &mut self.storage } else { &mut self.computer }) += span;
        }
        self.noted = Some((now, by_storage));
    }

    pub fn bottleneck(&self, stage: Stage) -> Option<Bottleneck> {
        match stage {
            Stage::Reading if self.storage > self.computer => Some(Bottleneck::Storage),
            Stage::Reading if self.computer > 0.0 => Some(Bottleneck::Computer),
            Stage::Uploading => Some(Bottleneck::Storage),
            _ => None,
        }
    }
}

impl Backup {
    /// Nothing more is read because the budget is full of what is on its way.
    pub(super) fn is_held_up_by_the_storage(&self) -> bool {
        matches!(self.phase, Phase::Reading) && self.store.uploading_bytes > 0 && !self.has_credit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_waited_for_lately_sets_the_pace() {
        let mut pressure = Pressure::default();
        assert_eq!(pressure.bottleneck(Stage::Reading), None);
        let mut now = 0;
        let mut spend = |pressure: &mut Pressure, milliseconds: Millis, by_storage| {
            for _ in 0..milliseconds / 50 {
                pressure.note(now, by_storage);
                now += 50;
            }
        };
        spend(&mut pressure, 60_000, false);
        assert_eq!(pressure.bottleneck(Stage::Reading), Some(Bottleneck::Computer));
        spend(&mut pressure, 1_000, true);
        assert_eq!(pressure.bottleneck(Stage::Reading), Some(Bottleneck::Computer));
        spend(&mut pressure, 5_000, true);
        assert_eq!(pressure.bottleneck(Stage::Reading), Some(Bottleneck::Storage));
        assert_eq!(pressure.bottleneck(Stage::Planned), None);
        assert_eq!(Pressure::default().bottleneck(Stage::Uploading), Some(Bottleneck::Storage));
    }
}
