/** An open vault, over its engine. */
import { StrongroomError } from './errors.js';
import type { Engine } from './engine.js';
import type { Command } from './messages.js';
import { EngineBackupRun, EngineRun } from './run.js';
import { isSequential, openSink } from './sinks.js';
import type {
  BackupOptions, BackupReport, BackupRun, Isolation, Listing, RestoreReport, Run, Sink, Snapshot, Source, Vault, VerifyReport,
} from './types.js';

export class EngineVault implements Vault {
  readonly id: string;
  readonly name: string;
  readonly #engine: Engine;
  readonly #onLock: () => void;

  constructor(engine: Engine, id: string, name: string, onLock: () => void) {
    this.#engine = engine;
    this.id = id;
    this.name = name;
    this.#onLock = onLock;
  }

  get isolation(): Isolation { return this.#engine.isolation; }

  backup(source: Source, options: BackupOptions = {}): BackupRun {
    const { label = '', baseline = 'latest', rules = {}, confirm = false, signal } = options;
    // In this turn: a drop is gone in the next.
    const feed = this.#engine.feed(source);
    let run: EngineBackupRun;
    const command: Command = { backup: { label, baseline, rules, confirm, writer: 'browser' } };
    const { done, steer, look } = this.#engine.begin<BackupReport>(command, {
      feed, onPlan: (plan, whole) => run.reportPlan(plan, whole), onProgress: progress => run.report(progress),
    });
    return run = new EngineBackupRun(done, steer, look, signal);
  }

  async snapshots(): Promise<Snapshot[]> {
    return this.#engine.begin<Snapshot[]>('snapshots').done;
  }

  async list(snapshot: string, path: string, { after, limit }: { after?: string; limit?: number } = {}): Promise<Listing> {
    return this.#engine.begin<Listing>({ list: { snapshot, path, after, limit } }).done;
  }

  restore(snapshot: string, selection: string[], sink: Sink, { signal }: { signal?: AbortSignal } = {}): Run<RestoreReport> {
    const [only] = selection;
    const isOneFile = async (path: string) => selection.length === 1 && (only === path || (only === '' && await this.#holdsOneFile(snapshot)));
    const writer = openSink(sink, isOneFile);
    return this.#run<RestoreReport>({ restore: { snapshot, selection, sequential: isSequential(sink) } }, { writer }, signal);
  }

  verify({ data = false, signal }: { data?: boolean; signal?: AbortSignal } = {}): Run<VerifyReport> {
    return this.#run<VerifyReport>({ verify: { data } }, {}, signal);
  }

  async sealNote(note: string): Promise<string> {
    const sealed = await this.#engine.begin<Uint8Array>({ seal_note: { note } }).done;
    return btoa(Array.from(sealed, byte => String.fromCharCode(byte)).join(''));
  }

  async openNote(sealed: string): Promise<string> {
    let bytes: Uint8Array;
    try {
      bytes = Uint8Array.from(atob(sealed), character => character.charCodeAt(0));
    } catch {
      throw new StrongroomError('damaged', 'This is not a note that a vault sealed.');
    }
    return new TextDecoder().decode(await this.#engine.begin<Uint8Array>({ open_note: { sealed: bytes } }).done);
  }

  lock(): void {
    this.#engine.end(new StrongroomError('cancelled', 'The vault was locked.'));
    this.#onLock();
  }

  async #holdsOneFile(snapshot: string): Promise<boolean> {
    const found = (await this.snapshots()).find(({ id }) => id === snapshot);
    return found?.files === 1 && found.folders === 0;
  }

  #run<R>(command: Command, hooks: Parameters<Engine['begin']>[1], signal?: AbortSignal): Run<R> {
    let run: EngineRun<R>;
    const { done, steer } = this.#engine.begin<R>(command, { ...hooks, onProgress: progress => run.report(progress) });
    return run = new EngineRun<R>(done, steer, signal);
  }
}
