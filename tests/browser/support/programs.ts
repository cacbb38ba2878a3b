import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the repository. */
export const TOP = path.resolve(fileURLToPath(new URL('../../..', import.meta.url)));

type Program = 'STRONGROOM_SERVER' | 'STRONGROOM_CLI' | 'STRONGROOM_PYTHON' | 'STRONGROOM_GARAGE' | 'STRONGROOM_BACK_END';
/** The package as an app has it in `node_modules`, from its tarball; the folder of apps that were built with it. */
type Folder = 'STRONGROOM_PACKAGE' | 'STRONGROOM_APPS';

/** Where `cargo xtask test browser` says that a program or a folder lies. */
export function program(variable: Program | Folder): string {
  const found = process.env[variable];
  if (!found) throw new Error(`${variable} is not set: run these tests by \`cargo xtask test browser\``);
  return found;
}

export interface Ended { code: number; stdout: string; stderr: string }

/** Runs a program to its end. */
export function runProgram(file: string, words: string[], input = '', env = process.env): Promise<Ended> {
  return new Promise((ended) => {
    const child = execFile(file, words, { maxBuffer: 1 << 28, env }, (error, stdout, stderr) => {
      ended({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
