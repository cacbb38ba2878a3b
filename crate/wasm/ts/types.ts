/**
 * Everything the package's public face is made of. Bytes are bytes, times are milliseconds since 1970 UTC unless a name
 * says otherwise.
 */

/** Stable codes of {@link StrongroomError}; the sentence is in `message`. */
export type ErrorCode =
  | 'wrong_secret' | 'bad_phrase' | 'bad_name' | 'name_taken' | 'no_vault' | 'no_snapshot' | 'no_such_path'
  | 'damaged' | 'missing' | 'unsupported' | 'rolled_back' | 'bad_parameters'
  | 'storage_full' | 'unavailable' | 'cors' | 'signed_out' | 'denied'
  | 'source_changed' | 'source_gone' | 'source_unreadable' | 'sink_failed' | 'sink_full'
  | 'cancelled' | 'lane_lost' | 'not_supported' | 'no_prf' | 'bad_request' | 'internal';

/**
 * How the crypto workers' walls were found at their start: they cannot reach the network, or nobody knows. Where the server does not send their
 * policy they are started in a sandboxed frame that has it, and try their walls there.
 */
export type Isolation = 'enforced' | 'unenforced';

/** How {@link Strongroom.start} sets up a page; all of it may be left out. */
export interface StrongroomOptions {
  /** Lanes (worker threads) that chunk, compress and seal. Default: `navigator.hardwareConcurrency`, 1 to 4. */
  lanes?: number;
  /** Bytes that may be read and not stored yet. Default 64 MiB and 8 MiB more for each lane. */
  budget?: number;
  /**
   * Where this device remembers the newest state that it saw of each vault, so that {@link Strongroom.unlock} notices a storage that was
   * set back. Default: `localStorage` of the page's origin, where there is one; `false` remembers nothing.
   */
  remember?: Memory | false;
  /**
   * Where this device keeps what a server knows it by, under the vault's name and the server's; an empty text forgets it. The tries of a
   * known device are counted apart, so that strangers who know a vault's name cannot keep its owner out. Default: `localStorage` of the
   * page's origin, where there is one; `false` is a stranger each time.
   */
  devices?: Memory | false;
  /**
   * How long what was pruned waits before it is erased, milliseconds: 7 days, unless said otherwise. Only where no server keeps that delay
   * by its own clock: in a bucket of the user's own, a folder or memory.
   */
  eraseDelay?: number;
  /** Where the package's files lie, when a bundler moves them. */
  assets?: {
    /** `vault-worker.js`: the engine and the lanes. */
    vaultWorker?: string | URL;
    /** `vault.wasm`: what they run. */
    vaultWasm?: string | URL;
    /** `courier-worker.js`: the network side. */
    courierWorker?: string | URL;
    /** `courier.wasm`: what it runs. */
    courierWasm?: string | URL;
    /**
     * The app's own service worker, which streams downloads, too: it calls `serveDownloads()` of `strongroom/streaming.js`. A page that
     * has one needs this, since of two workers for one scope the later takes the other's place. Default: the package's `sw.js`.
     */
    serviceWorker?: string | URL;
  };
}

/** Keeps a few kilobytes for each vault. They are sealed by the vault: nobody else reads or makes them. */
export interface Memory {
  /** What was kept last for the vault of this id. */
  recall(vault: string): Promise<string | undefined>;
  /** Keeps this in the place of what was kept for that vault. */
  keep(vault: string, sealed: string): Promise<void>;
}

/** The end of a vault's history, or of one branch of it. */
export interface Head {
  /** The hash of its last entry, 64 hex digits. */
  id: string;
  /** When that was written. */
  time: number;
  /** Four words that differ for any two histories, for people to compare. */
  words: string;
}

/** Where a vault's objects lie. */
export type StorageSpec =
  /** A Strongroom server: sign-in, signing and listing; the bytes go to the URLs that it signs. */
  | { kind: 'broker'; /** Its address; relative to the page. */ url: string | URL }
  /**
   * The user's own bucket, with no broker: its keys go to the courier, which signs every request. Its CORS rules must let this page in;
   * {@link Strongroom.examineBucket} says whether they do, and what to set.
   */
  | ({ kind: 's3' } & BucketAddress & BucketKeys)
  /** A bucket that {@link Vault.rememberStorage} sealed on this device: the vault's own secret opens it. */
  | { kind: 'remembered'; /** What {@link Vault.rememberStorage} gave. */ text: string }
  /** An app's own back end. `vault` is the vault's id once known. */
  | {
    kind: 'custom';
    /** URLs for these requests, in their order. */
    sign(requests: SignRequest[]): Promise<SignedUrl[]>;
    /** Every object whose path begins so. */
    list(prefix: string): Promise<StoredObject[]>;
  }
  /** This tab's memory: for trying out and for tests. Share one object to share the storage. */
  | { kind: 'memory'; /** Of this tab's memories, which one. */ id: string }
  /** A folder chosen by the user, or one of the origin private file system. */
  | { kind: 'directory'; /** To be read and written. */ handle: FileSystemDirectoryHandle };

