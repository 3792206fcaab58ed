import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../engine/store/open-store.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder, testSignature } from '../../support/test-embedder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';
import { nearestChunks } from './nearest-chunks.js';

async function searchable(): Promise<ReadableVersion & { folder: string }> {
  const folder = temporaryFolder();
  const titled = { _id: 'mill', title: 'Mills', text: 'A mill grinds grain.' };
  writeCorpus(folder, { 'a.jsonl': documents(9, 20), 'b.jsonl': [...documents(8, 20, 'b'), titled] });
  await runJob(testProcess(), testJob(folder));
  const version = await resolveVersion(openStore(join(folder, 'out')), {
    dataset: 'test',
    selector: 'current',
  });
  return { ...version, folder };
}

describe('search', () => {
  it('puts the chunk whose text is the query first, with its document and title, and ranks the rest below', async () => {
    const hits = await nearestChunks(await searchable(), testEmbedder(), 'A mill grinds grain.', 3);
    expect(hits[0]).toMatchObject({ rank: 1, chunkId: 'mill#0', docId: 'mill', title: 'Mills' });
    expect(hits[0]!.score).toBeCloseTo(1, 6);
    expect(hits.map(({ rank }) => rank)).toEqual([1, 2, 3]);
    expect(hits[1]!.score).toBeGreaterThanOrEqual(hits[2]!.score);
    expect(hits[1]!.score).toBeLessThan(0.95);
  });

  it('finds every chunk by its own text, whichever file it is in', async () => {
    const version = await searchable();
    const all = await nearestChunks(version, testEmbedder(), 'anything', 1000);
    expect(all).toHaveLength(version.manifest.totals.chunks);
    for (const { text, chunkId } of all) {
      const [best] = await nearestChunks(version, testEmbedder(), text, 1);
      expect(best!.chunkId).toBe(chunkId);
    }
  });

  it('is refused with a model of another fingerprint as two vector spaces', async () => {
    const other = testEmbedder({ ...testSignature, maxTokens: 16 });
    await expect(nearestChunks(await searchable(), other, 'grain', 3)).rejects.toMatchObject({
      code: 'FINGERPRINT_MISMATCH',
      message: expect.stringContaining('two vector spaces'),
    });
  });

  it('is CHECKSUM_MISMATCH over a vector file that was changed', async () => {
    const version = await searchable();
    const path = join(version.folder, 'out', version.parts.at(1)!.vectors.key);
    const bytes = readFileSync(path);
    bytes[300]! ^= 1;
    writeFileSync(path, bytes);
    await expect(nearestChunks(version, testEmbedder(), 'grain', 3)).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
    });
  });
});
