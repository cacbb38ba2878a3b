/** Trusted Types: one policy, for the addresses of this package's own scripts and for the frame of its workers. */

interface Policy { createScriptURL(url: string): string; createHTML(markup: string): string }
interface Factory { createPolicy(name: string, rules: Policy): Policy }

/** By the window that they are of: the page, or a frame in it. */
const policies = new WeakMap<object, Policy>();

/** The address as the page's policy wants it; the plain address where there are no Trusted Types. */
export function trusted(url: string | URL, scope: object = globalThis): string {
  return policyOf(scope)?.createScriptURL(String(url)) ?? String(url);
}

/** The same for markup. */
export function trustedMarkup(markup: string): string {
  return policyOf(globalThis)?.createHTML(markup) ?? markup;
}

function policyOf(scope: object): Policy | undefined {
  const factory = (scope as { trustedTypes?: Factory }).trustedTypes;
  if (!factory) return undefined;
  const policy = policies.get(scope) ?? factory.createPolicy('strongroom', { createScriptURL: url => url, createHTML: markup => markup });
  policies.set(scope, policy);
  return policy;
}
