//! Poly1305 (RFC 8439, section 2.5): `((…((b₁ r + b₂) r + b₃) … ) r mod 2^130 − 5) + s`.
//!
//! Five limbs of 26 bits, each in a word of 64, so that a product and the sum of five of them fit: wasm multiplies no wider.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Length of a block, bytes.
pub const BLOCK: usize = 16;

const LIMB: u64 = (1 << 26) - 1;
/// 2^128, in the last limb: what stands above every whole block.
const ABOVE: u64 = 1 << 24;

#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Authenticator {
    r: [u64; 5],
    /// Five times `r`: what is above 2^130 comes back so.
    wrapped: [u64; 5],
    sum: [u64; 5],
    s: u128,
}

impl Authenticator {
    /// With `r ‖ s`, which authenticates one message only.
    pub fn new(key: &[u8; 32]) -> Self {
        let (halves, _) = key.as_chunks::<16>();
        let [r, s] = [0, 1].map(|half| u128::from_le_bytes(halves[half]));
        let r = limbs(r & 0x0fff_fffc_0fff_fffc_0fff_fffc_0fff_ffff);
        Self { r, wrapped: r.map(|limb| 5 * limb), sum: [0; 5], s }
    }

    /// Takes whole blocks.
    #[inline(always)]
    pub fn blocks(&mut self, blocks: &[[u8; BLOCK]]) {
        for block in blocks {
            self.block(block);
        }
    }

    /// Takes bytes with zeros behind them up to the end of a block.
    pub fn padded(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks();
        self.blocks(blocks);
        if !rest.is_empty() {
            let mut block = [0; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.block(&block);
        }
    }

    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK]) {
        let [mut a, mut b, mut c, mut d, mut e] = limbs(u128::from_le_bytes(*block));
        a += self.sum[0];
        b += self.sum[1];
        c += self.sum[2];
        d += self.sum[3];
        e += self.sum[4] + ABOVE;
        let [r0, r1, r2, r3, r4] = self.r;
        let [_, w1, w2, w3, w4] = self.wrapped;
        let t0 = a * r0 + b * w4 + c * w3 + d * w2 + e * w1;
        let t1 = a * r1 + b * r0 + c * w4 + d * w3 + e * w2 + (t0 >> 26);
        let t2 = a * r2 + b * r1 + c * r0 + d * w4 + e * w3 + (t1 >> 26);
        let t3 = a * r3 + b * r2 + c * r1 + d * r0 + e * w4 + (t2 >> 26);
        let t4 = a * r4 + b * r3 + c * r2 + d * r1 + e * r0 + (t3 >> 26);
        // A bit more than 26 bits stay in the first two: they have room.
        let t0 = (t0 & LIMB) + 5 * (t4 >> 26);
        self.sum = [t0 & LIMB, (t1 & LIMB) + (t0 >> 26), t2 & LIMB, t3 & LIMB, t4 & LIMB];
    }

    /// The tag.
    pub fn tag(self) -> [u8; BLOCK] {
        let mut sum = self.sum;
        // Twice around, every limb has its 26 bits.
        let mut carry = 0;
        for _ in 0..2 {
            for limb in &mut sum {
                *limb += carry;
                carry = *limb >> 26;
                *limb &= LIMB;
            }
            carry *= 5;
        }
        sum[0] += carry;
        // sum + 5 has bit 130 where sum is 2^130 − 5 or more; then the lower bits of it are the residue.
        let mut over = sum;
        carry = 5;
        for limb in &mut over {
            *limb += carry;
            carry = *limb >> 26;
            *limb &= LIMB;
        }
        let chosen = 0u64.wrapping_sub(carry);
        let mut residue = 0u128;
        for at in (0..5).rev() {
            residue = (residue << 26).wrapping_add(u128::from((sum[at] & !chosen) | (over[at] & chosen)));
        }
        residue.wrapping_add(self.s).to_le_bytes()
    }
}

#[inline(always)]
fn limbs(number: u128) -> [u64; 5] {
    let (low, high) = (number as u64, (number >> 64) as u64);
    [low & LIMB, (low >> 26) & LIMB, ((low >> 52) | (high << 12)) & LIMB, (high >> 14) & LIMB, high >> 40]
}

#[cfg(test)]
mod tests {
    extern crate std;

    use poly1305::universal_hash::{KeyInit, UniversalHash};
    use proptest::prelude::*;

    use super::Authenticator;

    fn tag(key: &[u8; 32], bytes: &[u8]) -> [u8; 16] {
        let mut authenticator = Authenticator::new(key);
        authenticator.padded(bytes);
        authenticator.tag()
    }

    fn vetted(key: &[u8; 32], bytes: &[u8]) -> [u8; 16] {
        let mut mac = poly1305::Poly1305::new(key.into());
        mac.update_padded(bytes);
        mac.finalize().into()
    }

    #[test]
    fn sums_at_the_edge_of_the_modulus_are_reduced_as_by_the_vetted_crate() {
        // With r = 1 the sum is that of the blocks: around 2^130 − 5, and its multiples.
        for r in [1, 2, 4, 0xfc] {
            for s in [0, 0xff] {
                let mut key = [s; 32];
                key[..16].fill(0);
                key[0] = r;
                for count in 1..12 {
                    for last in [0x00, 0x01, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff] {
                        let mut bytes = std::vec![0xff; 16 * count];
                        bytes[16 * (count - 1)] = last;
                        assert_eq!(tag(&key, &bytes), vetted(&key, &bytes), "r = {r}, {count} blocks, {last:x} in the last");
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_tag_is_that_of_the_vetted_crate(key: [u8; 32], bytes in prop::collection::vec(prop_oneof![Just(0xff), Just(0), any::<u8>()], 0..600)) {
            prop_assert_eq!(tag(&key, &bytes), vetted(&key, &bytes));
        }
    }
}
