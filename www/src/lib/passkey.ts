/** What goes wrong with passkeys, in words for whoever uses one. */

import type { Failure } from '../failure.ts';
import { sentence } from './format.ts';

const OTHERWISE = 'Use the passphrase or the recovery phrase; both open the vault as before.';

/** A failure where a passkey was asked for: the usual words are about passphrases, storages and backups. */
export function withPasskey(failure: Failure): Failure {
  switch (failure.code) {
    case 'wrong_secret': return {
      ...failure, what: 'This passkey does not open the vault.', why: 'It was removed from it, or belongs to another vault, or the name above is another vault’s.',
      next: 'Check the name and choose another passkey, or use the passphrase or the recovery phrase.',
    };
    case 'cancelled': return {
      ...failure, what: 'No passkey was used.', why: 'The browser’s question was closed or took too long, or there is no passkey here that fits.',
      next: 'Try again and choose a passkey of this vault; one that is on a phone or a security key has to be at hand.',
    };
    case 'not_supported': return { ...failure, what: 'Passkeys do not work on this page.', why: sentence(failure.message), next: OTHERWISE };
    default: return failure;
  }
}
