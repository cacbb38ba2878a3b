/**
 * Numbers and times in words. The page speaks English, so its figures do too: in the reader's own kind of English where
 * there is one, so that `1,204` is never read as a fraction.
 */

const READER = globalThis.navigator?.languages?.find((language) => language.startsWith('en')) ?? 'en';
/** Making one takes much longer than using it, and a list uses one for every row. */
const numbers = kept((locale, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options));
const moments = kept((locale, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options));
const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** `1204` → `1,204` */
export function count(value: number, locale = READER): string {
  return numbers(locale, { maximumFractionDigits: 0 }).format(value);
}

/** `files(1)` → `1 file`, `files(1204)` → `1,204 files` */
export function files(value: number, locale = READER): string {
  return plural(value, 'file', 'files', locale);
}

/** `folders(2)` → `2 folders` */
export function folders(value: number, locale = READER): string {
  return plural(value, 'folder', 'folders', locale);
}

/** A number with the noun that fits it. */
export function plural(value: number, one: string, many: string, locale = READER): string {
  const noun = new Intl.PluralRules(locale).select(value) === 'one' ? one : many;
  return `${count(value, locale)} ${noun}`;
}

/** Bytes in steps of 1,000, three digits: `312500000` → `313 MB`, `1250` → `1.25 kB`, `12` → `12 bytes`. */
export function bytes(value: number, locale = READER): string {
  let step = 0;
  let scaled = value;
  // 999.5 would be rounded to 1,000: it belongs to the next unit.
  while (scaled >= 999.5 && step < BYTE_UNITS.length - 1) {
    scaled /= 1000;
    step += 1;
  }
  const unit = BYTE_UNITS[step] ?? 'byte';
  const digits = step === 0 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
  return numbers(locale, { style: 'unit', unit, unitDisplay: step === 0 ? 'long' : 'short', ...digits }).format(scaled);
}

/** Bytes a second: `150 MB/s`. */
export function rate(value: number, locale = READER): string {
  return `${bytes(value, locale)}/s`;
}

/** 0 to 1 as a whole per cent that says 100 % only at the end. */
export function percent(share: number, locale = READER): string {
  const whole = share >= 1 ? 1 : Math.floor(Math.max(0, share) * 100) / 100;
  return numbers(locale, { style: 'percent', maximumFractionDigits: 0 }).format(whole);
}

/** A span in the two units that matter: `45 seconds`, `3 min 20 s`, `2 h 5 min`. */
export function duration(milliseconds: number, locale = READER): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (milliseconds < 950) return 'less than a second';
  if (seconds < 60) return plural(seconds, 'second', 'seconds', locale);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return join(`${count(minutes, locale)} min`, seconds % 60, 's', locale);
  return join(`${count(Math.floor(minutes / 60), locale)} h`, minutes % 60, 'min', locale);
}

/** A span that is only guessed, so coarser the longer it is: `about 3 minutes left`. */
export function timeLeft(milliseconds: number, locale = READER): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return 'a few seconds left';
  if (seconds < 55) return `about ${count(Math.ceil(seconds / 10) * 10, locale)} seconds left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${plural(Math.max(1, minutes), 'minute', 'minutes', locale)} left`;
  const hours = Math.round(minutes / 6) / 10;
  const shown = numbers(locale, { maximumFractionDigits: hours < 10 ? 1 : 0 }).format(hours);
  return `about ${shown} ${hours === 1 ? 'hour' : 'hours'} left`;
}

/** A moment for people: `21 Nov 2026, 22:10`. */
export function moment(time: number, locale = READER): string {
  return moments(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}

/** The day of a moment: `21 Nov 2026`. */
export function day(time: number, locale = READER): string {
  return moments(locale, { dateStyle: 'medium' }).format(time);
}

/** The time of day of a moment: `22:10`. */
export function hour(time: number, locale = READER): string {
  return moments(locale, { timeStyle: 'short' }).format(time);
}

/** How long ago, in the largest unit that is at least one: `2 hours ago`, `just now`. */
export function ago(time: number, now: number, locale = READER): string {
  const steps = [['year', 31_557_600], ['month', 2_629_800], ['week', 604_800], ['day', 86_400], ['hour', 3600], ['minute', 60]] as const;
  const seconds = (now - time) / 1000;
  const step = steps.find(([, length]) => seconds >= length);
  if (!step) return 'just now';
  return new Intl.RelativeTimeFormat(locale, { numeric: 'always' }).format(-Math.floor(seconds / step[1]), step[0]);
}

/** A text with the full stop that it may lack. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function join(head: string, rest: number, unit: string, locale: string): string {
  return rest === 0 ? head : `${head} ${count(rest, locale)} ${unit}`;
}

/** What was made of these before, or is made now: there are few. */
function kept<O, F>(make: (locale: string, options: O) => F): (locale: string, options: O) => F {
  const made = new Map<string, F>();
  return (locale, options) => {
    const key = `${locale} ${JSON.stringify(options)}`;
    let found = made.get(key);
    if (found === undefined) made.set(key, found = make(locale, options));
    return found;
  };
}
