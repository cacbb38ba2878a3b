import { readdirSync, readFileSync } from 'node:fs';

/** What a program and everything it started used so far. */
export interface Usage { cpuSeconds: number; /** Of the largest renderer: the tab. */ tabPeakMB: number }

const TICKS_PER_SECOND = 100;

export function usageOf(root: number): Usage {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').map(Number);
      return [{ pid: Number(pid), parent: fields[1] ?? 0, ticks: (fields[11] ?? 0) + (fields[12] ?? 0) }];
    } catch {
      return []; // ended while we looked
    }
  });
  const family = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of processes) {
      if (!family.has(parent) || family.has(pid)) continue;
      family.add(pid);
      grown = true;
    }
  }
  const mine = processes.filter(({ pid }) => family.has(pid));
  return {
    cpuSeconds: mine.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND,
    tabPeakMB: Math.max(0, ...mine.map(({ pid }) => renderersPeak(pid))),
  };
}

function renderersPeak(pid: number): number {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) return 0;
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_000;
  } catch {
    return 0;
  }
}
