//! ChaCha20: the key stream, xored into bytes (RFC 8439, section 2.3 and 2.4).

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::words::Words;

/// Length of a block, bytes.
pub const BLOCK: usize = 64;
/// What is made at once: four blocks, word `i` of all four in one vector.
pub const FOUR: usize = 4 * BLOCK;

/// The key stream of one key and one nonce.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Stream {
    /// All sixteen words but the counter, which is 0.
    state: [u32; 16],
}

impl Stream {
    pub fn new(key: &[u8; 32], nonce: &[u8; 12]) -> Self {
        let mut state = [0; 16];
        let constant = b"expand 32-byte k";
        let (words, _) = constant.as_chunks::<4>();
        let (keys, _) = key.as_chunks::<4>();
        let (nonces, _) = nonce.as_chunks::<4>();
        let all = words.iter().chain(keys).chain(&[[0; 4]]).chain(nonces);
        for (word, bytes) in state.iter_mut().zip(all) {
            *word = u32::from_le_bytes(*bytes);
        }
        Self { state }
    }

    /// The four blocks from `counter` on. `beside` is called ten times, with 0 to 9: work that a processor does at the same time, since it
    /// needs no vectors.
    #[inline(always)]
    pub fn four_beside(&self, counter: u32, mut beside: impl FnMut(usize)) -> Four {
        let mut start = self.state.map(Words::all);
        start[12] = Words::new([0, 1, 2, 3]).plus(Words::all(counter));
        let mut words = start;
        for round in 0..10 {
            double_round(&mut words);
            beside(round);
        }
        for (word, start) in words.iter_mut().zip(start) {
            *word = word.plus(start);
        }
        Four(words)
    }

    /// Xors the blocks from `counter` on into bytes. No more than 2^32 blocks come out of one nonce; the caller sees to that.
    #[inline(never)]
    pub fn apply(&self, mut counter: u32, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(FOUR) {
            let mut padded = [0; FOUR];
            padded[..part.len()].copy_from_slice(part);
            self.four_beside(counter, |_| ()).xor_into(&mut padded);
            part.copy_from_slice(&padded[..part.len()]);
            padded.zeroize();
            counter = counter.wrapping_add(4);
        }
    }
}

/// Four blocks of key stream: word `i` of each in vector `i`.
pub struct Four([Words; 16]);

impl Four {
    #[inline(always)]
    pub fn xor_into(self, bytes: &mut [u8; FOUR]) {
        let (sixteenths, _) = bytes.as_chunks_mut::<16>();
        let (groups, _) = self.0.as_chunks::<4>();
        for (column, group) in groups.iter().enumerate() {
            for (block, words) in Words::transposed(*group).into_iter().enumerate() {
                words.xor_into(&mut sixteenths[4 * block + column]);
            }
        }
    }
}

/// Four quarter rounds on the columns of the state, four on its diagonals.
#[inline(always)]
fn double_round(state: &mut [Words; 16]) {
    quarter_round::<0, 4, 8, 12>(state);
    quarter_round::<1, 5, 9, 13>(state);
    quarter_round::<2, 6, 10, 14>(state);
    quarter_round::<3, 7, 11, 15>(state);
    quarter_round::<0, 5, 10, 15>(state);
    quarter_round::<1, 6, 11, 12>(state);
    quarter_round::<2, 7, 8, 13>(state);
    quarter_round::<3, 4, 9, 14>(state);
}

#[inline(always)]
fn quarter_round<const A: usize, const B: usize, const C: usize, const D: usize>(state: &mut [Words; 16]) {
    state[A] = state[A].plus(state[B]);
    state[D] = state[D].xor(state[A]).left::<16>();
    state[C] = state[C].plus(state[D]);
    state[B] = state[B].xor(state[C]).left::<12>();
    state[A] = state[A].plus(state[B]);
    state[D] = state[D].xor(state[A]).left::<8>();
    state[C] = state[C].plus(state[D]);
    state[B] = state[B].xor(state[C]).left::<7>();
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;

    use super::{BLOCK, Stream};

    #[test]
    fn the_stream_is_the_same_wherever_it_is_cut_between_blocks_also_where_the_counter_ends() {
        let stream = Stream::new(&[1; 32], &[2; 12]);
        for start in [0, 1, u32::MAX - 5] {
            let mut whole = vec![0; 20 * BLOCK + 13];
            stream.apply(start, &mut whole);
            for cut in 0..=20 {
                let mut parts = vec![0; whole.len()];
                let (left, right) = parts.split_at_mut(cut * BLOCK);
                stream.apply(start, left);
                stream.apply(start.wrapping_add(cut as u32), right);
                assert_eq!(parts, whole, "cut after {cut} blocks from {start}");
            }
        }
    }

    #[test]
    fn the_block_of_rfc_8439_comes_out() {
        let key = core::array::from_fn(|at| at as u8);
        let mut block = [0; BLOCK];
        Stream::new(&key, &[0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0]).apply(1, &mut block);
        assert_eq!(block[..8], [0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15]);
        assert_eq!(block[60..], [0xa2, 0x50, 0x3c, 0x4e]);
    }
}
