import { join } from 'node:path';
import { openStore } from '../../engine/store/open-store.js';
import { mineBelow, writePairs } from '../engine/mining/mining-support.js';
import { runNight, writeCorpusOfNight } from '../local/carry/killed/nights-to-kill.js';
import { MemoryStore } from '../support/memory-store.js';

/** Two nights, the second of which carries rows of the first over, each with an index. */
export interface VersionsToDamage {
  /** Holds what the nights wrote, without the corpus. */
  store: MemoryStore;
  first: string;
  second: string;
}

/**
 * Makes versions with files of every kind: rejects, ranges, lists, graphs and what follows them,
 * triplets, lineage and a ref.
 */
export async function versionsToDamage(folder: string): Promise<VersionsToDamage> {
  const nights = { folder, output: 'out', precision: 'int8', hasIndex: true };
  const versions: string[] = [];
  for (const night of [1, 3]) {
    for (let written = night === 1 ? 1 : 2; written <= night; written += 1)
      writeCorpusOfNight(folder, written);
    const { outcome, version } = await runNight(nights, night, openStore);
    if (outcome !== 'complete') throw new Error(`night ${night} is ${outcome}`);
    versions.push(version);
  }
  const [first, second] = versions as [string, string];
  const known = Array.from({ length: 6 }, (_, n) => ({ query: `question ${n}`, positive: `b-${n}` }));
  const pairs = writePairs(folder, [...known, { query: 'of nothing', positive: 'nowhere' }]);
  const exports = ['flagembedding', 'tevatron'];
  await mineBelow(folder, { version: second, pairs, name: 'hard', exports, limits: { unknown_share: 0.5 } });
  return { store: await inMemory(join(folder, 'out')), first, second };
}

async function inMemory(root: string): Promise<MemoryStore> {
  const inner = openStore(root);
  const store = new MemoryStore('memory://damaged');
  for await (const { key } of inner.list('')) await store.put(key, await inner.get(key));
  return store;
}
