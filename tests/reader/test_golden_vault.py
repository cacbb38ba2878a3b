"""Proves that strongroom_reader.py restores vaults that the Rust side wrote: the golden one, as it writes them now, and an old one."""

import contextlib
import hashlib
import io
import json
import os
import tempfile
import unittest
from pathlib import Path

import strongroom_reader

VECTORS = Path(__file__).parent.parent / "vectors"


class GoldenVault(unittest.TestCase):
    vault = VECTORS / "vault"

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.here = Path(folder.name)
        cls.manifest = json.loads((cls.vault / "manifest.json").read_text())
        (cls.here / "phrase").write_text(cls.manifest["recovery_phrase"])
        (cls.here / "passphrase").write_text(cls.manifest["passphrase"])

    def read(self, *arguments: str, secret="--recovery-phrase-file", file="phrase") -> str:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = strongroom_reader.main([str(self.vault), *arguments, secret, str(self.here / file)])
        self.assertEqual(code, 0)
        return out.getvalue()

    def test_every_snapshot_is_restored_as_the_manifest_says(self):
        for snapshot in self.manifest["snapshots"]:
            name = snapshot["snapshot"]["id"]
            out = self.here / name
            self.read("restore", "--snapshot", name, "--out", str(out))
            top = os.fsencode(out)
            for entry in snapshot["entries"]:
                path = bytes.fromhex(entry["path_hex"]) if "path_hex" in entry else entry["path"].encode()
                target = os.path.join(top, path)
                with self.subTest(path):
                    self.assertEqual(os.path.isdir(target), entry.get("kind") == "folder")
                    if entry["mtime"] is not None:
                        self.assertEqual(os.stat(target).st_mtime_ns // 1_000_000, entry["mtime"])
                    if "size" in entry:
                        content = Path(os.fsdecode(target)).read_bytes()
                        self.assertEqual(len(content), entry["size"])
                        self.assertIn(hashlib.sha256(content).hexdigest(), (entry.get("sha256"), hashlib.sha256(b"").hexdigest()))
            found = sum(len(folders) + len(files) for _, folders, files in os.walk(top))
            self.assertEqual(found, len(snapshot["entries"]))

    def test_both_secrets_show_the_same_snapshots(self):
        shown = self.read("snapshots")
        self.assertEqual(shown, self.read("snapshots", secret="--passphrase-file", file="passphrase"))
        names = [snapshot["snapshot"]["id"] for snapshot in self.manifest["snapshots"]]
        self.assertEqual([line.split()[0] for line in shown.splitlines()], names[::-1])


class OldVault(GoldenVault):
    """Written by a program of the first evening."""

    vault = VECTORS / "old-vault"


if __name__ == "__main__":
    unittest.main()
