import type { Entered } from './messages.js';
import type { Secret } from './types.js';

/** A secret as the engine takes it: Unicode NFKC, which a browser has and a module would have to carry. */
export function entered(secret: Secret): Entered {
  return 'passphrase' in secret ? { passphrase: secret.passphrase.normalize('NFKC') } : { phrase: secret.recoveryPhrase.normalize('NFKC') };
}
