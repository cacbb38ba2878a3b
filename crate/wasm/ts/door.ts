/** What a vault's server decides: who is signed in, by which passphrase, and how much it keeps. */
import type { Device } from './devices.js';
import type { Engine } from './engine.js';
import { withSecret } from './secret.js';
import type { Quota, Secret, SessionInfo } from './types.js';

export class Door {
  readonly #engine: Engine;
  /** The vault's name at its server. */
  readonly #name: string;
  readonly #device: Device;

  constructor(engine: Engine, name: string, device: Device) {
    this.#engine = engine;
    this.#name = name;
    this.#device = device;
  }

  async sessions(): Promise<SessionInfo[]> {
    const { sessions } = JSON.parse(await this.#engine.begin<string>('sessions').done) as { sessions: SessionInfo[] };
    return sessions;
  }

  async quota(): Promise<Quota> {
    const { stored, reserved, quota } = JSON.parse(await this.#engine.begin<string>('quota').done) as { stored: number; reserved: number; quota?: number | null };
    return { used: stored + reserved, ...(quota == null ? {} : { limit: quota }) };
  }

  /** What the server knows this device by, if it does. */
  async device(): Promise<string | undefined> {
    return (await this.#device.known()).device;
  }

  async endSessions(secret: Secret, id: string | undefined): Promise<void> {
    await this.signIn(secret);
    await this.#engine.begin({ end_sessions: { body: JSON.stringify({ id }) } }).done;
  }

  async changePassphrase(secret: Secret, passphrase: string): Promise<void> {
    await this.signIn(secret);
    await this.#engine.begin({ change_passphrase: { name: this.#name, passphrase: passphrase.normalize('NFKC') } }).done;
  }

  /** What cannot be undone needs a sign-in of the last minutes: a session that was stolen is not enough. */
  async signIn(secret: Secret): Promise<void> {
    const { device } = await this.#device.known();
    await withSecret(secret, async entered => {
      await this.#engine.begin({ sign_in: { name: this.#name, secret: entered, ...(device ? { device } : {}) } }).done;
    });
  }
}
