import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TEXT_HASH_BYTES, textHashOf } from '../../../core/text-entry.js';
import { hexAt } from '../../../engine/parquet/list-values.js';
import { readTextListFile } from '../../../engine/parquet/text-list-file.js';
import { verifyVersion } from '../../../engine/verify/verify-version.js';
import { readLiveChunks } from '../../../engine/version/live-rows.js';
import { readAllPieces } from '../../../engine/version/read-pieces.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { jobWithParent, runToEnd } from '../../support/nights-of-a-folder.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { testJob, writeCorpus } from '../../support/test-job.js';

const more = { limits: { reject_share: 0.5, concurrency: 2, delete_documents: 100 } };
const document = (id: string, text: number) => ({ _id: id, text: `the text number ${text} of a few` });

/** Returns the rows that a version lists for texts, as `<hash> <row key>`. */
async function listedRows({ store, manifest }: ReadableVersion) {
  if (manifest.formatVersion === 1) throw new Error('a manifest of the first format');
  const { texts = [], repeats = [] } = manifest.lists.corpus!;
  const entries = async (pieces: typeof texts) =>
    (await readAllPieces(store, pieces, readTextListFile)).flatMap(({ rowKeys, hashes }) =>
      Array.from(rowKeys, (rowKey, row) => `${hexAt(hashes, row, TEXT_HASH_BYTES)} ${rowKey}`),
    );
  return { texts: await entries(texts), repeats: await entries(repeats) };
}

/** Returns the same of the rows that live. */
async function liveRows(version: ReadableVersion) {
  const keysOf = new Map<string, bigint[]>();
  for (const part of version.parts)
    for (const { textSha256, rowKey } of await readLiveChunks(version, part)) {
      const hash = textHashOf(textSha256);
      keysOf.set(hash, [...(keysOf.get(hash) ?? []), rowKey]);
    }
  const texts: string[] = [];
  const repeats: string[] = [];
  for (const [hash, keys] of [...keysOf].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const [place, key] of keys.entries()) (place === 0 ? texts : repeats).push(`${hash} ${key}`);
  return { texts, repeats };
}

it('a text whose listed row dies is lent by another row that has it', async () => {
  const folder = temporaryFolder();
  writeCorpus(folder, {
    'a.jsonl': [document('a', 1), document('b', 2)],
    'b.jsonl': [document('c', 1), document('d', 3)],
  });
  await runToEnd(testJob(folder, { version: 'n1', ...more }));
  writeCorpus(folder, { 'a.jsonl': [document('b', 2)] });
  await runToEnd(await jobWithParent(folder, 'n2', more));
  writeCorpus(folder, { 'c.jsonl': [document('e', 1)] });
  const third = await runToEnd(await jobWithParent(folder, 'n3', more));
  expect(third.manifest.reused).toMatchObject({ lent: { 'test@n2': 1 }, computed: 0 });
});

it('lists every live row of every text, whatever dies and comes', async () => {
  const anyObject = fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 3 })), { maxLength: 6 });
  const anyCorpus = fc.tuple(anyObject, anyObject);
  await fc.assert(
    fc.asyncProperty(fc.array(anyCorpus, { minLength: 2, maxLength: 4 }), async (nights) => {
      const folder = temporaryFolder();
      for (const [night, objects] of nights.entries()) {
        const files = objects.map((lines, object) => [
          `${object}.jsonl`,
          lines.map(([id, text]) => document(`${object}-${id}`, text)),
        ]);
        writeCorpus(folder, { ...Object.fromEntries(files), 'z.jsonl': [document('z', 0)] });
        const version = await runToEnd(await jobWithParent(folder, `n${night}`, more));
        expect(await listedRows(version)).toEqual(await liveRows(version));
        expect((await verifyVersion(version, testEmbedder())).differences).toEqual([]);
      }
    }),
    { numRuns: 6, seed: 15 },
  );
});
