import type { ErrorCode, Head } from './types.js';

/** What every call of this package fails with: a code to act on, a sentence to show. */
export class StrongroomError extends Error {
  override readonly name: string = 'StrongroomError';
  /** What happened, for programs; `message` says it for people. */
  readonly code: ErrorCode;
  /** What it is about: a path, or an object such as `pack/<sha256>`. */
  readonly path?: string;

  constructor(code: ErrorCode, message: string, path?: string) {
    super(message);
    this.code = code;
    if (path !== undefined) this.path = path;
  }
}

/** The storage shows an older state of the vault than this device has seen (`rolled_back`). */
export class RollbackError extends StrongroomError {
  override readonly name = 'RollbackError';
  /** What this device remembers and the storage no longer has. */
  readonly lost: Head[];
  /** What the storage has instead. */
  readonly heads: Head[];

  constructor(lost: Head[], heads: Head[]) {
    super('rolled_back', 'The storage shows an older state of this vault than this device has seen. Ask whoever runs the storage before you rely on it.');
    this.lost = lost;
    this.heads = heads;
  }
}

/** As errors cross between workers. */
export interface Failure { code: ErrorCode; message: string; path?: string }

export function fromFailure({ code, message, path }: Failure): StrongroomError {
  return new StrongroomError(code, message, path);
}

/** Any thrown thing as plain data; `otherwise` is the code of one that says nothing itself. */
export function toFailure(thrown: unknown, otherwise: ErrorCode = 'internal'): Failure {
  if (thrown instanceof StrongroomError) {
    return { code: thrown.code, message: thrown.message, ...(thrown.path === undefined ? {} : { path: thrown.path }) };
  }
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return { code: 'cancelled', message: 'This was cancelled.' };
  return { code: otherwise, message: thrown instanceof Error ? thrown.message : String(thrown) };
}
