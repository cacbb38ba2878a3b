// What each of these apps does with the package: a vault in the origin's private file system, a backup into it, and all of it back.
import { Strongroom } from 'strongroom';

const TEXT = 'dear reader';
const LARGE = 5_000_000;

/** The walls that held, what the backup read, and what came back. */
export async function journey(passphrase) {
  const root = await navigator.storage.getDirectory();
  const storage = { kind: 'directory', handle: await root.getDirectoryHandle('vault', { create: true }) };
  const source = [
    { path: 'letter.txt', mtime: 1_600_000_000_000, blob: new Blob([TEXT]) },
    { path: 'large.bin', mtime: 1_700_000_000_000, blob: new Blob([new Uint8Array(LARGE).map((_, at) => at * at >> 7)]) },
  ];
  const strongroom = await Strongroom.start();
  const { vault } = await strongroom.createVault(storage, { name: 'bundled', passphrase });
  const backup = await vault.backup(source).done;
  vault.lock();

  const again = await strongroom.unlock(storage, { secret: { passphrase } });
  const [snapshot] = await again.snapshots();
  const target = await root.getDirectoryHandle('restored', { create: true });
  const restored = await again.restore(snapshot.id, [''], { kind: 'directory', handle: target }).done;
  const file = async (name) => (await target.getFileHandle(name)).getFile();
  const large = new Uint8Array(await (await file('large.bin')).arrayBuffer());
  const { isolation } = again;
  strongroom.close();
  return {
    isolation, files: backup.files, damaged: restored.damagedCount, text: await (await file('letter.txt')).text(),
    same: large.length === LARGE && large.every((byte, at) => byte === (at * at >> 7 & 255)),
  };
}
