/** `<strongroom-backup>` */
import { html, nothing, type TemplateResult } from 'lit';
import type { BackupReport, BackupRun, Plan, Rules, Source, Vault } from '../types.js';
import { Half } from './half.js';
import { facts, leftOver, running, toldOf, type Going } from './run.js';
import { atWork } from './stay.js';
import type { StrongroomBackupElement } from './types.js';

const LABEL_MAX = 255;

export class BackupElement extends Half implements StrongroomBackupElement {
  static override properties = {
    ...Half.properties, rules: { attribute: false }, label: {}, over: { state: true }, run: { state: true }, planned: { state: true }, report: { state: true },
  };
  declare rules: Rules | undefined;
  declare label: string | undefined;
  /** Something is held over the element. */
  private declare over: boolean;
  private declare run: BackupRun | undefined;
  /** The plan is whole, and waits for a word. */
  private declare planned: Plan | undefined;
  private declare report: BackupReport | undefined;
  #going: Going | undefined;
  #skips = false;

  constructor() {
    super();
    this.over = false;
    for (const type of ['dragenter', 'dragover'] as const) this.addEventListener(type, this.#hold);
    this.addEventListener('dragleave', (event) => { if (!this.contains(event.relatedTarget as Node | null)) this.over = false; });
    this.addEventListener('drop', this.#drop);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // Moved within the page it goes on.
    queueMicrotask(() => { if (!this.isConnected) this.run?.cancel(); });
  }

  protected override begin(): void {
    this.#end();
  }

  protected override work(vault: Vault): TemplateResult {
    const { text } = this.language;
    return html`
      <section class="card" part="card" aria-labelledby="title">
        <h2 id="title" part="title">${text.backupTitle}</h2>
        ${this.report ? this.#reported(this.report) : this.#going ? running(this.#going, this.language, () => this.requestUpdate()) : this.run ? this.#plan(this.run) : this.#choose(vault)}
        ${this.problem()}
        <p class="unseen" role="status">${this.#going?.told}</p>
      </section>`;
  }

  #choose(vault: Vault): TemplateResult {
    const { text } = this.language;
    const take = (event: Event): void => {
      const input = event.target as HTMLInputElement;
      const files = [...input.files ?? []];
      this.#skips = input.webkitdirectory;
      input.value = '';
      const [first] = files;
      if (first) this.#start(vault, files, first.webkitRelativePath.split('/')[0] || first.name);
    };
    return html`
      <div class=${this.over ? 'zone over' : 'zone'} part="zone">
        <p><strong>${text.drop}</strong></p>
        <p class="hint">${text.dropHint}</p>
        <div class="buttons">
          <button type="button" part="button" class="focus" @click=${() => this.#pick(vault)}>${text.chooseFolder}</button>
          <button type="button" part="button" @click=${() => this.find('.files')?.click()}>${text.chooseFiles}</button>
        </div>
        <input class="unseen files" type="file" multiple tabindex="-1" aria-hidden="true" @change=${take}>
        <input class="unseen folder" type="file" webkitdirectory tabindex="-1" aria-hidden="true" @change=${take}>
      </div>`;
  }

  #plan(run: BackupRun): TemplateResult {
    const { language, planned } = this;
    const { text } = language;
    const plan = planned ?? run.planSoFar;
    return html`
      <div class="plan" data-whole=${planned !== undefined}>
        <p class="stage"><strong tabindex="-1" class="focus" role="status">${text.stages[planned ? 'planned' : 'walking']}</strong></p>
        <p>${language.list(language.count('files', plan.files), language.count('folders', plan.folders), language.bytes(plan.bytes))}</p>
        ${planned ? html`<p class="hint">${language.say('planRead', { bytes: language.bytes(plan.newBytes + plan.changedBytes) })}</p>` : nothing}
        ${plan.unreadable > 0 ? html`<p class="warn">${language.count('planUnreadable', plan.unreadable)}</p>` : nothing}
        ${this.#skips ? html`<p class="hint">${text.chosenSkips}</p>` : nothing}
        <div class="buttons">
          <button type="button" part="button primary" class="primary" ?disabled=${!planned} @click=${() => this.#proceed(run)}>${text.backUpNow}</button>
          <button type="button" part="button" class="quiet" @click=${() => run.cancel()}>${text.cancel}</button>
        </div>
      </div>`;
  }

