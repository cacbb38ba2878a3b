/** The page's few pictures, as in www/src/part/icon.ts. They repeat what a word beside them says. */
import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

const SHAPES = {
  folder: svg`<path d="M3 7.5A1.5 1.5 0 0 1 4.5 6h4.3l2 2.2h8.7A1.5 1.5 0 0 1 21 9.7v7.8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z"/>`,
  file: svg`<path d="M6.5 3h7L19 8.5v11a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 19.5v-15A1.5 1.5 0 0 1 6.5 3z"/><path d="M13.5 3v5.5H19"/>`,
  alert: svg`<path d="M12 4 2.8 19.5h18.4z"/><path d="M12 10v4.5M12 17v.2"/>`,
  done: svg`<circle cx="12" cy="12" r="8.5"/><path d="M8.3 12.3l2.5 2.5 5-5.2"/>`,
} satisfies Record<string, SVGTemplateResult>;

export function icon(name: keyof typeof SHAPES): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${SHAPES[name]}</svg>`;
}

/** The mark: a room with a single door, which is a keyhole. */
export function mark(): TemplateResult {
  return html`<svg class="icon solid mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><path
    d="M8 2h16a6 6 0 0 1 6 6v16a6 6 0 0 1-6 6h-5l-1.2-12.34a5 5 0 1 0-3.6 0L13 30H8a6 6 0 0 1-6-6V8a6 6 0 0 1 6-6z"/></svg>`;
}
