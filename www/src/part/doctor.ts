/** What a bucket was found to do, what is wrong with it, and what to set. */

import { html, nothing, type TemplateResult } from 'lit';
import type { BucketProvider, BucketReport } from 'strongroom';
import { levelWords } from '../storage.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';

const PROVIDERS: Record<BucketProvider, string> = { aws: 'Amazon S3', r2: 'Cloudflare R2', b2: 'Backblaze B2', minio: 'MinIO or another', garage: 'Garage' };
const SUBJECTS = { cors: 'Rules for pages (CORS)', policy: 'What the keys may do', lifecycle: 'Lifecycle' } as const;

class Doctor extends View {
  static override properties = { report: { attribute: false } };
  declare report: BucketReport;

  protected override render(): TemplateResult {
    const { level, failure, findings, tried, provider, advice } = this.report;
    return html`
      <section class="field" data-testid="bucket-report" data-level=${level ?? 'none'} aria-label="What the bucket does">
        <div role="status">
          ${failure
            ? html`<p class="advice" data-testid="bucket-failure">${failure}</p>`
            : html`<p class="notice">${icon('storage')} <span>The bucket works. ${levelWords(level ?? '').short}.</span></p>`}
          ${findings.length > 0 ? html`<ul>${findings.map((finding) => html`<li data-testid="bucket-finding">${finding}</li>`)}</ul>` : nothing}
        </div>
        ${tried.length > 0 ? html`
          <details class="opens"><summary>What was tried</summary><div><ul>${tried.map(({ what, well }) =>
            html`<li data-testid="bucket-tried" data-well=${well}>${well ? 'Yes' : 'No'}: it ${what}.</li>`)}</ul></div></details>` : nothing}
        <label for="bucket-provider">Provider</label>
        <select id="bucket-provider" data-testid="bucket-provider" @change=${(event: Event) => this.say('sr-provider', (event.target as HTMLSelectElement).value)}>
          ${Object.entries(PROVIDERS).map(([name, words]) => html`<option value=${name} ?selected=${name === provider}>${words}</option>`)}
        </select>
        ${advice.map(({ subject, why, json, how }) => html`
          <details class="opens" ?open=${subject === 'cors' && failure !== undefined}>
            <summary>${SUBJECTS[subject]}</summary>
            <div>
              <p>${why}</p>
              ${json === '' ? nothing : html`<pre tabindex="0" role="region" aria-label=${SUBJECTS[subject]} data-testid="bucket-${subject}">${json}</pre>`}
              <p>${how}</p>
            </div>
          </details>`)}
      </section>`;
  }
}

customElements.define('sr-doctor', Doctor);