  #reported(report: BackupReport): TemplateResult {
    const { language } = this;
    const { text } = language;
    const whole = report.leftCount === 0;
    return html`
      <div class="report" part="report" data-outcome=${whole ? 'whole' : 'partial'}>
        <p class=${whole ? 'good' : 'warn'}><strong tabindex="-1" class="focus">${whole ? text.backedUp : language.count('backedUpPartly', report.leftCount)}</strong></p>
        ${facts([
          [text.filesDone, language.list(language.count('files', report.files), language.bytes(report.bytes))],
          report.unchangedFiles > 0 ? [text.unchanged, language.count('files', report.unchangedFiles)] : undefined,
          [text.added, language.bytes(report.bytesNew)],
          [text.stored, language.bytes(report.bytesStored)],
        ])}
        ${leftOver(text.leftOut, report.left, report.leftCount, language)}
        <div class="buttons"><button type="button" part="button" class="close" @click=${this.#close}>${text.close}</button></div>
      </div>`;
  }

  readonly #hold = (event: DragEvent): void => {
    if (!this.open || this.run || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.over = true;
  };

  readonly #drop = (event: DragEvent): void => {
    this.over = false;
    const { open } = this;
    if (!open || this.run || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    // The transfer is gone after this event; its entries stay.
    const items = [...event.dataTransfer.items].filter(({ kind }) => kind === 'file');
    const source = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile()).filter((item) => item !== null);
    this.#skips = false;
    const [first] = source;
    if (first) this.#start(open, source, first.name);
  };

  async #pick(vault: Vault): Promise<void> {
    const { showDirectoryPicker } = globalThis as { showDirectoryPicker?(options: { mode: 'read' }): Promise<FileSystemDirectoryHandle> };
    if (!showDirectoryPicker) return this.find('.folder')?.click();
    try {
      const handle = await showDirectoryPicker.call(globalThis, { mode: 'read' });
      this.#skips = true;
      this.#start(vault, handle, handle.name);
    } catch (error) {
      this.fail(error);
    }
  }

  #start(vault: Vault, source: Source, name: string): void {
    this.#end();
    const run = vault.backup(source, { label: [...(this.label ?? name)].slice(0, LABEL_MAX / 4).join(''), confirm: true, ...(this.rules ? { rules: this.rules } : {}) });
    this.run = run;
    const look = (): void => {
      if (this.#going) this.#going.told = toldOf(this.#going, this.language);
      this.requestUpdate();
    };
    run.addEventListener('plan', look);
    run.addEventListener('progress', look);
    void run.plan.then((plan) => { if (this.run === run) this.planned = plan; }, () => undefined);
    run.done.then((report) => {
      if (this.run !== run) return;
      this.#end();
      this.report = report;
      void this.focusOn('.focus');
      this.tell('strongroom-backed-up', { vault, report });
    }, (error: unknown) => {
      if (this.run !== run) return;
      this.#end();
      this.fail(error);
      void this.focusOn('.focus');
    });
    void this.focusOn('.focus');
  }

  #proceed(run: BackupRun): void {
    this.#going = { kind: 'backup', run, paused: false, told: '' };
    run.proceed();
    const end = atWork();
    run.done.then(end, end);
    this.requestUpdate();
    void this.focusOn('.focus');
  }

  #end(): void {
    this.run = undefined;
    this.#going = undefined;
    this.planned = undefined;
    this.report = undefined;
    this.failure = undefined;
  }

  readonly #close = (): void => {
    this.#end();
    void this.focusOn('.focus');
  };

  protected override escape(): boolean {
    if (this.report) this.#close();
    else if (this.run && !this.#going) this.run.cancel();
    else return false;
    return true;
  }
}
