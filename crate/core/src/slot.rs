//! Key slots (FORMAT.md §6).

use alloc::{format, string::ToString, vec::Vec};

use argon2::{Algorithm, Argon2, Params, Version};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::{
    bytes::{Reader, Write},
    error::{Code, Error},
    key::{Ring, Secret, VaultId, derive},
    seal::{Kind, Seal, check_length},
};

extern crate alloc;

/// Length of the clear text in front of the sealed ring, bytes.
pub const PREAMBLE: usize = 128;
const MAGIC: [u8; 4] = *b"SRSL";
const VERSION: u8 = 1;
/// The kind's byte of a passkey.
pub(crate) const PASSKEY: u8 = 3;

/// A slot's id; its name in the storage is these bytes in hex.
pub type SlotId = [u8; 16];

/// Whose secret opens the slot. A vault has one passphrase and one recovery phrase; of passkeys, any number up to the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotKind {
    Passphrase,
    Recovery,
    /// The one whose slot has this id.
    Passkey(SlotId),
}

impl SlotKind {
    /// The kind's byte in a preamble, a slot set and a client identity.
    pub fn byte(self) -> u8 {
        match self {
            Self::Passphrase => 1,
            Self::Recovery => 2,
            Self::Passkey(_) => PASSKEY,
        }
    }

    /// The id of the slot: fixed, but for passkeys.
    pub fn slot_id(self) -> SlotId {
        match self {
            Self::Passkey(id) => id,
            fixed => fixed_id(fixed.byte()),
        }
    }

    /// The name of the slot: 32 lower-case hex digits.
    pub fn slot_name(self) -> alloc::string::String {
        VaultId(self.slot_id()).to_string()
    }

    /// The slot of this kind and id.
    pub(crate) fn of(byte: u8, id: SlotId) -> Result<Self, Code> {
        match byte {
            1 if id == fixed_id(1) => Ok(Self::Passphrase),
            2 if id == fixed_id(2) => Ok(Self::Recovery),
            PASSKEY if id != fixed_id(1) && id != fixed_id(2) => Ok(Self::Passkey(id)),
            1..=3 => Err(Code::Damaged),
            _ => Err(Code::Unsupported),
        }
    }
}

fn fixed_id(byte: u8) -> SlotId {
    let mut id = [0; 16];
    id[15] = byte;
    id
}

/// How a slot's secret becomes its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kdf {
    /// The secret is the 32 bytes of a recovery phrase, or those that a passkey gives.
    None,
    /// The secret is what Argon2id made of a passphrase.
    Argon2id(Argon2id),
    /// The secret is the 64-byte export key of a sign-in (FORMAT.md §14).
    Opaque,
}

/// Cost of Argon2id (RFC 9106), within the floors and ceilings of FORMAT.md §6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Argon2id {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Argon2id {
    /// What a writer uses: 64 MiB, 3 passes, 4 lanes.
    pub const WRITER: Self = Self { memory_kib: 64 << 10, passes: 3, lanes: 4 };

    /// # Errors
    /// `BadParameters` outside 64 MiB to 1 GiB, 3 to 10 passes, 1 to 16 lanes.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, Error> {
        let allowed = (64 << 10..=1 << 20).contains(&memory_kib) && (3..=10).contains(&passes) && (1..=16).contains(&lanes);
        if allowed { Ok(Self { memory_kib, passes, lanes }) } else { Err(refused(memory_kib, passes, lanes)) }
    }

    pub fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    pub fn passes(self) -> u32 {
        self.passes
    }

    pub fn lanes(self) -> u32 {
        self.lanes
    }

    /// `Argon2id(passphrase, salt)`, 32 bytes (RFC 9106, version 0x13). Takes this memory, and a second or so.
    ///
    /// # Errors
    /// `Internal` when the memory cannot be had.
    pub fn stretch(self, passphrase: &[u8], salt: &[u8; 32]) -> Result<Secret<32>, Error> {
        let mut key = Zeroizing::new([0; 32]);
        self.stretch_into(passphrase, salt, &mut *key)?;
        Ok(Secret::new(*key))
    }

    pub(crate) fn stretch_into(self, passphrase: &[u8], salt: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(out.len())).expect("within the floors and ceilings");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(passphrase, salt, out).map_err(|_| {
            let mib = self.memory_kib / 1024;
            Error::new(
                Code::Internal,
                format!("The passphrase could not be stretched: it needs {mib} MiB of memory. Close other programs and try again."),
            )
        })
    }
}

