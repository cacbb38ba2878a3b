/** Where somebody is on the page, and the events by which elements ask to go elsewhere. */

import type { Created, Snapshot, Vault } from 'strongroom';

export type Route =
  | { screen: 'welcome' }
  | { screen: 'create' }
  | { screen: 'unlock'; /** Why one is here again, as a sentence. */ why?: string }
  | { screen: 'kit' }
  | { screen: 'rehearse' }
  | { screen: 'vault' }
  | { screen: 'access' }
  | { screen: 'space' }
  | { screen: 'snapshot'; snapshot: Snapshot; path: string };

export interface AppEvents {
  /** Go there; Back comes back. */
  'sr-go': CustomEvent<Route>;
  'sr-back': CustomEvent<undefined>;
  /** To the vault, however deep one is in a snapshot. */
  'sr-home': CustomEvent<undefined>;
  'sr-created': CustomEvent<Created>;
  'sr-rehearsed': CustomEvent<undefined>;
  'sr-unlocked': CustomEvent<Vault>;
  /** Lock; the detail says why, as a sentence, where nobody asked for it. */
  'sr-lock': CustomEvent<string | undefined>;
}
