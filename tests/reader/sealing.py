"""Writes small vaults for test_reader.py: FORMAT.md the other way round, with a knob for every rule that a reader keeps.

Nothing here is taken from strongroom_reader.py, so that a misreading would have to be made twice.
"""

import hashlib
import struct
import unicodedata
from pathlib import Path

import argon2.low_level
import blake3
import mnemonic
import zstandard
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

VAULT = bytes(range(0x10, 0x20))
EPOCH_KEY, ID_SECRET, ENTROPY = b"\x01" * 32, b"\x02" * 32, bytes(range(32))
PASSPHRASE = "ﬁve grey cats"  # NFKC makes an f and an i of the first sign
PHRASE = mnemonic.Mnemonic("english").to_mnemonic(ENTROPY)
FOLDERS = {1: "pack", 2: "index", 3: "snap", 4: "slot"}
MIB = 1 << 20


def derive(purpose: str, material: bytes, length: int = 32) -> bytes:
    hasher = blake3.blake3(derive_key_context=f"strongroom 2026-11-21 {purpose}")
    return hasher.update(material).digest(length)


SUBKEYS = {kind: derive(f"{name} key", EPOCH_KEY + VAULT) for kind, name in ((1, "pack"), (2, "index"), (3, "snapshot"))}


def seal(subkey: bytes, kind: int, payload: bytes, aux: bytes = bytes(32), epoch: int = 1, vault: bytes = VAULT, header_edit=None) -> bytes:
    """§4. `header_edit` changes the clear header before keys are derived from it."""
    header = bytearray(struct.pack("<4sBBBBI", b"SROM", 1, kind, 16, 0, epoch) + hashlib.sha256(payload).digest())
    if header_edit:
        header_edit(header)
    keys = derive("sealed object", subkey + header[4:7] + header[8:12] + vault + aux + header[12:44], 64)
    cipher, out, number = ChaCha20Poly1305(keys[:32]), bytes(header) + keys[32:], 0
    while True:
        room = 65_536 - 16 - (76 if number == 0 else 0)
        part, payload = payload[:room], payload[room:]
        out += cipher.encrypt(number.to_bytes(11, "big") + (b"\0" if payload else b"\1"), part, None)
        if not payload:
            return out
        number += 1


