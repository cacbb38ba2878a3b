/** Strongroom: encrypted, de-duplicated backup from a browser tab. Importing this touches neither window nor Worker. */
export { RollbackError, StrongroomError } from './errors.js';
export { mediaType } from './kinds.js';
export { Strongroom } from './strongroom.js';
export type * from './types.js';