/** Where a bucket is. */
export interface BucketAddress {
  /** `https://s3.eu-central-1.amazonaws.com`, without bucket and path. */
  endpoint: string;
  /** `us-east-1` or `auto` where a server has none. */
  region: string;
  /** Its name alone. */
  bucket: string;
  /** In front of every key. */
  prefix?: string;
  /** `https://endpoint/bucket/key` (default), or else `https://bucket.endpoint/key`. */
  pathStyle?: boolean;
}
/** What signs for a bucket; only the courier has them. */
export interface BucketKeys {
  /** Which key it is; no secret. */
  accessKeyId: string;
  /** The secret that belongs to it. */
  secretAccessKey: string;
  /** Comes with keys that last for some hours only. */
  sessionToken?: string;
}

/** What a bucket was found to do, and what its owner should set. */
export interface BucketReport {
  /** What it protects of the vault against one who has its keys: never more than was seen. Absent where it cannot be used. */
  level?: 'immutable' | 'append-only' | 'tamper-evident';
  /** Why it cannot be used. */
  failure?: string;
  /** What is missing, a sentence each. */
  findings: string[];
  /** Every request that was tried, in its order, and whether the bucket did what a vault needs. */
  tried: { what: string; well: boolean }[];
  /** Whose bucket it is, as far as its address tells. */
  provider: BucketProvider;
  /** What to set there. */
  advice: BucketAdvice[];
}
/** Whose words {@link BucketReport.advice} is in. */
export type BucketProvider = 'aws' | 'r2' | 'b2' | 'minio' | 'garage';
/** One thing to set at a bucket. */
export interface BucketAdvice {
  /** What pages may ask, what keys may do, and what is erased by itself. */
  subject: 'cors' | 'policy' | 'lifecycle';
  /** What it is good for, as a sentence. */
  why: string;
  /** The rules, to be pasted; empty where the provider takes none. */
  json: string;
  /** Where and how they are set, as a sentence. */
  how: string;
}

/** What an app's own back end is asked to sign; BACK-END.md says what it must see to. */
export interface SignRequest {
  /** What is to be done with the object. */
  method: 'PUT' | 'GET';
  /** `<vault id>/<kind>/<name>` */
  path: string;
  /** Of a `PUT`: the object's bytes. */
  length?: number;
  /** Of a `PUT`: the object's SHA-256, hex. */
  sha256?: string;
}
/** Its answer, for one request. */
export interface SignedUrl {
  /** Where the request goes. */
  url: string;
  /** What it has to send along. */
  headers?: Record<string, string>;
  /** Until when it may be used, ms since 1970. */
  expires?: number;
}
/** One object of a list. */
export interface StoredObject {
  /** `<vault id>/<kind>/<name>` */
  path: string;
  /** Its bytes. */
  length: number;
}

/**
 * What opens a vault. For a passkey the browser asks the person, who chooses among those of this page: it has to be called soon after a
 * click. Where that is called off it ends with `cancelled`, where the page cannot use passkeys with `not_supported`.
 */
export type Secret = { passphrase: string } | { recoveryPhrase: string } | { passkey: true };

/** What a new vault is made with. */
export interface CreateOptions {
  /** 3 to 64 of `a–z 0–9 -`; unique at a broker. Elsewhere a label only. */
  name: string;
  /** What opens it from now on, with the name; any text that is not empty. */
  passphrase: string;
  /** Average chunk size: 256 KiB, or 1 MiB for vaults beyond some TiB. */
  chunks?: 'standard' | 'large';
}
/** A new vault, open, and the other way into it. */
export interface Created {
  /** The new vault, unlocked. */
  vault: Vault;
  /** 24 words; shown once, kept nowhere. */
  recoveryPhrase: string[];
}
/** Which vault, and what opens it. */
export interface UnlockOptions {
  /** The vault's name at a broker, or its id (32 hex digits) elsewhere; may be left out where a storage holds one vault. */
  name?: string;
  /** What opens it. */
  secret: Secret;
  /**
   * Opens it although the storage shows an older state than this device remembers, and remembers that one from now on. Else this ends
   * with a {@link RollbackError}.
   */
  acceptRollback?: boolean;
}

