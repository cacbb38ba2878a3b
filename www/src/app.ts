/** The page: which screen is shown, and the vault while it is unlocked. */

import { html, type TemplateResult } from 'lit';
import type { Created, Vault } from 'strongroom';
import { endEngine } from './engine.ts';
import { rememberName, showTheme } from './memory.ts';
import type { AppEvents, Route } from './route.ts';
import { reach } from './reach.ts';
import { Session } from './session.ts';
import { shell } from './shell.ts';
import { Trail } from './trail.ts';
import { View } from './view.ts';
import './part/head.ts';
import './part/idle.ts';
import './part/news.ts';
import './screen/access.ts';
import './screen/create.ts';
import './screen/kit.ts';
import './screen/rehearse.ts';
import './screen/snapshot.ts';
import './screen/space.ts';
import './screen/unlock.ts';
import './screen/vault.ts';
import './screen/welcome.ts';

const TITLES: Record<Route['screen'], string> = {
  welcome: 'Strongroom',
  create: 'Create a vault · Strongroom',
  kit: 'Recovery kit · Strongroom',
  rehearse: 'Three words · Strongroom',
  unlock: 'Unlock · Strongroom',
  vault: 'Vault · Strongroom',
  access: 'Who gets in · Strongroom',
  space: 'Keep and free · Strongroom',
  snapshot: 'Snapshot · Strongroom',
};

class App extends View {
  /** A vault just created, until its recovery kit is saved and rehearsed. */
  #created: Created | undefined;
  #session: Session | undefined;
  #shown: Route['screen'] | undefined;
  readonly #trail = new Trail<Route>({ screen: 'welcome' }, () => this.requestUpdate());

  override connectedCallback(): void {
    super.connectedCallback();
    showTheme();
    this.querySelector('.starting')?.remove();
    void reach.look();
    // In development the files are not those of a release.
    if (import.meta.env.PROD) void shell.start();
    this.#on('sr-go', (event) => this.#trail.go(event.detail));
    this.#on('sr-back', () => this.#trail.back());
    this.#on('sr-home', () => this.#trail.go({ screen: 'vault' }));
    this.#on('sr-created', (event) => this.#begin(event.detail));
    this.#on('sr-rehearsed', () => this.#rehearsed());
    this.#on('sr-unlocked', (event) => this.#unlocked(event.detail));
    this.#on('sr-lock', (event) => void this.#lock(event.detail));
    // A file dropped beside the drop zone would open in the tab and end everything.
    for (const type of ['dragover', 'drop']) addEventListener(type, (event) => event.preventDefault());
    addEventListener('beforeunload', (event) => {
      if (this.#session?.busy || this.#created) event.preventDefault();
    });
  }

  protected override render(): TemplateResult {
    const { screen } = this.#trail.view;
    const session = screen === 'vault' || screen === 'snapshot' || screen === 'access' || screen === 'space' ? this.#session : undefined;
    return html`
      <button type="button" class="skip" @click=${() => this.querySelector<HTMLElement>('main')?.focus()}>Skip to the content</button>
      <sr-head .session=${session}></sr-head>
      <main id="main" tabindex="-1" data-screen=${screen}>
        <sr-news .session=${this.#session} .screen=${screen} .held=${this.#created !== undefined}></sr-news>
        ${this.#screen(this.#trail.view)}
      </main>
      <sr-idle .session=${this.#session}></sr-idle>`;
  }

  protected override updated(): void {
    const { screen } = this.#trail.view;
    const before = this.#shown;
    if (screen === before) return;
    this.#shown = screen;
    this.dataset.screen = screen;
    document.title = TITLES[screen];
    if (before === undefined) return;
    scrollTo(0, 0);
    // Children draw after this element: focus once they have.
    requestAnimationFrame(() => (this.querySelector<HTMLElement>('[data-focus]') ?? this.querySelector<HTMLElement>('h1'))?.focus());
  }

  #screen(route: Route): TemplateResult {
    switch (route.screen) {
      case 'welcome': return html`<sr-welcome></sr-welcome>`;
      case 'create': return html`<sr-create></sr-create>`;
      case 'unlock': return html`<sr-unlock .why=${route.why}></sr-unlock>`;
      case 'kit': return html`<sr-kit .created=${this.#created}></sr-kit>`;
      case 'rehearse': return html`<sr-rehearse .words=${this.#created?.recoveryPhrase ?? []}></sr-rehearse>`;
      case 'vault': return html`<sr-vault .session=${this.#session}></sr-vault>`;
      case 'access': return html`<sr-access .session=${this.#session}></sr-access>`;
      case 'space': return html`<sr-space .session=${this.#session}></sr-space>`;
      case 'snapshot': return html`<sr-snapshot .session=${this.#session} .snapshot=${route.snapshot} .path=${route.path}></sr-snapshot>`;
    }
  }

  #begin(created: Created): void {
    this.#created = created;
    rememberName(created.vault.name);
    this.#trail.start({ screen: 'kit' });
  }

  #rehearsed(): void {
    if (!this.#created) return;
    const { vault } = this.#created;
    this.#created = undefined;
    this.#unlocked(vault);
  }

  #unlocked(vault: Vault): void {
    rememberName(vault.name);
    this.#session = new Session(vault);
    this.#trail.start({ screen: 'vault' });
  }

  async #lock(why: string | undefined): Promise<void> {
    this.#session?.vault.lock();
    this.#session = undefined;
    this.#trail.start({ screen: 'welcome' });
    this.#trail.go(why === undefined ? { screen: 'unlock' } : { screen: 'unlock', why });
    await endEngine();
  }

  #on<Type extends keyof AppEvents>(type: Type, listener: (event: AppEvents[Type]) => void): void {
    this.addEventListener(type, (event) => listener(event as AppEvents[Type]));
  }
}

customElements.define('sr-app', App);
