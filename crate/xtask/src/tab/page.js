// In the page: what a person sees and does there (www/TESTIDS.md), waited for without polling.
globalThis.person = (() => {
  const find = id => document.querySelector(`[data-testid="${id}"]`);
  const all = id => [...document.querySelectorAll(`[data-testid="${id}"]`)];

  /** The element, once it is there as wanted; fails with the page's own sentence when there is an error instead. */
  const see = (id, isWanted = () => true) => new Promise((done, failed) => {
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, attributes: true });
    look();
    function look() {
      const [problem, found] = [find('problem-message'), find(id)];
      const isThere = found && isWanted(found);
      if (!problem && !isThere) return;
      observer.disconnect();
      if (isThere) done(found); else failed(new Error(problem.textContent));
    }
  });
  const click = async id => (await see(id)).click();
  const frame = () => new Promise(requestAnimationFrame);
  const fill = (input, text) => {
    input.value = text;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.dispatchEvent(new Event('change', { bubbles: true }));
  };
  /** Every `report-…` with a number. */
  const report = async () => {
    const panel = await see('report');
    const numbers = [...panel.querySelectorAll('[data-testid^="report-"][data-value]')];
    return Object.fromEntries(numbers.map(({ dataset }) => [dataset.testid.slice('report-'.length), Number(dataset.value)]));
  };
  let dropped;

  return {
    async create(name, passphrase) {
      await click('go-create');
      fill(await see('create-name'), name);
      await click('create-way-own');
      fill(await see('create-passphrase'), passphrase);
      fill(await see('create-passphrase-again'), passphrase);
      await click('create-submit');
      await see('kit-word');
      const words = all('kit-word').map(word => word.textContent.trim());
      await click('kit-continue');
      await see('rehearse-word');
      for (const input of all('rehearse-word')) fill(input, words[input.dataset.number - 1]);
      await click('rehearse-submit');
      await see('drop-zone');
      return words.join(' ');
    },

    /** Where to drop what is to be backed up; the clock starts with the drop. */
    async zone() {
      const zone = await see('drop-zone');
      zone.scrollIntoView({ block: 'center' });
      dropped = new Promise(done => zone.addEventListener('drop', () => done(performance.now()), { once: true, capture: true }));
      const box = zone.getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    },

    /** Has the folder picker give a folder of so many files that are generated while it is walked, half of them in one folder, and every
     * tenth with something in it. The clock starts. */
    async pickGenerated(files) {
      const handle = (name, values) => ({ kind: 'directory', name, values, getFileHandle, isSameEntry: async () => false });
      const getFileHandle = async name => file(Number(name.slice(5, 12)));
      const file = number => {
        const name = `note ${String(number).padStart(7, '0')}.txt`;
        const parts = number % 10 ? [] : [`the text of note ${number}`];
        return { kind: 'file', name, isSameEntry: async () => false, getFile: async () => new File(parts, name, { lastModified: 1_700_000_000_000 + number }) };
      };
      const range = (from, to) => async function* () {
        for (let number = from; number < to; number++) yield file(number);
      };
      const deep = handle('deep', async function* () {
        for (let from = files / 2; from < files; from += 100) yield handle(`folder ${from}`, range(from, Math.min(files, from + 100)));
      });
      const root = handle('generated', async function* () {
        yield handle('flat', range(0, files / 2));
        yield deep;
      });
      globalThis.showDirectoryPicker = async () => root;
      dropped = Promise.resolve(performance.now());
      await click('pick-folder');
    },

    /** Chooses the folder that the picker was given. The clock starts. */
    async pick() {
      await dropped;
      dropped = Promise.resolve(performance.now());
      await click('pick-folder');
    },

    /** After the drop: goes at once when the plan is there. */
    async backUp() {
      const start = await dropped;
      const before = Number(find('snapshots')?.dataset.value ?? 0);
      await click('backup-now');
      const planned = performance.now();
      const numbers = await report();
      const end = performance.now();
      // The list is read anew when the report is here: until then the newest in it is another.
      await see('snapshots', list => Number(list.dataset.value) > before);
      await click('activity-close');
      return { seconds: (end - start) / 1000, planSeconds: (planned - start) / 1000, ...numbers };
    },

    async openNewest() {
      await click('snapshot-open');
      await see('entries');
    },

    async back() {
      await click('snapshot-back');
      await see('drop-zone');
    },

    /**
     * Opens the only folder and goes through it: at each frame to rows that were not drawn before, to the end, then line by line in the
     * middle. Times in milliseconds; a frame is as long as the next one waits for it.
     */
    async scroll() {
      const start = performance.now();
      await click('entry-open');
      while (!find('entries')?.dataset.path) await frame();
      await see('entry');
      const opened = performance.now() - start;
      const height = document.documentElement.scrollHeight;
      const frames = [];
      let last = await frame();
      const go = async to => {
        scrollTo(0, to);
        const now = await frame();
        frames.push(now - last);
        last = now;
      };
      for (let step = 1; step <= 1_200; step++) await go(height * step / 1_200);
      for (let step = 1; step <= 600; step++) await go(height / 2 + step * 50);
      return { opened, frames: frames.length, over: frames.filter(length => length > 50).length, slowest: Math.max(...frames) };
    },

    /** Lays something over the page that takes a dropped folder as the folder picker's answer. */
    awaitFolder() {
      const cover = document.createElement('div');
      Object.assign(cover.style, { position: 'fixed', inset: '0', zIndex: '2147483647' });
      cover.addEventListener('dragover', event => { event.preventDefault(); event.stopPropagation(); });
      dropped = new Promise(done => cover.addEventListener('drop', event => {
        event.preventDefault();
        event.stopPropagation();
        const handle = event.dataTransfer.items[0].getAsFileSystemHandle();
        globalThis.showDirectoryPicker = () => handle;
        cover.remove();
        done(handle);
      }));
      document.body.append(cover);
    },

    async restoreFolder(readBack) {
      await dropped;
      const check = await see('restore-check');
      if (check.checked !== readBack) check.click();
      return timed('restore-all-folder');
    },

    /** Without a save picker, which cannot be clicked headless, the page downloads. */
    restoreDownload() {
      delete globalThis.showSaveFilePicker;
      return timed('restore-all-download');
    },
  };

  async function timed(button) {
    const start = performance.now();
    await click(button);
    const numbers = await report();
    const seconds = (performance.now() - start) / 1000;
    await click('activity-close');
    return { seconds, ...numbers };
  }
})();
