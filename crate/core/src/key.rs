//! The key ring and what is derived from it (FORMAT.md §3).

use alloc::{boxed::Box, string::String, vec, vec::Vec};
use core::{fmt, str::FromStr};

use rand_core::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    bytes::{Reader, Write},
    error::{Code, Error},
    fixed,
    id::{Id, read_hex, write_hex},
    limits::EPOCHS_MAX,
    pack::BlobKind,
    seal::{Header, Kind, Seal},
};

extern crate alloc;

/// What every context string of `derive` begins with.
const CONTEXT: &str = "strongroom 2026-11-21 ";
const RING_VERSION: u8 = 1;
/// Length of an epoch in a ring: its number and its key, bytes.
const EPOCH: usize = 4 + 32;
/// log₂ of the average chunk, by default (256 KiB).
pub const CHUNK_LOG2: u8 = 18;

/// A vault's id: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct VaultId(#[serde(with = "fixed")] pub [u8; 16]);

impl VaultId {
    /// A new one.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(draw(rng))
    }
}

impl fmt::Debug for VaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VaultId({self})")
    }
}

/// 32 lower-case hex digits.
impl fmt::Display for VaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

/// Only what [`fmt::Display`] writes.
impl FromStr for VaultId {
    type Err = Code;

    fn from_str(text: &str) -> Result<Self, Code> {
        read_hex(text).map(Self)
    }
}

/// `N` secret bytes: never shown, wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    pub fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The bytes themselves; where this is called, a secret is used.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret<{N}>(…)")
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Secrets cross to lanes, inside `Job::Setup`, and nowhere else.
impl<const N: usize> Serialize for Secret<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fixed::serialize(&self.0, serializer)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Secret<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fixed::deserialize(deserializer).map(Self)
    }
}

/// Everything a slot opens: all keys of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    pub vault: VaultId,
    /// log₂ of the average chunk in bytes, 16 to 20.
    pub chunk_log2: u8,
    id_secret: Secret<32>,
    /// By number, ascending, never empty.
    epochs: Vec<(u32, Secret<32>)>,
}

impl Ring {
    /// Keys for a new vault: epoch 1 only. `chunk_log2` is 16 to 20.
    pub fn generate(chunk_log2: u8, rng: &mut impl CryptoRng) -> Self {
        debug_assert!((16..=20).contains(&chunk_log2));
        let vault = VaultId::generate(rng);
        let id_secret = Secret(draw(rng));
        let epochs = vec![(1, Secret(draw(rng)))];
        Self { vault, chunk_log2, id_secret, epochs }
    }

    /// The body of a slot.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(52 + 36 * self.epochs.len()));
        out.put_u8(RING_VERSION);
        out.put(&self.vault.0);
        out.put_u8(self.chunk_log2);
        out.put(self.id_secret.expose());
        out.put_u16(u16::try_from(self.epochs.len()).expect("at most 1,024 epochs"));
        for (number, key) in &self.epochs {
            out.put_u32(*number);
            out.put(key.expose());
        }
        out
    }

    /// Reads the body of a slot of that vault (FORMAT.md §3).
    ///
    /// # Errors
    /// `Damaged` when it is not one, or another vault's; `Unsupported` for another version or chunk size.
    pub fn decode(body: &[u8], vault: VaultId) -> Result<Self, Error> {
        Self::parse(body, vault).map_err(|code| Error::new(code, "The keys in the key slot are not of this version, or not this vault's. Open it with a newer Strongroom, or with the other key slot."))
    }

    fn parse(body: &[u8], vault: VaultId) -> Result<Self, Code> {
        let mut reader = Reader::new(body);
        if reader.u8()? != RING_VERSION {
            return Err(Code::Unsupported);
        }
        if reader.array()? != vault.0 {
            return Err(Code::Damaged);
        }
        let chunk_log2 = reader.u8()?;
        if !(16..=20).contains(&chunk_log2) {
            return Err(Code::Unsupported);
        }
        let id_secret = Secret(reader.array()?);
        let count = usize::from(reader.u16()?);
        if !(1..=EPOCHS_MAX).contains(&count) {
            return Err(Code::Unsupported);
        }
        if reader.remaining() != EPOCH * count {
            return Err(Code::Damaged);
        }
        let mut epochs = Vec::with_capacity(count);
        let mut last = 0;
        for _ in 0..count {
            let number = reader.u32()?;
            if number <= last {
                return Err(Code::Damaged);
            }
            last = number;
            epochs.push((number, Secret(reader.array()?)));
        }
        reader.end()?;
        Ok(Self { vault, chunk_log2, id_secret, epochs })
    }

    /// The epoch under which new objects are sealed.
    pub fn newest(&self) -> u32 {
        self.epochs.last().expect("a ring has an epoch").0
    }

    /// The key of one kind of object in one epoch; `None` for an epoch that is not in the ring, and for slots.
    pub fn subkey(&self, kind: Kind, epoch: u32) -> Option<Secret<32>> {
        let purpose = match kind {
            Kind::Pack => "pack key",
            Kind::Index => "index key",
            Kind::Snapshot => "snapshot key",
            Kind::Local => "local key",
            Kind::Slot => return None,
        };
        let (_, key) = self.epochs.iter().find(|(number, _)| *number == epoch)?;
        Some(Secret(derive(purpose, &[key.expose(), &self.vault.0])))
    }

    /// What seals new objects of that kind: not a slot.
    pub fn sealer(&self, kind: Kind) -> Seal {
        let epoch = self.newest();
        Seal::new(self.subkey(kind, epoch).expect("the newest epoch is in the ring, and the kind is not a slot"), kind, epoch, self.vault)
    }

    /// What opens an object with this header.
    ///
    /// # Errors
    /// `Damaged` when the header is none, of another kind, or its epoch is not in the ring; `Unsupported` for another suite.
    pub fn seal_of(&self, kind: Kind, header: &Header) -> Result<Seal, Code> {
        let epoch = header.epoch(kind)?;
        let subkey = self.subkey(kind, epoch).ok_or(Code::Damaged)?;
        Ok(Seal::new(subkey, kind, epoch, self.vault))
    }

    /// A small object of that kind around this body, under the newest epoch (FORMAT.md §5). Fails when it cannot fit.
    ///
    /// # Errors
    /// `Unsupported` when the body is longer than an object can carry.
    pub fn seal_small(&self, kind: Kind, body: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, Error> {
        self.sealer(kind).seal_small(body, draw(rng), 0)
    }

    /// The body of a small object of that kind.
    ///
    /// # Errors
    /// `Damaged` when any byte is not what was sealed; `Unsupported` for another suite.
    pub fn open_small(&self, kind: Kind, object: &[u8]) -> Result<Vec<u8>, Error> {
        let header = Header::of(object).map_err(Error::of_object)?;
        self.seal_of(kind, &header).map_err(Error::of_object)?.open_small(object, 0)
    }

    /// The id of a data chunk.
    pub fn chunk_id(&self, plain: &[u8]) -> Id {
        keyed(&self.id_key("chunk id"), plain)
    }

    /// The id of a tree blob.
    pub fn tree_id(&self, plain: &[u8]) -> Id {
        keyed(&self.id_key("tree id"), plain)
    }

    /// The key that says where a folder is cut (FORMAT.md §9).
    pub fn folder_cut_key(&self) -> Secret<32> {
        self.id_key("folder cut")
    }

    /// What the lanes need.
    pub fn lane_keys(&self) -> LaneKeys {
        let mut gear = [0; 2048];
        derive_into("gear table", &[self.id_secret.expose(), &self.vault.0], &mut gear);
        let keys = LaneKeys {
            vault: self.vault,
            chunk_log2: self.chunk_log2,
            packs: self.epochs.iter().filter_map(|(epoch, _)| Some((*epoch, self.subkey(Kind::Pack, *epoch)?))).collect(),
            chunk_id: self.id_key("chunk id"),
            tree_id: self.id_key("tree id"),
            gear: Box::new(Secret(gear)),
        };
        gear.zeroize();
        keys
    }

    fn id_key(&self, purpose: &str) -> Secret<32> {
        Secret(derive(purpose, &[self.id_secret.expose(), &self.vault.0]))
    }
}

