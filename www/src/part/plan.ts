/** What will go, before anything does. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Plan } from 'strongroom';
import { bytes, count, files, folders } from '../lib/format.ts';
import { facts, type Figure } from './fact.ts';

export function plan(plan: Plan): TemplateResult {
  const send = plan.newBytes + plan.changedBytes;
  return html`
    <div data-testid="plan">
      <p class="sum">
        <span data-testid="plan-files" data-value=${plan.files}>${files(plan.files)}</span>,
        <span data-testid="plan-folders" data-value=${plan.folders}>${folders(plan.folders)}</span>,
        <span data-testid="plan-bytes" data-value=${plan.bytes}>${bytes(plan.bytes)}</span>.
        ${send === 0 && plan.newFiles + plan.changedFiles === 0
          ? 'Nothing has changed; a new snapshot is made all the same.'
          : `Up to ${bytes(send)} will be read; what the vault has already is not sent again.`}
      </p>
      ${facts([
        pair('new', 'New', plan.newFiles, plan.newBytes),
        pair('changed', 'Changed', plan.changedFiles, plan.changedBytes),
        pair('unchanged', 'Unchanged', plan.unchangedFiles, plan.unchangedBytes),
        { testid: 'plan-removed', name: 'Removed since', value: plan.removedFiles, text: count(plan.removedFiles) },
        { testid: 'plan-unreadable', name: 'Unreadable', value: plan.unreadable, text: count(plan.unreadable) },
      ])}
      ${plan.unreadable > 0 ? html`<p class="hint">What cannot be read is left out and named in the report.</p>` : nothing}
    </div>`;
}

function pair(id: string, name: string, number: number, size: number): Figure {
  return {
    testid: `plan-${id}`, name, value: number, text: files(number),
    beside: { testid: `plan-${id}-bytes`, value: size, text: bytes(size) },
  };
}
