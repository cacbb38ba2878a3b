/** The passkeys of an open vault. */
import type { Door } from './door.js';
import type { Engine } from './engine.js';
import type { ChangeOfPasskeys } from './messages.js';
import { makePasskey } from './passkey.js';
import type { PasskeyInfo, Secret } from './types.js';

export class Passkeys {
  readonly #engine: Engine;
  readonly #vault: string;
  readonly #name: string;
  readonly #door: Door | undefined;

  /** `door` where the storage has a server to sign in to. */
  constructor(engine: Engine, vault: string, name: string, door: Door | undefined) {
    this.#engine = engine;
    this.#vault = vault;
    this.#name = name;
    this.#door = door;
  }

  async list(): Promise<PasskeyInfo[]> {
    return this.#engine.begin<PasskeyInfo[]>('passkeys').done;
  }

  async add(label: string, secret: Secret | undefined): Promise<void> {
    // First what is refused more often: a passkey that was made and opens nothing is a nuisance.
    if (secret) await this.#door?.signIn(secret);
    await makePasskey(this.#vault, this.#name, label, passkey => this.#change({ add: { secret: { passkey }, label } }));
  }

  async rename(slot: string, label: string): Promise<void> {
    await this.#change({ rename: { slot, label } });
  }

  async remove(slot: string, secret: Secret | undefined): Promise<void> {
    if (secret) await this.#door?.signIn(secret);
    await this.#change({ remove: { slot } });
    // Nor does a bucket remember it.
    this.#engine.slots.delete(`${this.#vault}/slot/${slot}`);
  }

  async #change(change: ChangeOfPasskeys): Promise<void> {
    await this.#engine.begin({ change_passkeys: { ...(this.#door ? { name: this.#name } : {}), change } }).done;
  }
}
