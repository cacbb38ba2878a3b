import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type Kind = 'pack' | 'index' | 'snap' | 'slot';

/** Once more and the byte is as it was. */
const FLIP_SLOT = `
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=20)
[(slot,)] = database.execute("SELECT object FROM slot WHERE kind = ?", sys.argv[2:]).fetchall()
slot = bytearray(slot)
slot[-100] ^= 0x10
database.execute("UPDATE slot SET object = ? WHERE kind = ?", (bytes(slot), sys.argv[2]))
database.commit()
`;

/** The objects of the only vault in a server's data folder. */
export class Objects {
  constructor(readonly data: string) {}

  /** The vault's folder. */
  get folder(): string {
    const root = path.join(this.data, 'objects');
    const vaults = existsSync(root) ? readdirSync(root) : [];
    if (vaults.length !== 1 || !vaults[0]) throw new Error(`${vaults.length} vaults, not one`);
    return path.join(root, vaults[0]);
  }

  names(kind: Kind): string[] {
    const folder = path.join(this.folder, kind);
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }

  file(kind: Kind, name: string): string { return path.join(this.folder, kind, name); }

  size(kind: Kind, name: string): number { return statSync(this.file(kind, name)).size; }

  bytes(...kinds: Kind[]): number {
    return kinds.flatMap((kind) => this.names(kind).map((name) => this.size(kind, name))).reduce((sum, size) => sum + size, 0);
  }

  /** Every object with the hash of its bytes. */
  hashes(): Map<string, string> {
    const kinds: Kind[] = ['pack', 'index', 'snap', 'slot'];
    return new Map(kinds.flatMap((kind) => this.names(kind).map((name) => {
      return [`${kind}/${name}`, createHash('sha256').update(readFileSync(this.file(kind, name))).digest('hex')] as const;
    })));
  }

  /** One bit of one byte becomes another; gives back the way to mend it. */
  flip(kind: Kind, name: string, at: (length: number) => number): () => void {
    const file = this.file(kind, name);
    const whole = readFileSync(file);
    const damaged = Buffer.from(whole);
    const place = at(whole.length);
    damaged.writeUInt8(damaged.readUInt8(place) ^ 0x10, place);
    writeFileSync(file, damaged);
    return () => writeFileSync(file, whole);
  }

  /** The same with a key slot, which the server hands out from its database; the file beside the other objects is for bare copies. */
  flipSlot(kind: 'passphrase' | 'recovery'): () => void {
    const flip = () => void execFileSync('python3', ['-c', FLIP_SLOT, path.join(this.data, 'accounts.sqlite'), kind]);
    flip();
    return flip;
  }

  /** A bare copy: what is left when the server is not. */
  copyTo(folder: string): void {
    cpSync(this.folder, path.join(folder, path.basename(this.folder)), { recursive: true });
  }
}
