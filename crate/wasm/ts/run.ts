/** Runs as the caller sees them. */
import type { BackupReport, BackupRun, Plan, Progress, Run } from './types.js';
import type { Steer } from './messages.js';

const NOTHING_YET: Progress = {
  stage: 'walking', filesTotal: 0, filesDone: 0, bytesTotal: 0, bytesRead: 0, bytesNew: 0, bytesStored: 0, rate: 0, current: [],
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
    type: string, listener: ((event: CustomEvent<Progress>) => void) | EventListenerOrEventListenerObject | null,
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

export class EngineBackupRun extends EngineRun<BackupReport> implements BackupRun {
  readonly plan: Promise<Plan>;

  constructor(done: Promise<BackupReport>, plan: Promise<Plan>, steer: (steer: Steer) => void, signal?: AbortSignal) {
    super(done, steer, signal);
    this.plan = plan;
    plan.catch(() => {});
  }

  proceed(): void { this.steer('proceed'); }
}
