"""Proves that strongroom_reader.py restores what the command line, and so the Rust core, has written."""

import os
import random
import subprocess
import tempfile
import unittest
from pathlib import Path

import strongroom_reader

CLI = os.environ["STRONGROOM_CLI"]  # `cargo xtask test` builds and names it
PASSPHRASE = "ﬁve grey cats"


def tree(root: Path) -> dict[bytes, tuple[bytes | None, int]]:
    """Path to content (None for folders) and time in milliseconds."""
    found, top = {}, os.fsencode(root)
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            content = None if name in folders else Path(os.fsdecode(path)).read_bytes()
            found[os.path.relpath(path, top)] = (content, os.stat(path).st_mtime_ns // 1_000_000)
    return found


class ReadsTheCommandLinesVault(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.here = Path(folder.name)
        (cls.here / "passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
        cls.run_cli("init", "--recovery-phrase-out", str(cls.here / "phrase"))
        cls.furnish(cls.here / "source")
        cls.run_cli("backup", str(cls.here / "source"))
        (cls.here / "source" / "later").write_bytes(b"added")
        cls.run_cli("backup", str(cls.here / "source"))

    @classmethod
    def run_cli(cls, command: str, *arguments: str) -> None:
        secret = ["--passphrase-file", str(cls.here / "passphrase")]
        subprocess.run([CLI, command, "-r", str(cls.here / "vault"), *secret, *arguments], check=True, stdout=subprocess.DEVNULL)

    @staticmethod
    def furnish(source: Path) -> None:
        noise = random.Random(1).randbytes
        (source / "empty").mkdir(parents=True)
        (source / "many").mkdir()
        for number in range(9_000):  # more than one part of a folder
            (source / "many" / f"{number:05}").write_bytes(b"%d" % number)
        (source / "big").write_bytes(noise(24 << 20))  # more than one pack, and a content blob
        (source / "zeros").write_bytes(bytes(5 << 20))
        (source / "text").write_text("the same line\n" * 50_000)
        (source / "nothing").touch()
        for name in (b"\xff\xfe", "café".encode(), "cafe\u0301".encode(), "🗝".encode()):
            Path(os.fsdecode(os.path.join(os.fsencode(source), name))).write_bytes(name)
        os.utime(source / "empty", ns=(0, -1_500_000_000))

    def restore(self, *arguments: str) -> dict[bytes, tuple[bytes | None, int]]:
        out = Path(tempfile.mkdtemp(dir=self.here)) / "out"
        code = strongroom_reader.main([str(self.here / "vault"), "restore", "--out", str(out), *arguments])
        self.assertEqual(code, 0)
        return tree(out / "source")

    def test_with_its_passphrase_and_with_its_recovery_phrase(self):
        expected = tree(self.here / "source")
        self.assertEqual(self.restore("--passphrase-file", str(self.here / "passphrase")), expected)
        self.assertEqual(self.restore("--recovery-phrase-file", str(self.here / "phrase")), expected)


if __name__ == "__main__":
    unittest.main()
