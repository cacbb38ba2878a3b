/** How the elements look. Every colour, the font and the corners can be set from outside by a property of their own. */
import { css } from 'lit';

export const style = css`
  :host {
    --accent: var(--strongroom-accent, light-dark(#0b5c4b, #5cd1b4));
    --on-accent: var(--strongroom-on-accent, light-dark(#ffffff, #05231b));
    --surface: var(--strongroom-surface, light-dark(#ffffff, #161f1c));
    --sunken: var(--strongroom-sunken, light-dark(#eef2ee, #0e1513));
    --ink: var(--strongroom-ink, light-dark(#13201c, #e6eeea));
    --ink-soft: var(--strongroom-ink-soft, light-dark(#4d5e57, #a2b3ab));
    --line: var(--strongroom-line, light-dark(#7f8f87, #6d8078));
    --warn: var(--strongroom-warn, light-dark(#7c4600, #f2bb6b));
    --bad: var(--strongroom-bad, light-dark(#9d231b, #ffa196));
    --focus: var(--strongroom-focus, light-dark(#1257c4, #93bdff));
    --radius: var(--strongroom-radius, 0.625rem);
    --target: 2.75rem;
    display: block; container-type: inline-size; color: var(--ink);
    font-family: var(--strongroom-font, system-ui, sans-serif); line-height: 1.5;
  }
  :host([hidden]) { display: none; }
  *, ::before, ::after { box-sizing: border-box; }
  p, h2, dl, dd, ul, ol { margin: 0; padding: 0; }
  h2 { font-size: 1.25rem; line-height: 1.3; overflow-wrap: anywhere; }
  .root { text-align: start; }
  .card { display: grid; gap: 1rem; align-content: start; padding: 1.25rem; border: 1px solid color-mix(in srgb, var(--line) 40%, transparent); border-radius: var(--radius); background: var(--surface); }
  .card > *, form > * { min-width: 0; }
  .narrow { max-width: 32rem; margin-inline: auto; }
  .middling { max-width: 44rem; margin-inline: auto; }
  .halves { display: grid; gap: 1rem; }
  .head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; margin-block-end: 1rem; padding-block: 0.75rem; }
  .hint, .size, dt { color: var(--ink-soft); font-size: 0.9375rem; }
  .warn { color: var(--warn); }
  .good { color: var(--accent); }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

  form { display: grid; gap: 1rem; }
  .field { display: grid; gap: 0.25rem; font-weight: 600; min-width: 0; }
  input:not([type="radio"], .unseen), select, textarea {
    width: 100%; min-height: var(--target); padding: 0.5rem 0.75rem; border: 1px solid var(--line); border-radius: var(--radius);
    background: var(--surface); color: var(--ink); font: inherit; font-weight: 400; text-align: start;
  }
  textarea { resize: vertical; }
  select { text-overflow: ellipsis; }
  [aria-invalid="true"] { border-color: var(--bad); box-shadow: 0 0 0 1px var(--bad); }
  fieldset { min-width: 0; margin: 0; padding: 0; border: 0; }
  legend { padding: 0; font-weight: 600; }
  .ways > div { display: flex; flex-wrap: wrap; column-gap: 1.25rem; }
  .ways label { display: inline-flex; align-items: center; gap: 0.5rem; min-height: var(--target); cursor: pointer; }
  input[type="radio"] { width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--accent); }
  .buttons { display: flex; flex-wrap: wrap; gap: 0.75rem; }
  button {
    min-height: var(--target); padding: 0.5rem 1rem; border: 1px solid var(--line); border-radius: var(--radius);
    background: var(--surface); color: var(--ink); font: inherit; font-weight: 600; cursor: pointer;
  }
  button:hover { border-color: var(--accent); }
  button.primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
  button.quiet { border-color: transparent; background: none; color: var(--accent); }
  button.quiet:hover { text-decoration: underline; }
  button:disabled { opacity: 0.5; cursor: default; }
  :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
  .focus:focus-visible:not(button) { outline: none; }

  .zone { display: grid; justify-items: center; gap: 0.75rem; padding: 1.5rem 1rem; border: 2px dashed var(--line); border-radius: var(--radius); background: var(--sunken); text-align: center; }
  .zone.over { border-color: var(--accent); border-style: solid; }
  .zone .buttons { justify-content: center; }
  .plan, .run, .report { display: grid; gap: 0.75rem; }
  .stage { display: flex; justify-content: space-between; gap: 1rem; }
  .current { min-height: 1.5em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.75rem; font-variant-numeric: tabular-nums; }
  progress { appearance: none; display: block; width: 100%; height: 0.625rem; border: 0; border-radius: 1rem; background: var(--sunken); overflow: hidden; box-shadow: inset 0 0 0 1px var(--line); }
  progress::-webkit-progress-bar { background: transparent; }
  progress::-webkit-progress-value { background: var(--accent); }
  progress::-moz-progress-bar { background: var(--accent); }
  .left ul { display: grid; gap: 0.5rem; max-height: 16rem; margin-block-start: 0.5rem; overflow: auto; list-style: none; }
  .left li { display: grid; }
  .path, .name { overflow-wrap: anywhere; }
  summary { min-height: var(--target); align-content: center; cursor: pointer; }
  .problem { padding: 0.75rem 1rem; border: 1px solid var(--bad); border-radius: var(--radius); color: var(--bad); overflow-wrap: anywhere; }
  .problem details { color: var(--ink-soft); font-size: 0.9375rem; }
  .working { display: flex; align-items: center; gap: 0.75rem; min-height: var(--target); color: var(--ink-soft); }
  .spinner { flex: none; width: 1.25rem; height: 1.25rem; border: 3px solid var(--line); border-block-start-color: var(--accent); border-radius: 50%; }

  .words { display: grid; grid-template-columns: repeat(2, 1fr); gap: 0.25rem 2.25rem; padding-inline-start: 2.25rem; font-family: var(--strongroom-font-fixed, ui-monospace, monospace); }
  .words li::marker { color: var(--ink-soft); }
  .pair { display: grid; gap: 1rem; }
  .rows { max-height: 24rem; overflow: auto; border: 1px solid color-mix(in srgb, var(--line) 40%, transparent); border-radius: var(--radius); }
  p.rows { padding: 0.75rem 1rem; }
  .row { display: flex; align-items: center; min-height: var(--target); padding-inline-end: 0.75rem; border-radius: var(--radius); cursor: pointer; }
  .row:hover { background: var(--sunken); }
  .row:focus-visible { outline-offset: -3px; }
  .row i { flex: none; width: 1rem; }
  .row .name { flex: 1; min-width: 0; padding-block: 0.375rem; }
  .row .size { flex: none; padding-inline-start: 0.75rem; font-variant-numeric: tabular-nums; }
  .row .more { padding-inline-start: 2.5rem; color: var(--accent); font-weight: 600; }
  .twist { flex: none; display: grid; place-items: center; width: 2rem; }
  [aria-expanded] > .twist::before { content: ""; width: 0.5rem; height: 0.5rem; border: solid var(--ink-soft); border-width: 0 2px 2px 0; rotate: -45deg; }
  [dir="rtl"] [aria-expanded] > .twist::before { rotate: 135deg; }
  [dir] [aria-expanded="true"] > .twist::before { rotate: 45deg; }
  .tick { flex: none; display: grid; place-items: center; width: var(--target); height: var(--target); }
  .tick::before { content: ""; display: grid; place-items: center; width: 1.25rem; height: 1.25rem; border: 2px solid var(--line); border-radius: 0.25rem; color: var(--on-accent); font: 700 0.9375rem/1 sans-serif; }
  [aria-checked="true"] > .tick::before { content: "✓"; border-color: var(--accent); background: var(--accent); }
  [aria-checked="mixed"] > .tick::before { content: "–"; border-color: var(--accent); color: var(--accent); }
  [aria-disabled="true"] > .tick::before { opacity: 0.5; }

  @container (min-width: 32rem) {
    .words { grid-template-columns: repeat(4, 1fr); }
  }
  @container (min-width: 44rem) {
    .pair { grid-template-columns: 3fr 2fr; }
  }
  @container (min-width: 68rem) {
    .halves { grid-template-columns: 2fr 3fr; align-items: start; }
  }
  @media (prefers-reduced-motion: no-preference) {
    .spinner { animation: turn 0.9s linear infinite; }
    button, .zone { transition: border-color 0.12s, background-color 0.12s; }
    @keyframes turn { to { rotate: 1turn; } }
  }
`;
