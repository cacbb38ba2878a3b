import { useEffect, useState } from 'react';
import type { Progress, Snapshot, Vault } from 'strongroom';

/** An open vault: files to back up, how far that is, snapshots to restore. */
export function Inside({ vault, onLock }: { vault: Vault; onLock(): void }) {
  const [snapshots, setSnapshots] = useState<Snapshot[]>([]);
  const [progress, setProgress] = useState<Progress>();
  const [said, setSaid] = useState('');
  useEffect(() => { vault.snapshots().then(setSnapshots, (error: Error) => setSaid(error.message)); }, [vault]);

  const backUp = async (files: FileList): Promise<void> => {
    const run = vault.backup(files, { label: 'Chosen files' });
    run.addEventListener('progress', ({ detail }) => setProgress(detail));
    try {
      const report = await run.done;
      setSaid(`${report.files} files backed up, ${report.leftCount} left out`);
      setSnapshots(await vault.snapshots());
    } catch (error) {
      setSaid((error as Error).message);
    } finally {
      setProgress(undefined);
    }
  };
  const restore = async (snapshot: Snapshot): Promise<void> => {
    try {
      const report = await vault.restore(snapshot.id, [''], { kind: 'download' }).done;
      setSaid(`${report.files} files restored, ${report.damagedCount} damaged`);
    } catch (error) {
      setSaid((error as Error).message);
    }
  };

  return (
    <section>
      <h1>{vault.name}</h1>
      <p>Walls around the keys: {vault.isolation}</p>
      <label>Back up <input type="file" multiple onChange={({ target }) => target.files && void backUp(target.files)} /></label>
      {progress && <progress max={progress.bytesTotal || 1} value={progress.bytesRead} />}
      <p role="status">{said}</p>
      <ul>
        {snapshots.map((snapshot) => (
          <li key={snapshot.id}>
            {new Date(snapshot.time).toLocaleString()} <button onClick={() => void restore(snapshot)}>Restore</button>
          </li>
        ))}
      </ul>
      <button onClick={onLock}>Lock</button>
    </section>
  );
}
