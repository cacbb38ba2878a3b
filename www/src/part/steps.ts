/** How far one is on the way to a vault. */

import { html, type TemplateResult } from 'lit';

const ALL = 3;

export function steps(now: 1 | 2 | 3): TemplateResult {
  return html`<p class="steps"><span class="dots" aria-hidden="true">${Array.from({ length: ALL }, (_, index) =>
    html`<i class=${index < now ? 'done' : ''}></i>`)}</span>Step ${now} of ${ALL}</p>`;
}
