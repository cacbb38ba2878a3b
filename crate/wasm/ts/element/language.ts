/** In which language an element speaks, and how that language writes numbers, sizes, spans and moments. */
import type { CountedKey, PlainKey, Text } from './text.js';
import { TEXTS } from './text.js';

const RIGHT_TO_LEFT = ['ar'];
const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** One language as a reader of `tag` wants it: `de-AT` has the words of `de` and the numbers of Austria. */
export class Language {
  readonly dir: 'ltr' | 'rtl';
  readonly text: Text;
  readonly #rules: Intl.PluralRules;

  private constructor(readonly tag: string, base: keyof typeof TEXTS) {
    this.text = TEXTS[base];
    this.dir = RIGHT_TO_LEFT.includes(base) ? 'rtl' : 'ltr';
    this.#rules = new Intl.PluralRules(tag);
  }

  /** That of a tag as it stands in a `lang` attribute; English where there are no words for it. */
  static of(tag: string): Language {
    const base = tag.toLowerCase().split('-', 1)[0] ?? '';
    if (!Object.hasOwn(TEXTS, base)) return new Language('en', 'en');
    // What stands in an attribute may be no tag at all.
    try {
      return new Language(Intl.getCanonicalLocales(tag)[0] ?? base, base as keyof typeof TEXTS);
    } catch {
      return new Language(base, base as keyof typeof TEXTS);
    }
  }

  /** A sentence, with what is put in. */
  say(key: PlainKey, put: Record<string, string> = {}): string {
    return this.text[key].replace(/\{(\w+)\}/g, (whole, name: string) => put[name] ?? whole);
  }

  /** The sentence for so many. */
  count(key: CountedKey, n: number): string {
    const sentences = this.text[key];
    return (sentences[this.#rules.select(n)] ?? sentences.other).replace('{n}', this.number(n));
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.tag, { maximumFractionDigits: 0 }).format(value);
  }

  /** 0 to 1; 100 % only at the end. */
  percent(share: number): string {
    return new Intl.NumberFormat(this.tag, { style: 'percent', maximumFractionDigits: 0 }).format(share >= 1 ? 1 : Math.floor(Math.max(0, share) * 100) / 100);
  }

  /** Three digits, in steps of 1,000. */
  bytes(value: number, each = ''): string {
    let step = 0;
    // 999.5 would be rounded to 1,000: it belongs to the next unit.
    for (; value >= 999.5 && step < SIZES.length - 1; step++) value /= 1000;
    return new Intl.NumberFormat(this.tag, { style: 'unit', unit: `${SIZES[step]}${each}`, unitDisplay: step === 0 && each === '' ? 'long' : 'short', maximumSignificantDigits: 3 }).format(value);
  }

  rate(bytes: number): string {
    return this.bytes(bytes, '-per-second');
  }

  /** A span that is only guessed, so coarser the longer it is. */
  span(milliseconds: number): string {
    const seconds = Math.max(1, milliseconds / 1000);
    const [value, unit] = seconds < 55 ? [Math.ceil(seconds / 10) * 10, 'second'] : seconds < 3_570 ? [Math.round(seconds / 60), 'minute'] : [seconds / 3_600, 'hour'];
    return new Intl.NumberFormat(this.tag, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 }).format(value);
  }

  moment(time: number): string {
    return new Intl.DateTimeFormat(this.tag, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
  }

  /** Several things in a row. */
  list(...parts: string[]): string {
    return new Intl.ListFormat(this.tag, { type: 'unit', style: 'short' }).format(parts);
  }
}

/** The language of the nearest element around this one that names one, shadow roots or not; else the reader's. */
export function languageAround(element: Element): string {
  for (const node of around(element)) {
    const lang = node.getAttribute('lang');
    if (lang) return lang;
  }
  return navigator.language;
}

/** This element and those around it as they are laid out, out of slots and shadow roots. */
export function* around(element: Element): Iterable<Element> {
  let node: Node | null = element;
  while (node) {
    if (node instanceof Element) yield node;
    node = (node instanceof Element ? node.assignedSlot : null) ?? node.parentNode ?? (node instanceof ShadowRoot ? node.host : null);
  }
}
