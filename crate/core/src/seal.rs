//! The sealed object, the one construction for everything stored (FORMAT.md §4, §5).

use alloc::{vec, vec::Vec};
use core::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strongroom_cipher::Cipher;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::{
    bytes::{Reader, Write},
    error::{Code, Error},
    fixed,
    key::{Secret, VaultId, derive_into},
    limits::{OBJECT_MAX, OBJECT_MIN},
};

extern crate alloc;

/// Length of a header, bytes.
pub const HEADER: usize = 76;
/// Length of a sealed segment, bytes of the object.
pub const SEGMENT: u64 = 1 << SEGMENT_LOG2;
/// Length of a full pack, bytes.
pub const PACK_LENGTH: u32 = OBJECT_MAX;
/// A reader of ranges fetches multiples of this, aligned, bytes of the object (FORMAT.md §7).
pub const EXTENT: u64 = 1 << 20;

const MAGIC: [u8; 4] = *b"SROM";
const SUITE: u8 = 1;
const SEGMENT_LOG2: u8 = 16;
const TAG: usize = 16;
/// Payload of segment 0, bytes.
const FIRST: u64 = SEGMENT - HEADER as u64 - TAG as u64;
/// Payload of any other full segment, bytes.
const OTHER: u64 = SEGMENT - TAG as u64;

/// What an object is. The number stands in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[repr(u8)]
pub enum Kind {
    Pack = 1,
    Index = 2,
    Snapshot = 3,
    Slot = 4,
    /// Never in a storage.
    Local = 5,
}

impl Kind {
    /// The path segment (FORMAT.md §2).
    pub fn folder(self) -> &'static str {
        match self {
            Self::Pack => "pack",
            Self::Index => "index",
            Self::Snapshot => "snap",
            Self::Slot => "slot",
            Self::Local => "local",
        }
    }
}

/// The first 76 bytes of a sealed object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header(pub [u8; HEADER]);

impl Header {
    /// The header at the front of an object.
    ///
    /// # Errors
    /// `Damaged` when the object is shorter than a header.
    pub fn of(object: &[u8]) -> Result<Self, Code> {
        object.first_chunk().copied().map(Self).ok_or(Code::Damaged)
    }

    fn new(kind: Kind, epoch: u32, salt: &[u8; 32], commitment: &[u8; 32]) -> Self {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.put(&MAGIC);
        bytes.put(&[SUITE, kind as u8, SEGMENT_LOG2, 0]);
        bytes.put_u32(epoch);
        bytes.put(salt);
        bytes.put(commitment);
        Self(bytes.try_into().expect("4 + 4 + 4 + 32 + 32 bytes"))
    }

    /// The epoch of an object that must be of this kind.
    ///
    /// # Errors
    /// `Damaged` when it is of another kind or no header at all; `Unsupported` for another suite or segment size.
    pub fn epoch(&self, kind: Kind) -> Result<u32, Code> {
        Ok(self.parse(kind)?.0)
    }

    /// `(epoch, salt, commitment)`.
    fn parse(&self, kind: Kind) -> Result<(u32, [u8; 32], [u8; 32]), Code> {
        let mut reader = Reader::new(&self.0);
        if reader.array()? != MAGIC {
            return Err(Code::Damaged);
        }
        if reader.u8()? != SUITE {
            return Err(Code::Unsupported);
        }
        if reader.u8()? != kind as u8 {
            return Err(Code::Damaged);
        }
        if reader.u8()? != SEGMENT_LOG2 || reader.u8()? != 0 {
            return Err(Code::Unsupported);
        }
        Ok((reader.u32()?, reader.array()?, reader.array()?))
    }
}

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fixed::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fixed::deserialize(deserializer).map(Self)
    }
}

/// `seal[subkey, kind, epoch, V, aux]`: what seals and opens the objects of one kind and epoch in one vault.
#[derive(Clone, Debug)]
pub struct Seal {
    subkey: Secret<32>,
    kind: Kind,
    epoch: u32,
    vault: VaultId,
    aux: [u8; 32],
}

