/** Runs as the caller sees them. */
import type { BackupReport, BackupRun, Part, Plan, Progress, Rules, Run, Settled, SourceFolder } from './types.js';
import type { Look, Steer } from './messages.js';

const NOTHING_YET: Progress = {
  stage: 'walking', filesTotal: 0, filesDone: 0, filesFailed: 0, bytesTotal: 0, bytesRead: 0, bytesNew: 0, bytesStored: 0, bytesThere: 0, rate: 0, current: [],
};

/** A run of the engine; what it comes to is settled from outside. */
export class EngineRun<R> extends EventTarget implements Run<R> {
  readonly done: Promise<R>;
  #progress = NOTHING_YET;
  readonly #steer: (steer: Steer) => void;

  constructor(done: Promise<R>, steer: (steer: Steer) => void, signal?: AbortSignal) {
    super();
    this.done = done;
    this.#steer = steer;
    // Whoever only looks at events need not handle the promise too.
    done.catch(() => {});
    if (signal) {
      const cancel = () => this.cancel();
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel, { once: true });
      const forget = () => signal.removeEventListener('abort', cancel);
      done.then(forget, forget);
    }
  }

  get progress(): Progress { return this.#progress; }

  pause(): void { this.#steer('pause'); }
  resume(): void { this.#steer('resume'); }
  cancel(): void { this.#steer('cancel'); }

  override addEventListener(
    type: string, listener: ((event: CustomEvent) => void) | EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void {
    super.addEventListener(type, listener as EventListener, options);
  }

  /** The engine reports; listeners hear. */
  report(progress: Progress): void {
    this.#progress = progress;
    this.dispatchEvent(new CustomEvent('progress', { detail: progress }));
  }

  protected steer(steer: Steer): void { this.#steer(steer); }
}

const NO_PLAN_YET: Plan = {
  files: 0, folders: 0, bytes: 0, newFiles: 0, newBytes: 0, changedFiles: 0, changedBytes: 0, unchangedFiles: 0, unchangedBytes: 0,
  removedFiles: 0, unreadable: 0, excludedFiles: 0, excludedBytes: 0,
};

export class EngineBackupRun extends EngineRun<BackupReport> implements BackupRun {
  readonly plan: Promise<Plan>;
  readonly #look: <S>(at: Look) => Promise<S>;
  #planSoFar = NO_PLAN_YET;
  #planned!: (plan: Plan) => void;

  constructor(done: Promise<BackupReport>, steer: (steer: Steer) => void, look: <S>(at: Look) => Promise<S>, signal?: AbortSignal) {
    super(done, steer, signal);
    this.#look = look;
    this.plan = new Promise((resolve, reject) => {
      this.#planned = resolve;
      done.catch(reject);
    });
    this.plan.catch(() => {});
  }

  get planSoFar(): Plan { return this.#planSoFar; }

  proceed(): void { this.steer('proceed'); }
  choose({ exclude = [], include = [] }: Rules): Promise<Plan> { return this.#look({ choose: { exclude, include } }); }
  folder(path: string, { limit = 200 }: { limit?: number } = {}): Promise<SourceFolder> { return this.#look({ folder: { path, limit } }); }
  entries(part: Part, { from = 0, limit = 100 }: { from?: number; limit?: number } = {}): Promise<Settled> {
    return this.#look({ entries: { part, from, limit } });
  }

  tryAgain(paths?: string[]): Promise<number> { return this.#look({ again: { ...(paths ? { paths } : {}) } }); }

  /** The engine knows more, or all when `whole`; listeners hear. */
  reportPlan(plan: Plan, whole: boolean): void {
    this.#planSoFar = plan;
    if (whole) this.#planned(plan);
    this.dispatchEvent(new CustomEvent('plan', { detail: plan }));
  }
}
