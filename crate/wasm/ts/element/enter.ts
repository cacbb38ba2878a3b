/** The two forms in front of a vault. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Secret } from '../types.js';
import type { Language } from './language.js';

/** What is wrong with a new passphrase. */
export type Advice = 'tooWeak' | 'differ';
export type Way = 'passphrase' | 'passkey' | 'phrase';

/** What the forms need to know, and whom they tell. */
export interface Entrance {
  language: Language;
  name: string;
  /** A vault has to be named, or may have to be. */
  named: boolean;
  working: boolean;
  /** What is wrong with what was typed. */
  advice: Advice | undefined;
  problem: TemplateResult | typeof nothing;
  other(): void;
}

const SHORTEST = 12;
const FEWEST = 4;

export function unlockForm(entrance: Entrance, way: Way, options: { passkeys: boolean; choose(way: Way): void; unlock(name: string, secret: Secret): void }): TemplateResult {
  const { language: { text } } = entrance;
  const ways: Way[] = options.passkeys ? ['passphrase', 'passkey', 'phrase'] : ['passphrase', 'phrase'];
  const submit = (form: FormData): void => {
    const typed = (field: string): string => String(form.get(field) ?? '');
    const secret: Secret = way === 'passkey' ? { passkey: true } : way === 'phrase' ? { recoveryPhrase: wordsOf(typed('phrase')) } : { passphrase: typed('passphrase') };
    options.unlock(typed('username').trim(), secret);
  };
  return frame(entrance, text.unlockTitle, text.unlock, text.unlocking, text.toCreate, submit, html`
    ${entrance.named ? nameField(entrance) : nothing}
    <fieldset class="ways"><legend>${text.secret}</legend>
      <div>${ways.map((each) => html`<label><input type="radio" name="way" value=${each} .checked=${each === way} @change=${() => options.choose(each)}>${text[each]}</label>`)}</div>
    </fieldset>
    ${way === 'passphrase' ? passphraseField(text.passphrase, 'passphrase', 'current-password')
      : way === 'phrase' ? html`<label class="field"><span>${text.phrase}</span><textarea part="field" name="phrase" rows="3" dir="ltr" required autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="phrase-hint"></textarea></label><p class="hint" id="phrase-hint">${text.phraseHint}</p>`
      : html`<p class="hint">${text.passkeyHint}</p>`}`);
}

export function createForm(entrance: Entrance, create: (name: string, passphrase: string, advice: Advice | undefined) => void): TemplateResult {
  const { language: { text } } = entrance;
  const submit = (form: FormData): void => {
    const [passphrase, again] = [String(form.get('passphrase')), String(form.get('again'))];
    const weak = [...passphrase].length < SHORTEST || new Set(passphrase).size < FEWEST;
    create(String(form.get('username') ?? '').trim(), passphrase, weak ? 'tooWeak' : passphrase !== again ? 'differ' : undefined);
  };
  return frame(entrance, text.createTitle, text.create, text.creating, text.toUnlock, submit, html`
    ${entrance.named ? html`${nameField(entrance, 'name-hint')}<p class="hint" id="name-hint">${text.nameHint}</p>` : nothing}
    ${passphraseField(text.passphrase, 'passphrase', 'new-password', 'passphrase-hint')}
    <p class="hint" id="passphrase-hint">${text.passphraseHint}</p>
    ${passphraseField(text.again, 'again', 'new-password')}`);
}

/** The words in what somebody typed or pasted; numbers and commas of a list are passed over. */
function wordsOf(typed: string): string {
  return (typed.toLowerCase().match(/\p{L}+/gu) ?? []).join(' ');
}

function frame(entrance: Entrance, title: string, action: string, working: string, other: string, submit: (form: FormData) => void, fields: TemplateResult): TemplateResult {
  const submitted = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!entrance.working) submit(new FormData(event.target as HTMLFormElement));
  };
  return html`
    <section class="card narrow" part="card" aria-labelledby="title">
      <h2 id="title" part="title" tabindex="-1" class="focus">${title}</h2>
      <form @submit=${submitted} aria-busy=${entrance.working}>
        ${fields}
        ${entrance.advice === undefined ? nothing : html`<p class="warn advice" role="alert">${entrance.language.text[entrance.advice]}</p>`}
        ${entrance.problem}
        ${entrance.working ? html`<p class="working" role="status"><span class="spinner"></span>${working}</p>`
          : html`<div class="buttons"><button part="button primary" class="primary">${action}</button><button type="button" part="button" class="quiet other" @click=${entrance.other}>${other}</button></div>`}
      </form>
    </section>`;
}

function nameField({ language: { text }, name }: Entrance, hint?: string): TemplateResult {
  return html`<label class="field"><span>${text.name}</span><input part="field" name="username" dir="ltr" .value=${name} required autocomplete="username" autocapitalize="none" spellcheck="false" aria-describedby=${hint ?? nothing}></label>`;
}

function passphraseField(label: string, name: string, autocomplete: string, hint?: string): TemplateResult {
  return html`<label class="field"><span>${label}</span><input part="field" type="password" name=${name} dir="ltr" required autocomplete=${autocomplete as 'off'} aria-describedby=${hint ?? nothing}></label>`;
}