/// The keys a lane works with: packs, ids and cut points, and no way to snapshots or slots.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct LaneKeys {
    pub(crate) vault: VaultId,
    pub(crate) chunk_log2: u8,
    /// By epoch, ascending.
    pub(crate) packs: Vec<(u32, Secret<32>)>,
    pub(crate) chunk_id: Secret<32>,
    pub(crate) tree_id: Secret<32>,
    /// 256 × u64.
    pub(crate) gear: Box<Secret<2048>>,
}

impl LaneKeys {
    /// What seals new packs.
    pub(crate) fn sealer(&self) -> Seal {
        let (epoch, subkey) = self.packs.last().expect("a ring has an epoch");
        Seal::new(subkey.clone(), Kind::Pack, *epoch, self.vault)
    }

    /// What opens the pack with this header; as [`Ring::seal_of`].
    pub(crate) fn seal_of(&self, header: &Header) -> Result<Seal, Code> {
        let epoch = header.epoch(Kind::Pack)?;
        let (_, subkey) = self.packs.iter().find(|(number, _)| *number == epoch).ok_or(Code::Damaged)?;
        Ok(Seal::new(subkey.clone(), Kind::Pack, epoch, self.vault))
    }

    /// The id of a blob.
    pub(crate) fn id(&self, kind: BlobKind, plain: &[u8]) -> Id {
        keyed(if kind == BlobKind::Data { &self.chunk_id } else { &self.tree_id }, plain)
    }
}

/// `derive[purpose](material)`, 32 bytes: BLAKE3 `derive_key` (FORMAT.md §1).
pub fn derive(purpose: &str, material: &[&[u8]]) -> [u8; 32] {
    let mut out = [0; 32];
    derive_into(purpose, material, &mut out);
    out
}

/// `derive[purpose](material)` of any length: BLAKE3 `derive_key`, extended (FORMAT.md §1).
pub fn derive_into(purpose: &str, material: &[&[u8]], out: &mut [u8]) {
    let mut context = String::with_capacity(CONTEXT.len() + purpose.len());
    context.push_str(CONTEXT);
    context.push_str(purpose);
    let mut hasher = blake3::Hasher::new_derive_key(&context);
    for part in material {
        hasher.update(part);
    }
    let mut output = hasher.finalize_xof();
    output.fill(out);
    output.zeroize();
    hasher.zeroize();
}

/// The BLAKE3 keyed hash.
pub(crate) fn keyed(key: &Secret<32>, plain: &[u8]) -> Id {
    Id(*blake3::keyed_hash(key.expose(), plain).as_bytes())
}

/// `N` random bytes.
pub(crate) fn draw<const N: usize>(rng: &mut impl CryptoRng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}
