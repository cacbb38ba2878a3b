/** What is kept and what goes: which snapshots to keep, what a prune would free, and what is to be erased. */

import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../part/icon.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import '../part/activity.ts';
import '../part/erasures.ts';
import '../part/keep.ts';
import '../part/prune.ts';

class Space extends View {
  static override properties = { session: { attribute: false } };
  declare session: Session | undefined;

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    this.watch(session);
    if (!session) return nothing;
    return html`
      <section class="stack" data-testid="screen-space" aria-labelledby="space-title">
        <div>
          <button type="button" class="link back" data-testid="space-back" @click=${() => this.say('sr-home', undefined)}>${icon('back')}Vault</button>
          <h1 id="space-title" tabindex="-1">Keep and free</h1>
        </div>
        <sr-activity .session=${session} .reports=${['prune']}></sr-activity>
        ${session.busy ? nothing : html`<sr-keep .session=${session}></sr-keep><sr-prune .session=${session}></sr-prune>`}
        <sr-erasures .session=${session}></sr-erasures>
      </section>`;
  }
}

customElements.define('sr-space', Space);
