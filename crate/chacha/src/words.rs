//! Four words of 32 bits that are added, xored and rotated together.

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use array::Words;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use vector::Words;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector {
    use core::arch::wasm32::{
        i8x16, i8x16_swizzle, i32x4_shuffle, u32x4, u32x4_add, u32x4_shl, u32x4_shr, u32x4_splat, v128, v128_or, v128_xor,
    };

    #[derive(Clone, Copy)]
    pub struct Words(v128);

    impl Words {
        #[inline(always)]
        pub fn new([a, b, c, d]: [u32; 4]) -> Self {
            Self(u32x4(a, b, c, d))
        }

        #[inline(always)]
        pub fn all(word: u32) -> Self {
            Self(u32x4_splat(word))
        }

        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            Self(u32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        /// By 16, 12, 8 or 7 bits. Whole bytes are moved, which engines make one instruction of.
        #[inline(always)]
        pub fn left<const BITS: u32>(self) -> Self {
            Self(match BITS {
                16 => i8x16_swizzle(self.0, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)),
                8 => i8x16_swizzle(self.0, i8x16(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14)),
                _ => v128_or(u32x4_shl(self.0, BITS), u32x4_shr(self.0, 32 - BITS)),
            })
        }

        /// Rows for columns.
        #[inline(always)]
        pub fn transposed([a, b, c, d]: [Self; 4]) -> [Self; 4] {
            let (ab, cd) = (i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0), i32x4_shuffle::<0, 4, 1, 5>(c.0, d.0));
            let (ef, gh) = (i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0), i32x4_shuffle::<2, 6, 3, 7>(c.0, d.0));
            [
                Self(i32x4_shuffle::<0, 1, 4, 5>(ab, cd)),
                Self(i32x4_shuffle::<2, 3, 6, 7>(ab, cd)),
                Self(i32x4_shuffle::<0, 1, 4, 5>(ef, gh)),
                Self(i32x4_shuffle::<2, 3, 6, 7>(ef, gh)),
            ]
        }

        /// The bytes become what they are, xored with these words in little-endian order.
        #[inline(always)]
        pub fn xor_into(self, bytes: &mut [u8; 16]) {
            let at = bytes.as_mut_ptr().cast::<v128>();
            // SAFETY: sixteen bytes that are borrowed alone; wasm loads and stores vectors at any address.
            unsafe { at.write_unaligned(v128_xor(at.read_unaligned(), self.0)) }
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod array {
    #[derive(Clone, Copy)]
    pub struct Words([u32; 4]);

    impl Words {
        #[inline(always)]
        pub fn new(words: [u32; 4]) -> Self {
            Self(words)
        }

        #[inline(always)]
        pub fn all(word: u32) -> Self {
            Self([word; 4])
        }

        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            Self(core::array::from_fn(|at| self.0[at].wrapping_add(other.0[at])))
        }

        #[inline(always)]
        pub fn xor(self, other: Self) -> Self {
            Self(core::array::from_fn(|at| self.0[at] ^ other.0[at]))
        }

        #[inline(always)]
        pub fn left<const BITS: u32>(self) -> Self {
            Self(self.0.map(|word| word.rotate_left(BITS)))
        }

        /// Rows for columns.
        #[inline(always)]
        pub fn transposed(rows: [Self; 4]) -> [Self; 4] {
            core::array::from_fn(|column| Self(core::array::from_fn(|row| rows[row].0[column])))
        }

        /// The bytes become what they are, xored with these words in little-endian order.
        #[inline(always)]
        pub fn xor_into(self, bytes: &mut [u8; 16]) {
            for (byte, other) in bytes.iter_mut().zip(self.0.iter().flat_map(|word| word.to_le_bytes())) {
                *byte ^= other;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn as_wasm_it_is_the_vectors_that_are_tested() {
        assert_eq!(cfg!(target_arch = "wasm32"), cfg!(target_feature = "simd128"));
        assert_eq!(core::mem::align_of::<super::Words>(), if cfg!(target_arch = "wasm32") { 16 } else { 4 });
    }
}
