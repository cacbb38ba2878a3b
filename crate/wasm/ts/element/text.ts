/** What the elements say: one table a language, all with the keys of the English one. */
import type { ErrorCode, Stage } from '../types.js';
import { ar } from './text/ar.js';
import { de } from './text/de.js';
import { en } from './text/en.js';
import { es } from './text/es.js';
import { fr } from './text/fr.js';
import { ja } from './text/ja.js';

type English = typeof en;
/** A sentence for each way in which a language counts (`Intl.PluralRules`); `{n}` is the number. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

export type Text = {
  [Key in Exclude<keyof English, 'stages' | 'errors'>]: English[Key] extends string ? string : Plural;
} & { stages: Record<Stage, string>; errors: Record<ErrorCode, string> };

/** The keys of plain sentences, in which `{…}` stands for what is put in, and of those that count. */
export type PlainKey = { [Key in keyof Text]: Text[Key] extends string ? Key : never }[keyof Text];
export type CountedKey = { [Key in keyof Text]: Text[Key] extends Plural ? Key : never }[keyof Text];

export const TEXTS = { en, de, fr, es, ja, ar } satisfies Record<string, Text>;
