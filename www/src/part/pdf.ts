/** A PDF, drawn page by page. Nothing in it acts: no links, no scripts, no forms; it is read by a worker that reaches nothing. */

import { html, nothing, type TemplateResult } from 'lit';
import { AnnotationMode, getDocument, PDFWorker, VerbosityLevel, type PDFDocumentLoadingTask, type PDFDocumentProxy, type RenderTask } from 'pdfjs-dist';
import jbig2 from 'pdfjs-dist/wasm/jbig2.wasm?url';
import openjpeg from 'pdfjs-dist/wasm/openjpeg.wasm?url';
import script from 'pdfjs-dist/build/pdf.worker.min.mjs?url';
import { trusted } from '../lib/trusted.ts';
import { View } from '../view.ts';

/** Pixels of a page that is drawn; one that is larger is drawn coarser. */
const PAGE_PIXELS = 12_000_000;
/** Pixels of a picture in it; one that has more is left out. */
const PICTURE_PIXELS = 64_000_000;

/** Decoders that come only where a picture needs one. The worker has no way to the network, so the page fetches them. */
const DECODERS: Record<string, string> = { 'jbig2.wasm': jbig2, 'openjpeg.wasm': openjpeg };

class Decoders {
  async fetch({ filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    const url = DECODERS[filename];
    if (url === undefined) throw new Error(`${filename} is not here`);
    return new Uint8Array(await (await fetch(url)).arrayBuffer());
  }
}

class Pdf extends View {
  static override properties = { bytes: { attribute: false }, name: { attribute: false }, page: { state: true }, pages: { state: true }, why: { state: true } };
  declare bytes: Uint8Array<ArrayBuffer>;
  declare name: string;
  declare page: number;
  /** How many there are; none while they are counted. */
  declare pages: number | undefined;
  /** Why nothing can be seen, as a sentence. */
  declare why: string | undefined;
  #worker: Worker | undefined;
  #loading: PDFDocumentLoadingTask | undefined;
  #document: PDFDocumentProxy | undefined;
  #drawing: RenderTask | undefined;

  constructor() {
    super();
    this.page = 1;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#drawing?.cancel();
    void this.#loading?.destroy().catch(() => undefined);
    this.#worker?.terminate();
  }

  protected override firstUpdated(): void {
    void this.#open();
  }

  protected override render(): TemplateResult {
    const { page, pages, why } = this;
    if (why !== undefined) return html`<p class="hint" data-testid="preview-none">${why}</p>`;
    return html`
      <canvas role="img" aria-label=${pages === undefined ? `Pages of ${this.name}` : `Page ${page} of ${pages} of ${this.name}`} data-testid="preview-pdf" data-page=${page} data-pages=${pages ?? ''}></canvas>
      ${pages === undefined || pages < 2 ? nothing : html`
        <div class="buttons centred pages">
          <button type="button" class="quiet" data-testid="pdf-previous" ?disabled=${page === 1} @click=${() => void this.#turn(page - 1)}>Previous page</button>
          <p role="status">Page ${page} of ${pages}</p>
          <button type="button" class="quiet" data-testid="pdf-next" ?disabled=${page === pages} @click=${() => void this.#turn(page + 1)}>Next page</button>
        </div>`}`;
  }

  async #open(): Promise<void> {
    this.#worker = new Worker(trusted(script), { type: 'module', name: 'strongroom pdf' });
    this.#loading = getDocument({
      data: this.bytes, worker: PDFWorker.create({ port: this.#worker }), BinaryDataFactory: Decoders, useWorkerFetch: false, disableWorkerRendering: true,
      maxImageSize: PICTURE_PIXELS, enableXfa: false, verbosity: VerbosityLevel.ERRORS,
    });
    try {
      this.#document = await this.#loading.promise;
      this.pages = this.#document.numPages;
      await this.#turn(1);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #turn(to: number): Promise<void> {
    if (!this.#document) return;
    this.page = to;
    this.#drawing?.cancel();
    const page = await this.#document.getPage(to);
    const canvas = this.find<HTMLCanvasElement>('preview-pdf');
    if (this.page !== to || !canvas) return;
    const { width, height } = page.getViewport({ scale: 1 });
    const scale = Math.min((canvas.clientWidth * devicePixelRatio) / width, Math.sqrt(PAGE_PIXELS / (width * height)));
    const viewport = page.getViewport({ scale });
    [canvas.width, canvas.height] = [Math.ceil(viewport.width), Math.ceil(viewport.height)];
    delete canvas.dataset['drawn'];
    try {
      this.#drawing = page.render({ canvas, viewport, annotationMode: AnnotationMode.ENABLE });
      await this.#drawing.promise;
      canvas.dataset['drawn'] = String(to);
    } catch (error) {
      if (this.page === to) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const name = error instanceof Error ? error.name : '';
    if (!this.isConnected || name === 'RenderingCancelledException') return;
    this.why = name === 'PasswordException'
      ? 'This PDF is locked with a password of its own. Download it to open it.'
      : 'This PDF cannot be drawn here. Download it to open it in another program.';
  }
}

customElements.define('sr-pdf', Pdf);
