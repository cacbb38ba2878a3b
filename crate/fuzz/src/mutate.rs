//! Good inputs, changed a little: for who has no coverage to be led by. The same every time.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// Endless; a good input first.
pub struct Mutations {
    seeds: Vec<Vec<u8>>,
    rng: ChaCha20Rng,
}

impl Mutations {
    pub fn of(seeds: Vec<Vec<u8>>) -> Self {
        Self { seeds, rng: ChaCha20Rng::seed_from_u64(1) }
    }

    fn below(&mut self, end: usize) -> usize {
        self.rng.next_u32() as usize % end.max(1)
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        match self.below(7) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, self.rng.next_u32() as u8),
            2 => {
                let part = bytes[at..].iter().take(64).copied().collect::<Vec<_>>();
                let to = self.below(bytes.len());
                bytes.splice(to..to, part);
            }
            3 => {
                // A length or a count that lies.
                let number = [0, 1, u32::MAX, 1 << 31, 1 << 23, self.rng.next_u32() % 1_000][self.below(6)];
                bytes.iter_mut().skip(at).zip(number.to_le_bytes()).for_each(|(byte, new)| *byte = new);
            }
            4 => bytes.iter_mut().skip(at).take(8).for_each(|byte| *byte = 0xff),
            _ => {
                let new = 1 << self.below(8);
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= new);
            }
        }
    }
}

impl Iterator for Mutations {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let chosen = self.below(self.seeds.len());
        let mut bytes = self.seeds.get(chosen)?.clone();
        for _ in 0..self.below(4) {
            self.change(&mut bytes);
        }
        Some(bytes)
    }
}
