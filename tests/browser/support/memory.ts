import { readdirSync, readFileSync } from 'node:fs';

/**
 * The most memory that any tab of the browser with this profile takes while `work` goes on, in bytes: the proportional set size of its
 * renderer (memory that processes share counts for each in its part), as Linux's /proc says, looked at four times a second.
 */
export async function peakOf(profileFolder: string, work: () => Promise<void>): Promise<number> {
  let peak = 0;
  const look = setInterval(() => { peak = Math.max(peak, ...renderers(profileFolder).map(proportional)); }, 250);
  try {
    await work();
  } finally {
    clearInterval(look);
  }
  return peak;
}

function renderers(profileFolder: string): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  const words = new Map(all.map((pid) => [pid, read(pid, 'cmdline')]));
  // Only the browser's own process keeps its words apart; those that it starts may be told of the profile, too.
  const browsers = new Set(all.filter((pid) => words.get(pid)!.split('\0').includes(`--user-data-dir=${profileFolder}`)));
  const within = (pid: number): boolean => browsers.has(pid) || (pid > 1 && within(Number(/^PPid:\s+(\d+)/m.exec(read(pid, 'status'))?.[1] ?? 0)));
  return all.filter((pid) => words.get(pid)!.includes('--type=renderer') && within(pid));
}

function proportional(pid: number): number {
  return 1_024 * Number(/^Pss:\s+(\d+)/m.exec(read(pid, 'smaps_rollup'))?.[1] ?? 0);
}

/** Empty where the process is gone. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
