/** What the reader can set: how the page looks, when it locks, what this browser remembers. */

import { html, nothing, type TemplateResult } from 'lit';
import { chooseIdleMinutes, chooseTheme, forgetName, IDLE_MINUTES, idleMinutes, rememberedName, theme, type Theme } from '../memory.ts';
import { forgetDevice } from '../engine.ts';
import type { Route } from '../route.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { offlineReader } from './offline.ts';
import './release.ts';

const THEMES: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' };

class Settings extends View {
  static override properties = { session: { attribute: false }, opened: { state: true } };
  /** The page's own files are asked for only by one who looks here. */
  declare opened: boolean;
  /** Of the vault that is open, if one is. */
  declare session: Session | undefined;

  protected override render(): TemplateResult {
    const name = rememberedName();
    return html`
      <button type="button" class="quiet" data-testid="settings" aria-label="Settings" aria-haspopup="dialog" @click=${this.#open}>${icon('settings')}<span class="wide">Settings</span></button>
      <dialog data-testid="settings-dialog" aria-labelledby="settings-title">
        <h2 id="settings-title">Settings</h2>
        <fieldset>
          <legend>Appearance</legend>
          <div class="ways">${Object.entries(THEMES).map(([key, text]) => this.#radio('theme', key, text, theme() === key, () => chooseTheme(key as Theme)))}</div>
        </fieldset>
        <fieldset>
          <legend>Lock when nobody uses the page</legend>
          <div class="ways">${IDLE_MINUTES.map((minutes) =>
            this.#radio('idle', String(minutes), minutes === 60 ? 'After 1 hour' : `After ${minutes} min`, idleMinutes() === minutes, () => chooseIdleMinutes(minutes)))}</div>
        </fieldset>
        <div class="title-row">
          <p class="hint" data-testid="settings-remembered">${name === '' ? 'This browser remembers no vault’s name.' : html`This browser remembers the name <strong>${name}</strong>, and no secret. Once a
            vault was unlocked here its server knows this browser, so that nobody who only knows the name can keep it out.`}</p>
          ${name === '' ? nothing : html`<button type="button" data-testid="settings-forget" @click=${this.#forget}>Forget it</button>`}
        </div>
        ${this.session ? html`<div class="title-row"><p class="hint">The vault’s passphrase and passkeys, and who is signed in.</p>
          <button type="button" data-testid="settings-access" @click=${this.#access}>${icon('key')} Who gets in</button></div>` : nothing}
        ${offlineReader()}
        ${this.opened ? html`<sr-release></sr-release>` : nothing}
        <div class="buttons end"><button type="button" class="primary" data-testid="settings-close" @click=${this.#close}>Done</button></div>
      </dialog>`;
  }

  #radio(group: string, value: string, text: string, chosen: boolean, choose: () => void): TemplateResult {
    return html`<label><input type="radio" name="settings-${group}" data-testid="settings-${group}-${value}" .checked=${chosen} @change=${choose}>${text}</label>`;
  }

  #open = () => {
    this.opened = true;
    this.requestUpdate();
    this.querySelector('dialog')?.showModal();
  };

  #close = () => this.querySelector('dialog')?.close();

  #access = () => {
    this.#close();
    this.say<Route>('sr-go', { screen: 'access' });
  };

  #forget = () => {
    void forgetDevice(rememberedName());
    forgetName();
    this.requestUpdate();
  };
}

customElements.define('sr-settings', Settings);
