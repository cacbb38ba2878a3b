/**
 * Ready-made elements: `<strongroom-vault>`, `<strongroom-backup>`, `<strongroom-restore>`. Importing this defines them where there are
 * custom elements, and does nothing where there are none, as on a server.
 */
export type * from './element/types.js';

/** Settles when the elements are defined; at once where there are none to define. */
export const defined: Promise<void> = globalThis.customElements ? define() : Promise.resolve();

// Loaded by their names, which stay as they are: this file is not bundled.
async function define(): Promise<void> {
  const [{ defineElements }, { Strongroom }] = await Promise.all([import('./elements.js'), import('./index.js')]);
  defineElements(Strongroom);
}