impl Seal {
    /// With `aux` zero.
    pub fn new(subkey: Secret<32>, kind: Kind, epoch: u32, vault: VaultId) -> Self {
        Self { subkey, kind, epoch, vault, aux: [0; 32] }
    }

    /// With `aux` the hash of a slot's preamble (FORMAT.md §6).
    pub fn with_aux(self, aux: [u8; 32]) -> Self {
        Self { aux, ..self }
    }

    /// `seal[…](payload)` (FORMAT.md §4). The payload has at least one byte, the salt was never used before.
    pub fn seal(&self, payload: &[u8], salt: [u8; 32]) -> Vec<u8> {
        let mut object = Vec::with_capacity(object_length(payload.len()));
        object.resize(HEADER, 0);
        object.put(payload);
        self.seal_in_place(object, salt)
    }

    /// The same where the payload lies: `object` is room for the header, then the payload.
    pub fn seal_in_place(&self, mut object: Vec<u8>, salt: [u8; 32]) -> Vec<u8> {
        let (cipher, commitment) = self.keys(&salt);
        let end = object.len();
        let length = object_length(end - HEADER);
        object.reserve_exact(length - end);
        object.resize(length, 0);
        let last = (length as u64 - 1) / SEGMENT;
        // From the last to the first: each moves back by the tags of those before it.
        for index in (0..=last).rev() {
            let from = HEADER + to_usize(payload_start(index));
            let text = from..end.min(HEADER + to_usize(payload_start(index + 1)));
            let start = if index == 0 { HEADER } else { to_usize(index * SEGMENT) };
            let middle = start + text.len();
            object.copy_within(text, start);
            let (sealed, after) = object.split_at_mut(middle);
            let (_, in_place) = sealed.split_at_mut(start);
            let tag = cipher.seal(&nonce(index, index == last), in_place);
            let (room, _) = after.split_first_chunk_mut().expect("every segment has room for its tag");
            *room = tag;
        }
        let (front, _) = object.split_first_chunk_mut().expect("room for the header");
        *front = Header::new(self.kind, self.epoch, &salt, &commitment).0;
        object
    }

    /// `seal[…](u32 body length ‖ body ‖ zeros)`, of the least allowed length, `outside` bytes of clear text in front of the
    /// object counted (FORMAT.md §5).
    ///
    /// # Errors
    /// `Unsupported` when the body is longer than an object can carry.
    pub fn seal_small(&self, body: &[u8], salt: [u8; 32], outside: usize) -> Result<Vec<u8>, Error> {
        let too_long = || Error::new(Code::Unsupported, "A record of the vault grew beyond 16 MiB. Please report this.");
        let capacity = (OBJECT_MIN.ilog2()..=OBJECT_MAX.ilog2())
            .filter_map(|log2| payload_capacity((1u64 << log2) - outside as u64))
            .find(|capacity| *capacity >= 4 + body.len() as u64)
            .ok_or_else(too_long)?;
        let mut object = Vec::with_capacity(object_length(to_usize(capacity)));
        object.resize(HEADER, 0);
        object.put_u32(u32::try_from(body.len()).map_err(|_| too_long())?);
        object.put(body);
        object.resize(HEADER + to_usize(capacity), 0);
        Ok(self.seal_in_place(object, salt))
    }

    /// The payload of a whole object (FORMAT.md §4).
    ///
    /// # Errors
    /// `Damaged` when any byte is not what was sealed with this key for this kind, epoch, vault and aux; `Unsupported` for
    /// another suite.
    pub fn open(&self, object: &[u8]) -> Result<Vec<u8>, Code> {
        let opener = self.opener(&Header::of(object)?, object.len() as u64)?;
        Ok(opener.open_range(0, object)?.1)
    }

    /// The body of a small object, which `outside` bytes of clear text preceded (FORMAT.md §5).
    ///
    /// # Errors
    /// As [`Seal::open`]; `Damaged` also for a length that is not allowed and for padding that is not zero.
    pub fn open_small(&self, object: &[u8], outside: usize) -> Result<Vec<u8>, Error> {
        self.body(object, outside).map_err(Error::of_object)
    }

