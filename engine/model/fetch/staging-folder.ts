import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolders } from '../../files/make-folders.js';
import { type CommitPlace, repositoryFolder } from './pulled-models.js';

/** The time between two looks at whether another process has finished, in ms. */
const LOOK_MS = 200;

const HOST = hostname().replace(/[^A-Za-z0-9-]/g, '-');

/**
 * Opens a folder beside the commit's own, in which this process puts the files together, or goes on
 * with the folder of a process that has died. While another process of this machine works on the
 * same commit, it waits for that one; `undefined` then means that the other has ended, and that
 * what it made should be looked at again. Processes of other machines that share the cache are not
 * waited for, because nothing says whether they live.
 */
export async function openStagingFolder(
  place: CommitPlace,
  log: (line: string) => void,
): Promise<string | undefined> {
  const parent = repositoryFolder(place.repository);
  await makeFolders(parent);
  const others = await stagingFolders(parent, place.commit);
  const living = others.find(({ process }) => isLiving(process));
  if (living) {
    log(`${place.repository}: process ${living.process} is fetching it; waiting for that one`);
    while (isLiving(living.process) && (await stagingFolders(parent, place.commit)).some(isSame(living)))
      await delay(LOOK_MS);
    return undefined;
  }
  const own = join(parent, nameOf(place.commit));
  for (const { name } of others) {
    // Of several processes that try, one succeeds.
    const isOwn = await rename(join(parent, name), own).then(
      () => true,
      () => false,
    );
    if (isOwn) return own;
  }
  await mkdir(own);
  return own;
}

interface Staging {
  name: string;
  process: number;
}

async function stagingFolders(parent: string, commit: string): Promise<Staging[]> {
  const found: Staging[] = [];
  for (const name of await readdir(parent)) {
    const [, of, host, process] = /^\.pull-([0-9a-f]{40})-([A-Za-z0-9-]*)-(\d+)-[0-9a-f]+$/.exec(name) ?? [];
    if (of === commit && host === HOST) found.push({ name, process: Number(process) });
  }
  return found;
}

function nameOf(commit: string): string {
  return `.pull-${commit}-${HOST}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

const isSame = (one: Staging) => (other: Staging) => one.name === other.name;

/**
 * Returns whether a process of this machine lives. This one has no other folder of the same commit,
 * so that one with its number is of an earlier process, as in a container that was started again.
 */
function isLiving(id: number): boolean {
  if (id === process.pid) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
