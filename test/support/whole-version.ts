import { expect } from 'vitest';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { verifyVersion } from '../../engine/verify/verify-version.js';
import { readLiveChunks } from '../../engine/version/live-rows.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { testEmbedder } from './test-embedder.js';

/**
 * Expects a version of the data set `test` to be what it was made of: nothing is lost, nothing is
 * there twice, and each of these documents has its rows. Without `ids` any documents are right.
 */
export async function expectWhole(
  store: ObjectStore,
  selector: string,
  ids?: readonly string[],
): Promise<void> {
  const version = await resolveVersion(store, { dataset: 'test', selector });
  expect((await verifyVersion(version, testEmbedder())).differences, selector).toEqual([]);
  if (!ids) return;
  const chunkIds: string[] = [];
  const docIds = new Set<string>();
  for (const part of version.parts)
    for (const { chunkId, docId } of await readLiveChunks(version, part)) {
      chunkIds.push(chunkId);
      docIds.add(docId);
    }
  expect(new Set(chunkIds).size, `${selector} has a row twice`).toBe(chunkIds.length);
  expect([...docIds].sort(), selector).toEqual([...ids].sort());
}
