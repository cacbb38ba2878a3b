"""Holds strongroom_reader.py to the golden vectors under tests/vectors, which the Rust side wrote."""

import hashlib
import json
import struct
import unittest
from pathlib import Path

import strongroom_reader as reader

VECTORS = Path(__file__).parent.parent / "vectors"


def load(name: str) -> dict:
    return json.loads((VECTORS / f"{name}.json").read_text())


def damaged(data: bytes, damage: dict) -> bytes:
    """The object with one change, as tests/vectors says it."""
    out = bytearray(data)
    if "xor" in damage:
        out[damage["xor"]["at"]] ^= damage["xor"]["mask"]
    if "truncate" in damage:
        del out[damage["truncate"] :]
    out += bytes(damage.get("append_zeros", 0))
    if "swap_segments" in damage:
        first, second = (slice(65_536 * segment, 65_536 * (segment + 1)) for segment in damage["swap_segments"])
        out[first], out[second] = out[second], out[first]
    return bytes(out)


def counting(length: int) -> bytes:
    """Payload of the vectors: byte i is i mod 251."""
    return (bytes(range(251)) * (length // 251 + 1))[:length]


class Vectors(unittest.TestCase):
    def setUp(self):
        self.ring = reader.parse_ring(bytes.fromhex(load("keys")["ring"]), bytes([0x0A] * 16))

    def assert_verdicts(self, vector: dict, data: bytes, read) -> None:
        """Every damage of the vector is refused exactly when the Rust side refuses it."""
        self.assertGreater(len(vector["damage"]), 0)
        for damage in vector["damage"]:
            with self.subTest(damage["what"]):
                try:
                    read(damaged(data, damage))
                    refused = False
                except (reader.Damage, reader.WrongSecret):
                    refused = True
                self.assertEqual(refused, damage["verdict"] != "ok")

    def open(self, kind: int, data: bytes) -> bytes:
        key = self.ring.subkey(reader.SUBKEYS[kind], reader.header_epoch(data[: reader.HEADER], kind))
        return reader.Sealed(key, self.ring.vault, data[: reader.HEADER], len(data), data).payload()

    def test_keys_and_ids(self):
        vector = load("keys")
        for keys in vector["subkeys"]:
            for kind in ("pack", "index", "snapshot", "local"):
                self.assertEqual(self.ring.subkey(f"{kind} key", keys["epoch"]).hex(), keys[kind])
        material = self.ring.id_secret + self.ring.vault
        self.assertEqual(reader.derive("folder cut", material).hex(), vector["folder_cut_key"])
        self.assertEqual(reader.derive("gear table", material, 2_048).hex(), vector["gear_table"])
        for ids in vector["ids"]:
            for kind, name in ((reader.DATA, "chunk_id"), (reader.TREE, "tree_id")):
                self.assertEqual(reader.blake3(bytes.fromhex(ids["plain"]), key=self.ring.blob_key(kind)).hexdigest(), ids[name])

    def test_a_small_sealed_object(self):
        vector = load("sealed-small")
        data = bytes.fromhex(vector["object"])
        self.assertEqual(hashlib.sha256(data).hexdigest(), vector["name"])

        def read(data: bytes) -> bytes:
            reader.require_object_length(len(data))
            return reader.small_body(self.open(reader.INDEX, data))

        self.assertEqual(read(data).hex(), vector["body"])
        self.assert_verdicts(vector, data, read)
        with self.assertRaises(reader.Damage):
            read(bytes.fromhex(vector["padded"]))

    def test_a_sealed_object_of_several_segments(self):
        vector, key = load("sealed-segments"), self.ring.subkey("pack key", 1)
        self.assertEqual(self.seal(key, vector, counting(196_484))[:76].hex(), vector["header"])
        for sealed in [*vector["objects"], vector["three_segments"]]:
            data = self.seal(key, vector, counting(sealed["payload_length"]))
            self.assertEqual((len(data), hashlib.sha256(data).hexdigest()), (sealed["object_length"], sealed["sha256"]))
            self.assertEqual(self.open(reader.PACK, data), counting(sealed["payload_length"]))
        self.assert_verdicts(vector, data, lambda data: self.open(reader.PACK, data))

    @staticmethod
    def seal(key: bytes, vector: dict, payload: bytes) -> bytes:
        """The vector's object, since it only gives its hash."""
        salt, vault = bytes.fromhex(vector["salt"]), bytes.fromhex(vector["vault"])
        header = struct.pack("<4sBBBBI", b"SROM", 1, vector["kind"], 16, 0, vector["epoch"]) + salt
        keys = reader.derive("sealed object", key + header[4:7] + header[8:12] + vault + bytes(32) + salt, 64)
        cipher, out, number = reader.ChaCha20Poly1305(keys[:32]), header + keys[32:], 0
        while payload:
            size = reader.REST if number else reader.FIRST
            part, payload = payload[:size], payload[size:]
            out += cipher.encrypt(number.to_bytes(11, "big") + bytes([not payload]), part, None)
            number += 1
        return out

    def assert_slot(self, name: str, secret: reader.Secret) -> None:
        vector = load(name)
        data, vault = bytes.fromhex(vector["object"]), bytes.fromhex(vector["vault"])
        ring, public_key = reader.open_slot(data, vault, secret)
        self.assertEqual((ring, public_key.hex()), (self.ring, vector["x25519_public"]))
        self.assertEqual(reader.slot_key(reader.parse_preamble(data[: reader.PREAMBLE]), secret).hex(), vector["slot_key"])
        self.assert_verdicts(vector, data, lambda data: reader.open_slot(data, vault, secret))

    def test_a_recovery_slot(self):
        words = load("slot-recovery")["words"]
        self.assert_slot("slot-recovery", reader.Secret(reader.RECOVERY, words))
        self.assertEqual(reader.recovery_entropy(words).hex(), load("slot-recovery")["secret"])

    def test_a_passphrase_slot(self):
        self.assert_slot("slot-argon2id", reader.Secret(reader.PASSPHRASE, load("slot-argon2id")["passphrase"]))

    def test_a_pack(self):
        vector = load("pack")
        data = bytes.fromhex(vector["object"])
        payload = self.open(reader.PACK, data)
        self.assertEqual((payload.hex(), hashlib.sha256(data).hexdigest()), (vector["payload"], vector["name"]))
        position = 0
        for found, blob in zip(reader.pack_directory(payload), vector["blobs"], strict=True):
            self.assertEqual((found.type, found.codec, found.id.hex()), (blob["type"], blob["codec"], blob["id"]))
            stored = payload[position : position + found.stored]
            plain = reader.decode_blob(found, stored)
            self.assertEqual((stored.hex(), plain.hex()), (blob["stored"], blob["plain"]))
            self.assertEqual(reader.blake3(plain, key=self.ring.blob_key(found.type)).digest(), found.id)
            position += found.stored

    def test_an_index(self):
        vector = load("index")
        body = bytes.fromhex(vector["body"])
        supersedes, packs = reader.parse_index(body)
        self.assertEqual((supersedes, [pack.name for pack in packs]), ([bytes([1] * 32), bytes([2] * 32)], [bytes([3] * 32), bytes([4] * 32)]))
        self.assertEqual([[blob.id[0] for blob in pack.blobs] for pack in packs], [[5, 6], [5]])
        self.assert_verdicts(vector, body, reader.parse_index)

    def test_nodes_and_indexes_about_erasing(self):
        vector = load("erasing")
        parse = {"forget": lambda body: reader.parse_node("x", body), "empty_index": reader.parse_index}
        parse["tombstone"] = parse["forget"]
        found = {name: read(bytes.fromhex(vector[name]["body"])) for name, read in parse.items()}
        self.assertEqual(found["forget"].forgotten, [bytes([byte] * 32).hex() for byte in (2, 3)])
        self.assertEqual((found["tombstone"].type, found["tombstone"].forgotten), (reader.TOMBSTONE, []))
        self.assertEqual(found["empty_index"], ([bytes([6] * 32)], []))
        for name, read in parse.items():
            self.assert_verdicts(vector[name], bytes.fromhex(vector[name]["body"]), read)


if __name__ == "__main__":
    unittest.main()
