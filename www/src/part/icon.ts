/** The page's few pictures. They repeat what a word beside them says, so assistive technology passes over them. */

import { svg, type SVGTemplateResult, html, type TemplateResult } from 'lit';

const SHAPES = {
  folder: svg`<path d="M3 7.5A1.5 1.5 0 0 1 4.5 6h4.3l2 2.2h8.7A1.5 1.5 0 0 1 21 9.7v7.8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z"/>`,
  file: svg`<path d="M6.5 3h7L19 8.5v11a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 19.5v-15A1.5 1.5 0 0 1 6.5 3z"/><path d="M13.5 3v5.5H19"/>`,
  upload: svg`<path d="M12 16V5M7.5 9.5 12 5l4.5 4.5M5 19h14"/>`,
  download: svg`<path d="M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19h14"/>`,
  lock: svg`<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`,
  wall: svg`<path d="M12 3l7 3v5.5c0 4.3-2.9 7.6-7 9.5-4.1-1.9-7-5.2-7-9.5V6z"/><path d="M9 12l2.2 2.2L15.2 10"/>`,
  storage: svg`<ellipse cx="12" cy="6" rx="7.5" ry="2.8"/><path d="M4.5 6v6c0 1.5 3.4 2.8 7.5 2.8s7.5-1.3 7.5-2.8V6M4.5 12v6c0 1.5 3.4 2.8 7.5 2.8s7.5-1.3 7.5-2.8v-6"/>`,
  key: svg`<circle cx="8" cy="15.5" r="4.2"/><path d="M11 12.5 19.5 4M16 7.5l3 3M13.5 10l2 2"/>`,
  clock: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>`,
  alert: svg`<path d="M12 4 2.8 19.5h18.4z"/><path d="M12 10v4.5M12 17v.2"/>`,
  done: svg`<circle cx="12" cy="12" r="8.5"/><path d="M8.3 12.3l2.5 2.5 5-5.2"/>`,
  back: svg`<path d="M14.5 6l-6 6 6 6"/>`,
  next: svg`<path d="M9.5 6l6 6-6 6"/>`,
  up: svg`<path d="M12 19V5M6.5 10.5 12 5l5.5 5.5"/>`,
  down: svg`<path d="M12 5v14M6.5 13.5 12 19l5.5-5.5"/>`,
  print: svg`<path d="M7.5 8V3.5h9V8M7.5 16H5a1.5 1.5 0 0 1-1.5-1.5v-5A1.5 1.5 0 0 1 5 8h14a1.5 1.5 0 0 1 1.5 1.5v5A1.5 1.5 0 0 1 19 16h-2.5"/><path d="M7.5 13.5h9v7h-9z"/>`,
  copy: svg`<rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2"/><path d="M15.5 8.5V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7.5a2 2 0 0 0 2 2h2.5"/>`,
  again: svg`<path d="M19.5 12a7.5 7.5 0 1 1-2.4-5.5L19.5 9M19.5 4v5h-5"/>`,
  search: svg`<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5 5"/>`,
  settings: svg`<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2.2"/><circle cx="9" cy="17" r="2.2"/>`,
} satisfies Record<string, SVGTemplateResult>;

export function icon(name: keyof typeof SHAPES): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${SHAPES[name]}</svg>`;
}

/** The mark: a room with a single door, which is a keyhole. */
export function mark(): TemplateResult {
  return html`<svg class="icon solid mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><path
    d="M8 2h16a6 6 0 0 1 6 6v16a6 6 0 0 1-6 6h-5l-1.2-12.34a5 5 0 1 0-3.6 0L13 30H8a6 6 0 0 1-6-6V8a6 6 0 0 1 6-6z"/></svg>`;
}
