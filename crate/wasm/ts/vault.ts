/** An open vault, over its engine. */
import { StrongroomError } from './errors.js';
import type { Engine } from './engine.js';
import type { Door } from './door.js';
import type { Heads } from './heads.js';
import type { Command, Entered, ErasureResult, FoundResult, PruneResult, Steer } from './messages.js';
import { Collector } from './collector.js';
import { Passkeys } from './passkeys.js';
import { mediaType } from './kinds.js';
import { openFile, type Reading } from './open-file.js';
import { delayOf, forgetCommand, plainErasure, pruneCommand } from './prune.js';
import { EngineBackupRun, EngineRun } from './run.js';
import { noteOf, writeRemembered } from './remembered.js';
import { withSecret } from './secret.js';
import { openCheckedFolder, openFolder, openStream } from './sinks.js';
import { fromText, toText } from './text.js';
import type {
  BackupOptions, BackupReport, BackupRun, Contents, Erasure, Finds, Forgetting, ForgetReport, Head, Isolation, Listing, OpenFile, PasskeyInfo, PruneOptions, PruneReport, Quota, RestoreReport, Run, Secret, SessionInfo,
  Sink, Snapshot, Source, StorageSpec, StrongroomOptions, Usage, Vault, VerifyReport, Version,
} from './types.js';
import { weightOf } from './weight.js';

/** Bytes of a file that is read into memory, where the caller does not say. */
const READ_LIMIT = 16 << 20;
/** Bytes of an open file that are fetched ahead of what is taken. */
const OPEN_AHEAD = 4 << 20;

export class EngineVault implements Vault {
  readonly id: string;
  readonly name: string;
  readonly #engine: Engine;
  readonly #heads: Heads;
  readonly #door: Door | undefined;
  readonly #passkeys: Passkeys;
  readonly #storage: StorageSpec;
  readonly #options: StrongroomOptions;
  readonly #onLock: () => void;
  readonly #locked = new AbortController();

  /** `door` where the storage has a server to sign in to. */
  constructor(engine: Engine, heads: Heads, door: Door | undefined, storage: StorageSpec, options: StrongroomOptions, id: string, name: string, onLock: () => void) {
    this.#engine = engine;
    this.#heads = heads;
    this.#door = door;
    this.#passkeys = new Passkeys(engine, id, name, door);
    this.#storage = storage;
    this.#options = options;
    this.id = id;
    this.name = name;
    this.#onLock = onLock;
  }