/** One file or folder to back up. */
export interface SourceEntry {
  /** Names joined by `/`, relative. A folder ends with `/`. */
  path: string;
  /** Bytes; `blob.size` where it is absent. */
  size?: number;
  /** When it was changed, ms since 1970. */
  mtime?: number;
  /** Its bytes. Absent for a folder. */
  blob?: Blob;
  /** Set when the entry is known but cannot be read, and why. */
  unreadable?: string;
}
/**
 * What can be backed up. A `DataTransfer` is walked by its entries (`webkitGetAsEntry`) where there are any: Chromium's directory
 * handles silently leave out every name that some other system forbids (tried in 156: leading or trailing spaces, quotes, `:`, `?`,
 * `*`, `|`, `<`, a final dot, `CON`, `*.lnk`, `*.url`, `desktop.ini`, tabs, even emoji joined by U+200D), entries deliver them all.
 * A source that is a bare handle cannot know what it was not given. A `DataTransfer` is gone after its event; the entries that it gave
 * can be walked again: pass those where a backup may have to be tried once more.
 */
export type Source = Iterable<File | FileSystemEntry> | FileList | DataTransfer | FileSystemDirectoryHandle | FileSystemFileHandle
  | AsyncIterable<SourceEntry> | Iterable<SourceEntry>;

/**
 * What to leave out, and what alone to take (everything, where nothing is named). What is in a folder that matches goes with the folder;
 * leaving out wins. At most 256 patterns, of the simple part of gitignore's syntax: `*.iso` and `Thumbs.db` are names at any depth,
 * whatever the case of ASCII letters; with a `/` before its end a pattern is a path from the root, exactly: `/photos/2019`,
 * `work/tmp`; a `/` at the end says that only folders match. `*` stands for any characters of a name, `?` for one, `**` for any
 * folders, `\` makes the next character an ordinary one.
 */
export interface Rules {
  /** What is left out. */
  exclude?: string[];
  /** What alone is taken, where any is named. */
  include?: string[];
}

/** What a backup reads, and against what. */
export interface BackupOptions {
  /** The backup set's name, shown with the snapshot. */
  label?: string;
  /** Which snapshot unchanged files are recognised against: the newest of the same label (default), one by id, or none (read everything). */
  baseline?: 'latest' | 'none' | { snapshot: string };
  /** What to leave out; {@link BackupRun.choose} changes it. */
  rules?: Rules;
  /** Wait after the plan until {@link BackupRun.proceed}. Default false. */
  confirm?: boolean;
  /** Cancels the run. */
  signal?: AbortSignal;
}

/** What will go. While the source is walked, what is known of it so far: nothing is compared yet then, so nothing is new or unchanged. */
export interface Plan {
  /** Files of the snapshot: new, changed and unchanged ones. */
  files: number;
  /** Folders of the snapshot. */
  folders: number;
  /** Bytes of these files. */
  bytes: number;
  /** Files whose path the baseline does not have. */
  newFiles: number;
  /** Bytes of the new files. */
  newBytes: number;
  /** Files that are of another size or time than in the baseline. */
  changedFiles: number;
  /** Bytes of the changed files, as they are now. */
  changedBytes: number;
  /** Files that are as the baseline has them: they are not read. */
  unchangedFiles: number;
  /** Bytes of the unchanged files. */
  unchangedBytes: number;
  /** Files of the baseline that are gone, or left out now. */
  removedFiles: number;
  /** Entries that cannot be read. */
  unreadable: number;
  /** Files that the rules leave out. */
  excludedFiles: number;
  /** Their bytes. */
  excludedBytes: number;
}

/** Why something is not read: a rule; it is not among what alone is taken; its folder is left out; it is as the baseline has it. */
export type Reason = 'excluded' | 'not_included' | 'above' | 'unchanged';

/** A folder of a backup's source, folders first. */
export interface SourceFolder {
  /** The first of its names. */
  entries: SourceFolderEntry[];
  /** Entries that are not among them. */
  more: number;
}
/** One name in such a folder. */
export interface SourceFolderEntry {
  /** Its own name, without the folder's. */
  name: string;
  /** Whether it is a folder. */
  folder: boolean;
  /** Files below it; 1 for a file. */
  files: number;
  /** Bytes of everything below it, or of the file. */
  bytes: number;
  /** Of these files, those that go. */
  takenFiles: number;
  /** Of these bytes, those that go. */
  takenBytes: number;
  /** Why it is left out; absent where it is not. */
  out?: Reason;
  /** The pattern that leaves it out. */
  rule?: string;
}

