/** The page's few pictures. They repeat what a word beside them says, so assistive technology passes over them. */

import { svg, type SVGTemplateResult, html, type TemplateResult } from 'lit';

const SHAPES: Record<string, SVGTemplateResult> = {
  vault: svg`<rect x="3" y="3" width="18" height="18" rx="4.5"/><circle cx="12" cy="12" r="5"/><path d="M12 7v2.4M12 14.6V17M7 12h2.4M14.6 12H17"/>`,
  folder: svg`<path d="M3 7.5A1.5 1.5 0 0 1 4.5 6h4.3l2 2.2h8.7A1.5 1.5 0 0 1 21 9.7v7.8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z"/>`,
  file: svg`<path d="M6.5 3h7L19 8.5v11a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 19.5v-15A1.5 1.5 0 0 1 6.5 3z"/><path d="M13.5 3v5.5H19"/>`,
  upload: svg`<path d="M12 16V5M7.5 9.5 12 5l4.5 4.5M5 19h14"/>`,
  lock: svg`<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`,
  wall: svg`<path d="M12 3l7 3v5.5c0 4.3-2.9 7.6-7 9.5-4.1-1.9-7-5.2-7-9.5V6z"/><path d="M9 12l2.2 2.2L15.2 10"/>`,
  clock: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>`,
  alert: svg`<path d="M12 4 2.8 19.5h18.4z"/><path d="M12 10v4.5M12 17v.2"/>`,
  done: svg`<circle cx="12" cy="12" r="8.5"/><path d="M8.3 12.3l2.5 2.5 5-5.2"/>`,
  back: svg`<path d="M14.5 6l-6 6 6 6"/>`,
  next: svg`<path d="M9.5 6l6 6-6 6"/>`,
};

export function icon(name: keyof typeof SHAPES & string): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${SHAPES[name]}</svg>`;
}
