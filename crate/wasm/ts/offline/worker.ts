/** The worker of restore.html: holds the keys, reads the objects, gives what is restored to the page. A classic script, for `file://`. */
import { initSync, OfflineReader } from '../../generated/offline/offline.js';
import { StrongroomError, toFailure } from '../errors.js';
import type { Command, FromWorker, ToWorker } from './messages.js';
import { inFolder, inZip, type Objects } from './objects.js';
import type { Failed, Step, Wish } from './reader.js';
import { Reading } from './reading.js';

/** Between two reports of progress, milliseconds. */
const REPORT = 200;

const page = self as unknown as { postMessage(message: FromWorker, transfer?: Transferable[]): void; onmessage: ((event: MessageEvent<ToWorker>) => void) | null };

/** Those that were found, with their ids. */
let vaults: { id: string; objects: Objects }[] = [];
/** Of the vault that is unlocked, or being so. */
let objects: Objects | undefined;
let reader: OfflineReader | undefined;
/** The command that is at work. */
let current: { run: number; settle(step: { done: unknown } | { failed: Failed }): void } | undefined;

const reading = new Reading(message => page.postMessage(message));

page.onmessage = ({ data }) => {
  if ('module' in data) initSync({ module: data.module });
  else if ('read' in data) reading.heard(data);
  else if ('command' in data) void begin(data.run, data.command);
  else if ('cancel' in data) cancel(data.cancel);
  else if (data.run === current?.run) answer(() => data.failed === undefined ? reader?.done(data.id, Date.now()) : reader?.sinkFailed(data.id, data.failed, Date.now()));
};

async function begin(run: number, command: Command): Promise<void> {
  try {
    const done = 'open' in command ? await open(run, command.open) : await drive(run, command);
    page.postMessage({ run, done });
  } catch (error) {
    page.postMessage({ run, failed: failedOf(error) });
  }
}

async function open(run: number, from: Extract<Command, { open: unknown }>['open']): Promise<unknown> {
  const found = 'zip' in from ? await inZip(reading.stored(from.zip, { open: run, at: 0 })).catch(unreadable)
    : inFolder(from.files.map(([path, file], at) => [path, reading.stored(file, { open: run, at })]));
  const described = await Promise.all(found.map(async each => ({ each, vault: await each.describe() }))).catch(unreadable);
  const whole = described.flatMap(({ each, vault }) => vault ? [{ each, vault }] : []);
  if (whole.length === 0) {
    throw found.length === 0
      ? new StrongroomError('no_vault', 'No vault was found in there. Choose the folder that holds the folders pack, index, snap and slot, or one above it.')
      : new StrongroomError('no_vault', 'This copy of a vault lacks its key slots, so nothing can open it. Copy the folder slot from the storage beside the folder pack.');
  }
  vaults = whole.map(({ each, vault }) => ({ id: vault.id, objects: each }));
  return whole.map(({ vault }) => vault);
}

function unreadable(error: unknown): never {
  if (!(error instanceof DOMException) || error.name !== 'NotReadableError') throw error;
  throw new StrongroomError('not_supported', 'This browser does not let this page read what was chosen, or you may not read it. See that it is where it was, open this page in Firefox, Chrome or Edge, or use the command line.');
}

/** Begins a command of the reader; what it gives in the end. */
function drive(run: number, command: Exclude<Command, { open: unknown }>): Promise<unknown> {
  start(command);
  const report = setInterval(() => tell(run), REPORT);
  return new Promise<unknown>((resolve, reject) => {
    current = { run, settle: step => 'done' in step ? resolve(step.done) : reject(step.failed) };
    poll();
  }).finally(() => {
    clearInterval(report);
    if (current?.run === run) current = undefined;
  });
}

function start(command: Exclude<Command, { open: unknown }>): void {
  if ('unlock' in command) {
    const { unlock } = command;
    const vault = vaults[unlock.vault];
    if (!vault) throw new StrongroomError('no_vault', 'There is no such vault. Choose the folder again.');
    reader?.free();
    reader = new OfflineReader(vault.id);
    objects = vault.objects;
    if ('phrase' in unlock) reader.unlockPhrase(unlock.phrase.normalize('NFKC'));
    else reader.unlockPassphrase(unlock.passphrase.normalize('NFKC'));
    return;
  }
  if (!reader) throw new StrongroomError('signed_out', 'The vault is not open. Unlock it first.');
  if ('list' in command) reader.list(command.list.snapshot, command.list.path, command.list.after, command.list.limit);
  else reader.restore(command.restore.snapshot, command.restore.paths, command.restore.sequential, crypto.getRandomValues(new Uint8Array(32)));
}

function cancel(run: number): void {
  if (current?.run !== run) return;
  reader?.cancel();
  current.settle({ failed: { code: 'cancelled', message: 'This was cancelled.' } });
}

/** Does what there is to do until the reader waits, or the command ends. */
function poll(): void {
  const now = current;
  while (now && current === now) {
    let step: Step;
    try {
      step = reader?.poll(Date.now()) as Step;
    } catch (error) {
      step = { failed: failedOf(error) };
    }
    if (step === undefined) return;
    if ('done' in step || 'failed' in step) {
      current = undefined;
      now.settle(step);
    } else {
      fulfil(now.run, step);
    }
  }
}

function answer(give: () => void): void {
  give();
  poll();
}

function fulfil(run: number, wish: Wish): void {
  const { id } = wish;
  if ('list' in wish) {
    const { names, lengths } = objects!.list(wish.list);
    reader!.listed(id, names, lengths, Date.now());
  } else if ('get' in wish) {
    void get(run, wish);
  } else {
    page.postMessage({ run, id, sink: wish }, 'write' in wish ? [wish.bytes.buffer] : []);
  }
}

async function get(run: number, { id, get: name, offset, length }: Extract<Wish, { get: string }>): Promise<void> {
  let give: () => void;
  try {
    const bytes = await objects!.read(name, offset, length);
    give = bytes
      ? () => reader?.got(id, bytes, Date.now())
      : () => reader?.missing(id, `${name} is not in this copy.`, Date.now());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    give = () => reader?.unreadable(id, `The browser could not read ${name} (${why}). See that the folder or the ZIP is still where it was, and choose it again.`, Date.now());
  }
  // The command may have ended meanwhile, and the next one uses the same numbers.
  if (current?.run === run) answer(give);
}

function tell(run: number): void {
  const counts = current?.run === run ? reader?.progress() : undefined;
  if (!counts) return;
  const [files = 0, filesTotal = 0, bytes = 0, bytesTotal = 0] = counts;
  page.postMessage({ run, progress: { files, filesTotal, bytes, bytesTotal } });
}

/** The reader throws what it says itself; whatever else is thrown is a bug, or a want of memory. */
function failedOf(thrown: unknown): Failed {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown && !(thrown instanceof Error)) return thrown as Failed;
  if (thrown instanceof StrongroomError) return toFailure(thrown);
  const { message } = toFailure(thrown);
  return { code: 'internal', message: `The reader stopped (${message}). Open this page again; if it stops again, close other programs or use the command line.` };
}
