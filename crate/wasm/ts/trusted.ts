/** Trusted Types: one policy, for the addresses of this package's own scripts. */

interface Policy { createScriptURL(url: string): string }
interface Factory { createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy }

let policy: Policy | undefined;

/** The address as the page's policy wants it; the plain address where there are no Trusted Types. */
export function trusted(url: string | URL): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  if (!factory) return String(url);
  policy ??= factory.createPolicy('strongroom', { createScriptURL: address => address });
  return policy.createScriptURL(String(url));
}
