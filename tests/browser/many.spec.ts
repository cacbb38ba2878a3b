import { LONG, type Screens } from './support/screens.ts';
import { expect, test } from './support/world.ts';

/** Longer than this, and a person feels it. */
const MOST_MS = 200;
const FILES = 100_000;
/** Another program may hold the thread up for a while; what the page itself does too long it does every time. */
const TRIES = 3;

/** A PerformanceLongAnimationFrameTiming, as far as it is looked at. */
interface Frame {
  duration: number;
  blockingDuration: number;
  scripts: { invoker: string; duration: number; sourceURL: string; sourceCharPosition: number }[];
}

test('a folder of 100,000 files is planned, pruned and backed up without one task of the page that lasts over 200 ms', async ({ world }) => {
  const server = await world.server();
  let longest = await run(await world.screens(server.url, 'first'));
  for (let time = 1; time < TRIES && longest.ms > MOST_MS; time++) longest = await run(await world.screens(server.url, `again ${time}`));
  expect(longest.ms, JSON.stringify(longest.frames, null, 1)).toBeLessThanOrEqual(MOST_MS);
});

/** From the choice to the report, in a vault of its own: the longest task, and what the longest frames were spent on. */
async function run(screens: Screens): Promise<{ ms: number; frames: Frame[] }> {
  const { page } = screens;
  await screens.create('many', 'correct horse battery staple');
  await page.evaluate((files) => {
    // A folder as the browser's picker gives it, with generated entries: one of a hundred has something in it.
    type Files = Record<'values', () => AsyncGenerator<object>> & { getFileHandle?: (name: string) => Promise<object> };
    const handle = (name: string, files: Files): object => ({ kind: 'directory', name, ...files, isSameEntry: async () => false });
    const file = (name: string, text: string): object =>
      ({ kind: 'file', name, isSameEntry: async () => false, getFile: async () => new File([text], name, { lastModified: 1_700_000_000_000 }) });
    const folder = (name: string, count: number, fileOf: (number: number) => object): object => handle(name, {
      async* values() {
        for (let number = 0; number < count; number++) yield fileOf(number);
      },
      getFileHandle: async (name) => fileOf(parseInt(name)),
    });
    const textOf = (number: number, text: string): string => (number % 100 ? '' : text);
    const flat = folder('flat', files / 2, (number) => file(`${number}.${number % 5 ? 'txt' : 'tmp'}`, textOf(number, `the text of ${number}`)));
    const deep = handle('deep', {
      async* values() {
        for (let at = 0; at < 500; at++) yield folder(`folder ${at}`, files / 1_000, (number) => file(`${number}.txt`, textOf(number, `the text of ${at} ${number}`)));
      },
    });
    const root = handle('generated', {
      async* values() {
        yield flat;
        yield deep;
      },
    });
    const tasks: number[] = [];
    new PerformanceObserver((list) => { tasks.push(...list.getEntries().map(({ duration }) => duration)); }).observe({ type: 'longtask', buffered: false });
    // What a frame that lasted long was spent on, for whoever looks for the cause.
    const frames: Frame[] = [];
    new PerformanceObserver((list) => {
      for (const { duration, blockingDuration, scripts } of list.getEntries() as unknown as Frame[]) {
        const spent = scripts.map(({ invoker, duration, sourceURL, sourceCharPosition }) => ({ invoker, duration, sourceURL, sourceCharPosition }));
        frames.push({ duration, blockingDuration, scripts: spent });
      }
    }).observe({ type: 'long-animation-frame', buffered: false });
    Object.assign(window, { tasks, frames, showDirectoryPicker: async () => root });
  }, FILES);
  await screens.id('pick-folder').click();
  // The plan grows under the eyes, and follows the rules meanwhile.
  const growing = () => screens.id('plan-files').getAttribute('data-value').then(Number);
  await expect.poll(growing, { timeout: LONG, intervals: [20] }).toBeGreaterThan(1_000);
  expect(await growing()).toBeLessThan(FILES);
  await screens.id('plan-choose').locator('summary').click();
  await screens.id('rules-leave').fill('*.tmp');
  await screens.phase('planned', LONG);
  await expect(screens.id('plan-files')).toHaveAttribute('data-value', '90000');
  await expect(screens.id('plan-excluded')).toHaveAttribute('data-value', '10000');
  await page.locator('[data-testid="folder-entry"][data-path="generated"]').getByTestId('folder-open').click();
  await page.locator('[data-testid="folder-entry"][data-path="generated/flat"]').getByTestId('folder-open').click();
  await expect(page.locator('[data-testid="folder-entry"][data-path="generated/flat"] .more')).toHaveText(/49,800 entries more/);
  await screens.id('backup-now').click();
  const report = await screens.finish();
  expect(report).toMatchObject({ files: 90_000, folders: 503, excluded: 10_000 });
  const { tasks, frames } = await page.evaluate(() => {
    const { tasks, frames } = window as unknown as { tasks: number[]; frames: Frame[] };
    return { tasks, frames: frames.sort((one, other) => other.duration - one.duration).slice(0, 3) };
  });
  const ms = Math.round(Math.max(0, ...tasks));
  console.log(`the longest task of the page lasted ${ms} ms`);
  return { ms, frames };
}
