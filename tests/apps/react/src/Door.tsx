import { useState } from 'react';
import type { Created, StorageSpec, Strongroom } from 'strongroom';

interface Properties { strongroom: Strongroom; storage: StorageSpec; onOpen(opened: Partial<Created>): void }

/** Asks for a name and a passphrase, and creates or unlocks that vault. */
export function Door({ strongroom, storage, onOpen }: Properties) {
  const [trouble, setTrouble] = useState<string>();
  const open = async (form: FormData): Promise<void> => {
    const name = String(form.get('name'));
    const passphrase = String(form.get('passphrase'));
    try {
      onOpen(form.get('way') === 'create'
        ? await strongroom.createVault(storage, { name, passphrase })
        : { vault: await strongroom.unlock(storage, { name, secret: { passphrase } }) });
    } catch (error) {
      // A StrongroomError says in a sentence what happened, and what to do.
      setTrouble((error as Error).message);
    }
  };
  return (
    <form action={open}>
      <h1>Backups</h1>
      <label>Name of the vault <input name="name" required /></label>
      <label>Passphrase <input name="passphrase" type="password" required /></label>
      <button name="way" value="create">Create it</button>
      <button name="way" value="unlock">Unlock it</button>
      {trouble && <p role="alert">{trouble}</p>}
    </form>
  );
}
