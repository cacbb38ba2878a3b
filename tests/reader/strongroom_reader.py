#!/usr/bin/env python3
"""A second reader of Strongroom vaults, written from FORMAT.md alone; every parser cites its section.

It opens a vault in a directory of objects (`DIR/<vault id>/{pack,index,snap,slot}/<name>`, a bare copy of what a
storage holds), lists snapshots and files, and restores. It never writes into the vault. It shares no code with the
Rust side, so whatever both read is what FORMAT.md says.

Secrets come from files, never from arguments: `--recovery-phrase-file`, `--passphrase-file`, or the same paths in
STRONGROOM_RECOVERY_PHRASE_FILE and STRONGROOM_PASSPHRASE_FILE.

Exit codes: 0 all well; 1 failed; 2 wrong usage; 3 finished, but something is damaged, missing or could not be written
(each named on stderr); 4 the secret does not open this vault.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import hmac
import os
import re
import struct
import sys
import unicodedata
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import argon2.low_level
import mnemonic
import zstandard
from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

KIB, MIB = 1 << 10, 1 << 20
PACK, INDEX, NODE, SLOT = 1, 2, 3, 4  # kinds of sealed objects (§4)
FOLDERS = {PACK: "pack", INDEX: "index", NODE: "snap", SLOT: "slot"}  # §2
SUBKEYS = {PACK: "pack key", INDEX: "index key", NODE: "snapshot key"}  # §3
HEADER, SEGMENT, TAG = 76, 65_536, 16  # §4
FIRST, REST = SEGMENT - HEADER - TAG, SEGMENT - TAG  # payload bytes of segment 0, and of every other
LEAST_OBJECT, LARGEST_OBJECT = 4 * KIB, 16 * MIB  # §5
PREAMBLE, SLOT_IDS = 128, {1: bytes(15) + b"\x01", 2: bytes(15) + b"\x02"}  # §6
(PASSPHRASE, RECOVERY, PASSKEY), (NO_KDF, ARGON2ID, OPAQUE) = (1, 2, 3), (0, 1, 2)
DATA, TREE, DIRECTORY_ENTRY = 1, 2, 42  # §7
FOLDER, FOLDER_INDEX, CONTENT, CONTENT_INDEX, NOT_KNOWN = 1, 2, 3, 4, -(1 << 63)  # §9
SNAPSHOT, SLOT_SET, FORGET, TOMBSTONE = 1, 2, 3, 4  # §10
LARGEST_BLOB, LARGEST_NAME, LARGEST_WINDOW = 8 * MIB, 4_096, 1 << 23  # §13, as the next line
MOST_DEPTH, MOST_ENTRIES, MOST_SLOTS, MOST_PARENTS, MOST_LABEL, MOST_DOOMED = 1_024, 65_536, 16, 1_024, 255, 65_536

class Failure(Exception):
    """The command cannot go on."""

class WrongSecret(Exception):
    """The passphrase or recovery phrase does not open this vault."""

class Damage(Exception):
    """Something is not what was written. `where` names it, as `pack/<sha256>` or a path."""

    def __init__(self, why: str, where: str = ""):
        super().__init__(f"{where}: {why}" if where else why)
        self.why, self.where = why, where

    def at(self, where: str) -> Damage:
        return self if self.where else Damage(self.why, where)

def require(condition: bool, why: str) -> None:
    if not condition:
        raise Damage(why)

# ── Bytes (§1) ──
class Cursor:
    """Reads fields from front to back; never past the end."""

    def __init__(self, data: bytes):
        self.data, self.position = data, 0

    def left(self) -> int:
        return len(self.data) - self.position

    def take(self, length: int) -> bytes:
        require(length <= self.left(), "ends too early")
        self.position += length
        return self.data[self.position - length : self.position]

    def fields(self, form: str) -> tuple:
        """Little-endian fields in the letters of `struct`: B H I Q for u8 u16 u32 u64, q for i64, 32s for 32 bytes."""
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))

    def number(self, form: str) -> int:
        return self.fields(form)[0]

    def bytes16(self) -> bytes:
        return self.take(self.number("H"))

    def text(self) -> str:
        """A label: bytes16 of UTF-8, at most 255 bytes (§10)."""
        data = self.bytes16()
        require(len(data) <= MOST_LABEL, "a label is longer than 255 bytes")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            raise Damage("a label is not UTF-8") from None

    def names(self, count: int) -> list[bytes]:
        """`count` names of 32 bytes, strictly ascending."""
        names = [self.take(32) for _ in range(count)]
        require(ascending(names), "names are not in ascending order")
        return names

    def end(self) -> None:
        require(self.left() == 0, "has trailing bytes")

def ascending(items: list) -> bool:
    return all(a < b for a, b in zip(items, items[1:]))

def derive(purpose: str, material: bytes, length: int = 32) -> bytes:
    """`derive[purpose](material)`, BLAKE3 derive_key (§1)."""
    return blake3(material, derive_key_context="strongroom 2026-11-21 " + purpose).digest(length=length)

# ── Sealed objects (§4, §5) ──
def header_epoch(header: bytes, kind: int) -> int:
    """The epoch of a header that is otherwise as it must be (§4)."""
    require(len(header) == HEADER, "is shorter than a header")
    magic, suite, found, segment, reserved, epoch = Cursor(header).fields("4sBBBBI")
    require(magic == b"SROM" and suite == 1, "does not begin with SROM and suite 1")
    require(found == kind, f"is of kind {found} where kind {kind} belongs")
    require(segment == 16 and reserved == 0, "has an unknown segment size, or a reserved byte that is not zero")
    return epoch

class Sealed:
    """`seal[subkey, kind, epoch, V, aux](payload)` of `length` bytes, opened segment by segment, in any order (§4)."""

    def __init__(self, subkey: bytes, vault: bytes, header: bytes, length: int, data: bytes, aux: bytes = bytes(32)):
        keys = derive("sealed object", subkey + header[4:7] + header[8:12] + vault + aux + header[12:44], 64)
        require(hmac.compare_digest(keys[32:], header[44:76]), "its commitment does not match the key")
        self.cipher, self.length, self.data = ChaCha20Poly1305(keys[:32]), length, data
        self.segments = -(-length // SEGMENT)
        last = length - (self.segments - 1) * SEGMENT - (HEADER if self.segments == 1 else 0)
        require(last > TAG, "its last segment is empty")
        self.opened: dict[int, bytes] = {}

    def segment(self, number: int) -> bytes:
        if number not in self.opened:
            start, end = number * SEGMENT, min((number + 1) * SEGMENT, self.length)
            require(len(self.data) >= end, "is shorter than it must be")
            nonce = number.to_bytes(11, "big") + bytes([number == self.segments - 1])
            try:
                self.opened[number] = self.cipher.decrypt(nonce, self.data[start + (HEADER if number == 0 else 0) : end], None)
            except InvalidTag:
                raise Damage(f"segment {number} is not authentic") from None
        return self.opened[number]

    def payload(self) -> bytes:
        require(len(self.data) == self.length, "is not as long as it must be")
        return b"".join(self.segment(number) for number in range(self.segments))

    def read(self, start: int, length: int) -> bytes:
        """A range of the payload; only the segments it touches are opened."""
        first, last = (0 if at < FIRST else 1 + (at - FIRST) // REST for at in (start, start + length - 1))
        require(last < self.segments, "a blob lies outside its pack")
        begin = start - (FIRST + (first - 1) * REST if first else 0)
        return b"".join(self.segment(number) for number in range(first, last + 1))[begin : begin + length]

def require_object_length(length: int) -> None:  # §5
    fits = LEAST_OBJECT <= length <= LARGEST_OBJECT and length & (length - 1) == 0
    require(fits, f"its length, {length} bytes, is not a power of two from 4 KiB to 16 MiB")

def small_body(payload: bytes) -> bytes:
    """The body of a small payload (§5)."""
    cursor = Cursor(payload)
    body = cursor.take(cursor.number("I"))
    require(not any(payload[cursor.position :]), "its padding is not zero")
    return body

# ── The ring and its slots (§3, §6) ──
@dataclass
class Ring:
    vault: bytes
    log2_chunk: int
    id_secret: bytes = field(repr=False)
    epochs: dict[int, bytes] = field(repr=False)

    def subkey(self, purpose: str, epoch: int) -> bytes:
        require(epoch in self.epochs, f"is sealed under epoch {epoch}, which is not in the ring")
        return derive(purpose, self.epochs[epoch] + self.vault)

    def blob_key(self, blob_type: int) -> bytes:
        return derive("chunk id" if blob_type == DATA else "tree id", self.id_secret + self.vault)

def parse_ring(body: bytes, vault: bytes) -> Ring:
    """§3, the body of a slot."""
    cursor = Cursor(body)
    version, owner, log2_chunk, id_secret, count = cursor.fields("B16sB32sH")
    require(version == 1 and owner == vault, "its ring is of an unknown version, or of another vault")
    require(16 <= log2_chunk <= 20, "its chunk size is outside the allowed range")
    require(1 <= count <= 1_024, "its ring holds no epoch, or too many")
    epochs = [cursor.fields("I32s") for _ in range(count)]
    numbers = [number for number, _ in epochs]
    require(numbers[0] >= 1 and all(a < b for a, b in zip(numbers, numbers[1:])), "its epochs are not in order")
    cursor.end()
    return Ring(vault, log2_chunk, id_secret, dict(epochs))

@dataclass
class Secret:
    kind: int
    text: str = field(repr=False)

Preamble = namedtuple("Preamble", "magic version kind kdf reserved slot vault salt memory_kib passes lanes zeros")

def parse_preamble(data: bytes) -> Preamble:
    """§6; Argon2id parameters outside the range are refused here, before any work."""
    preamble = Preamble._make(Cursor(data).fields("4sBBBB16s16s32sIII44s"))
    require(preamble.magic == b"SRSL" and preamble.version == 1, "does not begin with SRSL and version 1")
    require(preamble.reserved == 0 and not any(preamble.zeros), "has reserved bytes that are not zero")
    pair = (preamble.kind, preamble.kdf)
    require(pair in ((PASSPHRASE, ARGON2ID), (PASSPHRASE, OPAQUE), (RECOVERY, NO_KDF)), "is of an unknown kind and kdf")
    require(preamble.slot == SLOT_IDS[preamble.kind], "has a slot id that does not belong to its kind")
    memory, passes, lanes = costs = preamble.memory_kib, preamble.passes, preamble.lanes
    if preamble.kdf == ARGON2ID:
        allowed = 64 * KIB <= memory <= KIB * KIB and 3 <= passes <= 10 and 1 <= lanes <= 16
        require(allowed, f"asks for Argon2id with {memory} KiB, {passes} passes, {lanes} lanes, outside the allowed range")
    else:
        require(costs == (0, 0, 0), "has Argon2id parameters without Argon2id")
    return preamble

def recovery_entropy(phrase: str) -> bytes:
    """The 32 bytes behind 24 BIP-39 English words."""
    words = unicodedata.normalize("NFKD", phrase).lower().split()
    if len(words) != 24:
        raise WrongSecret(f"A recovery phrase has 24 words; this one has {len(words)}.")
    try:
        return bytes(mnemonic.Mnemonic("english").to_entropy(words))
    except (ValueError, LookupError) as error:
        raise WrongSecret("This is no recovery phrase: a word is not in the list, or the words do not belong together.") from error

def slot_key(preamble: Preamble, secret: Secret) -> bytes:
    """§6, the table of slot keys."""
    if preamble.kdf == OPAQUE:
        raise Failure("This vault's passphrase needs its broker. Use the recovery phrase.")
    if preamble.kdf == ARGON2ID:
        passphrase = unicodedata.normalize("NFKC", secret.text).encode()
        costs = {"time_cost": preamble.passes, "memory_cost": preamble.memory_kib, "parallelism": preamble.lanes}
        argon2id = {"hash_len": 32, "type": argon2.low_level.Type.ID, "version": 0x13}
        purpose, material = "slot key argon2id", argon2.low_level.hash_secret_raw(passphrase, preamble.salt, **costs, **argon2id)
    else:
        purpose, material = "slot key recovery", recovery_entropy(secret.text)
    return derive(purpose, material + preamble.vault + preamble.slot + preamble.salt)

def open_slot(data: bytes, vault: bytes, secret: Secret) -> tuple[Ring, bytes]:
    """The ring of a slot object, and the slot's X25519 public key as the slot set shows it (§6, §10)."""
    require_object_length(len(data))
    preamble = parse_preamble(data[:PREAMBLE])
    require(preamble.vault == vault, "belongs to another vault")
    require(preamble.kind == secret.kind, "is a slot of the other kind")
    sealed = data[PREAMBLE:]
    require(header_epoch(sealed[:HEADER], SLOT) == 0, "has an epoch that is not 0")
    key = slot_key(preamble, secret)
    try:
        seal = Sealed(key, vault, sealed[:HEADER], len(sealed), sealed, blake3(data[:PREAMBLE]).digest())
    except Damage:
        raise WrongSecret("The passphrase or recovery phrase does not open this vault.") from None
    scalar = derive("slot x25519", key + vault + preamble.slot)
    public_key = X25519PrivateKey.from_private_bytes(scalar).public_key().public_bytes_raw()
    return parse_ring(small_body(seal.payload()), vault), public_key

