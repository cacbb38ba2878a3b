/** A run while it goes on, and what it came to. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Left, Progress, Run } from '../types.js';
import type { Language } from './language.js';

/** What is on its way, as the two halves show it. */
export interface Going { kind: 'backup' | 'restore'; run: Run<unknown>; paused: boolean; /** Told to screen readers: it changes only when there is news. */ told: string }

/** A name and a figure; nothing where there is nothing to say. */
export type Figure = [name: string, figure: string] | undefined;

/** Bars say how far it is; nobody can tell before the source is walked. */
export function shareOf({ stage, bytesRead, bytesTotal, filesDone, filesTotal }: Progress): number | undefined {
  if (stage === 'walking' || stage === 'planned') return undefined;
  if (stage === 'done') return 1;
  return bytesTotal > 0 ? Math.min(1, bytesRead / bytesTotal) : filesTotal > 0 ? filesDone / filesTotal : undefined;
}

/** A sentence at each stage and each quarter: enough to know, too little to be a bother. */
export function toldOf(going: Going, language: Language): string {
  const { progress } = going.run;
  const stage = language.text.stages[going.paused ? 'paused' : progress.stage];
  const share = shareOf(progress);
  return share === undefined ? stage : language.list(stage, language.percent(Math.floor(share * 4) / 4));
}

export function running(going: Going, language: Language, changed: () => void): TemplateResult {
  const { run, kind, paused } = going;
  const { progress } = run;
  const { text } = language;
  const share = shareOf(progress);
  const moving = !paused && progress.stage !== 'waiting' && progress.stage !== 'paused';
  const stage = text.stages[paused ? 'paused' : progress.stage];
  const of = (done: string, total: string) => language.say('ofTotal', { n: done, total });
  const toggle = (): void => {
    going.paused = !paused;
    if (paused) run.resume();
    else run.pause();
    changed();
  };
  return html`
    <div class="run" data-stage=${progress.stage}>
      <p class="stage"><strong tabindex="-1" class="focus">${stage}</strong><span>${share === undefined ? nothing : language.percent(share)}</span></p>
      <progress part="progress" max="1" value=${share ?? nothing} aria-label=${stage}></progress>
      ${facts([
        [kind === 'backup' ? text.read : text.fetched, of(language.bytes(progress.bytesRead), language.bytes(progress.bytesTotal))],
        [text.filesDone, of(language.number(progress.filesDone), language.number(progress.filesTotal))],
        [kind === 'backup' ? text.stored : text.written, language.bytes(progress.bytesStored)],
        moving && progress.rate > 0 ? [text.rate, language.rate(progress.rate)] : undefined,
      ])}
      <p class="hint current" translate="no"><bdi>${progress.current[0] ?? ''}</bdi></p>
      <p class="hint">${moving && progress.millisecondsLeft !== undefined ? language.say('timeLeft', { time: language.span(progress.millisecondsLeft) }) : nothing}</p>
      <div class="buttons">
        <button type="button" part="button" class="pause" @click=${toggle}>${paused ? text.resume : text.pause}</button>
        <button type="button" part="button" class="quiet" @click=${() => run.cancel()}>${text.cancel}</button>
      </div>
    </div>`;
}

export function facts(figures: Figure[]): TemplateResult {
  return html`<dl class="facts">${figures.map((figure) => figure && html`<div><dt>${figure[0]}</dt><dd>${figure[1]}</dd></div>`)}</dl>`;
}

/** What was left out or is damaged, by name and why, in the reader's language. */
export function leftOver(title: string, left: Left[], all: number, language: Language): TemplateResult | typeof nothing {
  if (all === 0) return nothing;
  return html`
    <details class="left" open>
      <summary>${title} (${language.number(all)})</summary>
      <ul>${left.map(({ path, code, message }) => html`<li data-code=${code}><span class="path"><bdi translate="no">${path}</bdi></span><span class="hint" title=${message}>${language.text.errors[code]}</span></li>`)}</ul>
      ${all > left.length ? html`<p class="hint">${language.count('more', all - left.length)}</p>` : nothing}
    </details>`;
}
