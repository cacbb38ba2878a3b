import type { Entered } from './messages.js';
import { usePasskey } from './passkey.js';
import type { Secret } from './types.js';

/**
 * Gives a secret to `use` as the engine takes it: text in Unicode NFKC, which a browser has and a module would have to carry; of a passkey,
 * what it gives when the person uses it, which is wiped when `use` is done.
 */
export async function withSecret<R>(secret: Secret, use: (entered: Entered) => Promise<R>): Promise<R> {
  if ('passphrase' in secret) return use({ passphrase: secret.passphrase.normalize('NFKC') });
  if ('recoveryPhrase' in secret) return use({ phrase: secret.recoveryPhrase.normalize('NFKC') });
  const passkey = await usePasskey();
  try {
    return await use({ passkey });
  } finally {
    passkey.given.fill(0);
  }
}
