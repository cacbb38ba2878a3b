/**
 * Passkeys that give a vault's secret, by the WebAuthn extension `prf` (FORMAT.md §6). On the page's thread, which alone can ask for them;
 * what a passkey gives goes to the engine and is wiped here.
 */
import { StrongroomError } from './errors.js';

/** What every passkey is asked for. */
const INPUT = new TextEncoder().encode('strongroom 2026-11-21 passkey');
const ID = 16;
const GIVEN = 32;

/** What a passkey gave: ids in hex, out of its user handle; the bytes that open its slot. */
export interface Given { vault: string; slot: string; given: Uint8Array<ArrayBuffer> }

/** Why this page cannot use passkeys, as a sentence; nothing where it can. */
export function passkeyObstacle(): string | undefined {
  const { location, isSecureContext } = globalThis;
  if (location && /^(\[.*\]|[\d.]+)$/.test(location.hostname)) {
    const local = /^(127\.|\[::1\])/.test(location.hostname) ? ` On this computer, http://localhost${location.port && `:${location.port}`} is one.` : '';
    return `Passkeys belong to a name, and the address of this page is a number. Open the page under a name.${local}`;
  }
  if (isSecureContext === false) return 'Browsers use passkeys only on pages that come by HTTPS. Open this page by https://.';
  if (!globalThis.PublicKeyCredential || !globalThis.navigator?.credentials) return 'This browser has no passkeys. Use a current one, or another way in.';
  return undefined;
}

/**
 * Has the person make a passkey for a new slot of this vault; `name` is what it shows beside the page's host, `label` what it is called. What
 * it gives is for `use` alone; where that fails, the passkey is not offered any more.
 */
export async function makePasskey(vault: string, name: string, label: string, use: (passkey: Given) => Promise<void>): Promise<void> {
  const slot = crypto.getRandomValues(new Uint8Array(ID));
  const made = await ask(async () => navigator.credentials.create({
    publicKey: {
      rp: { name: 'Strongroom' },
      user: { id: Uint8Array.from([...slot, ...fromHex(vault)]), name, displayName: label },
      // Nobody verifies what it signs: without the right bytes nothing opens.
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      pubKeyCredParams: [-7, -8, -257].map(alg => ({ type: 'public-key', alg })),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      extensions: { prf: { eval: { first: INPUT } } },
    },
  }));
  const { prf } = made.getClientExtensionResults();
  let given: Uint8Array<ArrayBuffer> | undefined;
  try {
    if (!prf?.enabled && !prf?.results) throw unfit();
    // Some give it at once, others only when they are used.
    given = prf.results ? bytesOf(prf.results) : (await get([{ type: 'public-key', id: made.rawId }])).given;
    await use({ vault, slot: toHex(slot), given });
  } catch (error) {
    await disown(made);
    throw error;
  } finally {
    given?.fill(0);
  }
}

/** Has the person use a passkey of this page, whichever vault it is for. */
export async function usePasskey(): Promise<Given> {
  const { handle, given } = await get([]);
  if (handle.length !== 2 * ID) throw new StrongroomError('wrong_secret', 'This passkey opens no vault. Choose another, or use the passphrase.');
  return { slot: toHex(handle.subarray(0, ID)), vault: toHex(handle.subarray(ID)), given };
}

async function get(allowCredentials: PublicKeyCredentialDescriptor[]): Promise<{ handle: Uint8Array; given: Uint8Array<ArrayBuffer> }> {
  const used = await ask(async () => navigator.credentials.get({
    publicKey: { challenge: crypto.getRandomValues(new Uint8Array(32)), allowCredentials, userVerification: 'required', extensions: { prf: { eval: { first: INPUT } } } },
  }));
  const { results } = used.getClientExtensionResults().prf ?? {};
  if (!results) throw unfit();
  const { userHandle } = used.response as AuthenticatorAssertionResponse;
  return { handle: new Uint8Array(userHandle ?? new ArrayBuffer()), given: bytesOf(results) };
}

function bytesOf({ first }: AuthenticationExtensionsPRFValues): Uint8Array<ArrayBuffer> {
  // The buffer itself, so that to wipe these bytes is to wipe all that there are.
  const bytes = ArrayBuffer.isView(first) ? new Uint8Array(first.buffer as ArrayBuffer, first.byteOffset, first.byteLength) : new Uint8Array(first);
  if (bytes.length !== GIVEN) throw unfit();
  return bytes;
}

/** The browser's refusals in our words. */
async function ask(asking: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  const obstacle = passkeyObstacle();
  if (obstacle !== undefined) throw new StrongroomError('not_supported', obstacle);
  try {
    const credential = await asking();
    if (credential) return credential as PublicKeyCredential;
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'SecurityError') throw new StrongroomError('not_supported', 'The browser allows no passkeys at this address. Open the page under its own name, by https://.');
    if (name === 'NotSupportedError' || name === 'ConstraintError') throw unfit();
    // For the sake of privacy a browser does not tell these apart.
    if (name !== 'NotAllowedError' && name !== 'AbortError') throw error;
  }
  throw new StrongroomError('cancelled', 'No passkey was used: the question was closed, took too long, or there is none here that fits.');
}

/** A passkey that was made and opens nothing should not be offered again; where that cannot be said, a person deletes it. */
async function disown({ id: credentialId }: PublicKeyCredential): Promise<void> {
  await PublicKeyCredential.signalUnknownCredential?.({ rpId: location.hostname, credentialId }).catch(() => {});
}

function unfit(): StrongroomError {
  return new StrongroomError('no_prf', 'This passkey cannot open a vault: what keeps it lacks the extension “prf”, or a way to check who uses it. Use another device or password manager.');
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): number[] {
  return Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
}
