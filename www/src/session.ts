/** An unlocked vault on this page: its snapshots, and the one thing that is going on in it. */

import type { Sink, Snapshot, Source, Vault } from 'strongroom';
import { BackupActivity, RestoreActivity, VerifyActivity, type Activity } from './activity.ts';
import { failureOf, type Failure } from './failure.ts';

export interface BackupSource {
  source: Source;
  label: string;
  note?: string;
  /** Whether the source can be walked a second time; what was dropped cannot. */
  lasting: boolean;
}

/** Dispatches `change` whenever something that is shown is new. */
export class Session extends EventTarget {
  /** Newest first; absent until loaded. */
  snapshots?: Snapshot[];
  failure?: Failure;
  activity?: Activity;

  constructor(readonly vault: Vault) {
    super();
    void this.reload();
  }

  /** Whether something runs that a lock or a closed tab would end. */
  get busy(): boolean {
    return this.activity?.active ?? false;
  }

  async reload(): Promise<void> {
    try {
      this.snapshots = await this.vault.snapshots();
      delete this.failure;
    } catch (error) {
      this.failure = failureOf(error);
    }
    this.#changed();
  }

  backup(chosen: BackupSource): void {
    const run = this.vault.backup(chosen.source, { label: chosen.label, confirm: true });
    const activity = new BackupActivity(run, chosen.label, chosen.note);
    if (chosen.lasting) activity.again = () => this.backup(chosen);
    this.#begin(activity);
    activity.addEventListener('change', () => {
      if (activity.phase === 'done') void this.reload();
    });
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

  /** Puts the report away. */
  clear(): void {
    delete this.activity;
    this.#changed();
  }

  #begin(activity: Activity): void {
    this.activity = activity;
    activity.addEventListener('change', () => this.#changed());
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
