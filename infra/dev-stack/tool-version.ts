import { createReadStream } from 'node:fs';

/** The longest line that a search across two pieces of a file must hold. */
const OVERLAP = 256;

/**
 * Returns the version of a Go binary, such as `1.8.0`: the one that it prints, or, for one that
 * `go install` made and that does not know its release, the version of its module, which Go notes
 * in each binary. Undefined where neither says.
 */
export async function toolVersion(printed: string, path: string): Promise<string | undefined> {
  return /\bv?(\d+\.\d+\.\d+)\b/.exec(printed)?.[1] ?? (await moduleVersion(path));
}

/** Says whether a version such as `1.7.2` comes before another. */
export function isOlder(version: string, than: string): boolean {
  const parts = [version, than].map((text) => text.split('.').map(Number));
  for (let place = 0; place < 3; place += 1) {
    const [mine = 0, theirs = 0] = parts.map((numbers) => numbers[place] ?? 0);
    if (mine !== theirs) return mine < theirs;
  }
  return false;
}

async function moduleVersion(path: string): Promise<string | undefined> {
  let tail = '';
  for await (const piece of createReadStream(path, { encoding: 'latin1', highWaterMark: 1 << 22 })) {
    const text = tail + (piece as string);
    const found = /\nmod\t\S+\tv(\d+\.\d+\.\d+)[\t\n]/.exec(text)?.[1];
    if (found) return found;
    tail = text.slice(-OVERLAP);
  }
  return undefined;
}