/// Memory in KiB, passes and lanes, as somebody wrote them.
type Costs = (u32, u32, u32);

/// The clear text in front of a slot's seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preamble {
    pub kind: SlotKind,
    pub kdf: Kdf,
    pub slot: SlotId,
    pub vault: VaultId,
    pub salt: [u8; 32],
}

impl Preamble {
    /// Of that slot.
    pub fn new(kind: SlotKind, kdf: Kdf, vault: VaultId, salt: [u8; 32]) -> Self {
        Self { kind, kdf, slot: kind.slot_id(), vault, salt }
    }

    fn encode(&self) -> [u8; PREAMBLE] {
        let (kdf, memory_kib, passes, lanes) = match self.kdf {
            Kdf::None => (0, 0, 0, 0),
            Kdf::Argon2id(Argon2id { memory_kib, passes, lanes }) => (1, memory_kib, passes, lanes),
            Kdf::Opaque => (2, 0, 0, 0),
        };
        let mut out = Vec::with_capacity(PREAMBLE);
        out.put(&MAGIC);
        out.put(&[VERSION, self.kind.byte(), kdf, 0]);
        out.put(&self.slot);
        out.put(&self.vault.0);
        out.put(&self.salt);
        out.put_u32(memory_kib);
        out.put_u32(passes);
        out.put_u32(lanes);
        out.put(&[0; 44]);
        out.try_into().expect("128 bytes")
    }

    /// Reads the front of a slot of that vault, before any work (FORMAT.md §6). Anyone may have written it.
    ///
    /// # Errors
    /// `BadParameters` for Argon2id outside the floors and ceilings; `WrongSecret` for whatever else is amiss, so that a
    /// foreign, swapped or damaged slot looks like any slot that does not open.
    pub fn read(object: &[u8], vault: VaultId) -> Result<Self, Error> {
        let (kind, kdf, salt, costs) = Self::parse(object, vault).map_err(|_| unusable())?;
        let kdf = match (kind, kdf, costs) {
            (SlotKind::Recovery | SlotKind::Passkey(_), 0, (0, 0, 0)) => Kdf::None,
            (SlotKind::Passphrase, 1, (memory_kib, passes, lanes)) => Kdf::Argon2id(Argon2id::new(memory_kib, passes, lanes)?),
            (SlotKind::Passphrase, 2, (0, 0, 0)) => Kdf::Opaque,
            _ => return Err(unusable()),
        };
        Ok(Self::new(kind, kdf, vault, salt))
    }

    /// `(kind, kdf, salt, parameters of Argon2id)`, the last three still unchecked.
    fn parse(object: &[u8], vault: VaultId) -> Result<(SlotKind, u8, [u8; 32], Costs), Code> {
        check_length(object.len() as u64)?;
        let mut reader = Reader::new(object);
        let front: [u8; 4] = reader.array()?;
        let version = reader.u8()?;
        let kind = reader.u8()?;
        let kdf = reader.u8()?;
        let reserved = reader.u8()?;
        let slot: SlotId = reader.array()?;
        let found = VaultId(reader.array()?);
        let salt = reader.array()?;
        let costs = (reader.u32()?, reader.u32()?, reader.u32()?);
        let zeros: [u8; 44] = reader.array()?;
        let right = front == MAGIC && version == VERSION && reserved == 0 && zeros == [0; 44] && found == vault;
        if right { Ok((SlotKind::of(kind, slot)?, kdf, salt, costs)) } else { Err(Code::Damaged) }
    }

