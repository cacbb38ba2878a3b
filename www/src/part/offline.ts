/** The offline reader, to be kept beside the recovery kit: one file that needs neither this page nor a server. */

import { html, type TemplateResult } from 'lit';
import restorePage from 'strongroom/restore.html?url';
import { icon } from './icon.ts';

export function offlineReader(): TemplateResult {
  return html`
    <div class="title-row">
      <p class="hint">The offline reader is one file. With a copy of the stored objects it restores everything in a browser, without a server and without a network.</p>
      <a class="button" data-testid="restore-page" href=${restorePage} download="restore.html">${icon('download')} Save restore.html</a>
    </div>`;
}
