/** What a request's `Range` header asks for. */

/** From a byte to before another; `Infinity` to the end. Nothing where the whole is meant, or something that need not be understood (RFC 9110 §14.2). */
export function rangeOf(header: string | null): { from: number; to: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === '') return undefined;
  const from = Number(first);
  const to = last === '' ? Infinity : Number(last) + 1;
  return to > from ? { from, to } : undefined;
}
