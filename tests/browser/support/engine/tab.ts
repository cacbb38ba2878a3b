import type { World } from '../world.ts';

/** What crosses into a page and back. */
export type Plain = null | undefined | boolean | number | string | Plain[] | { [name: string]: Plain };

/** One page of some browser, as far as a whole journey needs it: the same for browsers that Playwright drives and for one that it does not. */
export interface Tab {
  goto(url: string): Promise<void>;
  /** Runs in the page. `work` knows nothing of what is around it here. */
  evaluate<A extends Plain, R extends Plain | void>(work: (argument: A) => R | Promise<R>, argument: A): Promise<R>;
  /** A press of the mouse on what the selector finds. */
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  /** Clicks, and answers the browser's own dialogue for files or folders with these. */
  choose(selector: string, paths: string[]): Promise<void>;
  /** Drags files and folders out of another program and drops them there. */
  drop(selector: string, paths: string[]): Promise<void>;
  /** What was downloaded since the page was opened, once the browser has all of it; the latest last. */
  downloads(): Promise<string[]>;
  /** What the page threw or logged as an error. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** A browser, and how a page of it is opened in a profile of that name; the same name is the same profile. */
export interface Engine {
  readonly name: string;
  open(world: World, profile: string): Promise<Tab>;
}
