/** The results of `work` in order, up to `most` of them under way. */
export async function* ahead<T, R>(items: AsyncIterable<T> | Iterable<T>, most: number, work: (item: T) => R | Promise<R>): AsyncGenerator<R> {
  const waiting: Promise<R>[] = [];
  for await (const item of items) {
    waiting.push(Promise.resolve(work(item)));
    if (waiting.length >= most) yield await waiting.shift()!;
  }
  for (const result of waiting) yield await result;
}
