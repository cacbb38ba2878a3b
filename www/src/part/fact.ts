/** One figure with its name. The raw number stands beside the text in `data-value`, for scripts. */

import { html, nothing, type TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';

export interface Figure {
  testid: string;
  name: string;
  value: number;
  text: string;
  /** Of how much, where there is a whole. */
  total?: number;
  /** A second figure behind the first, in brackets. */
  beside?: { testid: string; value: number; text: string };
}

export function fact(figure: Figure): TemplateResult {
  const { beside } = figure;
  return html`
    <div>
      <dt>${figure.name}</dt>
      <dd><span data-testid=${figure.testid} data-value=${figure.value} data-total=${ifDefined(figure.total)}>${figure.text}</span>${beside
        ? html` <span class="beside" data-testid=${beside.testid} data-value=${beside.value}>${beside.text}</span>` : nothing}</dd>
    </div>`;
}

export function facts(figures: Figure[]): TemplateResult {
  return html`<dl class="facts">${figures.map(fact)}</dl>`;
}
