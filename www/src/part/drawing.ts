/** What Strongroom does, as a picture: files of every shape on this side; on the other, sealed packs that all look alike. */

import { html, svg, type TemplateResult } from 'lit';

const LINES = [[34, 62], [34, 46], [34, 54]] as const;

export function drawing(): TemplateResult {
  return html`
    <svg class="drawing" viewBox="0 0 384 300" role="img" aria-label="Your files are encrypted in this tab; the server holds only sealed packs of equal size.">
      <rect class="here" x="6" y="20" width="84" height="108" rx="8"/>
      ${LINES.map(([from, to], index) => svg`<path class="line" d="M${from - 8} ${48 + 22 * index}h${to}"/>`)}
      <rect class="here" x="26" y="150" width="104" height="72" rx="8"/>
      <path class="line" d="M38 208l24-26 16 16 12-12 28 22"/><circle class="line" cx="106" cy="172" r="5"/>
      <path class="way" d="M104 74h40M140 186h22"/>
      <path class="room" transform="translate(148 66) scale(4)"
        d="M8 2h16a6 6 0 0 1 6 6v16a6 6 0 0 1-6 6h-5l-1.2-12.34a5 5 0 1 0-3.6 0L13 30H8a6 6 0 0 1-6-6V8a6 6 0 0 1 6-6z"/>
      <path class="way" d="M274 130h28"/>
      ${[40, 84, 128, 172].map((y) => svg`<rect class="pack" x="312" y=${y} width="60" height="34" rx="6"/>`)}
      <text x="74" y="266">your files</text><text x="212" y="266">this tab</text><text x="342" y="266">the server</text>
    </svg>`;
}
