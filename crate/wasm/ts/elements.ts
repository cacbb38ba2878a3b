/** The elements themselves, with what they are made of; element.ts loads this and the engine's face beside it. */
import { BackupElement } from './element/backup.js';
import { RestoreElement } from './element/restore.js';
import { VaultElement } from './element/vault.js';
import type { Strongroom } from './strongroom.js';

/** Defines them once; `face` is what `index.js` gives, so that an app and the elements share one engine. */
export function defineElements(face: typeof Strongroom): void {
  VaultElement.face = face;
  const elements = { 'strongroom-backup': BackupElement, 'strongroom-restore': RestoreElement, 'strongroom-vault': VaultElement };
  for (const [name, element] of Object.entries(elements)) if (!customElements.get(name)) customElements.define(name, element);
}
