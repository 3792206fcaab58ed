import { readFileSync } from 'node:fs';

/**
 * The largest resident set of this process so far, MiB. Not `resourceUsage`, which on Linux also
 * counts that of the process that started it, until then.
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
