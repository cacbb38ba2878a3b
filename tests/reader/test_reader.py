"""Proves that strongroom_reader.py restores what FORMAT.md describes, and refuses what it says a reader must refuse."""

import contextlib
import hashlib
import io
import os
import struct
import tempfile
import unittest
from pathlib import Path

import zstandard

import strongroom_reader
from sealing import MIB, PASSPHRASE, PHRASE, VAULT, Builder, EPOCH_KEY, file_entry, folder_entry, inline, listed, node, ring, slot, snapshot_rest

BIG = bytes(range(256)) * 1_000


class ReaderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.here = Path(folder.name)
        self.build = Builder(self.here / "storage")
        (self.here / "phrase").write_text(PHRASE + "\n")
        (self.here / "passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")

    def read(self, *arguments, secret="--recovery-phrase-file", file="phrase") -> tuple[int, str, str]:
        """Exit code, stdout and stderr of one command of the reader."""
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            code = strongroom_reader.main([str(self.here / "storage"), *arguments, secret, str(self.here / file)])
        return code, out.getvalue(), errors.getvalue()

    def restore(self, *arguments, **options) -> tuple[int, dict[bytes, bytes | None], str]:
        """Exit code, what was restored (path to content, None for folders) and stderr."""
        out = Path(tempfile.mkdtemp(dir=self.here)) / "out"
        code, _, errors = self.read("restore", "--out", str(out), *arguments, **options)
        root, found = os.fsencode(out), {}
        for folder, folders, files in os.walk(root):
            for name in folders:
                found[os.path.relpath(os.path.join(folder, name), root)] = None
            for name in files:
                path = os.path.join(folder, name)
                found[os.path.relpath(path, root)] = Path(os.fsdecode(path)).read_bytes()
        self.out = out
        return code, found, errors

    def one_file(self, entry=None, root=None, **pack) -> None:
        """A vault of one snapshot with the file `a`; the arguments replace its entry, its root or its pack."""
        first = self.build.slots()
        chunk = self.build.blob(1, b"hello")
        entry = entry or file_entry(b"a", 5, inline([(chunk, 5)]))
        tree = self.build.blob(2, root if root is not None else listed(1, [entry]))
        self.build.index([self.build.pack(**pack)])
        self.build.snapshot(tree, [first])

    def assert_refused(self, where: str, *arguments, code: int = 3, **options) -> None:
        """The restore fails, gives nothing wrong, and names where."""
        got, found, errors = self.restore(*arguments, **options)
        self.assertEqual(got, code, errors)
        self.assertIn(where, errors)
        self.assertIn(found.get(b"a", b"hello"), (b"hello",))