/** What became of the entries of a source: read (or empty), not read on purpose, not readable. */
export type Part = 'done' | 'skipped' | 'failed';
/** The first of those entries, and how many there are. */
export interface Settled {
  /** Those that were asked for. */
  entries: SettledEntry[];
  /** How many there are by now. */
  total: number;
}
/** One of them, and why. */
export interface SettledEntry {
  /** Names joined by `/`. */
  path: string;
  /** Of a file: its size. */
  bytes?: number;
  /** Why it is skipped. */
  reason?: Reason;
  /** The pattern for which it is skipped. */
  rule?: string;
  /** Why it failed. */
  code?: ErrorCode;
  /** The same as a sentence. */
  message?: string;
  /** Whether {@link BackupRun.tryAgain} can try it: a file, not an entry that no walk could take in. */
  retriable?: boolean;
}

/** What a run is at. */
export type Stage = 'walking' | 'planned' | 'reading' | 'uploading' | 'finishing' | 'restoring' | 'verifying' | 'paused' | 'waiting' | 'done';

/** How far a run is, some times a second. */
export interface Progress {
  /** What it is at now. */
  stage: Stage;
  /** Why the stage is `waiting`, as a sentence. */
  waiting?: string;
  /** Files to back up, restore or verify, as far as they are known. */
  filesTotal: number;
  /** Of these, done, or found unchanged. */
  filesDone: number;
  /** Of a backup: files that could not be read, as things stand. */
  filesFailed: number;
  /** To be read from the source, or fetched, as plaintext. */
  bytesTotal: number;
  /** Of these, read from the source, or fetched from the storage. */
  bytesRead: number;
  /** Plaintext bytes that were not in the vault yet. */
  bytesNew: number;
  /** Bytes stored, as objects; or written to the sink. */
  bytesStored: number;
  /** Of a restore into a folder: lay there already, and are right. */
  bytesThere: number;
  /** Bytes a second over the last seconds. */
  rate: number;
  /** At this rate; absent while unknown. */
  millisecondsLeft?: number;
  /** What sets the pace of a backup, while that can be said: reading the files, compressing and sealing here, or the way to the storage. */
  bottleneck?: 'files' | 'computer' | 'storage';
  /** Paths in work right now, at most a handful. */
  current: string[];
}

/** Something that was left out or is damaged, and why. */
export interface Left {
  /** Names joined by `/`; or an object, `pack/<name>`. */
  path: string;
  /** Why, for programs. */
  code: ErrorCode;
  /** Why, as a sentence. */
  message: string;
}

/** What a backup did. */
export interface BackupReport {
  /** The id of the snapshot that it made. */
  snapshot: string;
  /** When it began. */
  started: number;
  /** When the snapshot was stored. */
  finished: number;
  /** Files in the snapshot. */
  files: number;
  /** Folders in the snapshot. */
  folders: number;
  /** Bytes of these files. */
  bytes: number;
  /** Of these files, those that are as the baseline has them and were not read. */
  unchangedFiles: number;
  /** Bytes of the unchanged files. */
  unchangedBytes: number;
  /** Files that were read. */
  filesRead: number;
  /** Bytes that were read from the source. */
  bytesRead: number;
  /** Of these, plaintext bytes that were not in the vault yet. */
  bytesNew: number;
  /** Bytes that were stored, as objects: compressed, encrypted and padded. */
  bytesStored: number;
  /** Files that the rules left out. */
  excludedFiles: number;
  /** Their bytes. */
  excludedBytes: number;
  /** What an interrupted run had stored without naming it in an index, bytes of packs: it was taken over. */
  resumedBytes: number;
  /** Entries that were left out, at most 1,000 of them named. */
  left: Left[];
  /** How many these are. */
  leftCount: number;
}
/** What a restore did. */
export interface RestoreReport {
  /** Files that were written whole. */
  files: number;
  /** Folders that were made, or were there. */
  folders: number;
  /** Bytes that were written. */
  bytes: number;
  /** Files and folders that could not be restored, at most 1,000 of them named. */
  damaged: Left[];
  /** How many these are. */
  damagedCount: number;
  /** Of a restore into a folder: files that lay there already and are what was backed up, by their content. They were not fetched and not written. */
  thereFiles: number;
  /** Their bytes. */
  thereBytes: number;
  /** What the sink could not keep, as sentences. */
  notes: string[];
  /** What came of reading back, where that was asked for. Every chunk is checked before it is written, with or without this. */
  checked?: Checked;
}
/** What came of reading back what a restore wrote. */
export interface Checked {
  /** Files that were read back and are what was backed up. */
  files: number;
  /** Their bytes. */
  bytes: number;
  /** Those that are not, at most 1,000 of them named. */
  wrong: Left[];
  /** How many these are. */
  wrongCount: number;
}
/** What was looked at, and what is not as it should be. */
export interface VerifyReport {
  /** Snapshots whose trees were walked. */
  snapshots: number;
  /** Indexes that were read. */
  indexes: number;
  /** Packs that were looked for, or read. */
  packs: number;
  /** Chunks and parts of trees in these packs. */
  blobs: number;
  /** Bytes of these packs, as objects. */
  bytes: number;
  /** Objects and files that are damaged or missing, at most 1,000 of them named. */
  damaged: Left[];
  /** How many these are. */
  damagedCount: number;
}

