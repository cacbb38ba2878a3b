/** A failure: what happened, why, what to do next, and the button for it. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Failure } from '../failure.ts';
import { sentence } from '../lib/format.ts';
import { icon } from './icon.ts';

export interface ProblemActions {
  /** Tries the same again; offered only where that can help. */
  retry?: (() => void) | undefined;
  /** Back to unlock, where the session has ended. */
  unlock?: (() => void) | undefined;
  dismiss?: (() => void) | undefined;
}

export function problem(failure: Failure | undefined, actions: ProblemActions = {}): TemplateResult | typeof nothing {
  if (!failure) return nothing;
  return html`
    <div class="problem" role="alert" data-testid="problem" data-code=${failure.code}>
      ${icon('alert')}
      <div>
        <strong data-testid="problem-message">${failure.what}</strong>
        <p class="cause" data-testid="problem-cause">${failure.why}</p>
        <p class="next" data-testid="problem-next">${failure.next}</p>
        <div class="buttons">${buttons(failure, actions)}</div>
        <details class="told"><summary>What was reported</summary><p class="hint" data-testid="problem-detail">${sentence(failure.message)} (${failure.code})</p></details>
      </div>
    </div>`;
}

function buttons(failure: Failure, { retry, unlock, dismiss }: ProblemActions): unknown[] {
  const locked = failure.code === 'signed_out' || failure.code === 'lane_lost';
  return [
    retry && failure.again ? html`<button type="button" data-testid="problem-retry" @click=${retry}>Try again</button>` : nothing,
    unlock && locked ? html`<button type="button" data-testid="problem-unlock" @click=${unlock}>Unlock again</button>` : nothing,
    dismiss ? html`<button type="button" class="quiet" data-testid="problem-dismiss" @click=${dismiss}>Dismiss</button>` : nothing,
  ];
}
