//! Strict little-endian reading and writing (FORMAT.md §1).

use alloc::vec::Vec;

use crate::error::Code;

extern crate alloc;

/// Reads fields off the front of foreign bytes. Whatever is missing or left over is [`Code::Damaged`].
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// `Damaged` when there are fewer.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Code> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Code::Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// `Damaged` when there are fewer.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Code> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Code::Damaged)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// One byte.
    ///
    /// # Errors
    /// `Damaged` at the end of the bytes; so for every integer below.
    pub fn u8(&mut self) -> Result<u8, Code> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    /// `u16`, little-endian. Fails as [`Reader::u8`].
    pub fn u16(&mut self) -> Result<u16, Code> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    /// `u32`, little-endian. Fails as [`Reader::u8`].
    pub fn u32(&mut self) -> Result<u32, Code> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// `u64`, little-endian. Fails as [`Reader::u8`].
    pub fn u64(&mut self) -> Result<u64, Code> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// `i64`, little-endian. Fails as [`Reader::u8`].
    pub fn i64(&mut self) -> Result<i64, Code> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    /// `u16 length ‖ bytes`.
    ///
    /// # Errors
    /// `Damaged` when there are fewer bytes, `Unsupported` when there are more than `max`.
    pub fn bytes16(&mut self, max: usize) -> Result<&'a [u8], Code> {
        let length = usize::from(self.u16()?);
        if length > max {
            return Err(Code::Unsupported);
        }
        self.take(length)
    }

    /// `u32 count` of items of at least `least` bytes each (1 or more).
    ///
    /// # Errors
    /// `Unsupported` beyond `max`; `Damaged` when the rest cannot hold so many: so that nothing is allocated for a lie.
    pub fn count32(&mut self, max: u32, least: usize) -> Result<usize, Code> {
        let count = self.u32()?;
        if count > max {
            return Err(Code::Unsupported);
        }
        let count = usize::try_from(count).map_err(|_| Code::Unsupported)?;
        match count.checked_mul(least) {
            Some(bytes) if bytes <= self.remaining() => Ok(count),
            _ => Err(Code::Damaged),
        }
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// `Damaged` when something is.
    pub fn end(self) -> Result<(), Code> {
        if self.rest.is_empty() { Ok(()) } else { Err(Code::Damaged) }
    }
}

/// Appends fields to a `Vec<u8>`.
pub trait Write {
    fn put(&mut self, bytes: &[u8]);

    fn put_u8(&mut self, value: u8) {
        self.put(&[value]);
    }

    fn put_u16(&mut self, value: u16) {
        self.put(&value.to_le_bytes());
    }

    fn put_u32(&mut self, value: u32) {
        self.put(&value.to_le_bytes());
    }

    fn put_u64(&mut self, value: u64) {
        self.put(&value.to_le_bytes());
    }

    fn put_i64(&mut self, value: i64) {
        self.put(&value.to_le_bytes());
    }

    /// `u16 length ‖ bytes`. The caller has bounded the length.
    fn put_bytes16(&mut self, bytes: &[u8]) {
        self.put_u16(u16::try_from(bytes.len()).expect("bounded by the caller to 65,535 bytes"));
        self.put(bytes);
    }
}

impl Write for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_and_nothing_is_left() {
        let mut out = Vec::new();
        out.put_u8(1);
        out.put_u16(2);
        out.put_u32(3);
        out.put_u64(4);
        out.put_i64(-5);
        out.put_bytes16(b"six");
        let mut reader = Reader::new(&out);
        assert_eq!((reader.u8(), reader.u16(), reader.u32(), reader.u64(), reader.i64()), (Ok(1), Ok(2), Ok(3), Ok(4), Ok(-5)));
        assert_eq!(reader.bytes16(3), Ok(&b"six"[..]));
        assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn missing_and_left_over_bytes_are_damage() {
        assert_eq!(Reader::new(&[1, 2, 3]).u32(), Err(Code::Damaged));
        assert_eq!(Reader::new(&[1]).end(), Err(Code::Damaged));
        assert_eq!(Reader::new(&[2, 0, 1]).bytes16(9), Err(Code::Damaged));
    }

    #[test]
    fn a_count_that_the_rest_cannot_hold_is_refused_before_anything_is_allocated() {
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0]).count32(u32::MAX, 64), Err(Code::Damaged));
        assert_eq!(Reader::new(&[9, 0, 0, 0]).count32(8, 1), Err(Code::Unsupported));
    }
}