/**
 * Which snapshots to keep, of each label by itself. Hours, days, weeks (from Monday), months and years are those of UTC; of each the newest
 * snapshot stays, and only those count in which there is one. The rules add up.
 */
export interface KeepRules {
  /** The newest so many. */
  last?: number;
  /** One for each of so many hours. */
  hourly?: number;
  /** One for each of so many days. */
  daily?: number;
  /** One for each of so many weeks. */
  weekly?: number;
  /** One for each of so many months. */
  monthly?: number;
  /** One for each of so many years. */
  yearly?: number;
  /** All that are no older than this, milliseconds. */
  within?: number;
  /** All with one of these labels. */
  labels?: string[];
}
/** Which snapshots go: those that rules do not keep, or those that are named. */
export type Forgetting = KeepRules | { snapshots: string[] };
/** Why rules keep a snapshot. */
export type KeptBy = 'last' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly' | 'within' | 'tag';
/** What rules say of each snapshot, newest first; of those that are named, that they go. */
export interface ForgetReport {
  /** All of the vault's, those that stay among them. */
  snapshots: {
    /** The snapshot. */
    snapshot: Snapshot;
    /** Every reason to keep it; none if it goes. */
    kept: KeptBy[];
  }[];
  /** False for a preview, and where nothing goes. */
  done: boolean;
}

/** How to prune. */
export interface PruneOptions {
  /** Only says what it would free. */
  preview?: boolean;
  /** Of a preview: as if these snapshots were forgotten, too. */
  without?: string[];
  /** The vault's secret once more: at a server, which erases nothing without it. */
  secret?: Secret;
  /** Packs of which less than so many per cent are needed (50) are written anew, so that the rest of them can go. */
  threshold?: number;
  /** Cancels the run. */
  signal?: AbortSignal;
}
/** What a prune would doom, or has doomed: it is erased when the delay is over. */
export interface PrunePlan {
  /** Packs that stay as they are. */
  packsKept: number;
  /** Nothing in these is needed. */
  packsNeedless: number;
  /** Little in these is needed, and is stored anew. */
  packsRewritten: number;
  /** Needed bytes of these, as stored. */
  bytesCopied: number;
  /** What the erasure will free, beyond what is copied: bytes of objects. */
  bytesFreed: number;
  /** Forgotten snapshots that go. */
  snapshots: number;
  /** Entries of the vault's history that go: these snapshots, and what belongs to them. */
  nodes: number;
  /** Indexes that others supersede. */
  indexes: number;
}
/** What a prune did, or would do. */
export interface PruneReport {
  /** What is doomed by it, or would be. */
  plan: PrunePlan;
  /** What can be called off by this id; none in a preview, or where nothing was needless. */
  erasure?: string;
  /** What was erased now, because its delay was over. */
  erased: {
    /** Objects that are gone. */
    objects: number;
    /** Bytes of the packs among them. */
    bytes: number;
    /** Packs that a snapshot needs again, and that stay. */
    spared: number;
    /** Erasures whose delay is not over. */
    waiting: number;
  };
  /** What is to be erased after this. */
  pending: Erasure[];
}
/** Something that is to be erased. Until then all of it is there, and it can be called off. */
export interface Erasure {
  /** What {@link Vault.cancelErasure} takes. */
  id: string;
  /** When it was pruned, as far as this vault shows it. */
  made?: number;
  /** From when on a prune erases it; absent while the server does not know of it. By the server's clock, where there is one. */
  due?: number;
  /** Objects that it erases. */
  objects: number;
  /** Bytes of the packs among them. */
  bytes: number;
  /** Forgotten snapshots, which come back when it is called off. */
  snapshots: number;
  /** Entries of the vault's history that go: these snapshots, and what belongs to them. */
  nodes: number;
}

