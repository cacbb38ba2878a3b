/** Bytes as text, for whatever keeps text only. */

export function toText(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
}

/** Throws when it is not what {@link toText} gave. */
export function fromText(text: string): Uint8Array {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0));
}
