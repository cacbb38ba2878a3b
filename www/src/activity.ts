/** What is going on in a vault: a back up, a restore or a verify, from its start until its report is put away. */

import type { BackupReport, BackupRun, Plan, Progress, RestoreReport, Run, VerifyReport } from 'strongroom';
import { failureOf, type Failure } from './failure.ts';

export type Phase = 'walking' | 'planned' | 'running' | 'done' | 'cancelled' | 'failed';
export type Activity = BackupActivity | RestoreActivity | VerifyActivity;

/** Dispatches `change` whenever something that is shown is new. */
abstract class RunActivity<Report> extends EventTarget {
  phase: Phase;
  report?: Report;
  failure?: Failure;
  paused = false;
  /** Starts the same once more, where that can be done without asking for the source again. */
  again?: () => void;
  readonly #run: Run<Report>;

  constructor(run: Run<Report>, phase: Phase) {
    super();
    this.phase = phase;
    this.#run = run;
    run.addEventListener('progress', () => this.changed());
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
    this.dispatchEvent(new Event('change'));
  }
}

export class BackupActivity extends RunActivity<BackupReport> {
  readonly kind = 'backup';
  plan?: Plan;
  readonly #backup: BackupRun;

  /** `label` as the snapshot's; `note` says what the way of choosing leaves out. */
  constructor(run: BackupRun, readonly label: string, readonly note?: string) {
    super(run, 'walking');
    this.#backup = run;
    run.plan.then(
      (plan) => {
        this.plan = plan;
        if (this.phase === 'walking') this.changed('planned');
      },
      () => undefined, // `done` rejects with the same
    );
  }

  /** Goes on after the plan. */
  proceed(): void {
    this.#backup.proceed();
    this.changed('running');
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