/** Something that takes a while. `progress` events come a few times a second. */
export interface Run<R> extends EventTarget {
  /** What the last `progress` event said. */
  readonly progress: Progress;
  /** Settles when it is over: with its report, or a {@link StrongroomError}. */
  readonly done: Promise<R>;
  /** What is under way ends; nothing new begins. */
  pause(): void;
  /** Goes on. */
  resume(): void;
  /** Ends it; `done` rejects with `cancelled`. What is stored stays stored. */
  cancel(): void;
  /** Some times a second. */
  addEventListener(type: 'progress', listener: (event: CustomEvent<Progress>) => void, options?: AddEventListenerOptions | boolean): void;
  /** As of any `EventTarget`. */
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: AddEventListenerOptions | boolean): void;
}
/** `plan` events come a few times a second while the source is walked, and after {@link BackupRun.choose}. */
export interface BackupRun extends Run<BackupReport> {
  /** Settles when the source is walked. */
  readonly plan: Promise<Plan>;
  /** What is known of it now. */
  readonly planSoFar: Plan;
  /** Goes on after the plan, where `confirm` was set; before the plan, it goes on as soon as there is one. */
  proceed(): void;
  /** Leaves out what these rules say instead of what the last ones did, until reading has begun. Gives the plan with them. */
  choose(rules: Rules): Promise<Plan>;
  /** A folder of the source as far as it is walked, `''` for the root; at most `limit` (200) entries. For as long as the run goes on. */
  folder(path: string, options?: { limit?: number }): Promise<SourceFolder>;
  /** What became of the entries, in the order in which it did: from number `from` on, at most `limit` (100). For as long as the run goes on. */
  entries(part: Part, options?: { from?: number; limit?: number }): Promise<Settled>;
  /**
   * Looks at files that failed once more and reads them within this run, all or those at these paths; gives how many are tried, none once
   * the snapshot is on its way. What changed while it was read is tried once without a word.
   */
  tryAgain(paths?: string[]): Promise<number>;
  /** While the source is walked, and after {@link BackupRun.choose}. */
  addEventListener(type: 'plan', listener: (event: CustomEvent<Plan>) => void, options?: AddEventListenerOptions | boolean): void;
  /** Some times a second. */
  addEventListener(type: 'progress', listener: (event: CustomEvent<Progress>) => void, options?: AddEventListenerOptions | boolean): void;
  /** As of any `EventTarget`. */
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: AddEventListenerOptions | boolean): void;
}

/** What a vault held at one time. */
export interface Snapshot {
  /** 64 hex digits. */
  id: string;
  /** When it was made. */
  time: number;
  /** The backup set's name. */
  label: string;
  /** Which program made it. */
  writer: string;
  /** Files in it. */
  files: number;
  /** Folders in it. */
  folders: number;
  /** Bytes of its files. */
  bytes: number;
  /** Entries that could not be read when it was made. */
  left: number;
  /** One of the heads of the history. */
  head: boolean;
}
/** A file or a folder in a snapshot. */
export interface Entry {
  /** Its own name, without the folder's. */
  name: string;
  /** Which of the two it is. */
  kind: 'file' | 'folder';
  /** When it was changed, ms since 1970; absent where the source did not say. */
  mtime?: number;
  /** Bytes; of a folder, everything below. */
  size: number;
  /** Files below a folder; 1 for a file. */
  files: number;
}
/** A part of one folder. */
export interface Listing {
  /** Folders and files, in order of name. */
  entries: Entry[];
  /** Entries of the whole folder. */
  total: number;
  /** Pass as `after` for the next page; absent at the end. */
  next?: string;
}

/** A name that was found. */
export interface Find extends Entry {
  /** The folder that it is in; '' is the root. */
  folder: string;
}
/** What a search has found since it last said so. */
export interface Finds {
  /** The names. */
  finds: Find[];
  /** Names looked at so far. */
  looked: number;
  /** Folders that could not be read so far. */
  unread: number;
}
/** A file as it was in some snapshots that follow each other. */
export interface Version {
  /** The newest of these snapshots. */
  snapshot: string;
  /** The time of that one. */
  time: number;
  /** The time of the oldest of them. */
  since: number;
  /** How many they are. */
  snapshots: number;
  /** Its bytes. */
  size: number;
  /** When it was changed, ms since 1970; absent where the source did not say. */
  mtime?: number;
}
/** The beginning of a file, or all of it. */
export interface Contents {
  /** What was read. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Of the whole file. */
  size: number;
}

