import { readdirSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';

/**
 * Which files have been read since, as the file system itself noted: their access times are set to their times of change, and a
 * read moves them (also where they are kept only roughly, `relatime`).
 */
export class Reads {
  private readonly files: Map<string, number>;

  constructor(private readonly folder: string) {
    this.files = new Map(filesIn(folder).map((file) => {
      const { mtimeMs } = statSync(file);
      utimesSync(file, mtimeMs / 1_000, mtimeMs / 1_000);
      return [file, statSync(file).atimeMs];
    }));
  }

  /** Relative paths. */
  since(): string[] {
    return filesIn(this.folder).filter((file) => statSync(file).atimeMs !== this.files.get(file)).map((file) => path.relative(this.folder, file)).sort();
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? filesIn(file) : [file];
  });
}
