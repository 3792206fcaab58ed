import { randomUUID } from 'node:crypto';
import { link, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256 } from '../files/hash.js';
import { etagOf, remove, statFile, type TemporaryFile } from './file-entry.js';
import { isMissing } from './file-errors.js';
import { RESERVED_NAME_PREFIX } from './object-key.js';
import { pause } from './retry.js';

/** The time for which a rival with precedence may make no progress before it is taken for dead. */
const PATIENCE_MS = 500;
const WAIT = { attempts: Number.POSITIVE_INFINITY, baseMs: 4, capMs: 50 };

interface Replacement {
  /** The file whose content the target gets. It stays in place. */
  temporary: TemporaryFile;
  /** The path of the object's file. */
  target: string;
  /**
   * The entity tag that the target must have. If it is undefined, anything or nothing may be there.
   */
  expected: string | undefined;
  signal: AbortSignal | undefined;
}

/**
 * Compares and swaps a file without a lock that a killed process could leave behind. Returns false
 * if the tag was another.
 *
 * A writer announces itself by an *intent*, a second name for its finished content, and succeeds
 * only by renaming that very file onto the target. A writer therefore stops a rival, whether it is
 * alive, paused or dead, by removing the rival's intent: its rename then fails and it starts again.
 * Before it compares and renames, a writer removes all other intents for the target. So nobody can
 * have got past it between the two steps: a rival that was there has lost its intent, and one that
 * comes later sees this intent and removes it first. The lowest id has precedence, which keeps
 * rivals from removing one another for ever. One that makes no progress is removed after
 * `PATIENCE_MS` by the observer's own clock. Correctness does not depend on any clock, only on
 * `link`, `unlink`, `rename` and `readdir`.
 */
export async function replaceFile(replacement: Replacement): Promise<boolean> {
  const { temporary, target, expected, signal } = replacement;
  const directory = dirname(target);
  const intents = `${RESERVED_NAME_PREFIX}intent.${nameHash(target)}.`;
  const mine = join(directory, `${intents}${randomUUID()}`);
  const firstSeen = new Map<string, number>();

  for (let round = 1; ; round += 1) {
    await link(temporary.path, mine);
    try {
      const rivals = (await readdir(directory))
        .filter((name) => name.startsWith(intents) && name !== basename(mine))
        .sort();
      const before = rivals.filter((name) => name < basename(mine));
      const obstacles = before.length === 0 ? rivals : before.filter((name) => isOverdue(name, firstSeen));
      for (const name of obstacles) await remove(join(directory, name));
      if (expected !== undefined && (await currentEtag(target)) !== expected) return false;
      if (before.length === 0 && (await renamed(mine, target))) return true;
    } finally {
      await remove(mine);
    }
    await pause(Math.min(round, 8), { policy: WAIT, signal });
  }
}

/**
 * Intents are named after the file, not the key, because two stores with nested roots can write the
 * same file.
 */
function nameHash(target: string): string {
  return sha256(basename(target)).slice(0, 16);
}

function isOverdue(name: string, firstSeen: Map<string, number>): boolean {
  const now = performance.now();
  const since = firstSeen.get(name);
  if (since === undefined) firstSeen.set(name, now);
  return since !== undefined && now - since > PATIENCE_MS;
}

async function currentEtag(target: string): Promise<string | undefined> {
  const stats = await statFile(target);
  return stats && etagOf(stats);
}

/** Renames the intent onto the target. Returns false if a rival has removed the intent. */
async function renamed(intent: string, target: string): Promise<boolean> {
  try {
    await rename(intent, target);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
