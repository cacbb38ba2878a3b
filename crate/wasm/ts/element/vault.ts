/** `<strongroom-vault>` */
import { html, nothing, type TemplateResult } from 'lit';
import type { Strongroom } from '../strongroom.js';
import type { Created, Secret, StorageSpec, StrongroomOptions, Vault } from '../types.js';
import { createForm, unlockForm, type Advice, type Entrance, type Way } from './enter.js';
import { failureOf, Part } from './part.js';
import { askBeforeLeaving } from './stay.js';
import type { StrongroomVaultElement } from './types.js';
import { askedWords, drawn, shownWords } from './words.js';

type Step = 'unlock' | 'create' | 'words' | 'rehearse' | 'open';

/** What its halves show can be styled from outside, too. */
const PARTS = 'root, card, title, field, button, primary, zone, progress, report, tree, row, error';

export class VaultElement extends Part implements StrongroomVaultElement {
  static override properties = {
    ...Part.properties, storage: { attribute: false }, server: {}, assets: { attribute: false }, name: {},
    step: { state: true }, way: { state: true }, working: { state: true }, advice: { state: true }, older: { state: true }, wrong: { state: true }, said: { state: true }, unnamed: { state: true },
  };
  /** The engine's face, which an app shares. */
  static face: typeof Strongroom;
  declare storage: StorageSpec | undefined;
  declare server: string | undefined;
  declare assets: StrongroomOptions['assets'];
  declare name: string;
  private declare step: Step;
  private declare way: Way;
  private declare working: boolean;
  private declare advice: Advice | undefined;
  /** Opens the vault although its storage was set back. */
  private declare older: (() => void) | undefined;
  /** The number of the word that was typed wrong. */
  private declare wrong: number | undefined;
  /** What came of the last button. */
  private declare said: string | undefined;
  /** The storage holds several vaults. */
  private declare unnamed: boolean;
  #vault: Vault | undefined;
  /** Until its words are rehearsed: they are shown only once. */
  #created: Created | undefined;
  #rehearsing = (): void => undefined;
  #asked: number[] = [];
  #engine: Promise<Strongroom> | undefined;

  constructor() {
    super();
    this.name = '';
    this.step = 'unlock';
    this.way = 'passphrase';
    this.working = false;
    this.unnamed = false;
  }

  get vault(): Vault | undefined {
    return this.#vault;
  }

  lock(): void {
    const vault = this.#vault ?? this.#created?.vault;
    vault?.lock();
    this.#rehearsing();
    this.#created = undefined;
    const told = this.#vault;
    this.#vault = undefined;
    if (vault) this.#go('unlock');
    if (told) this.tell('strongroom-locked', { vault: told });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // Moved within the page it stays open.
    queueMicrotask(() => { if (!this.isConnected) this.lock(); });
  }

  protected override content(): TemplateResult {
    const { language } = this;
    const { text } = language;
    switch (this.step) {
      case 'unlock': return unlockForm(this.#entrance('create'), this.way, {
        passkeys: VaultElement.face.passkeyObstacle === undefined, choose: (way) => { this.way = way; }, unlock: (name, secret) => void this.#unlock(name, secret),
      });
      case 'create': return createForm(this.#entrance('unlock'), (name, passphrase, advice) => {
        this.name = name;
        this.advice = advice;
        if (advice === undefined) void this.#create(name, passphrase);
      });
      case 'words': return shownWords(language, this.#created?.recoveryPhrase ?? [], this.name, this.said, (said) => { this.said = said; }, () => {
        this.#asked = drawn(this.#created?.recoveryPhrase.length ?? 0);
        this.#go('rehearse');
        void this.focusOn('input');
      });
      case 'rehearse': return askedWords(language, this.#asked, this.wrong, (answers) => this.#rehearsed(answers), () => this.#go('words'));
      case 'open': return html`
        <header class="card head" part="head"><h2 id="title" part="title" tabindex="-1" class="focus">${text.vault} ${this.#isNamed ? html`<bdi translate="no">${this.#vault?.name}</bdi>` : nothing}</h2>
          <button type="button" part="button" class="lock" @click=${() => this.lock()}>${text.lock}</button></header>
        ${this.childElementCount > 0 ? html`<slot></slot>` : html`<div class="halves">
          <strongroom-backup exportparts=${PARTS}></strongroom-backup>
          <strongroom-restore exportparts=${PARTS}></strongroom-restore>
        </div>`}`;
    }
  }

  #entrance(other: Step): Entrance {
    const { language, name, working, advice, older } = this;
    const problem = html`${this.problem()}${older && !working ? html`<div class="buttons"><button type="button" part="button" class="older" @click=${older}>${language.text.openOlder}</button></div>` : nothing}`;
    return { language, name, working, advice, problem, named: this.unnamed || this.#isNamed, other: () => this.#go(other) };
  }

  async #unlock(name: string, secret: Secret, acceptRollback = false): Promise<void> {
    await this.#work(async (strongroom, storage) => {
      this.name = name;
      try {
        this.#vault = await strongroom.unlock(storage, { ...(name === '' ? {} : { name }), secret, acceptRollback });
      } catch (error) {
        const { code } = failureOf(error);
        if (code === 'rolled_back') this.older = () => void this.#unlock(name, secret, true);
        if (code === 'no_vault') this.unnamed = true;
        throw error;
      }
      this.#opened(false);
    });
  }

  async #create(name: string, passphrase: string): Promise<void> {
    await this.#work(async (strongroom, storage) => {
      this.#created = await strongroom.createVault(storage, { name: name || 'vault', passphrase });
      this.#rehearsing = askBeforeLeaving();
      this.#go('words');
    });
  }

  #rehearsed(answers: string[]): void {
    const words = this.#created?.recoveryPhrase ?? [];
    this.wrong = this.#asked.find((number, at) => words[number - 1] !== answers[at]);
    if (this.wrong !== undefined) return void this.focusOn(`[data-number="${this.wrong}"]`);
    this.#vault = this.#created?.vault;
    this.#created = undefined;
    this.#rehearsing();
    this.#opened(true);
  }

  #opened(created: boolean): void {
    const vault = this.#vault;
    if (!vault) return;
    this.#go('open');
    this.tell('strongroom-unlocked', { vault, created });
  }

  /** Something that needs the engine, which starts with the first of them. */
  async #work(job: (strongroom: Strongroom, storage: StorageSpec) => Promise<void>): Promise<void> {
    this.failure = this.older = this.advice = undefined;
    this.working = true;
    try {
      const storage = this.#place();
      if (!storage) throw Object.assign(new Error('This element was given neither a `server` nor a `storage`.'), { code: 'bad_request' });
      this.#engine ??= VaultElement.face.start(this.assets ? { assets: this.assets } : {});
      this.#engine.catch(() => { this.#engine = undefined; });
      await job(await this.#engine, storage);
      // Nobody is there any more to lock it.
      if (!this.isConnected) this.lock();
    } catch (error) {
      this.fail(error);
    } finally {
      this.working = false;
    }
  }

  /** Elsewhere nobody finds a vault by its name. */
  get #isNamed(): boolean {
    return this.#place()?.kind === 'broker';
  }

  #place(): StorageSpec | undefined {
    return this.storage ?? (this.server === undefined ? undefined : { kind: 'broker', url: this.server });
  }

  #go(step: Step): void {
    this.step = step;
    this.failure = this.older = this.advice = this.wrong = this.said = undefined;
    void this.focusOn('.focus');
  }
}
