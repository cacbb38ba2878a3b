/** The recovery phrase: shown once, then typed back in part. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Language } from './language.js';

const ASKED = 3;
/** Long enough for any browser to take a download over. */
const TAKEN_MS = 60_000;

/** Numbers from 1 of the words to ask for, in order. */
export function drawn(count: number): number[] {
  const left = Array.from({ length: count }, (_, at) => at + 1);
  const random = crypto.getRandomValues(new Uint32Array(ASKED));
  return [...random].flatMap((value) => left.splice(value % left.length, 1)).sort((a, b) => a - b);
}

export function shownWords(language: Language, words: string[], name: string, said: string | undefined, tell: (said: string) => void, go: () => void): TemplateResult {
  const { text } = language;
  const copy = (): void => {
    const copied = navigator.clipboard?.writeText(words.join(' ')) ?? Promise.reject();
    copied.then(() => tell(text.copied), () => tell(text.copyFailed));
  };
  return html`
    <section class="card middling" part="card" aria-labelledby="title">
      <h2 id="title" part="title" tabindex="-1" class="focus">${text.wordsTitle}</h2>
      <p>${text.wordsIntro}</p>
      <ol class="words" part="words" dir="ltr" lang="en" translate="no">${words.map((word) => html`<li><span>${word}</span></li>`)}</ol>
      <div class="buttons">
        <button type="button" part="button" @click=${copy}>${text.copy}</button>
        <button type="button" part="button" @click=${() => save(`${name || 'strongroom'}.txt`, words)}>${text.save}</button>
        <button type="button" part="button primary" class="primary saved" @click=${go}>${text.wordsSaved}</button>
      </div>
      <p class="hint" role="status">${said ?? nothing}</p>
    </section>`;
}

export function askedWords(language: Language, asked: number[], wrong: number | undefined, check: (answers: string[]) => void, back: () => void): TemplateResult {
  const { text } = language;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    check(asked.map((number) => String(form.get(`word-${number}`)).trim().toLowerCase()));
  };
  return html`
    <section class="card narrow" part="card" aria-labelledby="title">
      <h2 id="title" part="title" tabindex="-1" class="focus">${text.rehearseTitle}</h2>
      <p>${text.rehearseIntro}</p>
      <form @submit=${submit}>
        ${asked.map((number) => html`<label class="field"><span>${language.say('word', { n: language.number(number) })}</span>
          <input part="field" name="word-${number}" data-number=${number} dir="ltr" required autocomplete="off" autocapitalize="none" spellcheck="false" aria-invalid=${wrong === number ? 'true' : nothing}></label>`)}
        ${wrong === undefined ? nothing : html`<p class="warn advice" role="alert">${language.say('wrongWord', { n: language.number(wrong) })}</p>`}
        <div class="buttons"><button part="button primary" class="primary">${text.check}</button><button type="button" part="button" class="quiet" @click=${back}>${text.showWords}</button></div>
      </form>
    </section>`;
}

function save(download: string, words: string[]): void {
  const href = URL.createObjectURL(new Blob([words.map((word, at) => `${at + 1}. ${word}\n`).join('')], { type: 'text/plain' }));
  Object.assign(document.createElement('a'), { href, download }).click();
  setTimeout(() => URL.revokeObjectURL(href), TAKEN_MS);
}
