/** Trusted Types: one policy, for the addresses of the page's own scripts. */

interface Policy { createScriptURL(url: string): string }
interface Policies { createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy }

let policy: Policy | undefined;

/** The address as the page's policy wants it; the plain address where there are no Trusted Types. */
export function trusted(url: string): string {
  policy ??= (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy('strongroom-page', { createScriptURL: (address) => address });
  return policy?.createScriptURL(url) ?? url;
}