  get atServer(): boolean { return this.#door !== undefined; }

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
    // Who hears that it is done may close the tab.
    const kept = done.then(async report => { await this.#heads.keep(); return report; });
    return run = new EngineBackupRun(this.#explained(kept), steer, look, signal);
  }

  async snapshots({ acceptRollback = false }: { acceptRollback?: boolean } = {}): Promise<Snapshot[]> {
    const snapshots = await this.#explained(this.#engine.begin<Snapshot[]>(acceptRollback ? 'accept_rollback' : 'snapshots').done);
    await this.#heads.keep(acceptRollback);
    return snapshots;
  }

  async heads(): Promise<Head[]> {
    return this.#heads.now();
  }

  async usage(): Promise<Usage> {
    return this.#explained(this.#engine.begin<Usage>('usage').done);
  }

  async list(snapshot: string, path: string, { after, limit }: { after?: string; limit?: number } = {}): Promise<Listing> {
    return this.#engine.begin<Listing>({ list: { snapshot, path, after, limit } }).done;
  }

  async *search(snapshot: string, words: string): AsyncGenerator<Finds> {
    let after: string | undefined;
    let [looked, unread] = [0, 0];
    if (words.trim() === '') return;
    // The first part is small, so that something is to be seen at once.
    for (let most = 2_000; ; most = 20_000) {
      const part: FoundResult = await this.#engine.begin<FoundResult>({ search: { snapshot, words, after, most } }).done;
      looked += part.looked;
      unread += part.unread;
      yield { finds: part.finds, looked, unread };
      if (part.next === undefined) return;
      after = part.next;
    }
  }

  async versions(path: string): Promise<Version[]> {
    return this.#engine.begin<Version[]>({ versions: { path } }).done;
  }

  async read(snapshot: string, path: string, { limit = READ_LIMIT, signal }: { limit?: number; signal?: AbortSignal } = {}): Promise<Contents> {
    const collected = new Collector(path, limit, () => run.cancel());
    const run = this.#run<RestoreReport>({ read: { snapshot, path, from: 0, window: limit } }, { writer: collected }, signal);
    const report = await run.done.catch((error: unknown) => {
      if (collected.isFull) return undefined;
      throw error;
    });
    const [damage] = report?.damaged ?? [];
    if (damage) throw new StrongroomError(damage.code, damage.message);
    return collected.contents();
  }

  async open(snapshot: string, path: string): Promise<OpenFile> {
    const readOn: Reading['readOn'] = (from, writer, signal) => this.#run<RestoreReport>({ read: { snapshot, path, from, window: OPEN_AHEAD } }, { writer }, signal).done;
    const read: Reading['read'] = limit => this.read(snapshot, path, { limit });
    const type = mediaType(path) ?? 'application/octet-stream';
    return openFile({ path, type, readOn, read }, this.#options.assets?.serviceWorker, this.#locked.signal);
  }

  restore(snapshot: string, selection: string[], sink: Sink, { check = false, signal }: { check?: boolean; signal?: AbortSignal } = {}): Run<RestoreReport> {
    const into = sink.kind === 'directory';
    const command: Command = { restore: { snapshot, selection, sequential: !into, resume: into } };
    if (into && check) {
      const writer = openCheckedFolder(sink.handle);
      return this.#run<RestoreReport>(command, { writer, there: this.#engine.there(writer) }, signal, report => ({ ...report, checked: writer.checked }));
    }
    if (into) {
      const writer = openFolder(sink.handle);
      return this.#run<RestoreReport>(command, { writer, there: this.#engine.there(writer) }, signal);
    }
    const [only] = selection;
    const isOneFile = async (path: string) => selection.length === 1 && (only === path || (only === '' && await this.#holdsOneFile(snapshot)));
    const weight = () => weightOf(selection, (folder, options) => this.list(snapshot, folder, options));
    const writer = openStream(sink, { isOneFile, weight }, this.#options.assets?.serviceWorker);
    return this.#run<RestoreReport>(command, { writer }, signal);
  }

  verify({ data = false, signal }: { data?: boolean; signal?: AbortSignal } = {}): Run<VerifyReport> {
    return this.#run<VerifyReport>({ verify: { data } }, {}, signal);
  }

  async forget(what: Forgetting, { preview = false, signal }: { preview?: boolean; signal?: AbortSignal } = {}): Promise<ForgetReport> {
    const report = await this.#run<ForgetReport>(forgetCommand(what, preview), {}, signal).done;
    if (report.done) await this.#heads.keep();
    return report;
  }

  prune(options: PruneOptions = {}): Run<PruneReport> {
    const { secret, preview = false, signal } = options;
    let begun: { steer(steer: Steer): void } | undefined;
    let cancelled = false;
    const begin = (entered?: Entered, device?: string): Promise<PruneResult> => {
      if (cancelled) throw new StrongroomError('cancelled', 'This was cancelled.');
      const command = pruneCommand(options, this.name, this.#delay, entered, device);
      const { done, steer } = this.#engine.begin<PruneResult>(command, { onProgress: progress => run.report(progress) });
      begun = { steer };
      return done;
    };
    const done = async (): Promise<PruneReport> => {
      const wanted = this.atServer && !preview ? secret : undefined;
      const device = wanted && await this.#door?.device();
      const { pending, ...report } = wanted ? await withSecret(wanted, async entered => begin(entered, device)) : await begin();
      if (!preview) await this.#heads.keep();
      return { ...report, pending: pending.map(plainErasure) };
    };
    // Who is asked for a passkey may cancel before anything has begun.
    const steer = (asked: Steer) => begun ? begun.steer(asked) : void (cancelled ||= asked === 'cancel');
    const run: EngineRun<PruneReport> = new EngineRun(this.#explained(done()), steer, signal);
    return run;
  }

  async erasures(): Promise<Erasure[]> {
    const pending = await this.#explained(this.#engine.begin<ErasureResult[]>({ erasures: { delay: this.#delay } }).done);
    return pending.map(plainErasure);
  }

  async cancelErasure(id: string): Promise<void> {
    await this.#explained(this.#engine.begin({ cancel_erasure: { erasure: id, delay: this.#delay } }).done);
    await this.#heads.keep();
  }

  /** Of what is to be erased; none where the server keeps it. */
  get #delay(): number | undefined { return delayOf(this.#storage, this.#options); }

  async quota(): Promise<Quota> {
    return this.#atDoor().quota();
  }

  async sessions(): Promise<SessionInfo[]> {
    return this.#atDoor().sessions();
  }

  async endSessions({ secret, id }: { secret: Secret; id?: string }): Promise<void> {
    await this.#atDoor().endSessions(secret, id);
  }

  async changePassphrase({ secret, passphrase }: { secret: Secret; passphrase: string }): Promise<void> {
    if (this.#door) await this.#door.changePassphrase(secret, passphrase);
    else await withSecret(secret, async entered => {
      await this.#engine.begin({ replace_passphrase: { secret: entered, passphrase: passphrase.normalize('NFKC') } }).done;
    });
    await this.#heads.keep();
  }

  async passkeys(): Promise<PasskeyInfo[]> {
    return this.#passkeys.list();
  }

  async addPasskey({ name, secret }: { name: string; secret?: Secret }): Promise<void> {
    await this.#passkeys.add(name, secret);
    await this.#heads.keep();
  }

  async renamePasskey(id: string, name: string): Promise<void> {
    await this.#passkeys.rename(id, name);
    await this.#heads.keep();
  }

  async removePasskey(id: string, { secret }: { secret?: Secret } = {}): Promise<void> {
    await this.#passkeys.remove(id, secret);
    await this.#heads.keep();
  }

  async rememberStorage(): Promise<string> {
    if (this.#storage.kind !== 's3') throw new StrongroomError('not_supported', 'Only a bucket of the user’s own is remembered by its vault.');
    return writeRemembered(this.id, await this.sealNote(noteOf(this.#storage)), this.#engine.slots);
  }

  async sealNote(note: string): Promise<string> {
    const sealed = await this.#engine.begin<Uint8Array>({ seal_note: { note } }).done;
    return toText(sealed);
  }

  async openNote(sealed: string): Promise<string> {
    let bytes: Uint8Array;
    try {
      bytes = fromText(sealed);
    } catch {
      throw new StrongroomError('damaged', 'This is not a note that a vault sealed.');
    }
    return new TextDecoder().decode(await this.#engine.begin<Uint8Array>({ open_note: { sealed: bytes } }).done);
  }

  lock(): void {
    this.#locked.abort();
    this.#engine.end(new StrongroomError('cancelled', 'The vault was locked.'));
    this.#onLock();
  }

  #atDoor(): Door {
    if (!this.#door) throw new StrongroomError('not_supported', 'Nobody signs in to this storage: there is no server that keeps sessions, passphrases or a quota.');
    return this.#door;
  }

  async #holdsOneFile(snapshot: string): Promise<boolean> {
    const found = (await this.snapshots()).find(({ id }) => id === snapshot);
    return found?.files === 1 && found.folders === 0;
  }

  #run<R>(command: Command, hooks: Parameters<Engine['begin']>[1], signal?: AbortSignal, finish = (result: R) => result): Run<R> {
    let run: EngineRun<R>;
    const { done, steer } = this.#engine.begin<R>(command, { ...hooks, onProgress: progress => run.report(progress) });
    return run = new EngineRun<R>(this.#explained(done.then(finish)), steer, signal);
  }

  /** A storage that was set back since the unlock is told as one that was before. */
  async #explained<R>(done: Promise<R>): Promise<R> {
    return done.catch(async (error: unknown) => { throw await this.#heads.explained(error); });
  }
}
