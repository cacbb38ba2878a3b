/** Which of many rows of one height are drawn: those that can be seen, and some beside them. */

export interface Slice { first: number; /** One behind the last. */ end: number }

/** Rows drawn beyond either edge, so that scrolling by a little shows nothing empty. */
const BESIDE = 12;

/** `top` and `bottom` bound what can be seen, in pixels from the top of the first row. */
export function sliceOf(top: number, bottom: number, height: number, rows: number): Slice {
  const first = Math.min(Math.max(0, Math.floor(top / height) - BESIDE), Math.max(0, rows - 1));
  const end = Math.max(first, Math.min(rows, Math.ceil(bottom / height) + BESIDE));
  return { first, end };
}
