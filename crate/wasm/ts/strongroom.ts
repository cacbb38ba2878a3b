import { Device, originDevices } from './devices.js';
import { Door } from './door.js';
import { Engine } from './engine.js';
import { StrongroomError } from './errors.js';
import { Heads, originMemory } from './heads.js';
import type { Command, CreatedResult, Entered, UnlockedResult } from './messages.js';
import { memoryStore } from './memory.js';
import { readRemembered, specOf } from './remembered.js';
import { passkeyObstacle } from './passkey.js';
import { withSecret } from './secret.js';
import { removeLeftovers } from './staged.js';
import { findVault, isVaultId } from './storage.js';
import { fromText } from './text.js';
import type { BucketProvider, BucketReport, Created, CreateOptions, Memory, StorageSpec, StrongroomOptions, UnlockOptions, Vault } from './types.js';
import { EngineVault } from './vault.js';
import { compileModules, runErrand, Workers, type Modules } from './workers.js';

const CHUNK_LOG2 = { standard: 18, large: 20 } as const;

/**
 * Encrypted, de-duplicated backup in this tab.
 *
 * @example
 * const strongroom = await Strongroom.start();
 * const storage = { kind: 'broker', url: location.origin } as const;
 * const { vault, recoveryPhrase } = await strongroom.createVault(storage, { name: 'holidays-7f3k', passphrase });
 * showOnce(recoveryPhrase);
 * const run = vault.backup(event.dataTransfer, { label: 'Photos' });
 * run.addEventListener('progress', ({ detail }) => draw(detail));
 * const report = await run.done;
 */
export class Strongroom {
  readonly #modules: Modules;
  readonly #options: StrongroomOptions;
  readonly #open = new Set<Vault>();
  #closed = false;

  private constructor(modules: Modules, options: StrongroomOptions) {
    this.#modules = modules;
    this.#options = options;
  }

  /** Loads the engine. Each vault gets workers of its own when it is created or unlocked. */
  static async start(options: StrongroomOptions = {}): Promise<Strongroom> {
    void removeLeftovers();
    return new Strongroom(await compileModules(options.assets), options);
  }

