/** What is going on in a vault: a back up, a restore, a verify or a prune, from its start until its report is put away. */

import type { BackupReport, BackupRun, Part, Plan, Progress, PruneReport, Quota, RestoreReport, Run, Settled, SourceFolder, VerifyReport } from 'strongroom';
import { Awake } from './awake.ts';
import { rulesOf, type Choice } from './choice.ts';
import { failureOf, type Failure } from './failure.ts';
import { atWork } from './work.ts';

export type Phase = 'walking' | 'planned' | 'running' | 'done' | 'cancelled' | 'failed';
export type Activity = BackupActivity | RestoreActivity | VerifyActivity | PruneActivity;

/** How long it is shown that a lost connection is there again. */
const NEWS_MS = 15_000;

/** Dispatches `change` whenever something that is shown is new. */
abstract class RunActivity<Report> extends EventTarget {
  phase: Phase;
  report?: Report;
  failure?: Failure;
  paused = false;
  /** The last wait for the storage that is over: when it ended, and how long it was. */
  waited?: { until: number; milliseconds: number };
  /** Starts the same once more, where that can be done without asking for the source again. */
  again?: () => void;
  readonly #run: Run<Report>;
  readonly #awake = new Awake(() => this.changed());
  readonly #endWork = atWork();
  #waitingSince: number | undefined;

  constructor(run: Run<Report>, phase: Phase) {
    super();
    this.phase = phase;
    this.#run = run;
    this.#awake.want();
    run.addEventListener('progress', () => {
      this.#notice();
      this.changed();
    });
    run.done.then(
      (report) => {
        this.report = report;
        this.changed('done');
      },
      (error: unknown) => {
        const failure = failureOf(error);
        if (failure.code === 'cancelled') return this.changed('cancelled');
        this.failure = failure;
        this.changed('failed');
      },
    );
  }

  get progress(): Progress {
    return this.#run.progress;
  }

  /** Whether it still works, or waits for a word to. */
  get active(): boolean {
    return this.phase === 'walking' || this.phase === 'planned' || this.phase === 'running';
  }

  /** Whether the screen is kept awake. */
  get awake(): boolean {
    return this.#awake.held;
  }

  /** The wait that ended a moment ago. */
  get regained(): number | undefined {
    return this.waited && Date.now() - this.waited.until < NEWS_MS ? this.waited.milliseconds : undefined;
  }

  pause(): void {
    this.paused = true;
    this.#run.pause();
    this.changed();
  }

  resume(): void {
    this.paused = false;
    this.#run.resume();
    this.changed();
  }

  cancel(): void {
    this.#run.cancel();
  }

  protected changed(phase: Phase = this.phase): void {
    this.phase = phase;
    if (!this.active) {
      this.#awake.release();
      this.#endWork();
    }
    this.dispatchEvent(new Event('change'));
  }

  /** It waits for the storage from now on. */
  protected waits(): void {}

  #notice(): void {
    const waits = this.progress.stage === 'waiting';
    if (waits && this.#waitingSince === undefined) {
      this.#waitingSince = Date.now();
      this.waits();
    } else if (waits) return;
    else if (this.#waitingSince !== undefined && this.progress.stage !== 'paused') {
      this.waited = { until: Date.now(), milliseconds: Date.now() - this.#waitingSince };
      this.#waitingSince = undefined;
    }
  }
}

export class BackupActivity extends RunActivity<BackupReport> {
  readonly kind = 'backup';
  /** Whether everything was looked through, so that the plan is whole. */
  planned = false;
  /** Room at the server, as of the plan and of the last wait. */
  quota?: Quota;
  readonly #backup: BackupRun;

  /** `label` as the snapshot's; `note` says what the way of choosing leaves out. */
  constructor(run: BackupRun, readonly label: string, public choice: Choice, private readonly askQuota: () => Promise<Quota>, readonly note?: string) {
    super(run, 'walking');
    this.#backup = run;
    this.waits();
    run.addEventListener('plan', () => this.changed());
    run.plan.then(
      () => {
        this.planned = true;
        this.changed(this.phase === 'walking' ? 'planned' : this.phase);
      },
      () => undefined, // `done` rejects with the same
    );
  }

  get plan(): Plan {
    return this.#backup.planSoFar;
  }

  /** Goes on after the plan, or as soon as there is one. */
  proceed(): void {
    this.#backup.proceed();
    this.changed('running');
  }

  /** Leaves out other things. Fails, and changes nothing, when a pattern is none. */
  async choose(choice: Choice): Promise<void> {
    await this.#backup.choose(rulesOf(choice));
    this.choice = choice;
    this.changed();
  }

  folder(path: string): Promise<SourceFolder> {
    return this.#backup.folder(path);
  }

  entries(part: Part, from: number, limit: number): Promise<Settled> {
    return this.#backup.entries(part, { from, limit });
  }

  /** A server that does not say how much room there is costs the figures, nothing else. */
  protected override waits(): void {
    this.askQuota().then((quota) => {
      this.quota = quota;
      this.changed();
    }, () => undefined);
  }

  /** Tries files that could not be read once more within this run: that one, or all. Too late for a run that has just ended. */
  async tryAgain(path?: string): Promise<void> {
    await this.#backup.tryAgain(path === undefined ? undefined : [path]).catch(() => 0);
    this.changed();
  }
}

export class RestoreActivity extends RunActivity<RestoreReport> {
  readonly kind = 'restore';

  constructor(run: Run<RestoreReport>, readonly what: string) {
    super(run, 'running');
  }
}

export class VerifyActivity extends RunActivity<VerifyReport> {
  readonly kind = 'verify';

  constructor(run: Run<VerifyReport>, readonly data: boolean) {
    super(run, 'running');
  }
}

export class PruneActivity extends RunActivity<PruneReport> {
  readonly kind = 'prune';

  constructor(run: Run<PruneReport>) {
    super(run, 'running');
  }
}
