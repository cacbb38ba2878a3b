/** One worker of a pipeline. */
import { backUp } from './backup.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { type Pipeline, load } from './pipelines.ts';
import { restore } from './restore.ts';

let [number, run, pipeline] = [0, 0, undefined as Pipeline | undefined];
let feed: ((files: [string, File][]) => void) | undefined;

const tell = (message: FromWorker) => postMessage(message);

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  take(data).catch((error: unknown) => tell({ is: 'failed', why: String(error) }));
});

async function take(message: ToWorker): Promise<void> {
  switch (message.do) {
    case 'load':
      pipeline = await load(message.name, message.key);
      number = message.worker;
      return tell({ is: 'ready' });
    case 'backUp':
      if (feed) return feed(message.files);
      return tell({ is: 'stored', files: await backUp(files(message.files), pipeline!, `${++run}-${number}-`) });
    case 'restore':
      await restore(message.files, message.root, pipeline!);
      return tell({ is: 'restored' });
  }
}

/** What the page hands out, some files after the others, until it has none. */
async function* files(first: [string, File][]): AsyncGenerator<[string, File]> {
  let some = first;
  while (some.length > 0) {
    const next = new Promise<[string, File][]>(done => { feed = done; });
    tell({ is: 'hungry' });
    yield* some;
    some = await next;
  }
  feed = undefined;
}