/**
 * A file for the page's own elements: `<audio>`, `<video>`, `fetch`. Any part can be asked for, as players do when they seek, and only what is
 * asked for is fetched, decrypted and checked, a little ahead. Its service worker answers where the page is below that worker's scope;
 * elsewhere the file is held in memory, up to 128 MiB.
 */
export interface OpenFile {
  /** Gives this file to this page, until it is closed or the vault is locked. Of no type but a sound's or a film's, by its name. */
  readonly url: string;
  /** Why the last answer broke off, where it did; an element only says that it cannot go on. */
  readonly failure: Error & { code: ErrorCode } | undefined;
  /** Ends what is on its way, and takes the address back. */
  close(): void;
}

/** Where a restore goes. */
export type Sink =
  /** One file: a save picker where there is one, else a download. Several: a ZIP. */
  | { kind: 'download'; /** suggested name, without folder */ name?: string }
  /**
   * Into a folder, with the folders of the snapshot. Chromium refuses the same names here (`TypeError`, "Name is not allowed"): such a
   * file is listed among `damaged` with `sink_failed`, and everything else is restored.
   */
  | { kind: 'directory'; /** To be read and written. */ handle: FileSystemDirectoryHandle }
  /** Any writable stream of bytes: the file if one is selected, else a ZIP. */
  | { kind: 'stream'; /** Closed at the end; aborted when the restore fails. */ stream: WritableStream<Uint8Array> };

/** What a vault keeps, and what that takes in the storage. */
export interface Usage {
  /** Distinct chunks of files. */
  chunks: number;
  /** Their plaintext, bytes: everything that the snapshots hold, each part counted once. */
  bytes: number;
  /** Objects that these lie in. */
  packs: number;
  /** The packs as objects, bytes: compressed, encrypted and padded. */
  stored: number;
}

/** Room at a vault's server, in bytes. */
export interface Quota {
  /** Stored, or granted to uploads that may still come. */
  used: number;
  /** What the vault may use; absent where the server sets no limit. */
  limit?: number;
}

/** A sign-in that has not ended: whoever has it may use the storage until then, but opens nothing without a secret. */
export interface SessionInfo {
  /** What {@link Vault.endSessions} takes. */
  id: string;
  /** `append` also reads; `delete`, for minutes after a sign-in, also does what cannot be undone. */
  scope: 'read' | 'append' | 'delete';
  /** When somebody signed in. */
  started: number;
  /** When it ends, unless it is renewed, which it may be for a day. */
  expires: number;
  /** That of this vault here. */
  current: boolean;
}

/** A passkey that opens the vault. */
export interface PasskeyInfo {
  /** What {@link Vault.renamePasskey} and {@link Vault.removePasskey} take. */
  id: string;
  /** As it was given; empty of one that a change which broke off has left. */
  name: string;
  /** When it was added, ms since 1970. */
  made?: number;
  /** Its key slot is in the storage: without it, it opens nothing. */
  present: boolean;
}

