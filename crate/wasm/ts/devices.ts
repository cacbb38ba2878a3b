/**
 * By what a server knows this device: each of its sign-ins is then counted apart from those of strangers, who may know a vault's name and
 * use up its tries. It opens nothing.
 */
import type { Memory } from './types.js';

/** Of one vault at one server. A device that keeps nothing is a stranger each time, and nothing else. */
export class Device {
  readonly #memory: Memory | undefined;
  readonly #key: string;

  constructor(memory: Memory | undefined, server: string | URL, name: string) {
    this.#memory = memory;
    this.#key = `${name} ${new URL(server, globalThis.location?.href).host}`;
  }

  /** What was kept, and whether something can be. */
  async known(): Promise<{ device?: string; remember: boolean }> {
    try {
      const kept = await this.#memory?.recall(this.#key);
      return { remember: this.#memory !== undefined, ...(kept ? { device: kept } : {}) };
    } catch {
      return { remember: false };
    }
  }

  /** Nothing forgets it. Never fails. */
  async keep(device: string): Promise<void> {
    await this.#memory?.keep(this.#key, device).catch(() => {});
  }
}

/** In `localStorage`. */
export const originDevices: Memory = {
  async recall(vault) { return localStorage.getItem(key(vault)) ?? undefined; },
  async keep(vault, device) {
    if (device === '') localStorage.removeItem(key(vault));
    else localStorage.setItem(key(vault), device);
  },
};

function key(vault: string): string {
  return `strongroom.device.${vault}`;
}
