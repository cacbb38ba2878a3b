import { useState } from 'react';
import type { Created, StorageSpec } from 'strongroom';

import { Door } from './Door.tsx';
import { Inside } from './Inside.tsx';
import { useStrongroom } from './use-strongroom.ts';

/** A person's backups in this storage: create or unlock a vault, back up, restore. */
export function Backups({ storage }: { storage: StorageSpec }) {
  const strongroom = useStrongroom();
  const [opened, setOpened] = useState<Partial<Created>>({});
  if (!strongroom) return <p>One moment…</p>;
  const { vault, recoveryPhrase } = opened;
  if (!vault) return <Door strongroom={strongroom} storage={storage} onOpen={setOpened} />;
  if (recoveryPhrase) {
    return (
      <section>
        <h1>Write these words down</h1>
        <ol>{recoveryPhrase.map((word, at) => <li key={at}>{word}</li>)}</ol>
        <button onClick={() => setOpened({ vault })}>They are written down</button>
      </section>
    );
  }
  return <Inside vault={vault} onLock={() => { vault.lock(); setOpened({}); }} />;
}