    /// The key of the slot: `derive[purpose](secret ‖ V ‖ slot id ‖ salt)` (FORMAT.md §6).
    pub fn slot_key(&self, secret: &[u8]) -> Secret<32> {
        let purpose = match (self.kdf, self.kind) {
            (Kdf::None, SlotKind::Passkey(_)) => "slot key passkey",
            (Kdf::None, _) => "slot key recovery",
            (Kdf::Argon2id(_), _) => "slot key argon2id",
            (Kdf::Opaque, _) => "slot key opaque",
        };
        Secret::new(derive(purpose, &[secret, &self.vault.0, &self.slot, &self.salt]))
    }

    /// The public half of the slot's X25519 key pair, which stands in the slot set (FORMAT.md §6, §10).
    pub fn x25519_public(&self, slot_key: &Secret<32>) -> [u8; 32] {
        let scalar = Zeroizing::new(derive("slot x25519", &[slot_key.expose(), &self.vault.0, &self.slot]));
        PublicKey::from(&StaticSecret::from(*scalar)).to_bytes()
    }

    fn seal(&self, slot_key: Secret<32>) -> Seal {
        let aux = *blake3::hash(&self.encode()).as_bytes();
        Seal::new(slot_key, Kind::Slot, 0, self.vault).with_aux(aux)
    }
}

/// A slot object: the ring, sealed for whoever has this slot key. The salt is the seal's, not the preamble's.
///
/// # Errors
/// `Unsupported` when the ring is longer than an object can carry.
pub fn seal_slot(ring: &Ring, preamble: &Preamble, slot_key: &Secret<32>, salt: [u8; 32]) -> Result<Vec<u8>, Error> {
    let mut object = preamble.encode().to_vec();
    object.put(&preamble.seal(slot_key.clone()).seal_small(&ring.encode(), salt, PREAMBLE)?);
    Ok(object)
}

/// The ring in a slot of that vault. The secret is what the preamble's kdf says (see [`Kdf`]).
///
/// # Errors
/// As [`Preamble::read`], before any work; then `WrongSecret`, whatever it is that does not open.
pub fn open_slot(object: &[u8], vault: VaultId, secret: &[u8]) -> Result<Ring, Error> {
    let preamble = Preamble::read(object, vault)?;
    let wrong = |_| wrong_secret(preamble.kind);
    let sealed = object.get(PREAMBLE..).unwrap_or_default();
    let body = Zeroizing::new(preamble.seal(preamble.slot_key(secret)).open_small(sealed, PREAMBLE).map_err(wrong)?);
    Ring::decode(&body, vault).map_err(wrong)
}

/// The one answer to a secret that does not open.
pub(crate) fn wrong_secret(kind: SlotKind) -> Error {
    let message = match kind {
        SlotKind::Passphrase => "This passphrase does not open the vault. Check it, or use the recovery phrase.",
        SlotKind::Recovery => "This recovery phrase does not open the vault. Check that it belongs to this vault.",
        SlotKind::Passkey(_) => {
            "This passkey does not open the vault: it was removed, or it is another vault's. Use the passphrase or the recovery phrase."
        }
    };
    Error::new(Code::WrongSecret, message)
}

fn unusable() -> Error {
    Error::new(
        Code::WrongSecret,
        "This key slot does not open: it is not this vault's, or not what was written. Open the vault with the other key slot.",
    )
}

fn refused(memory_kib: u32, passes: u32, lanes: u32) -> Error {
    let message = format!(
        "The key slot asks for Argon2id with {memory_kib} KiB, {passes} passes and {lanes} lanes, outside what is safe. Somebody may have changed it: open the vault with the recovery phrase."
    );
    Error::new(Code::BadParameters, message)
}
