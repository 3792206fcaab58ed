import { readFileSync } from 'node:fs';

/**
 * The largest resident set of this process so far, in MiB. `resourceUsage` is not used, because on
 * Linux its maximum includes the process that started this one.
 */
export function peakMebibytes(): number {
  const kibibytes = /VmHWM:\s+(\d+) kB/.exec(readStatus())?.[1] ?? process.resourceUsage().maxRSS;
  return Math.round(Number(kibibytes) / 1024);
}

function readStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
