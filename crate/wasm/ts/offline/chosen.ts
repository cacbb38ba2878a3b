/** What a person chose or dropped: the files of a folder, or one ZIP. */
import { StrongroomError } from '../errors.js';
import { openSource } from '../sources.js';
import type { Command } from './messages.js';
import type { Listed } from './objects.js';

export type Chosen = Extract<Command, { open: unknown }>['open'];

export function fromFiles(list: Iterable<File>): Chosen {
  const files = [...list];
  const [first] = files;
  if (files.length === 1 && first && isZip(first)) return { zip: first };
  return { files: files.map(file => [file.webkitRelativePath || file.name, file]) };
}

/** To be called while the drop is handled: its items are gone afterwards. */
export async function fromDrop(transfer: DataTransfer): Promise<Chosen> {
  const [first, ...others] = transfer.files;
  if (first && others.length === 0 && isZip(first)) return { zip: first };
  if (![...transfer.items].some(({ kind }) => kind === 'file')) {
    throw new StrongroomError('not_supported', 'What was dropped came as an address, without its contents: it was a link, or this browser hands over nothing that is dropped. Choose it by one of the buttons instead.');
  }
  const files: Listed[] = [];
  for await (const { path, file: found } of openSource(transfer)) {
    const file = found && await (found.own ?? found.place).open(found.name);
    if (file instanceof File) files.push([path, file]);
  }
  return { files };
}

function isZip(file: File): boolean {
  return file.type === 'application/zip' || file.type === 'application/x-zip-compressed' || file.name.toLowerCase().endsWith('.zip');
}
