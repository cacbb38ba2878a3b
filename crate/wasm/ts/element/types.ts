/** The elements as a page sees them. */
import type { BackupReport, ErrorCode, RestoreReport, Rules, StorageSpec, StrongroomOptions, Vault } from '../types.js';

/** `<strongroom-vault>`: creates or unlocks a vault, then backs up and restores. What is put into it takes the place of its two halves. */
export interface StrongroomVaultElement extends HTMLElement {
  /** Where vaults lie; goes before `server`. */
  storage: StorageSpec | undefined;
  /** Attribute `server`: the address of a Strongroom server, `/` for the page's own. */
  server: string | undefined;
  /** Where the package's files lie, when a bundler moves them. */
  assets: StrongroomOptions['assets'];
  /** Attribute `name`: the name that the forms begin with. */
  name: string;
  /** The vault while it is unlocked. */
  readonly vault: Vault | undefined;
  /** Locks the vault, as taking the element out of the page does. */
  lock(): void;
}

interface Half extends HTMLElement {
  /** The vault to work on; else that of the `<strongroom-vault>` around it. */
  vault: Vault | undefined;
}

/** `<strongroom-backup>`: takes what is dropped on it or chosen, shows what will go, and backs it up. */
export interface StrongroomBackupElement extends Half {
  /** What to leave out, and what alone to take. */
  rules: Rules | undefined;
  /** Attribute `label`: what its snapshots are called, instead of by the name of what was chosen. */
  label: string | undefined;
}

/** `<strongroom-restore>`: snapshots, what is in them, and the way back. */
export interface StrongroomRestoreElement extends Half {
  /** Reads the list of snapshots again; it does so by itself after a `strongroom-backed-up`. */
  refresh(): Promise<void>;
}

/** What the elements tell; every event bubbles, out of shadow roots too. */
export interface StrongroomEvents {
  /** A vault is open now. */
  'strongroom-unlocked': CustomEvent<{ vault: Vault; /** It is new, and its recovery phrase was shown and rehearsed. */ created: boolean }>;
  /** Its keys are forgotten. */
  'strongroom-locked': CustomEvent<{ vault: Vault }>;
  /** A snapshot was made; what was left out, its report says. */
  'strongroom-backed-up': CustomEvent<{ vault: Vault; report: BackupReport }>;
  /** A restore is over; what is damaged, its report says. */
  'strongroom-restored': CustomEvent<{ vault: Vault; report: RestoreReport }>;
  /** What is shown to the person, too; `error` is what was thrown. */
  'strongroom-error': CustomEvent<{ code: ErrorCode; message: string; error: unknown }>;
}

declare global {
  interface HTMLElementTagNameMap {
    'strongroom-vault': StrongroomVaultElement;
    'strongroom-backup': StrongroomBackupElement;
    'strongroom-restore': StrongroomRestoreElement;
  }
  interface HTMLElementEventMap extends StrongroomEvents {}
  interface DocumentEventMap extends StrongroomEvents {}
}
