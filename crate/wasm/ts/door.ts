/** What a vault's server decides: who is signed in, by which passphrase, and how much it keeps. */
import type { Engine } from './engine.js';
import { withSecret } from './secret.js';
import type { Quota, Secret, SessionInfo } from './types.js';

export class Door {
  readonly #engine: Engine;
  /** The vault's name at its server. */
  readonly #name: string;

  constructor(engine: Engine, name: string) {
    this.#engine = engine;
    this.#name = name;
  }

  async sessions(): Promise<SessionInfo[]> {
    const { sessions } = JSON.parse(await this.#engine.begin<string>('sessions').done) as { sessions: SessionInfo[] };
    return sessions;
  }

  async quota(): Promise<Quota> {
    const { stored, reserved, quota } = JSON.parse(await this.#engine.begin<string>('quota').done) as { stored: number; reserved: number; quota?: number | null };
    return { used: stored + reserved, ...(quota == null ? {} : { limit: quota }) };
  }

  async endSessions(secret: Secret, id: string | undefined): Promise<void> {
    await this.#signIn(secret);
    await this.#engine.begin({ end_sessions: { body: JSON.stringify({ id }) } }).done;
  }

  async changePassphrase(secret: Secret, passphrase: string): Promise<void> {
    await this.#signIn(secret);
    await this.#engine.begin({ change_passphrase: { name: this.#name, passphrase: passphrase.normalize('NFKC') } }).done;
  }

  /** What cannot be undone needs a sign-in of the last minutes: a session that was stolen is not enough. */
  async #signIn(secret: Secret): Promise<void> {
    await withSecret(secret, async entered => { await this.#engine.begin({ sign_in: { name: this.#name, secret: entered } }).done; });
  }
}
