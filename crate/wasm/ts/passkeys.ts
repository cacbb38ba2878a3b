/** The passkeys of an open vault. */
import type { Engine } from './engine.js';
import { StrongroomError } from './errors.js';
import type { ChangeOfPasskeys } from './messages.js';
import { makePasskey } from './passkey.js';
import { withSecret } from './secret.js';
import type { PasskeyInfo, Secret } from './types.js';

export class Passkeys {
  readonly #engine: Engine;
  readonly #vault: string;
  readonly #name: string;
  readonly #broker: boolean;

  /** `broker` where the storage has a server to sign in to, by `name`. */
  constructor(engine: Engine, vault: string, name: string, broker: boolean) {
    this.#engine = engine;
    this.#vault = vault;
    this.#name = name;
    this.#broker = broker;
  }

  async list(): Promise<PasskeyInfo[]> {
    return this.#engine.begin<PasskeyInfo[]>('passkeys').done;
  }

  async add(label: string, secret: Secret | undefined): Promise<void> {
    // First what is refused more often: a passkey that was made and opens nothing is a nuisance.
    await this.#signIn(secret);
    await makePasskey(this.#vault, this.#name, label, passkey => this.#change({ add: { secret: { passkey }, label } }));
  }

  async rename(slot: string, label: string): Promise<void> {
    await this.#change({ rename: { slot, label } });
  }

  async remove(slot: string, secret: Secret | undefined): Promise<void> {
    await this.#signIn(secret);
    await this.#change({ remove: { slot } });
    // Nor does a bucket remember it.
    this.#engine.slots.delete(`${this.#vault}/slot/${slot}`);
  }

  async #signIn(secret: Secret | undefined): Promise<void> {
    if (!this.#broker || !secret) return;
    await withSecret(secret, async entered => {
      if ('passkey' in entered && entered.passkey.vault !== this.#vault) throw new StrongroomError('wrong_secret', 'This passkey opens another vault. Choose this one’s.');
      await this.#engine.begin({ sign_in: { name: this.#name, secret: entered } }).done;
    });
  }

  async #change(change: ChangeOfPasskeys): Promise<void> {
    await this.#engine.begin({ change_passkeys: { ...(this.#broker ? { name: this.#name } : {}), change } }).done;
  }
}
