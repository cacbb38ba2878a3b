/** The engine as the page's thread sees it: commands in; results, progress and questions out. */
import { StrongroomError, fromFailure, toFailure, type Failure } from './errors.js';
import { free } from './freed.js';
import { Feed, give } from './feed.js';
import { asOwn } from './frame.js';
import type { Command, FromEngine, Look, PageAnswer, PageAsk, Steer, ToEngine } from './messages.js';
import { Openers } from './openers.js';
import type { Writer } from './sinks.js';
import { There, type Resumable } from './there.js';
import type { ErrorCode, Plan, Progress, Source } from './types.js';
import type { Workers } from './workers.js';

/** What a run brings along and is told. */
export interface Hooks {
  feed?: Feed;
  writer?: Writer;
  /** Of a restore that leaves what is right as it is. */
  there?: There;
  onProgress?(progress: Progress): void;
  onPlan?(plan: Plan, whole: boolean): void;
}

interface Looking { resolve(seen: unknown): void; reject(error: unknown): void }
type Asks = Extract<FromEngine, { asks: unknown }>['asks'];

interface Running extends Hooks {
  /** Restored bytes, by number, until no file needs them any more. */
  shelf: Map<number, Uint8Array>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export class Engine {
  readonly #workers: Workers;
  readonly #runs = new Map<number, Running>();
  /** Files that a backup may still read. */
  readonly #files = new Openers();
  readonly #looks = new Map<number, Looking>();
  /** Not sent yet: what is answered in one turn goes in one message. */
  #answers: { ask: number; answer: PageAnswer }[] = [];
  readonly #turn = new MessageChannel();
  #nextRun = 1;
  #nextLook = 1;
  #ended: StrongroomError | undefined;

  constructor(workers: Workers) {
    this.#workers = workers;
    workers.engine.addEventListener('message', event => void this.#receive(event));
    this.#turn.port2.onmessage = () => this.#send({ answers: this.#answers.splice(0) });
    workers.onLost = () => this.#lost();
    workers.onLaneDied = lane => this.#send({ lane_died: { lane } });
    workers.onAgain = (lane, files) => void give(lane, files, this.#files, 'again');
  }

  get isolation() { return this.#workers.isolation; }

  /** The key slots that went through the courier; see `workers.ts`. */
  get slots() { return this.#workers.slots; }

  /** A source for the next backup. To be called in the turn that has the source. */
  feed(source: Source): Feed {
    return new Feed(source, this.#files);
  }

  /** What lies in a sink, for the next restore. */
  there(sink: Resumable): There {
    return new There(sink, this.#files);
  }

  /** Begins a command; `done` settles with its result. */
  begin<R>(command: Command, hooks: Hooks = {}): { done: Promise<R>; steer(steer: Steer): void; look<S>(at: Look): Promise<S> } {
    const run = this.#nextRun++;
    const done = new Promise<R>((resolve, reject) => {
      if (this.#ended) reject(this.#ended);
      else {
        this.#runs.set(run, { ...hooks, shelf: new Map(), resolve: resolve as (result: unknown) => void, reject });
        this.#send({ begin: { run, command } });
      }
    });
    return {
      done,
      steer: steer => { if (this.#runs.has(run)) this.#send({ steer: { run, steer } }); },
      look: at => this.#look(run, at),
    };
  }

  #look<S>(run: number, at: Look): Promise<S> {
    return new Promise<S>((resolve, reject) => {
      if (!this.#runs.has(run)) return reject(runIsOver());
      const look = this.#nextLook++;
      this.#looks.set(look, { resolve: resolve as (seen: unknown) => void, reject });
      this.#send({ look: { run, look, at } });
    });
  }

  #seen(look: number, seen: unknown, failure: Failure | undefined): void {
    const looking = this.#looks.get(look);
    this.#looks.delete(look);
    if (failure) looking?.reject(fromFailure(failure));
    else if (seen === undefined) looking?.reject(runIsOver());
    else looking?.resolve(seen);
  }

  /** Ends the workers, and everything that still runs with this error. */
  end(error: StrongroomError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#workers.end();
    this.#turn.port1.close();
    for (const running of this.#runs.values()) {
      void running.writer?.abort(error).catch(() => {});
      running.reject(error);
    }
    for (const looking of this.#looks.values()) looking.reject(error);
    this.#looks.clear();
    this.#runs.clear();
    this.#files.clear();
  }

  #send(head: ToEngine, transfer: Transferable[] = []): void {
    this.#workers.engine.postMessage({ head, ports: transfer.filter(item => item instanceof MessagePort) }, transfer);
  }

  async #receive({ data }: MessageEvent<{ head: FromEngine; buffers?: ArrayBuffer[] }>): Promise<void> {
    const { head, buffers = [] } = asOwn(data, data.buffers);
    if (head === 'lane_lost') this.#lost();
    else if ('progress' in head) this.#progress(head.progress.run, head.progress.progress);
    else if ('plan' in head) this.#runs.get(head.plan.run)?.onPlan?.(head.plan.plan, head.plan.whole);
    else if ('seen' in head) this.#seen(head.seen.look, head.seen.seen, head.seen.failure);
    else if ('done' in head) await this.#done(head.done.run, head.done.result);
    else if ('failed' in head) await this.#failed(head.failed.run, fromFailure(head.failed.failure));
    else if ('asks' in head) this.#asked(head.asks, buffers);
    else if ('give' in head) {
      const lane = this.#workers.lanes.get(head.give.lane);
      if (lane) await give(lane, head.give.files, this.#files);
    } else if ('start_lane' in head) await this.#startLane(head.start_lane.lane);
    else if ('end_lane' in head) this.#workers.endLane(head.end_lane.lane);
  }

  #lost(): void {
    this.end(new StrongroomError('lane_lost', 'A worker ended unexpectedly. Unlock the vault again; what was stored is kept.'));
  }

  #progress(run: number, progress: Progress): void {
    const waits = progress.waiting !== undefined && progress.stage !== 'paused' && progress.stage !== 'done';
    this.#runs.get(run)?.onProgress?.(waits ? { ...progress, stage: 'waiting' } : progress);
  }

  async #done(run: number, result: unknown): Promise<void> {
    const running = this.#runs.get(run);
    if (!running) return;
    try {
      const notes = await running.writer?.close();
      running.resolve(notes ? { ...result as object, notes } : result);
    } catch (error) {
      running.reject(fromFailure(sinkFailure(error)));
    } finally {
      running.feed?.close();
      running.there?.close();
      this.#runs.delete(run);
    }
  }

  async #failed(run: number, error: StrongroomError): Promise<void> {
    const running = this.#runs.get(run);
    this.#runs.delete(run);
    running?.feed?.close();
    running?.there?.close();
    await running?.writer?.abort(error).catch(() => {});
    running?.reject(error);
  }

  #asked({ run, asks, shelve, free: freed }: Asks, buffers: ArrayBuffer[]): void {
    const running = this.#runs.get(run);
    shelve.forEach((held, at) => running?.shelf.set(held, new Uint8Array(buffers[at]!)));
    for (const held of freed) {
      const bytes = running?.shelf.get(held);
      running?.shelf.delete(held);
      if (bytes) free(bytes.buffer);
    }
    for (const { ask, what } of asks) void this.#answer(running, ask, what);
  }

  async #answer(running: Running | undefined, ask: number, what: PageAsk): Promise<void> {
    let answer: PageAnswer;
    try {
      answer = running ? await fulfil(running, what) : { failed: { code: 'cancelled', message: 'This was cancelled.' } };
    } catch (error) {
      answer = { failed: what === 'walk' || 'look' in what ? toFailure(error, 'source_unreadable') : sinkFailure(error) };
    }
    if (this.#answers.push({ ask, answer }) === 1) this.#turn.port1.postMessage(null);
  }

  async #startLane(lane: number): Promise<void> {
    try {
      const port = await this.#workers.startLane(lane);
      this.#send({ lane: { lane } }, [port]);
    } catch (error) {
      this.end(fromFailure(toFailure(error, 'lane_lost')));
    }
  }
}

function runIsOver(): StrongroomError {
  return new StrongroomError('bad_request', 'The run is over: what it found is in its report.');
}

async function fulfil({ feed, writer, there, shelf }: Running, what: PageAsk): Promise<PageAnswer> {
  if (what === 'walk') return { walked: feed ? await feed.walk() : { entries: [], done: true } };
  if ('look' in what) {
    if (!feed) throw new StrongroomError('internal', 'This run reads nothing.');
    return { looked: await feed.look(what.look.file) };
  }
  if ('there' in what) return { there: { file: await there?.find(what.there.path, what.there.size) } };
  if (!writer) throw new StrongroomError('internal', 'This run has nowhere to write to.');
  if ('folder' in what) await writer.folder(what.folder.path, what.folder.mtime);
  else if ('write' in what) await writer.write(what.write, what.write.pieces.map(([held, start, end]) => shelf.get(held)!.subarray(start, end)));
  else await writer.discard(what.discard.file, what.discard.path);
  return 'done';
}

/** What a sink throws, with what to do about it. */
function sinkFailure(error: unknown): { code: ErrorCode; message: string } {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'QuotaExceededError') return { code: 'sink_full', message: 'There is no room left where the files are restored to. Free some space and restore again.' };
  if (name === 'NotAllowedError') return { code: 'sink_failed', message: 'The browser does not allow writing there. Choose the folder again and allow it.' };
  return toFailure(error, 'sink_failed');
}
