/** Whether the workers that hold keys are walled off from the network, as they found it at their start. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Isolation } from 'strongroom';
import type { Session } from '../session.ts';
import { icon } from './icon.ts';

export const WALLS: Record<Isolation, { short: string; long: string }> = {
  enforced: {
    short: 'Keys are walled off from the network',
    long: 'The workers of this page that hold keys and file contents cannot reach the network: the browser blocks every way out. Each of them tried when it '
      + 'started (a request, a socket, an import, new code), and nothing got through.',
  },
  unenforced: {
    short: 'Keys are not walled off from the network',
    long: 'The workers of this page that hold keys could reach the network, because the server does not send the headers that forbid it. Nothing is sent there '
      + 'by Strongroom itself. Ask whoever runs this page to send its security headers.',
  },
};

/** Said at the top of every screen where it does not hold. */
export function wallsWarning(session: Session): TemplateResult | typeof nothing {
  if (session.vault.isolation === 'enforced') return nothing;
  return html`<p class="walls warn" role="status">${icon('alert')} ${WALLS.unenforced.short}. ${WALLS.unenforced.long}</p>`;
}