    fn body(&self, object: &[u8], outside: usize) -> Result<Vec<u8>, Code> {
        check_length(object.len() as u64 + outside as u64)?;
        let mut payload = self.open(object)?;
        let length = Reader::new(&payload).u32()? as usize;
        let (body, padding) = payload.get(4..).and_then(|rest| rest.split_at_checked(length)).ok_or(Code::Damaged)?;
        if body.len() + padding.len() + 4 != payload.len() || padding.iter().any(|byte| *byte != 0) {
            return Err(Code::Damaged);
        }
        payload.copy_within(4..4 + length, 0);
        payload.truncate(length);
        Ok(payload)
    }

    /// What opens ranges of the object with this header, `length` bytes long.
    ///
    /// # Errors
    /// `Damaged` when the header or length are none of an object sealed by this; `Unsupported` for another suite.
    pub fn opener(&self, header: &Header, length: u64) -> Result<Opener, Code> {
        let (epoch, salt, commitment) = header.parse(self.kind)?;
        if epoch != self.epoch || payload_capacity(length).is_none() || length > u64::from(OBJECT_MAX) {
            return Err(Code::Damaged);
        }
        let (cipher, expected) = self.keys(&salt);
        if !bool::from(expected.ct_eq(&commitment)) {
            return Err(Code::Damaged);
        }
        Ok(Opener { cipher, length })
    }

    /// Cipher and commitment for one salt.
    fn keys(&self, salt: &[u8; 32]) -> (Cipher, [u8; 32]) {
        let mut out = [0; 64];
        let parameters = [SUITE, self.kind as u8, SEGMENT_LOG2];
        derive_into(
            "sealed object",
            &[self.subkey.expose(), &parameters, &self.epoch.to_le_bytes(), &self.vault.0, &self.aux, salt],
            &mut out,
        );
        let (key, commitment) = out.split_at(32);
        let cipher = Cipher::new(key.try_into().expect("a key of 32 bytes"));
        let commitment = commitment.try_into().expect("64 − 32 bytes");
        out.zeroize();
        (cipher, commitment)
    }
}

/// Opens ranges of one object.
pub struct Opener {
    cipher: Cipher,
    /// Of the object, bytes.
    length: u64,
}

/// The payload of a range of an object, in which some segments may be damaged.
#[derive(Debug)]
pub struct Span {
    /// Where in the payload it begins.
    pub start: u64,
    /// Zeros where a segment is damaged.
    pub bytes: Vec<u8>,
    /// The damaged parts, as offsets into the payload, ascending.
    pub damaged: Vec<Range<u64>>,
}

impl Span {
    /// Those bytes of the payload.
    ///
    /// # Errors
    /// `Damaged` when they are not wholly inside, or a damaged segment touches them.
    pub fn get(&self, payload: Range<u64>) -> Result<&[u8], Code> {
        if self.damaged.iter().any(|bad| bad.start < payload.end && payload.start < bad.end) {
            return Err(Code::Damaged);
        }
        let from = payload.start.checked_sub(self.start).ok_or(Code::Damaged)?;
        let to = payload.end.checked_sub(self.start).ok_or(Code::Damaged)?;
        let (from, to) = (usize::try_from(from), usize::try_from(to));
        let (Ok(from), Ok(to)) = (from, to) else { return Err(Code::Damaged) };
        self.bytes.get(from..to).ok_or(Code::Damaged)
    }
}

impl Opener {
    /// `(where in the payload it begins, payload)` of a range of the object that begins at a segment and ends at one or with
    /// the object.
    ///
    /// # Errors
    /// `Damaged` when any segment is not what was sealed, or the range does not lie so.
    pub fn open_range(&self, offset: u64, bytes: &[u8]) -> Result<(u64, Vec<u8>), Code> {
        let span = self.open_span(offset, bytes.to_vec())?;
        if span.damaged.is_empty() { Ok((span.start, span.bytes)) } else { Err(Code::Damaged) }
    }

