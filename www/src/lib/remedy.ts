/** What to tell a person about each failure: what happened, why that is, and what to do next. */

import type { ErrorCode } from 'strongroom';

export interface Remedy {
  /** What happened, for somebody who did not expect it. */
  what: string;
  /** Why, as far as anyone can know. */
  why: string;
  /** What to do next. */
  next: string;
}

const REMEDIES: Record<ErrorCode, Remedy> = {
  wrong_secret: {
    what: 'That name and that secret do not open a vault here.',
    why: 'One of the two is mistyped, or the vault lives on another server. Nobody is told which, so that nobody can find out which vaults there are.',
    next: 'Check the four letters at the end of the name, capitals and spaces, and the address of this page. If the passphrase is lost, unlock with the recovery phrase.',
  },
  bad_phrase: {
    what: 'These words are not a recovery phrase.',
    why: 'A word is misspelt or two have changed places: the phrase has a check built in that does not come out right.',
    next: 'Compare them with the recovery kit word by word, then try again.',
  },
  bad_name: {
    what: 'This cannot be the name of a vault.',
    why: 'A name has 3 to 64 letters from a to z, digits and hyphens.',
    next: 'Type it as it stands in the recovery kit, or choose another.',
  },
  name_taken: {
    what: 'There is a vault of this name already.',
    why: 'Names are unique on a server.',
    next: 'Choose another name or another ending.',
  },
  no_vault: {
    what: 'There is no vault here.',
    why: 'The place holds no vault, or another than the one that was asked for.',
    next: 'Check the place and the vault’s name.',
  },
  no_snapshot: {
    what: 'This snapshot is not in the vault.',
    why: 'It was forgotten from another device, or the list is old.',
    next: 'Reload the list of snapshots and choose one of it.',
  },
  no_such_path: {
    what: 'This file or folder is not in the snapshot.',
    why: 'It was not backed up then, or had another name.',
    next: 'Look for it in another snapshot.',
  },
  damaged: {
    what: 'Part of what is stored is damaged.',
    why: 'The storage gave back something other than what was written. It was recognised, and nothing wrong was given out.',
    next: 'Verify all data to see which files are affected, and back those up again while you have them. Everything else restores.',
  },
  missing: {
    what: 'Part of what is stored is missing.',
    why: 'The storage no longer has an object that the vault needs.',
    next: 'Verify to see which files are affected, and back those up again while you have them. Everything else restores.',
  },
  unsupported: {
    what: 'This vault was written by a newer Strongroom.',
    why: 'It uses something that this version does not know, and it will not guess.',
    next: 'Reload this page; if that does not help, ask whoever runs it to update.',
  },
  rolled_back: {
    what: 'The vault is older than when this browser last saw it.',
    why: 'Snapshots that were there are gone: an old copy was put back, or somebody removed them.',
    next: 'Ask whoever runs the storage for its newest copy, and unlock again once it is back. Back nothing up into the older one before you know.',
  },
  bad_parameters: {
    what: 'The server asks for weaker protection than Strongroom allows.',
    why: 'It names settings that would make your passphrase easy to guess. That is a fault, or an attack.',
    next: 'Do not type the passphrase here again. Ask whoever runs the server.',
  },
  storage_full: {
    what: 'The storage is full.',
    why: 'The server has no room for more, or your share of it is used up.',
    next: 'Free some space or ask for more, then try again. What is stored stays stored and is not sent twice.',
  },
  unavailable: {
    what: 'The server cannot be reached.',
    why: 'It does not answer: the connection is down, the server is, or something between the two keeps this page out.',
    next: 'Check the connection and try again. What is stored stays stored.',
  },
  cors: {
    what: 'The storage answers, but this page may not read its answers.',
    why: 'It lies on another address than the page, and its CORS settings do not name this page. Some storages also leave them out of a refusal, as of an address that was signed too long ago.',
    next: 'Ask whoever runs the storage to allow this page’s address in its CORS settings, for GET, PUT and HEAD, in a bucket of your own also for DELETE, and check this computer’s clock. Then try again.',
  },
  signed_out: {
    what: 'This session has ended.',
    why: 'The server ends sessions after a while, and when it is set up anew.',
    next: 'Unlock the vault again. What is stored stays stored.',
  },
  denied: {
    what: 'The storage refused.',
    why: 'It does not allow what was asked: its rules have changed, the signed address was used too late, or a clock is wrong.',
    next: 'Check this computer’s clock and try again; if it is refused again, ask whoever runs the storage.',
  },
  source_changed: {
    what: 'A file changed while it was being read.',
    why: 'Another program wrote to it at that moment.',
    next: 'Close that program or wait until it is done, then back up again.',
  },
  source_gone: {
    what: 'A file was gone before it could be read.',
    why: 'It was moved, renamed or deleted after it was chosen.',
    next: 'Choose the files again.',
  },
  source_unreadable: {
    what: 'A file cannot be read.',
    why: 'The browser or the system does not allow it, or another program holds it.',
    next: 'Check who may read it, close what uses it, then back up again.',
  },
  sink_failed: {
    what: 'Nothing can be written there.',
    why: 'The browser or the system does not allow writing to that place, or not under that name.',
    next: 'Choose another folder and allow writing to it, or download instead. Nothing in the vault has changed.',
  },
  sink_full: {
    what: 'There is no room left where the files are restored to.',
    why: 'The disk, or the share of it that the browser gives to this page, is full.',
    next: 'Free some space or choose another place, then restore again. Nothing in the vault has changed.',
  },
  cancelled: {
    what: 'This was cancelled.',
    why: 'It was stopped here or in the browser.',
    next: 'Begin again whenever you like. What is stored stays stored.',
  },
  lane_lost: {
    what: 'A part of the page stopped working.',
    why: 'The browser ended one of its workers, mostly for want of memory.',
    next: 'Close other tabs and programs, unlock the vault again and go on. What is stored stays stored.',
  },
  not_supported: {
    what: 'This browser cannot do that.',
    why: 'It lacks something that this needs, or has it switched off, as private windows do.',
    next: 'Use another way that is offered here, an ordinary window, or a current Chrome, Edge, Firefox or Safari.',
  },
  no_prf: {
    what: 'A passkey that is kept there cannot open a vault.',
    why: 'The device, the security key or the password manager lacks what this needs: the extension “prf”, and a way to check who uses it.',
    next: 'Try again and keep the passkey somewhere else: in a current password manager, on a phone, or on another security key. If one was made there, delete it.',
  },
  bad_request: {
    what: 'That is not something that can be backed up.',
    why: 'What was given holds no files and no folders.',
    next: 'Drop files or folders, or choose them.',
  },
  internal: {
    what: 'Something went wrong in this page.',
    why: 'This should not happen: it is a fault of Strongroom’s, not of yours.',
    next: 'Try again; if it happens once more, reload the page. What is stored stays stored.',
  },
};

export function remedy(code: ErrorCode): Remedy {
  return REMEDIES[code] ?? REMEDIES.internal;
}

/** Every code there is a remedy for. */
export const CODES = Object.keys(REMEDIES) as ErrorCode[];
