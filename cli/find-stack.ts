import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder in which `make up` works and notes the servers that it started. */
const STATE_FOLDER = '.vectormill';
const STACK_FILE = 'stack.env';

export type FoundStack =
  | { kind: 'found'; file: string; values: Readonly<Record<string, string>> }
  /** It cannot be trusted, or not be read. */
  | { kind: 'refused'; file: string; why: string }
  | { kind: 'none' };

/** The questions that the search asks the machine. */
export interface StackSearch {
  /** Returns the number of the file system that holds a folder. */
  deviceOf(folder: string): number;
  /** The users whose files are trusted. */
  trusted: readonly number[];
}

/**
 * Returns the dev stack of a folder: that of the nearest folder, at or above it, with a
 * `.vectormill`. The search works as git's own: it goes up to the root or the border of the file
 * system, through the home folder as through any other. A file that belongs to another user is
 * refused, because it decides where data and queries go.
 */
export function findStack(folder: string, search: StackSearch = THIS_MACHINE): FoundStack {
  const device = search.deviceOf(folder);
  for (let at = folder; search.deviceOf(at) === device; at = dirname(at)) {
    if (isFolder(join(at, STATE_FOLDER))) return readStack(join(at, STATE_FOLDER, STACK_FILE), search);
    if (dirname(at) === at) break;
  }
  return { kind: 'none' };
}

function readStack(file: string, { trusted }: StackSearch): FoundStack {
  const info = statSync(file, { throwIfNoEntry: false });
  if (!info) return { kind: 'none' };
  if (!trusted.includes(info.uid)) return { kind: 'refused', file, why: 'belongs to another user' };
  try {
    return { kind: 'found', file, values: parseStack(readFileSync(file, 'utf8')) };
  } catch (error) {
    return { kind: 'refused', file, why: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

/** Reads lines such as `export NAME='value'`. All other lines are ignored. */
function parseStack(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^(?:export )?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim()) ?? [];
    if (name) values[name] = /^(['"]).*\1$/.test(value) ? value.slice(1, -1) : value;
  }
  return values;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // This user may not be allowed to read a folder above.
    return false;
  }
}

const THIS_MACHINE: StackSearch = {
  deviceOf: (folder) => statSync(folder).dev,
  // Root may use the files of the user who became root, as with git.
  trusted: [process.geteuid?.() ?? 0, ...(process.geteuid?.() === 0 ? [Number(process.env.SUDO_UID)] : [])],
};
