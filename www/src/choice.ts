/** What a person leaves out of the back ups of a vault; kept in this browser, sealed by the vault, because it names folders. */

import type { Rules, Vault } from 'strongroom';
import { isPreset, PRESETS, patternFor, type Preset } from './lib/rules.ts';

export interface Choice {
  presets: Preset[];
  /** Patterns of what to leave out, and of what alone to take, as they were typed. */
  leave: string[];
  only: string[];
  /** Paths that were unticked; a folder's ends with `/`. */
  unticked: string[];
}

export const EVERYTHING: Choice = { presets: [], leave: [], only: [], unticked: [] };

/** As the engine takes it. */
export function rulesOf({ presets, leave, only, unticked }: Choice): Rules {
  const exclude = [...presets.flatMap((preset) => PRESETS[preset].patterns), ...leave, ...unticked.map(patternFor)];
  return { exclude: [...new Set(exclude)], include: only };
}

/** What was last chosen in this vault; everything, where nothing is known. */
export async function recallChoice(vault: Vault): Promise<Choice> {
  try {
    const sealed = localStorage.getItem(key(vault));
    return sealed === null ? EVERYTHING : read(JSON.parse(await vault.openNote(sealed)));
  } catch {
    // A browser that keeps nothing, or something that is not ours: it only costs choosing again.
    return EVERYTHING;
  }
}

export async function rememberChoice(vault: Vault, choice: Choice): Promise<void> {
  try {
    localStorage.setItem(key(vault), await vault.sealNote(JSON.stringify(choice)));
  } catch {
    // Likewise.
  }
}

function key(vault: Vault): string {
  return `strongroom.choice.${vault.id}`;
}

function read(kept: Partial<Record<keyof Choice, unknown>>): Choice {
  const texts = (list: unknown) => (Array.isArray(list) ? list.filter((text): text is string => typeof text === 'string') : []);
  return { presets: texts(kept.presets).filter(isPreset), leave: texts(kept.leave), only: texts(kept.only), unticked: texts(kept.unticked) };
}
