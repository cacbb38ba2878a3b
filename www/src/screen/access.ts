/** Who gets into an open vault: its passphrase, its passkeys, and its sessions. Each has a part of its own; others can stand beside them. */

import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../part/icon.ts';
import type { Sessions } from '../part/sessions.ts';
import { isOwn, placeOf } from '../place.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import '../part/change.ts';
import '../part/passkeys.ts';
import '../part/sessions.ts';

class Access extends View {
  static override properties = { session: { attribute: false } };
  declare session: Session | undefined;

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    if (!session) return nothing;
    return html`
      <section class="stack" data-testid="screen-access" aria-labelledby="access-title" @sr-sessions-changed=${() => void this.querySelector<Sessions>('sr-sessions')?.load()}>
        <div>
          <button type="button" class="link back" data-testid="access-back" @click=${() => this.say('sr-home', undefined)}>${icon('back')}Vault</button>
          <h1 id="access-title" tabindex="-1">Who gets in</h1>
        </div>
        <sr-change .session=${session}></sr-change>
        <sr-passkeys .session=${session}></sr-passkeys>
        ${isOwn(placeOf(session.vault)?.storage) ? nothing : html`<sr-sessions .session=${session}></sr-sessions>`}
      </section>`;
  }
}

customElements.define('sr-access', Access);