def room(length: int) -> int:
    """Payload bytes of a sealed object of `length` bytes."""
    return length - 76 - 16 * -(-length // 65_536)


def padded(body: bytes, outside: int = 0, padding: bytes = b"\0", length: int = 0) -> bytes:
    """§5: a small payload, for an object that has `outside` bytes before its header."""
    length = length or next(1 << n for n in range(12, 25) if room((1 << n) - outside) >= 4 + len(body))
    payload = struct.pack("<I", len(body)) + body
    return payload + (padding * room(length - outside))[: room(length - outside) - len(payload)]


def ring(version=1, vault=VAULT, log2=18, epochs=((1, EPOCH_KEY),), tail=b"") -> bytes:
    """§3"""
    listed = b"".join(struct.pack("<I", number) + key for number, key in epochs)
    return struct.pack("<B16sB32sH", version, vault, log2, ID_SECRET, len(epochs)) + listed + tail


def slot(kind: int, body: bytes = b"", kdf: int | None = None, costs=(65_536, 3, 4), edit=None, padding=b"\0", epoch=0) -> tuple[bytes, bytes]:
    """§6: a slot object and its public key. `edit` changes the preamble before anything is derived from it."""
    kdf = {1: 1, 2: 0}[kind] if kdf is None else kdf
    slot_id, salt = bytes(15) + bytes([kind]), b"\x03" * 32
    costs = costs if kdf == 1 else (0, 0, 0)
    preamble = bytearray(struct.pack("<4sBBBB16s16s32sIII44s", b"SRSL", 1, kind, kdf, 0, slot_id, VAULT, salt, *costs, b""))
    if edit:
        edit(preamble)
    if kdf == 1:
        password = unicodedata.normalize("NFKC", PASSPHRASE).encode()
        secret = argon2.low_level.hash_secret_raw(password, salt, 3, 65_536, 4, 32, argon2.low_level.Type.ID, 0x13)
        key = derive("slot key argon2id", secret + VAULT + slot_id + salt)
    else:
        key = derive("slot key recovery", ENTROPY + VAULT + slot_id + salt)
    public = X25519PrivateKey.from_private_bytes(derive("slot x25519", key + VAULT + slot_id)).public_key().public_bytes_raw()
    payload = padded(body or ring(), outside=128, padding=padding)
    return bytes(preamble) + seal(key, 4, payload, blake3.blake3(preamble).digest(), epoch), public


class Builder:
    """A vault in a directory, and blobs waiting for their pack."""

    def __init__(self, root: Path):
        self.root, self.blobs, self.paths = root / VAULT.hex(), [], {}
        for folder in FOLDERS.values():
            (self.root / folder).mkdir(parents=True)

    def write(self, kind: int, data: bytes, name: str = "") -> bytes:
        name = name or hashlib.sha256(data).hexdigest()
        (self.root / FOLDERS[kind] / name).write_bytes(data)
        return bytes.fromhex(name)

    def small(self, kind: int, body: bytes, **knobs) -> bytes:
        return self.write(kind, seal(SUBKEYS[kind], kind, padded(body, **knobs)))

    def slots(self) -> bytes:
        """Both slots and the slot set that begins the graph."""
        listed = b""
        for kind in (1, 2):
            data, public = slot(kind)
            self.write(4, data, f"{kind:032x}")
            listed += struct.pack("<16sB32sqH", bytes(15) + bytes([kind]), kind, public, 1_000, 4) + b"slot"
        return self.small(3, node(2, struct.pack("<HB", 0, 2) + listed))

    def blob(self, kind: int, plain: bytes, codec: int = 0, stored: bytes | None = None, blob_id: bytes = b"", length: int = -1) -> bytes:
        """§7: queues a blob for the next pack."""
        key = derive({1: "chunk id", 2: "tree id"}.get(kind, "tree id"), ID_SECRET + VAULT)
        blob_id = blob_id or blake3.blake3(plain, key=key).digest()
        if stored is None:
            stored = zstandard.ZstdCompressor().compress(plain) if codec == 1 else plain
        entry = struct.pack("<BB32sII", kind, codec, blob_id, len(stored), len(plain) if length < 0 else length)
        self.blobs.append((entry, stored))
        return blob_id

    def pack(self, length: int = MIB, padding: bytes = b"\0", directory_length: int = -1, header_edit=None) -> bytes:
        """Seals the waiting blobs; answers the pack's entry for an index (§8)."""
        directory, stored = b"".join(entry for entry, _ in self.blobs), b"".join(data for _, data in self.blobs)
        end = directory + struct.pack("<I", len(directory) if directory_length < 0 else directory_length)
        filler = (padding * room(length))[: room(length) - len(stored) - len(end)]
        data = seal(SUBKEYS[1], 1, stored + filler + end, header_edit=header_edit)
        name, count = self.write(1, data), len(self.blobs)
        self.blobs = []
        return name + struct.pack("<I", length) + data[:76] + struct.pack("<I", count) + directory

    def index(self, packs: list[bytes], supersedes: list[bytes] = [], version: int = 1, tail: bytes = b"") -> bytes:
        head = struct.pack("<BH", version, len(supersedes)) + b"".join(supersedes) + struct.pack("<I", len(packs))
        return self.small(2, head + b"".join(packs) + tail)

    def snapshot(self, root: bytes, parents: list[bytes], form: int = 1, time: int = 5_000, **knobs) -> bytes:
        return self.small(3, node(1, snapshot_rest(root, form), parents, time), **knobs)


def node(kind: int, rest: bytes, parents: list[bytes] = [], time: int = 1_000, version: int = 1) -> bytes:
    """§10"""
    return struct.pack("<BBqH", version, kind, time, len(parents)) + b"".join(parents) + rest


def snapshot_rest(root: bytes, form: int = 1, label: bytes = b"label") -> bytes:
    return root + struct.pack("<BQQQQBH", form, 1, 0, 1, 0, 0, len(label)) + label + struct.pack("<H", 0)


def file_entry(name: bytes, size: int, content: bytes, mtime: int = 1_500) -> bytes:
    """§9; `content` begins with its form."""
    return b"\1" + struct.pack("<H", len(name)) + name + struct.pack("<qQ", mtime, size) + content


def inline(chunks: list[tuple[bytes, int]]) -> bytes:
    return struct.pack("<BH", 0, len(chunks)) + b"".join(chunk + struct.pack("<I", length) for chunk, length in chunks)


def folder_entry(name: bytes, tree: bytes, form: int = 1, mtime: int = 2_500) -> bytes:
    return b"\2" + struct.pack("<H", len(name)) + name + struct.pack("<qB32sQQ", mtime, form, tree, 0, 0)


def listed(form: int, items: list[bytes], tail: bytes = b"") -> bytes:
    """A tree blob of any form."""
    return struct.pack("<BI", form, len(items)) + b"".join(items) + tail
