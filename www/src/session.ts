/** An unlocked vault on this page: its snapshots, and the one thing that is going on in it. */

import { RollbackError, type Erasure, type Secret, type Sink, type Snapshot, type Source, type Usage, type Vault } from 'strongroom';
import { BackupActivity, PruneActivity, RestoreActivity, VerifyActivity, type Activity } from './activity.ts';
import { EVERYTHING, recallChoice, rememberChoice, rulesOf, type Choice } from './choice.ts';
import { failureOf, type Failure } from './failure.ts';

export interface BackupSource {
  source: Source;
  label: string;
  note?: string;
}

/** Dispatches `change` whenever something that is shown is new. */
export class Session extends EventTarget {
  /** Newest first; absent until loaded. */
  snapshots?: Snapshot[];
  /** What the vault keeps and takes; absent until loaded. */
  usage?: Usage;
  /** What is to be erased; absent until loaded. */
  erasures?: Erasure[];
  failure?: Failure;
  /** The storage was set back while the vault was open. */
  rollback?: RollbackError;
  activity?: Activity;
  /** What the last back up left out; so will the next. */
  choice: Choice = EVERYTHING;
  #reads = 0;

  constructor(readonly vault: Vault) {
    super();
    void this.reload();
    void recallChoice(vault).then((choice) => { this.choice = choice; });
  }

  /** Whether something runs that a lock or a closed tab would end. */
  get busy(): boolean {
    return this.activity?.active ?? false;
  }

  /** Whether all that is shown of the vault is being read anew. */
  get reading(): boolean {
    return this.#reads > 0;
  }

  /** `accept`, if need be, an older state than was seen before. */
  async reload(accept = false): Promise<void> {
    this.#reads += 1;
    this.#changed();
    try {
      this.snapshots = await this.vault.snapshots({ acceptRollback: accept });
      this.usage = await this.vault.usage();
      this.#changed();
      this.erasures = await this.vault.erasures();
      delete this.failure;
      delete this.rollback;
    } catch (error) {
      if (error instanceof RollbackError) this.rollback = error;
      this.failure = failureOf(error);
    }
    this.#reads -= 1;
    this.#changed();
  }

  /** Shows what will go, and waits for a word; goes `at_once` where that word was given before. */
  backup(chosen: BackupSource, start: 'planned' | 'at_once' = 'planned'): void {
    const run = this.vault.backup(chosen.source, { label: chosen.label, rules: rulesOf(this.choice), confirm: start === 'planned' });
    const activity = new BackupActivity(run, chosen.label, this.choice, () => this.vault.quota(), chosen.note);
    activity.again = () => this.backup(chosen, 'at_once');
    this.#begin(activity);
    if (start === 'at_once') activity.proceed();
    activity.addEventListener('change', () => {
      if (activity.phase === 'done') void this.reload();
    });
  }

  /**
   * Leaves other things out of the back up that is planned, and of those to come. Fails, and changes nothing, when a pattern is none.
   */
  async choose(choice: Choice): Promise<void> {
    if (this.activity?.kind === 'backup') await this.activity.choose(choice);
    this.choice = choice;
    await rememberChoice(this.vault, choice);
  }

  /** `what` names the selection for people; `check` reads back what was written into a folder. */
  restore(snapshot: string, selection: string[], sink: Sink, what: string, check = false): void {
    const activity = new RestoreActivity(this.vault.restore(snapshot, selection, sink, { check }), what);
    if (sink.kind !== 'stream') activity.again = () => this.restore(snapshot, selection, sink, what, check);
    this.#begin(activity);
  }

  verify(data: boolean): void {
    const activity = new VerifyActivity(this.vault.verify({ data }), data);
    activity.again = () => this.verify(data);
    this.#begin(activity);
  }

  /** By id; they come back only when a prune is called off. */
  async forget(snapshots: string[]): Promise<void> {
    await this.vault.forget({ snapshots });
    await this.reload();
  }

  /** `secret` where a server wants it once more. */
  prune(secret: Secret | undefined): void {
    const activity = new PruneActivity(this.vault.prune(secret ? { secret } : {}));
    this.#begin(activity);
    const ended = () => {
      if (activity.active) return;
      activity.removeEventListener('change', ended);
      void this.reload();
    };
    activity.addEventListener('change', ended);
  }

  async cancelErasure(id: string): Promise<void> {
    await this.vault.cancelErasure(id);
    await this.reload();
  }

  /** Puts the report away. */
  clear(): void {
    delete this.activity;
    this.#changed();
  }

  #begin(activity: Activity): void {
    this.activity = activity;
    activity.addEventListener('change', () => {
      // Whoever finds the storage set back, everything else stops too.
      if (activity.failure?.code === 'rolled_back' && !this.rollback) void this.reload();
      this.#changed();
    });
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