class Restores(ReaderTest):
    def everything(self) -> dict[bytes, bytes | None]:
        first, blob = self.build.slots(), self.build.blob
        chunks = [(blob(1, BIG[at : at + 64_000], codec=at % 3 == 0), 64_000) for at in range(0, len(BIG), 64_000)]
        part = [blob(2, listed(3, [chunk + struct.pack("<I", size) for chunk, size in half])) for half in (chunks[:1], chunks[1:])]
        whole = blob(2, listed(3, [chunk + struct.pack("<I", size) for chunk, size in chunks]))
        parts = blob(2, listed(4, [part[0] + struct.pack("<Q", 64_000), part[1] + struct.pack("<Q", len(BIG) - 64_000)]))
        one = self.build.pack()
        empty = blob(2, listed(1, []))
        left = blob(2, listed(1, [file_entry(b"k", 0, inline([]))]), codec=1)
        right = blob(2, listed(1, [file_entry(b"x", len(BIG), b"\1" + whole), file_entry(b"y", len(BIG), b"\2" + parts)]))
        joined = [struct.pack("<H", 1) + last + tree + struct.pack("<I", count) for last, tree, count in ((b"m", left, 1), (b"z", right, 2))]
        huge = blob(2, listed(2, joined))
        entries = [
            folder_entry(b"empty", empty),
            folder_entry(b"huge", huge, form=2),
            file_entry(b"no time", 0, inline([]), mtime=-(1 << 63)),
            file_entry("é".encode(), len(BIG), inline(chunks), mtime=-1),
            file_entry(b"\xff\xfe", 64_000, inline(chunks[:1]), mtime=1_700_000_000_123),
        ]
        root = blob(2, listed(1, entries))
        two = self.build.pack(length=1 << 16)
        self.build.index(sorted([one, two]))
        self.build.snapshot(root, [first])
        folders = {b"empty": None, b"huge": None}
        return folders | {
            b"huge/k": b"", b"huge/x": BIG, b"huge/y": BIG, b"no time": b"", "é".encode(): BIG, b"\xff\xfe": BIG[:64_000],
        }  # fmt: skip

    def test_restores_every_form_of_content_and_folder_with_names_and_times(self):
        expected = self.everything()
        code, found, errors = self.restore()
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual(found, expected)
        mtimes = {name: os.stat(os.path.join(os.fsencode(self.out), name)).st_mtime_ns // 1_000_000 for name in expected}
        self.assertEqual((mtimes[b"huge"], mtimes[b"huge/x"], mtimes["é".encode()]), (2_500, 1_500, -1))
        self.assertEqual(mtimes[b"\xff\xfe"], 1_700_000_000_123)

    def test_the_passphrase_opens_its_slot_whatever_its_unicode_form(self):
        self.everything()
        (self.here / "passphrase").write_text("five grey cats")
        self.assertEqual(self.restore(secret="--passphrase-file", file="passphrase")[0], 0)

    def test_restores_a_selection_only(self):
        self.everything()
        _, found, _ = self.restore("huge/x", "empty")
        self.assertEqual(found, {b"huge": None, b"huge/x": BIG, b"empty": None})

    def test_lists_snapshots_and_files(self):
        self.everything()
        code, out, _ = self.read("list")
        self.assertEqual((code, len(out.splitlines())), (0, 8))
        self.assertIn("256000  1970-01-01T00:00:01.500Z  huge/x", out)
        self.assertIn("\\xff\\xfe", out)
        self.assertIn("1970-01-01T00:00:05.000Z", self.read("snapshots")[1])

    def test_a_pack_without_an_index_is_found_by_its_own_directory(self):
        self.everything()
        for index in (self.build.root / "index").iterdir():
            index.unlink()
        self.assertEqual(self.restore()[0], 0)

    def test_any_flipped_byte_is_reported_with_its_object_and_nothing_wrong_is_restored(self):
        expected = self.everything()
        for kind in ("pack", "index", "snap", "slot"):
            path = next(path for path in sorted((self.build.root / kind).iterdir()) if not path.name.endswith("1"))
            data = path.read_bytes()
            for at in (0, 5, 9, 20, 50, 80, 130, len(data) // 2, len(data) - 1):
                with self.subTest(kind=kind, at=at):
                    path.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
                    code, found, errors = self.restore()
                    self.assertNotEqual(code, 0)
                    if code != 4:
                        self.assertIn(f"{kind}/{path.name}", errors)
                    self.assertLessEqual(found.items(), expected.items())
            path.write_bytes(data)

    def test_a_damaged_pack_costs_only_the_files_in_the_damaged_segment(self):
        self.everything()
        path = next(path for path in (self.build.root / "pack").iterdir() if path.stat().st_size == MIB)
        data = bytearray(path.read_bytes())
        data[400_000] ^= 1  # zeros between blobs and directory
        path.write_bytes(data)
        code, found, errors = self.restore()
        self.assertEqual((code, found[b"huge/x"]), (3, BIG))
        self.assertIn(f"pack/{path.name}", errors)


class Refuses(ReaderTest):
    def test_a_wrong_passphrase_and_a_wrong_phrase(self):
        self.one_file()
        (self.here / "wrong").write_text("four grey cats")
        self.assertEqual(self.restore(secret="--passphrase-file", file="wrong")[0], 4)
        words = PHRASE.split()
        for phrase in (" ".join(words[:23]), " ".join(["zoo", *words[1:]]), "abandon " * 23 + "art", "no word of it"):
            (self.here / "wrong").write_text(phrase)
            self.assertEqual(self.restore(file="wrong")[0], 4, phrase)

    def test_slots_that_break_a_rule(self):
        self.one_file()
        set_byte = lambda at, value: lambda preamble: preamble.__setitem__(at, value)
        broken = {
            "magic": slot(2, edit=set_byte(0, 0x54)),
            "version": slot(2, edit=set_byte(4, 2)),
            "kind": slot(2, edit=set_byte(5, 1)),
            "kdf": slot(2, edit=set_byte(6, 2)),
            "reserved": slot(2, edit=set_byte(7, 1)),
            "slot id": slot(2, edit=set_byte(23, 3)),
            "vault": slot(2, edit=set_byte(24, 0)),
            "costs": slot(2, edit=set_byte(73, 1)),
            "tail": slot(2, edit=set_byte(127, 1)),
            "epoch": slot(2, epoch=1),
            "padding": slot(2, padding=b"\1"),
            "ring version": slot(2, ring(version=2)),
            "ring vault": slot(2, ring(vault=bytes(16))),
            "chunk size": slot(2, ring(log2=21)),
            "no epoch": slot(2, ring(epochs=())),
            "epoch 0": slot(2, ring(epochs=((0, EPOCH_KEY), (1, EPOCH_KEY)))),
            "epochs": slot(2, ring(epochs=((2, EPOCH_KEY), (1, EPOCH_KEY)))),
            "trailing": slot(2, ring(tail=b"\0")),
        }
        for name, (data, _) in broken.items():
            with self.subTest(name):
                self.build.write(4, data, f"{2:032x}")
                self.assert_refused(f"slot/{2:032x}", code=1)

    def test_argon2id_outside_the_allowed_range_before_any_work(self):
        self.one_file()
        for costs in ((65_535, 3, 4), (8, 3, 4), (1_048_577, 3, 4), (65_536, 2, 4), (65_536, 11, 4), (65_536, 3, 0), (65_536, 3, 17)):
            with self.subTest(costs):
                self.build.write(4, slot(1, costs=costs)[0], f"{1:032x}")
                self.assert_refused("outside the allowed range", code=1, secret="--passphrase-file", file="passphrase")

    def test_a_passphrase_slot_of_a_broker_says_to_use_the_recovery_phrase(self):
        self.one_file()
        self.build.write(4, slot(1, kdf=2)[0], f"{1:032x}")
        self.assert_refused("Use the recovery phrase", code=1, secret="--passphrase-file", file="passphrase")

    def test_a_vault_with_a_passkey_opens_with_its_other_secrets(self):
        first = self.build.slots()
        ours = struct.pack("<16sB32sqH", bytes(15) + b"\2", 2, slot(2)[1], 1_000, 0)
        passkey = struct.pack("<16sB32sqH", b"k" * 16, 3, bytes(32), 2_000, 6) + b"laptop"
        self.build.small(3, node(2, struct.pack("<H32sB", 1, first, 2) + ours + passkey, [first]))
        self.build.write(4, slot(2)[0], (b"k" * 16).hex())
        code, _, errors = self.read("snapshots")
        self.assertEqual((code, errors), (0, ""))

    def test_a_slot_that_no_slot_set_names(self):
        self.one_file()
        for path in list((self.build.root / "snap").iterdir()):
            path.unlink()
        self.assert_refused("stands in no slot set", code=1)

    def test_headers_that_break_a_rule(self):
        set_byte = lambda at, value: lambda header: header.__setitem__(at, value)
        for at, value in ((0, 0), (4, 2), (5, 2), (6, 17), (7, 1), (8, 2)):
            with self.subTest(at=at):
                self.setUp()
                self.one_file(header_edit=set_byte(at, value))
                self.assert_refused("pack/")

    def test_packs_that_break_a_rule(self):
        for knobs in ({"padding": b"\1"}, {"directory_length": 42}, {"directory_length": 1 << 21}, {"directory_length": 83}):
            with self.subTest(knobs):
                self.setUp()
                self.one_file(**knobs)
                self.assert_refused("pack/")

    def test_an_object_whose_length_is_not_a_power_of_two(self):
        self.one_file(length=5_000)
        self.assert_refused("is not a power of two")

    def test_blobs_that_break_a_rule(self):
        compress, blob = zstandard.ZstdCompressor().compress, self.build.blob
        wide = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=24, write_content_size=False))
        unsized = zstandard.ZstdCompressor(write_content_size=False)
        stream = wide.compressobj()
        streamed = stream.compress(b"hello") + stream.flush()
        frames = {
            "two frames": (1, compress(b"hel") + compress(b"lo")),
            "trailing": (1, compress(b"hello") + b"\0"),
            "skippable": (1, struct.pack("<II", 0x184D2A50, 1) + b"x" + compress(b"hello")),
            "shorter": (1, unsized.compress(b"hell")),
            "longer": (1, unsized.compress(b"hello" * 1_000_000)),
            "longer and sized": (1, compress(b"hello" * 1_000_000)),
            "window": (1, streamed),
            "no frame": (1, b"hello"),
            "another content": (0, b"jello"),
        }
        for name, (codec, stored) in frames.items():
            with self.subTest(name):
                self.setUp()
                first = self.build.slots()
                chunk = self.build.blob(1, b"hello", codec, stored)
                tree = self.build.blob(2, listed(1, [file_entry(b"a", 5, inline([(chunk, 5)]))]))
                self.build.index([self.build.pack()])
                self.build.snapshot(tree, [first])
                self.assert_refused("pack/")

    def test_directory_entries_that_break_a_rule(self):
        for kind, codec, stored, plain in ((3, 0, b"a", 1), (1, 2, b"a", 1), (1, 0, b"a", 2), (1, 1, b"", 1), (1, 1, b"a", 0), (1, 1, b"a", 8 * MIB + 1)):
            with self.subTest((kind, codec, stored, plain)):
                self.setUp()
                first = self.build.slots()
                self.build.blob(kind, b"", codec, stored, length=plain)
                self.build.index([self.build.pack()])
                self.build.snapshot(bytes(32), [first])
                self.assert_refused("index/")

    def test_indexes_that_break_a_rule(self):
        for name in ("version", "trailing", "empty", "order", "supersedes order", "too full", "count"):
            with self.subTest(name):
                self.setUp()
                self.build.slots()
                packs = []
                for plain in (b"hello", b"world"):
                    self.build.blob(1, plain)
                    packs.append(self.build.pack(length=4_096))
                packs.sort()
                full = packs[0][:-8] + struct.pack("<II", 4_000, 4_000)
                index = {
                    "version": lambda: self.build.index(packs, version=2),
                    "trailing": lambda: self.build.index(packs, tail=b"\0"),
                    "empty": lambda: self.build.index([]),
                    "order": lambda: self.build.index(packs[::-1]),
                    "supersedes order": lambda: self.build.index(packs, supersedes=[b"b" * 32, b"a" * 32]),
                    "too full": lambda: self.build.index([full]),
                    "count": lambda: self.build.index([packs[0][:112] + b"\xff\xff\xff\xff" + packs[0][116:]]),
                }[name]()
                self.assertIn(f"index/{index.hex()}", self.read("snapshots")[2])

    def test_a_superseded_index_is_not_read_for_packs(self):
        first = self.build.slots()
        chunk = self.build.blob(1, b"hello")
        tree = self.build.blob(2, listed(1, [file_entry(b"a", 5, inline([(chunk, 5)]))]))
        pack = self.build.pack()
        gone = bytes(32) + struct.pack("<I", 4_096) + pack[36:112] + struct.pack("<IBB32sII", 1, 1, 0, chunk, 5, 5)
        old = self.build.index([gone])
        self.build.snapshot(tree, [first])
        code, _, errors = self.restore()
        self.assertEqual((code, "is missing" in errors), (3, True))
        self.build.index([pack], supersedes=[old])
        self.assertEqual(self.restore()[0], 0)

    def test_an_index_of_no_packs_supersedes_another(self):
        self.build.slots()
        gone = bytes(32) + struct.pack("<I", 4_096) + bytes(76) + struct.pack("<IBB32sII", 1, 1, 0, bytes(32), 5, 5)
        self.build.index([], supersedes=[self.build.index([gone])])
        self.assertEqual(self.read("snapshots")[0], 0)
        self.build.index([])
        self.assertEqual(self.read("snapshots")[0], 3)

    def test_forgotten_snapshots_come_back_when_their_forget_node_is_forgotten(self):
        forget = lambda names, parent: self.build.small(3, node(3, struct.pack("<I", len(names)) + b"".join(sorted(names)), [parent]))
        first, tree = self.build.slots(), self.build.blob(2, listed(1, []))
        self.build.index([self.build.pack()])
        snapshot = self.build.snapshot(tree, [first])
        shown = lambda: snapshot.hex()[:8] in self.read("snapshots")[1]
        self.assertTrue(shown())
        self.build.small(3, node(4, struct.pack("<I", 1) + bytes(32) + struct.pack("<II", 0, 1) + snapshot, [snapshot]))
        self.assertTrue(shown(), "a tombstone alone hides nothing")
        gone = forget([snapshot], snapshot)
        self.assertFalse(shown())
        back = forget([gone], gone)
        self.assertTrue(shown())
        forget([back], back)
        self.assertFalse(shown())

    def test_trees_that_break_a_rule(self):
        entry = lambda name: file_entry(name, 0, inline([]))
        roots = {
            "form": listed(3, [entry(b"b")]),
            "unknown kind": listed(1, [b"\3" + entry(b"b")[1:]]),
            "order": listed(1, [entry(b"c"), entry(b"b")]),
            "twice": listed(1, [entry(b"b"), entry(b"b")]),
            "trailing": listed(1, [entry(b"b")], tail=b"\0"),
            "cut": listed(1, [entry(b"b")])[:-1],
            "count": struct.pack("<BI", 1, 65_537) + entry(b"b"),
            "size": listed(1, [file_entry(b"b", 1, inline([]))]),
            "chunk of no byte": listed(1, [file_entry(b"b", 0, inline([(bytes(32), 0)]))]),
            "33 chunks": listed(1, [file_entry(b"b", 33, inline([(bytes(32), 1)] * 33))]),
            "content": listed(1, [file_entry(b"b", 0, b"\3" + bytes(32))]),
            "folder form": listed(1, [folder_entry(b"b", bytes(32), form=3)]),
        }
        names = (b"", b".", b"..", b"../a", b"/a", b"b\0", b"n" * 4_097)
        roots |= {f"name {name[:4]}": listed(1, [entry(name)]) for name in names}
        for name, root in roots.items():
            with self.subTest(name):
                self.setUp()
                self.one_file(root=root)
                self.assert_refused("damaged: /: tree ")

    def test_parts_of_a_folder_outside_their_range(self):
        for last, count in ((b"a", 1), (b"z", 2)):
            with self.subTest(last=last, count=count):
                self.setUp()
                first = self.build.slots()
                part = self.build.blob(2, listed(1, [file_entry(b"b", 0, inline([]))]))
                root = self.build.blob(2, listed(2, [struct.pack("<H", 1) + last + part + struct.pack("<I", count)]))
                self.build.index([self.build.pack()])
                self.build.snapshot(root, [first], form=2)
                self.assert_refused("damaged: /: ")

    def test_nodes_that_break_a_rule(self):
        first, rest = bytes.fromhex("11" * 32), snapshot_rest(bytes(32))
        bodies = {
            "version": node(1, rest, [first], version=2),
            "type": node(5, rest, [first]),
            "tombstone": node(4, struct.pack("<II", 0, 0), [first]),
            "tombstone of too much": node(4, struct.pack("<I", 65_537) + b"".join(n.to_bytes(32, "big") for n in range(65_537)) + bytes(8), [first]),
            "order": node(1, rest, [b"b" * 32, b"a" * 32]),
            "trailing": node(1, rest + b"\0", [first]),
            "form": node(1, snapshot_rest(bytes(32), form=3), [first]),
            "label": node(1, snapshot_rest(bytes(32), label=b"l" * 256), [first]),
            "utf-8": node(1, snapshot_rest(bytes(32), label=b"\xff"), [first]),
            "parents": node(1, rest, [number.to_bytes(32, "big") for number in range(1_025)]),
            "slot of a kind that is none": node(2, struct.pack("<HB16sB32sqH", 0, 1, bytes(16), 4, bytes(32), 1_000, 0), [first]),
            "no slots": node(2, struct.pack("<HB", 0, 0), [first]),
            "forget order": node(3, struct.pack("<I", 2) + b"b" * 32 + b"a" * 32, [first]),
            "no parents": node(1, rest),
        }
        self.build.slots()
        for name, body in bodies.items():
            with self.subTest(name):
                broken = self.build.small(3, body)
                code, out, errors = self.read("snapshots")
                self.assertEqual(code, 3)
                self.assertIn(f"snap/{broken.hex()}", errors)
                (self.build.root / "snap" / broken.hex()).unlink()

    def test_padding_of_a_node_that_is_not_zero(self):
        first = self.build.slots()
        broken = self.build.snapshot(bytes(32), [first], padding=b"\1")
        self.assertIn(f"snap/{broken.hex()}: its padding", self.read("snapshots")[2])

    def test_a_missing_parent_is_reported_unless_it_was_forgotten(self):
        first = self.build.slots()
        gone = hashlib.sha256(b"gone").digest()
        head = self.build.snapshot(bytes(32), sorted([first, gone]))
        self.assertIn(f"snap/{gone.hex()}", self.read("snapshots")[2])
        self.build.small(3, node(3, struct.pack("<I", 1) + gone, [head]))
        self.assertEqual(self.read("snapshots")[::2], (0, ""))

    def test_segments_cut_extended_swapped_or_of_another_vault(self):
        self.one_file()
        path = next((self.build.root / "pack").iterdir())
        data = path.read_bytes()
        swapped = data[:65_536] + data[131_072:196_608] + data[65_536:131_072] + data[196_608:]
        for name, changed in {"cut": data[:-65_536], "extended": data + bytes(65_536), "swapped": swapped}.items():
            with self.subTest(name):
                path.write_bytes(changed)
                self.assert_refused(f"pack/{path.name}")
        path.write_bytes(data)
        other = self.here / "storage" / ("00" * 16)
        self.build.root.rename(other)
        self.assert_refused("belongs to another vault", code=1)

    def test_a_folder_to_restore_into_that_is_not_empty(self):
        self.one_file()
        (self.here / "full").mkdir()
        (self.here / "full" / "a").write_text("mine")
        self.assertEqual(self.read("restore", "--out", str(self.here / "full"))[0], 1)
        self.assertEqual((self.here / "full" / "a").read_text(), "mine")


if __name__ == "__main__":
    unittest.main()
