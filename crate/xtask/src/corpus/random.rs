//! A seeded source of numbers: the same purpose, the same corpus.

/// xoshiro256++ (Blackman and Vigna, 2019), its state drawn from a purpose's name. Not for secrets.
pub struct Random([u64; 4]);

impl Random {
    pub fn new(purpose: &str) -> Self {
        let hash = blake3::derive_key("strongroom 2026 bench corpus", purpose.as_bytes());
        let mut words = hash.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("chunks of eight")));
        Self(std::array::from_fn(|_| words.next().expect("32 bytes are four words")))
    }

    pub fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// From 0 up to, not including, `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// From `low` up to and including `high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Log-normal: half of the draws are below `median`; `spread` is the deviation of the logarithm.
    pub fn around(&mut self, median: f64, spread: f64) -> f64 {
        let normal: f64 = (0..12).map(|_| self.unit()).sum::<f64>() - 6.0;
        median * (spread * normal).exp()
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// As words are used: an item twice as far back half as often (Zipf's law).
    pub fn pick_often<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let far = (items.len() as f64).powf(self.unit()) - 1.0;
        &items[far as usize]
    }

    /// `count` different numbers below `limit`, in a random order.
    pub fn sample(&mut self, limit: usize, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..limit).collect();
        for at in 0..count.min(limit) {
            let other = self.between(at, limit - 1);
            all.swap(at, other);
        }
        all.truncate(count);
        all
    }

    /// Bytes that no compressor makes smaller.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            part.copy_from_slice(&word[..part.len()]);
        }
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_purpose_gives_the_same_numbers_each_time_and_another_purpose_others() {
        let draw = |purpose| Random::new(purpose).bytes(64);
        assert_eq!(draw("a"), draw("a"));
        assert_ne!(draw("a"), draw("b"));
    }

    #[test]
    fn a_sample_has_no_number_twice() {
        let mut sample = Random::new("sample").sample(100, 60);
        sample.sort_unstable();
        sample.dedup();
        assert_eq!(sample.len(), 60);
        assert!(sample.iter().all(|&number| number < 100));
    }
}