/** An open vault. What fails ends with a {@link StrongroomError}; so does everything that is asked of it, or still runs, after {@link Vault.lock}. */
export interface Vault {
  /** 32 hex digits. */
  readonly id: string;
  /** As it was created with. */
  readonly name: string;
  /** Whether it lies at a Strongroom server: there, what cannot be undone wants the secret once more. */
  readonly atServer: boolean;
  /** How its workers' walls were found. */
  readonly isolation: Isolation;
  /** Begins a backup, which makes one snapshot. To be called in the turn that has the source, since a drop is gone after its event. */
  backup(source: Source, options?: BackupOptions): BackupRun;
  /**
   * Newest first. Ends with a {@link RollbackError}, as every run that would write then, where the storage shows an older state than this vault
   * has seen since it was opened; `acceptRollback` takes that one for the true one and remembers it from now on.
   */
  snapshots(options?: { acceptRollback?: boolean }): Promise<Snapshot[]>;
  /** What it keeps, and what that takes in the storage. */
  usage(): Promise<Usage>;
  /** One folder of a snapshot; `path` is '' for the root. */
  list(snapshot: string, path: string, options?: { after?: string; limit?: number }): Promise<Listing>;
  /**
   * Names in a snapshot that hold all of these words, whatever the case and accents; `*` stands for anything. In the order of the
   * tree, as they are found; whoever has enough stops iterating.
   */
  search(snapshot: string, words: string): AsyncIterable<Finds>;
  /** The versions of one file over all snapshots that {@link Vault.snapshots} gave last, newest first. What cannot be read is left out. */
  versions(path: string): Promise<Version[]>;
  /** One file, checked, in memory: at most `limit` bytes from its beginning (default 16 MiB). */
  read(snapshot: string, path: string, options?: { limit?: number; signal?: AbortSignal }): Promise<Contents>;
  /**
   * Opens a file by an address of its own, so that the page can play it from anywhere on. Ends with `not_supported` where it is too large to
   * be held in memory and no service worker answers for this page.
   */
  open(snapshot: string, path: string): Promise<OpenFile>;
  /** `selection`: paths of files and folders; [''] is everything. */
  restore(snapshot: string, selection: string[], sink: Sink, options?: {
    /** Reads every file back once it is written, and compares. Into a folder only: nothing else can be read back. */
    check?: boolean;
    /** Cancels the run. */
    signal?: AbortSignal;
  }): Run<RestoreReport>;
  /** Checks that everything that snapshots need is there; with `data`, reads and checks every byte. */
  verify(options?: { data?: boolean; signal?: AbortSignal }): Run<VerifyReport>;
  /**
   * Forgets snapshots: they are no longer listed, and what only they need is for {@link Vault.prune} to free. With `preview` it only says
   * which. Ends with `bad_request` when no rule keeps anything.
   */
  forget(what: Forgetting, options?: { preview?: boolean; signal?: AbortSignal }): Promise<ForgetReport>;
  /**
   * Frees what no snapshot needs: erases what was doomed long enough ago, and dooms what is needless now. Backups may run meanwhile, here and
   * elsewhere. With `preview` it only says what it would free, after a walk through all snapshots.
   */
  prune(options?: PruneOptions): Run<PruneReport>;
  /** What is to be erased. Whoever unlocks the vault can see it, and call it off. */
  erasures(): Promise<Erasure[]>;
  /** Calls an erasure off: nothing of it is erased, and its snapshots come back. */
  cancelErasure(id: string): Promise<void>;
  /** The heads of its history, newest first. */
  heads(): Promise<Head[]>;
  /** How much its server lets it store. `not_supported` where there is none. */
  quota(): Promise<Quota>;
  /** The sessions of this vault at its server, oldest first. `not_supported` where nobody signs in. */
  sessions(): Promise<SessionInfo[]>;
  /** Ends one session, or all but this one. Wants the secret once more, as all that cannot be undone. */
  endSessions(options: { secret: Secret; id?: string }): Promise<void>;
  /**
   * Puts another passphrase in the place of the vault's. `secret` is the present one, or the recovery phrase, which stays as it is. At a
   * server that ends all other sessions; elsewhere the storage must let a key slot be replaced, which an app's own back end does not, and
   * a text of {@link rememberStorage} is to be kept anew.
   */
  changePassphrase(options: { secret: Secret; passphrase: string }): Promise<void>;
  /** Its passkeys, in the order in which they were added. */
  passkeys(): Promise<PasskeyInfo[]>;
  /**
   * Has the browser make a passkey that opens this vault, at most 14. Like a recovery phrase it opens the vault wherever its objects are,
   * with a server and without. A server wants `secret` once more; it may be left out within minutes of the last time. Ends with `no_prf`
   * where what keeps the passkey cannot do this.
   */
  addPasskey(options: { name: string; secret?: Secret }): Promise<void>;
  /** Gives a passkey another name. */
  renamePasskey(id: string, name: string): Promise<void>;
  /**
   * It opens the vault no more; at a server, all other sessions end, and `secret` is wanted as for adding one. Whoever has it and a copy of
   * the vault's objects from before can still open that copy. `not_supported` where an app's own back end keeps the objects.
   */
  removePasskey(id: string, options?: { secret?: Secret }): Promise<void>;
  /**
   * Where this vault's bucket is, its keys sealed by the vault, and the vault's key slots: text for the app to keep on this device, with which
   * `{ kind: 'remembered', text }` unlocks without the keys being typed again. Fails with `not_supported` on any storage but a bucket.
   */
  rememberStorage(): Promise<string>;
  /** A note for this device alone, such as a person's choices: text that only this vault opens again, for the app to keep anywhere. */
  sealNote(note: string): Promise<string>;
  /** A note that {@link Vault.sealNote} sealed; fails with `damaged` when it is not one of this vault's. */
  openNote(sealed: string): Promise<string>;
  /** Forgets the keys by ending the workers. */
  lock(): void;
}