# ── Packs and indexes (§7, §8) ──
Blob = namedtuple("Blob", "type codec id stored plain")  # lengths in bytes
# A pack as an index, or the pack's own directory, describes it.
PackEntry = namedtuple("PackEntry", "name length header blobs")

def parse_blob(cursor: Cursor) -> Blob:
    """One entry of a pack's directory (§7)."""
    blob = Blob._make(cursor.fields("BB32sII"))
    require(blob.type in (DATA, TREE), f"lists a blob of unknown type {blob.type}")
    require(blob.codec in (0, 1), f"lists a blob of unknown codec {blob.codec}")
    require(blob.stored >= 1 and 1 <= blob.plain <= LARGEST_BLOB, "lists a blob of impossible length")
    require(blob.codec == 1 or blob.stored == blob.plain, "lists a raw blob of two lengths")
    return blob

def unseal_pack(ring: Ring, header: bytes, length: int, data: bytes) -> Sealed:
    return Sealed(ring.subkey(SUBKEYS[PACK], header_epoch(header, PACK)), ring.vault, header, length, data)

def pack_directory(payload: bytes) -> list[Blob]:
    """The directory at the end of a pack's payload (§7)."""
    size = int.from_bytes(payload[-4:], "little")
    require(size % DIRECTORY_ENTRY == 0 and 0 < size <= len(payload) - 4, "its directory has an impossible length")
    cursor = Cursor(payload[len(payload) - 4 - size : -4])
    blobs = [parse_blob(cursor) for _ in range(size // DIRECTORY_ENTRY)]
    used = sum(blob.stored for blob in blobs)
    require(used + size + 4 <= len(payload), "its directory lists more than it holds")
    require(not any(payload[used : len(payload) - 4 - size]), "its padding is not zero")
    return blobs

def decode_blob(blob: Blob, stored: bytes) -> bytes:
    """Exactly one zstd frame, a small window, no dictionary, exactly the length (§7); never decodes to more."""
    if blob.codec == 0:
        return stored
    try:
        require(stored[:4] == b"\x28\xb5\x2f\xfd", "a blob is not a zstd frame")
        frame = zstandard.get_frame_parameters(stored)
        require(frame.window_size <= LARGEST_WINDOW, "a blob asks for too large a zstd window")
        require(frame.dict_id == 0, "a blob asks for a zstd dictionary")
        known = frame.content_size not in (zstandard.CONTENTSIZE_UNKNOWN, zstandard.CONTENTSIZE_ERROR)
        require(not known or frame.content_size == blob.plain, "a blob does not decode to its length")
        decoder = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        plain = decoder.decompress(stored, max_output_size=blob.plain, allow_extra_data=False)
    except (zstandard.ZstdError, MemoryError):
        raise Damage("a blob is not one well-formed zstd frame of its length") from None
    require(len(plain) == blob.plain, "a blob does not decode to its length")
    return plain

def parse_index(body: bytes) -> tuple[list[bytes], list[PackEntry]]:
    """Names of superseded indexes, and packs (§8)."""
    cursor = Cursor(body)
    require(cursor.number("B") == 1, "is of an unknown version")
    supersedes = cursor.names(cursor.number("H"))
    count = cursor.number("I")
    require((not supersedes) <= count <= cursor.left() // (32 + 4 + HEADER + 4), "lists no pack, or more than it holds")
    packs = [parse_pack_entry(cursor) for _ in range(count)]
    require(ascending([pack.name for pack in packs]), "its packs are not in ascending order")
    cursor.end()
    return supersedes, packs

def parse_pack_entry(cursor: Cursor) -> PackEntry:
    name, length, header, count = cursor.fields(f"32sI{HEADER}sI")
    require_object_length(length)
    require(1 <= count <= cursor.left() // DIRECTORY_ENTRY, "lists a pack without blobs, or ends too early")
    blobs = [parse_blob(cursor) for _ in range(count)]
    room = length - HEADER - TAG * -(-length // SEGMENT) - 4
    require(sum(blob.stored + DIRECTORY_ENTRY for blob in blobs) <= room, "lists more blobs than their pack can hold")
    return PackEntry(name, length, header, blobs)

# ── Trees (§9) ──
# A folder has `form` and `id`; a file has `size`, `content`, and `chunks` or `id`.
Entry = namedtuple("Entry", "name mtime is_folder id form size content chunks", defaults=(b"", 0, 0, 0, ()))

def parse_tree(blob: bytes, form: int, parse_item: Callable[[Cursor], object]) -> list:
    cursor = Cursor(blob)
    found, count = cursor.fields("BI")
    require(found == form, f"is a tree blob of form {found} where form {form} belongs")
    require(count <= MOST_ENTRIES, f"has more than {MOST_ENTRIES} entries")
    items = [parse_item(cursor) for _ in range(count)]
    cursor.end()
    return items

def parse_name(data: bytes) -> bytes:
    require(1 <= len(data) <= LARGEST_NAME, "holds a name that is empty or too long")
    require(b"\0" not in data and b"/" not in data and data not in (b".", b".."), "holds a name that is not allowed")
    return data

def parse_folder(blob: bytes) -> list[Entry]:
    entries = parse_tree(blob, FOLDER, parse_entry)
    require(ascending([entry.name for entry in entries]), "its names are not in ascending order")
    return entries

def parse_entry(cursor: Cursor) -> Entry:
    kind, name, mtime = cursor.number("B"), parse_name(cursor.bytes16()), cursor.number("q")
    mtime = None if mtime == NOT_KNOWN else mtime
    require(kind in (1, 2), f"holds an entry of unknown kind {kind}")
    if kind == 2:
        form, tree, _files, _bytes = cursor.fields("B32sQQ")
        require(form in (FOLDER, FOLDER_INDEX), f"holds a folder of unknown form {form}")
        return Entry(name, mtime, True, id=tree, form=form)
    size, content = cursor.fields("QB")
    require(content in (0, 1, 2), f"holds a file of unknown content {content}")
    if content:
        return Entry(name, mtime, False, id=cursor.take(32), size=size, content=content)
    count = cursor.number("H")
    require(count <= 32, "holds more than 32 chunks in an entry")
    chunks = [parse_chunk(cursor) for _ in range(count)]
    require(sum(length for _, length in chunks) == size, "holds a file whose chunks do not add up to its size")
    return Entry(name, mtime, False, size=size, chunks=chunks)

def parse_chunk(cursor: Cursor) -> tuple[bytes, int]:
    chunk, length = cursor.fields("32sI")
    require(1 <= length <= LARGEST_BLOB, "holds a chunk of impossible length")
    return chunk, length

def parse_folder_index(blob: bytes) -> list[tuple[bytes, bytes, int]]:
    """Parts as (last name, id of a folder, number of entries)."""
    parts = parse_tree(blob, FOLDER_INDEX, lambda cursor: (parse_name(cursor.bytes16()), *cursor.fields("32sI")))
    require(ascending([last for last, _, _ in parts]), "its parts are not in ascending order")
    return parts

def parse_content(blob: bytes) -> list[tuple[bytes, int]]:
    return parse_tree(blob, CONTENT, parse_chunk)

def parse_content_index(blob: bytes) -> list[tuple[bytes, int]]:
    """Parts as (id of a content blob, bytes in it)."""
    parts = parse_tree(blob, CONTENT_INDEX, lambda cursor: cursor.fields("32sQ"))
    require(all(length >= 1 for _, length in parts), "holds a part without bytes")
    return parts

# ── The snapshot graph (§10) ──
# `slots` maps slot ids to public keys; the fields after `parents` belong to one type of node each.
Node = namedtuple("Node", "name type time parents root form files bytes left_out label slots forgotten")

def parse_node(name: str, body: bytes) -> Node:
    cursor = Cursor(body)
    version, kind, time, parents = cursor.fields("BBqH")
    require(version == 1, "is of an unknown version")
    require(parents <= MOST_PARENTS, f"has more than {MOST_PARENTS} parents")
    node = Node(name, kind, time, [parent.hex() for parent in cursor.names(parents)], b"", 0, 0, 0, 0, "", {}, [])
    if kind == SNAPSHOT:
        root, form, files, _folders, size, left_out, baselines = cursor.fields("32sBQQQQB")
        require(form in (FOLDER, FOLDER_INDEX), f"its root is of unknown form {form}")
        require(baselines <= 1, "has more than one baseline")
        cursor.take(32 * baselines)
        label, _writer = cursor.text(), cursor.text()
        node = node._replace(root=root, form=form, files=files, bytes=size, left_out=left_out, label=label)
    elif kind == SLOT_SET:
        _replaced, count = cursor.names(cursor.number("H")), cursor.number("B")
        require(1 <= count <= MOST_SLOTS, "lists no slot, or more than 16")
        for _ in range(count):
            slot, slot_kind, public, _made = cursor.fields("16sB32sq")
            require(slot_kind in (PASSPHRASE, RECOVERY, PASSKEY), f"lists a slot of unknown kind {slot_kind}")
            cursor.text()
            node.slots[slot] = public
    elif kind in (FORGET, TOMBSTONE):
        lists = [cursor.names(cursor.number("I")) for _ in range(1 if kind == FORGET else 3)]
        require(kind == FORGET or sum(map(len, lists)) <= MOST_DOOMED, "dooms more than 65,536 objects")
        node.forgotten.extend(name.hex() for name in lists[0] if kind == FORGET)  # what is doomed is there still
    else:
        raise Damage(f"is a node of unknown type {kind}")
    cursor.end()
    return node

def forgotten(nodes: list[Node]) -> set[str]:
    """Names in forget nodes that count: those that no forget node that counts names (§10)."""
    counts = functools.cache(lambda name: not any(name in node.forgotten and counts(node.name) for node in nodes))
    return {name for node in nodes for name in node.forgotten if counts(node.name)}

# ── The vault ──
class Storage:
    """The objects of one vault in a directory (§2)."""

    def __init__(self, root: Path, vault: str):
        self.vault, self.root = bytes.fromhex(vault), root / vault

    def names(self, kind: int) -> list[str]:
        """Names of all objects of a kind; files named otherwise are not objects."""
        folder = self.root / FOLDERS[kind]
        pattern = re.compile(r"[0-9a-f]{32}" if kind == SLOT else r"[0-9a-f]{64}")
        found = os.listdir(folder) if folder.is_dir() else []
        return sorted(name for name in found if pattern.fullmatch(name))

    def read(self, kind: int, name: str) -> bytes:
        """At most one byte more than an object can have, so that a huge file cannot fill the memory."""
        try:
            with open(self.root / FOLDERS[kind] / name, "rb") as file:
                return file.read(LARGEST_OBJECT + 1)
        except FileNotFoundError:
            raise Damage("is missing") from None
        except OSError as error:
            raise Damage(f"cannot be read ({error.strerror})") from None

    def read_named(self, kind: int, name: str) -> bytes:
        """A whole object, its length and name checked before anything is parsed (§2, §5)."""
        data = self.read(kind, name)
        require_object_length(len(data))
        require(hashlib.sha256(data).hexdigest() == name, "is damaged: its SHA-256 is not its name")
        return data

class Report:
    """Names every damage on stderr, once."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __call__(self, damage: Damage | str) -> None:
        if str(damage) not in self.seen:
            self.seen.add(str(damage))
            print(f"damaged: {damage}", file=sys.stderr)

class Vault:
    """An unlocked vault. `report` is told of everything that is damaged but does not stop the work."""

    def __init__(self, storage: Storage, secret: Secret, report: Report):
        self.storage, self.report = storage, report
        self.slot = SLOT_IDS[secret.kind]
        where = f"slot/{self.slot.hex()}"
        try:
            self.ring, self.public_key = open_slot(storage.read(SLOT, self.slot.hex()), storage.vault, secret)
        except Damage as damage:
            raise damage.at(where) from None
        self.blob_keys = {kind: self.ring.blob_key(kind) for kind in (DATA, TREE)}
        self.locations: dict[tuple[int, bytes], list[tuple[PackEntry, Blob, int]]] = {}
        self.open_packs: OrderedDict[bytes, Sealed] = OrderedDict()
        self.nodes = self.load_nodes()
        self.load_indexes()

    def body(self, kind: int, name: str) -> bytes:
        """The body of an index or node: name, header, commitment, every segment and the padding checked."""
        data = self.storage.read_named(kind, name)
        key = self.ring.subkey(SUBKEYS[kind], header_epoch(data[:HEADER], kind))
        return small_body(Sealed(key, self.ring.vault, data[:HEADER], len(data), data).payload())

    def each(self, kind: int, parse: Callable[[str, bytes], object]) -> dict:
        """All objects of a kind that can be believed, by name; the others are reported."""
        found = {}
        for name in self.storage.names(kind):
            try:
                found[name] = parse(name, self.body(kind, name))
            except Damage as damage:
                self.report(damage.at(f"{FOLDERS[kind]}/{name}"))
        return found

    def load_nodes(self) -> dict[str, Node]:
        nodes: dict[str, Node] = self.each(NODE, parse_node)
        self.forgotten = forgotten(list(nodes.values()))
        for node in nodes.values():
            if not node.parents and node.type != SLOT_SET:
                self.report(Damage("has no parents, but is not a slot set", f"snap/{node.name}"))
            for parent in node.parents:
                if parent not in nodes and parent not in self.forgotten:
                    self.report(Damage(f"is missing or damaged, but snap/{node.name} names it", f"snap/{parent}"))
        if not any(node.slots.get(self.slot) == self.public_key for node in nodes.values()):
            self.report(Damage("stands in no slot set of this vault", f"slot/{self.slot.hex()}"))
        return nodes

    def snapshots(self) -> list[Node]:
        """Newest first; forgotten ones are gone."""
        shown = [node for node in self.nodes.values() if node.type == SNAPSHOT and node.name not in self.forgotten]
        return sorted(shown, key=lambda node: (node.time, node.name), reverse=True)

    def snapshot(self, wanted: str) -> Node:
        snapshots = self.snapshots()
        found = snapshots[:1] if wanted == "latest" else [node for node in snapshots if node.name.startswith(wanted)]
        if len(found) != 1:
            raise Failure(f"{len(found) or 'No'} snapshots match {wanted!r}. `snapshots` lists them.")
        return found[0]

    def load_indexes(self) -> None:
        indexes = self.each(INDEX, lambda _, body: parse_index(body))
        superseded = {old.hex() for supersedes, _ in indexes.values() for old in supersedes}
        known = set()
        for name, (_, packs) in indexes.items():
            if name not in superseded:
                for pack in packs:
                    known.add(pack.name.hex())
                    self.add_pack(pack)
        for name in self.storage.names(PACK):
            if name not in known:  # a run died before its index, or the index is damaged: the pack tells itself
                try:
                    self.add_pack(self.scan_pack(name))
                except Damage as damage:
                    self.report(damage.at(f"pack/{name}"))

    def scan_pack(self, name: str) -> PackEntry:
        data = self.storage.read_named(PACK, name)
        blobs = pack_directory(unseal_pack(self.ring, data[:HEADER], len(data), data).payload())
        return PackEntry(bytes.fromhex(name), len(data), data[:HEADER], blobs)

    def add_pack(self, pack: PackEntry) -> None:
        position = 0
        for blob in pack.blobs:
            self.locations.setdefault((blob.type, blob.id), []).append((pack, blob, position))
            position += blob.stored

    def pack(self, entry: PackEntry) -> Sealed:
        if entry.name in self.open_packs:
            self.open_packs.move_to_end(entry.name)
            return self.open_packs[entry.name]
        data, where = self.storage.read(PACK, entry.name.hex()), f"pack/{entry.name.hex()}"
        pack = unseal_pack(self.ring, entry.header, entry.length, data)
        if hashlib.sha256(data).digest() != entry.name:
            # What segments still authenticate under the header that the index recorded is good; read on as a range reader.
            self.report(Damage("is damaged: its SHA-256 is not its name", where))
        elif len(data) != entry.length or data[:HEADER] != entry.header:
            self.report(Damage("is not as the index describes it", where))
        elif pack_directory(pack.payload()) != entry.blobs:
            self.report(Damage("its directory is not what the index says", where))
        self.open_packs[entry.name] = pack
        while len(self.open_packs) > 4:
            self.open_packs.popitem(last=False)
        return pack

    def blob(self, blob_type: int, blob_id: bytes, length: int | None = None) -> bytes:
        """A blob from the first of its locations that has it whole (§7, §8)."""
        failure = Damage(f"blob {blob_id.hex()} is in no pack")
        for entry, blob, position in self.locations.get((blob_type, blob_id), []):
            try:
                plain = decode_blob(blob, self.pack(entry).read(position, blob.stored))
                require(length in (None, len(plain)), "a chunk is not as long as its file says")
                require(blake3(plain, key=self.blob_keys[blob_type]).digest() == blob_id, "a blob does not match its id")
                return plain
            except Damage as damage:
                failure = damage.at(f"pack/{entry.name.hex()}")
                self.report(failure)
        raise failure

    def tree(self, blob_id: bytes, parse: Callable[[bytes], list]) -> list:
        try:
            return parse(self.blob(TREE, blob_id))
        except Damage as damage:
            raise damage.at(f"tree {blob_id.hex()}") from None

    def folder(self, tree: bytes, form: int) -> Iterator[Entry | Damage]:
        """Entries of a folder; in place of a part that cannot be read, why."""
        try:
            parts = [(None, tree, None)] if form == FOLDER else self.tree(tree, parse_folder_index)
        except Damage as damage:
            yield damage
            return
        before = b""
        for last, part, count in parts:
            try:
                entries = self.tree(part, parse_folder)
                if last is not None:
                    require(len(entries) == count, "a part of a folder has another number of entries than its index says")
                    within = not entries or before < entries[0].name and entries[-1].name <= last
                    require(within, "a part of a folder has names outside its range")
                yield from entries
            except Damage as damage:
                yield damage.at(f"tree {part.hex()}")
            before = last or b""

    def content(self, entry: Entry) -> Iterator[bytes]:
        """The bytes of a file, chunk by chunk."""
        left = entry.size
        for chunks in self.content_parts(entry):
            for chunk, length in chunks:
                left -= length
                require(left >= 0, "its chunks are more than its size")
                yield self.blob(DATA, chunk, length)
        require(left == 0, "its chunks are less than its size")

    def content_parts(self, entry: Entry) -> Iterator[list[tuple[bytes, int]]]:
        if entry.content != 2:
            yield entry.chunks if entry.content == 0 else self.tree(entry.id, parse_content)
            return
        parts = self.tree(entry.id, parse_content_index)
        require(sum(length for _, length in parts) == entry.size, "its parts do not add up to its size")
        for part, length in parts:
            chunks = self.tree(part, parse_content)
            require(sum(chunk for _, chunk in chunks) == length, "a part's chunks do not add up to its length")
            yield chunks

    def walk(self, snapshot: Node, selection: list[tuple[bytes, ...]]) -> Iterator[tuple[str, tuple[bytes, ...], object]]:
        """("file" | "folder" | "leave" | "damage", path, entry or damage), folders before and after what is in them."""
        stack = [((), None, self.folder(snapshot.root, snapshot.form))]
        while stack:
            path, parent, entries = stack[-1]
            entry = next(entries, None)
            if entry is None:
                stack.pop()
                if parent is not None:
                    yield "leave", path, parent
            elif isinstance(entry, Damage):
                yield "damage", path, entry
            else:
                below = (*path, entry.name)
                if not selected(below, selection):
                    continue
                if not entry.is_folder:
                    yield "file", below, entry
                elif len(below) > MOST_DEPTH:
                    yield "damage", below, Damage(f"lies deeper than {MOST_DEPTH} folders")
                else:
                    yield "folder", below, entry
                    stack.append((below, entry, self.folder(entry.id, entry.form)))

def selected(path: tuple[bytes, ...], selection: list[tuple[bytes, ...]]) -> bool:
    """Whether a path is chosen, below one that is, or on the way to one."""
    return not selection or any(path[: len(wanted)] == wanted[: len(path)] for wanted in selection)

# ── Commands ──
def show(path: tuple[bytes, ...]) -> str:
    """A path for people: bytes that are not UTF-8 and control characters are escaped."""
    text = b"/".join(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

def show_time(time: int | None) -> str:
    try:
        moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=time or 0)
    except OverflowError:
        return f"{time} ms"
    return "-" if time is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

def print_snapshots(vault: Vault) -> None:
    for node in vault.snapshots():
        left_out = f", {node.left_out} left out" if node.left_out else ""
        print(f"{node.name}  {show_time(node.time)}  {node.files} files, {node.bytes} bytes{left_out}  {show((node.label.encode(),))}")

def print_files(vault: Vault, snapshot: Node, selection: list[tuple[bytes, ...]], report: Report) -> None:
    for event, path, entry in vault.walk(snapshot, selection):
        if event == "damage":
            report(f"{show(path) or '/'}: {entry}")
        elif event in ("file", "folder"):
            size, slash = ("-", "/") if entry.is_folder else (entry.size, "")
            print(f"{size:>14}  {show_time(entry.mtime):24}  {show(path)}{slash}")

def restore(vault: Vault, snapshot: Node, selection: list[tuple[bytes, ...]], out: Path, report: Report) -> int:
    """Writes into a new or empty folder, so that nothing there can lead a path elsewhere. Returns how many files."""
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise Failure(f"{out} is not empty. Restore into a new folder.")
    root, files = os.fsencode(out), 0
    for event, path, entry in vault.walk(snapshot, selection):
        if event == "damage":
            report(f"{show(path) or '/'}: {entry}")
            continue
        target = os.path.join(root, *path)
        try:
            if os.name == "nt" and any(byte in name for name in path for byte in (b"\\", b":")):
                raise OSError("this system cannot have that name")
            if event == "folder":
                os.mkdir(target)
            elif event == "leave":
                set_mtime(target, entry.mtime)
            else:
                write_file(vault, entry, target)
                files += 1
        except Damage as damage:
            report(f"{show(path)}: {damage}")
        except (OSError, OverflowError) as error:
            report(f"{show(path)}: cannot be written ({error})")
    return files

def write_file(vault: Vault, entry: Entry, target: bytes) -> None:
    """A whole file or none."""
    try:
        with open(target, "xb") as file:
            for chunk in vault.content(entry):
                file.write(chunk)
        set_mtime(target, entry.mtime)
    except Damage:
        os.unlink(target)
        raise

def set_mtime(target: bytes, mtime: int | None) -> None:
    if mtime is not None:
        os.utime(target, ns=(mtime * 1_000_000, mtime * 1_000_000))

def find_vault(root: Path, wanted: str | None) -> str:
    if not root.is_dir():
        raise Failure(f"{root} is not a folder.")
    vaults = sorted(name for name in os.listdir(root) if re.fullmatch("[0-9a-f]{32}", name))
    chosen = [name for name in vaults if wanted in (None, name)]
    if len(chosen) != 1:
        raise Failure(f"{root} must hold one vault, or --vault must say which; found: {', '.join(vaults) or 'none'}.")
    return chosen[0]

def read_secret(options: argparse.Namespace) -> Secret:
    given = [(RECOVERY, options.recovery_phrase_file), (PASSPHRASE, options.passphrase_file)]
    variables = [(RECOVERY, "STRONGROOM_RECOVERY_PHRASE_FILE"), (PASSPHRASE, "STRONGROOM_PASSPHRASE_FILE")]
    given += [(kind, os.environ.get(variable)) for kind, variable in variables]
    for kind, file in given:
        if file:
            text = Path(file).read_text(encoding="utf-8")
            return Secret(kind, text.removesuffix("\n").removesuffix("\r"))
    raise Failure("Give --recovery-phrase-file or --passphrase-file.")

def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, metavar="DIR", help="folder that holds <vault id>/pack, index, snap, slot")
    parser.add_argument("command", choices=["snapshots", "list", "restore"])
    parser.add_argument("path", nargs="*", help="files or folders of the snapshot; all when there is none")
    parser.add_argument("--snapshot", default="latest", help="`latest`, or the first digits of a snapshot's name")
    parser.add_argument("--out", type=Path, help="new or empty folder to restore into")
    parser.add_argument("--vault", help="vault id, when DIR holds several")
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument("--recovery-phrase-file", metavar="F", help="file that holds the 24 words")
    secret.add_argument("--passphrase-file", metavar="F", help="file that holds the passphrase, on one line")
    options = parser.parse_intermixed_args(arguments)
    if (options.command == "restore") != (options.out is not None):
        parser.error("--out belongs to restore, and restore needs it")
    return options

def run(options: argparse.Namespace, report: Report) -> None:
    vault_id = find_vault(options.directory, options.vault)
    vault = Vault(Storage(options.directory, vault_id), read_secret(options), report)
    if options.command == "snapshots":
        return print_snapshots(vault)
    selection = [tuple(name for name in os.fsencode(path).split(b"/") if name) for path in options.path]
    snapshot = vault.snapshot(options.snapshot)
    if options.command == "list":
        return print_files(vault, snapshot, selection, report)
    files = restore(vault, snapshot, selection, options.out, report)
    print(f"Restored {files} files of snapshot {snapshot.name[:12]} to {options.out}.")

def main(arguments: list[str] | None = None) -> int:
    options, report = parse_arguments(arguments), Report()
    try:
        run(options, report)
    except WrongSecret as error:
        print(error, file=sys.stderr)
        return 4
    except (Failure, Damage, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 3 if report.seen else 0

if __name__ == "__main__":
    sys.exit(main())
