import type { Profile } from './profile.ts';

/** What keeps passkeys in a test's browser, as a phone or a security key would; people always agree. */
export class Authenticator {
  private constructor(private readonly profile: Profile, private readonly id: string, readonly given: Buffer[]) {}

  /** The page's only one from now on; `prf` unless it cannot. `given` gathers what its passkeys give to the page. */
  static async plug(profile: Profile, { prf = true } = {}): Promise<Authenticator> {
    const { cdp } = profile;
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
        automaticPresenceSimulation: true, hasPrf: prf,
      },
    });
    return new Authenticator(profile, authenticatorId, await listen(profile));
  }

  async unplug(): Promise<void> {
    await this.profile.cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: this.id });
  }

  /** How many passkeys it keeps. */
  async count(): Promise<number> {
    return (await this.profile.cdp.send('WebAuthn.getCredentials', { authenticatorId: this.id })).credentials.length;
  }

  /** What the person answers: a finger that fits, or another one; after that it is blocked. */
  async verifies(isUserVerified: boolean): Promise<void> {
    await this.profile.cdp.send('WebAuthn.setUserVerified', { authenticatorId: this.id, isUserVerified });
  }
}

const heard = new WeakMap<Profile, Buffer[]>();

/** Sees what passkeys give before the page does. */
async function listen(profile: Profile): Promise<Buffer[]> {
  const before = heard.get(profile);
  if (before) return before;
  const given: Buffer[] = [];
  heard.set(profile, given);
  await profile.context.exposeFunction('heardFromPasskey', (bytes: number[]) => { given.push(Buffer.from(bytes)); });
  const spy = (): void => {
    const { credentials } = navigator;
    if (!credentials || 'spied' in credentials) return;
    Object.defineProperty(credentials, 'spied', { value: true });
    for (const verb of ['create', 'get'] as const) {
      const asked = credentials[verb].bind(credentials) as (options: object) => Promise<Credential | null>;
      Object.defineProperty(credentials, verb, {
        value: async (options: object) => {
          const credential = (await asked(options)) as PublicKeyCredential | null;
          const first = credential?.getClientExtensionResults().prf?.results?.first;
          if (first) await (window as unknown as { heardFromPasskey(bytes: number[]): Promise<void> }).heardFromPasskey([...new Uint8Array(first as ArrayBuffer)]);
          return credential;
        },
      });
    }
  };
  await profile.context.addInitScript(spy);
  await profile.page.evaluate(spy);
  return given;
}