    /// The same in place and segment for segment, so that a damaged one spoils only itself.
    ///
    /// # Errors
    /// `Damaged` when the range does not lie so.
    pub fn open_span(&self, offset: u64, bytes: Vec<u8>) -> Result<Span, Code> {
        let end = offset.checked_add(bytes.len() as u64).ok_or(Code::Damaged)?;
        let aligned = offset.is_multiple_of(SEGMENT) && (end.is_multiple_of(SEGMENT) || end == self.length);
        if !aligned || end > self.length || bytes.is_empty() {
            return Err(Code::Damaged);
        }
        let first = offset / SEGMENT;
        let last = (self.length - 1) / SEGMENT;
        let mut span = Span { start: payload_start(first), bytes, damaged: vec![] };
        // Each segment moves forward over the tags before it and is opened where it then lies: no second buffer.
        let (mut index, mut at, mut length) = (first, 0, 0);
        while at < span.bytes.len() {
            let end = span.bytes.len().min(at + to_usize(SEGMENT));
            let ciphertext = if index == 0 { at + HEADER } else { at }..end.saturating_sub(TAG);
            let tag = *span.bytes.get(ciphertext.end..end).and_then(<[u8]>::first_chunk::<TAG>).ok_or(Code::Damaged)?;
            let payload = length..length + ciphertext.end.checked_sub(ciphertext.start).ok_or(Code::Damaged)?;
            span.bytes.copy_within(ciphertext, length);
            let in_place = span.bytes.get_mut(payload.clone()).ok_or(Code::Damaged)?;
            if !self.cipher.open(&nonce(index, index == last), in_place, &tag) {
                in_place.fill(0);
                span.damaged.push(span.start + payload.start as u64..span.start + payload.end as u64);
            }
            (index, at, length) = (index + 1, end, payload.end);
        }
        span.bytes.truncate(length);
        Ok(span)
    }
}

/// How many bytes of payload an object of this length carries; `None` when no object has it (FORMAT.md §4).
pub fn payload_capacity(object_length: u64) -> Option<u64> {
    let segments = object_length.div_ceil(SEGMENT);
    let overhead = HEADER as u64 + TAG as u64 * segments;
    let last = object_length.checked_sub(segments.checked_sub(1)? * SEGMENT)?;
    let least = TAG as u64 + 1 + if segments == 1 { HEADER as u64 } else { 0 };
    (last >= least).then(|| object_length - overhead)
}

/// Which bytes of a pack to fetch for `[start, end)` of its payload: whole extents of 1 MiB (FORMAT.md §7).
pub fn object_range_for(start: u64, end: u64, pack_length: u64) -> Range<u64> {
    let first = segment_of(start) * SEGMENT;
    let after = (segment_of(end.max(start + 1) - 1) + 1) * SEGMENT;
    let from = first / EXTENT * EXTENT;
    from..(after.div_ceil(EXTENT) * EXTENT).min(pack_length)
}

/// Every object is a power of two long, from 4 KiB to 16 MiB (FORMAT.md §5).
///
/// # Errors
/// `Damaged` when it is not.
pub fn check_length(object_length: u64) -> Result<(), Code> {
    let allowed = u64::from(OBJECT_MIN)..=u64::from(OBJECT_MAX);
    if allowed.contains(&object_length) && object_length.is_power_of_two() { Ok(()) } else { Err(Code::Damaged) }
}

/// Length of the object around a payload of at least one byte.
fn object_length(payload: usize) -> usize {
    let others = (payload as u64).saturating_sub(FIRST).div_ceil(OTHER);
    payload + HEADER + TAG * (1 + to_usize(others))
}

/// Where in the payload a segment begins.
fn payload_start(segment: u64) -> u64 {
    if segment == 0 { 0 } else { FIRST + (segment - 1) * OTHER }
}

/// The segment that carries this byte of the payload.
fn segment_of(payload: u64) -> u64 {
    if payload < FIRST { 0 } else { 1 + (payload - FIRST) / OTHER }
}

/// `i as 11 bytes big-endian ‖ f`.
fn nonce(index: u64, last: bool) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[3..11].copy_from_slice(&index.to_be_bytes());
    bytes[11] = last.into();
    bytes
}

/// Lengths inside one object fit in 32 bits.
fn to_usize(length: u64) -> usize {
    usize::try_from(length).expect("a length inside one object, at most 16 MiB")
}
