import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** This folder, where the other languages' parts of the browsers' drivers lie. */
export const ENGINES = path.dirname(fileURLToPath(import.meta.url));