  /**
   * Creates a vault and opens it. The recovery phrase is in nobody's hands but the caller's: show it once, have the user
   * write it down, and rehearse it.
   */
  async createVault(storage: StorageSpec, { name, passphrase, chunks = 'standard' }: CreateOptions): Promise<Created> {
    const command: Command = {
      create: { name, passphrase: passphrase.normalize('NFKC'), chunk_log2: CHUNK_LOG2[chunks], broker: storage.kind === 'broker' },
    };
    const { engine, result } = await this.#begin<CreatedResult>(storage, command);
    const heads = this.#heads(engine, result.vault);
    await heads.keep();
    return { vault: this.#opened(engine, heads, result.vault, name, storage), recoveryPhrase: result.phrase };
  }

  /**
   * Opens a vault by its passphrase, its recovery phrase or one of its passkeys, which the browser asks for. Ends with a
   * {@link RollbackError} where the storage shows an older state than this device has seen.
   */
  async unlock(storage: StorageSpec, { secret, ...options }: UnlockOptions): Promise<Vault> {
    if (storage.kind === 'broker' && !options.name) throw new StrongroomError('bad_name', 'Give the name of the vault.');
    return withSecret(secret, async entered =>
      storage.kind === 'remembered' ? this.#unlockRemembered(storage.text, entered, options) : this.#unlock(storage, entered, options));
  }

  async #unlock(storage: StorageSpec, secret: Entered, { name, acceptRollback = false }: Omit<UnlockOptions, 'secret'>, slots = new Map<string, ArrayBuffer>()): Promise<Vault> {
    const broker = storage.kind === 'broker';
    // A passkey knows its vault.
    const meant = 'passkey' in secret && !isVaultId(name) ? secret.passkey.vault : name;
    const vault = broker ? undefined : await findVault(storage, meant, this.#modules, this.#options);
    const device = this.#device(storage, name);
    const known = await device?.known() ?? { remember: false };
    const { engine, result } = await this.#begin<UnlockedResult>(storage, { unlock: { name: name ?? '', vault, secret, broker, ...known } });
    if (result.device) await device?.keep(result.device);
    // What was remembered of the slots is remembered on.
    for (const [path, slot] of slots) if (!engine.slots.has(path)) engine.slots.set(path, slot);
    const heads = this.#heads(engine, result.vault);
    try {
      if (!acceptRollback) await heads.check();
    } catch (error) {
      engine.end(new StrongroomError('cancelled', 'The vault was not opened.'));
      throw error;
    }
    await heads.keep(acceptRollback);
    return this.#opened(engine, heads, result.vault, name || result.vault, storage);
  }

  /** Why this page cannot use passkeys, as a sentence: its address is a number, or the browser has none. Nothing where it can. */
  static get passkeyObstacle(): string | undefined {
    return passkeyObstacle();
  }

  /**
   * Tries a bucket out with some hundred small requests, under a name of its own that it clears away where it may, and says what is wrong
   * and what to set for this page: rules for pages, keys and lifecycles, as the provider takes them.
   */
  async examineBucket(storage: Extract<StorageSpec, { kind: 's3' }>, { provider }: { provider?: BucketProvider } = {}): Promise<BucketReport> {
    const origin = globalThis.location?.origin ?? '';
    return runErrand<BucketReport>(this.#modules, this.#options, storage, { examine: { origin, ...(provider ? { provider } : {}) } });
  }

  /** Has the server know this device no more, by which its tries are counted apart from those of strangers; see {@link StrongroomOptions.devices}. */
  static async forgetDevice(storage: Extract<StorageSpec, { kind: 'broker' }>, name: string, devices: Memory = originDevices): Promise<void> {
    await new Device(devices, storage.url, name).keep('');
  }

  /** Locks every vault that was opened here. */
  close(): void {
    this.#closed = true;
    for (const vault of [...this.#open]) vault.lock();
  }

  async #begin<R>(storage: StorageSpec, command: Command): Promise<{ engine: Engine; result: R }> {
    if (this.#closed) throw new StrongroomError('cancelled', 'This was closed; start it again.');
    const engine = new Engine(await Workers.start(this.#modules, storage, this.#options));
    try {
      return { engine, result: await engine.begin<R>(command).done };
    } catch (error) {
      engine.end(new StrongroomError('cancelled', 'The vault was not opened.'));
      throw error;
    }
  }

  #heads(engine: Engine, id: string): Heads {
    const { remember = originMemory } = this.#options;
    return new Heads(engine, remember || undefined, id);
  }

  #device(storage: StorageSpec, name: string | undefined): Device | undefined {
    const { devices = originDevices } = this.#options;
    return storage.kind === 'broker' ? new Device(devices || undefined, storage.url, name ?? '') : undefined;
  }

  /** Opens the vault's key from the slots that are here, the bucket's keys with it, and then the vault where it is. */
  async #unlockRemembered(text: string, secret: Entered, options: Omit<UnlockOptions, 'secret'>): Promise<Vault> {
    const { vault: id, sealed, bytes } = readRemembered(text);
    const here = { kind: 'memory', id: `remembered ${sealed}` } as const;
    for (const [path, slot] of bytes) memoryStore(here.id).put(path, slot);
    const { engine } = await this.#begin(here, { unlock: { name: id, vault: id, secret, broker: false, remember: false } });
    const opened = engine.begin<Uint8Array>({ open_note: { sealed: fromText(sealed) } }).done;
    const note = await opened.finally(() => engine.end(new StrongroomError('cancelled', 'The bucket’s keys are open.')));
    return this.#unlock(specOf(new TextDecoder().decode(note)), secret, { ...options, name: id }, bytes);
  }

  #opened(engine: Engine, heads: Heads, id: string, name: string, storage: StorageSpec): Vault {
    const device = this.#device(storage, name);
    const door = device && new Door(engine, name, device);
    const vault: Vault = new EngineVault(engine, heads, door, storage, this.#options, id, name, () => this.#open.delete(vault));
    this.#open.add(vault);
    return vault;
  }
}
