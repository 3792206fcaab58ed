import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VersionParts } from '../../../core/version-parts.js';
import { type LexicalIndex, lexicalIndexOf } from '../../../engine/search/lexical-index.js';
import { openStore } from '../../../engine/store/open-store.js';
import { readLiveChunks } from '../../../engine/version/live-rows.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { keepRows, rangesWhere } from '../../support/dead-rows.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';

let cache: string;
let before: string | undefined;

beforeEach(() => {
  before = process.env.VECTORMILL_CACHE;
  cache = temporaryFolder();
  process.env.VECTORMILL_CACHE = cache;
});

afterEach(() => {
  if (before === undefined) delete process.env.VECTORMILL_CACHE;
  else process.env.VECTORMILL_CACHE = before;
});

async function indexed(job: Record<string, unknown> = {}): Promise<ReadableVersion & { folder: string }> {
  const folder = temporaryFolder();
  const titled = { _id: 'mill', title: 'Watermills', text: 'Stones grind grain.' };
  writeCorpus(folder, { 'a.jsonl': documents(9), 'b.jsonl': [titled, ...documents(5, 20, 'b')] });
  await runJob(testProcess(), testJob(folder, job));
  const version = await resolveVersion(openStore(join(folder, 'out')), {
    dataset: 'test',
    selector: 'current',
  });
  return { ...version, folder };
}

/** Returns the files of segments in the cache. */
const keptFiles = () => {
  const names = readdirSync(join(cache, 'lexical'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.segment')).map((name) => join(cache, 'lexical', name));
};

const keptFile = () => {
  const files = keptFiles();
  expect(files).toHaveLength(1);
  return files[0]!;
};

async function scoresOf(index: LexicalIndex, query: string): Promise<number[]> {
  try {
    return [...(await index.scores(query))];
  } finally {
    await index.close();
  }
}

describe('the lexical index of a version', () => {
  test('finds a chunk by a word of its text or of its title, also in another form', async () => {
    const version = await indexed();
    for (const query of ['grinding', 'the watermill']) {
      const scores = await scoresOf(await lexicalIndexOf(version), query);
      expect(scores).toHaveLength(15);
      expect(scores.flatMap((score, row) => (score > 0 ? [row] : []))).toEqual([9]);
    }
  });

  test('is made once, and gives the same scores from its file', async () => {
    const version = await indexed();
    const rows: number[] = [];
    const made = await lexicalIndexOf(version, (done) => rows.push(done));
    const kept = await lexicalIndexOf(version, () => rows.push(-1));
    expect(rows.at(-1)).toBe(15);
    for (const query of ['grain word5 word9 doc', 'nothing', ''])
      expect([...(await kept.scores(query))]).toEqual([...(await made.scores(query))]);
    await kept.close();
  });

  test('is shared by another version with the same chunks, and not by another dataset', async () => {
    const version = await indexed();
    await (await lexicalIndexOf(version)).close();
    const file = keptFile();
    const { manifest, location } = version;
    await (await lexicalIndexOf({ ...version, manifest: { ...manifest, version: 'v2' } })).close();
    expect(keptFile()).toBe(file);
    await (await lexicalIndexOf({ ...version, location: { ...location, dataset: 'other' } })).close();
    expect(keptFiles()).toHaveLength(2);
  });

  test('is made again if its file is cut, has another byte or is something else', async () => {
    const version = await indexed();
    const expected = await scoresOf(await lexicalIndexOf(version), 'grain');
    const file = keptFile();
    const whole = readFileSync(file);
    truncateSync(file, whole.length - 1);
    expect(await scoresOf(await lexicalIndexOf(version), 'grain')).toEqual(expected);
    expect(readFileSync(file)).toEqual(whole);
    const changed = Buffer.from(whole);
    for (const at of [50, whole.length >> 1, whole.length - 40, whole.length - 1]) {
      changed[at]! ^= 1;
      writeFileSync(file, changed);
      expect(await scoresOf(await lexicalIndexOf(version), 'grain')).toEqual(expected);
      expect(readFileSync(file)).toEqual(whole);
      changed[at]! ^= 1;
    }
    writeFileSync(file, 'not an index');
    expect(await scoresOf(await lexicalIndexOf(version), 'grain')).toEqual(expected);
    expect(readFileSync(file)).toEqual(whole);
  });

  test('is whole if many processes make it at once', async () => {
    const version = await indexed();
    const expected = await scoresOf(await lexicalIndexOf(version), 'grain');
    const file = keptFile();
    const whole = readFileSync(file);
    rmSync(file);
    const made = await Promise.all(Array.from({ length: 8 }, () => lexicalIndexOf(version)));
    for (const index of made) expect(await scoresOf(index, 'grain')).toEqual(expected);
    expect(readFileSync(keptFile())).toEqual(whole);
  });

  test('answers if a folder is in the place of its file', async () => {
    const version = await indexed();
    await (await lexicalIndexOf(version)).close();
    const file = keptFile();
    rmSync(file);
    mkdirSync(file);
    const index = await lexicalIndexOf(version);
    expect(index.notKept).toMatch(/EISDIR|EEXIST|ENOTEMPTY/);
    expect((await index.scores('grain')).some((score) => score > 0)).toBe(true);
  });

  test('answers if the cache cannot be written, and says so', async () => {
    const version = await indexed();
    writeFileSync(join(cache, 'lexical'), 'a file where the folder would be');
    const index = await lexicalIndexOf(version);
    expect(index.notKept).toMatch(/EEXIST|ENOTDIR/);
    expect((await index.scores('grain')).some((score) => score > 0)).toBe(true);
  });

  test('is CHECKSUM_MISMATCH over a chunk file that was changed, and nothing is stored', async () => {
    const version = await indexed();
    const path = join(version.folder, 'out', version.parts.at(1)!.chunks.key);
    const bytes = readFileSync(path);
    bytes[100]! ^= 1;
    writeFileSync(path, bytes);
    await expect(lexicalIndexOf(version)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(readdirSync(cache)).toEqual([]);
  });
});

test('an index of no rows answers', async () => {
  const version = await indexed();
  const index = await lexicalIndexOf({ ...version, parts: VersionParts.of([]) });
  expect([...(await index.scores('grain'))]).toEqual([]);
  await index.close();
});

test('the index of a version with dead rows gives the scores of a version without them', async () => {
  const folder = temporaryFolder();
  const all = documents(30, 25);
  writeCorpus(folder, { 'a.jsonl': all });
  await runJob(testProcess(), testJob(folder, { parts: { rows: 10 } }));
  const store = openStore(join(folder, 'out'));
  const open = () => resolveVersion(store, { dataset: 'test', selector: 'v1' });
  const whole = await open();
  const idOf = new Map<number, string>();
  for (const part of whole.parts)
    for (const [place, { docId }] of (await readLiveChunks(whole, part)).entries())
      idOf.set(part.firstRow + place, docId);
  const lives = (id: string) => Number(/\d+/.exec(id)![0]) % 3 !== 1;
  let row = 0;
  await keepRows(store, whole.location, ({ start, end }) =>
    rangesWhere(start, end, () => lives(idOf.get(row++)!)),
  );
  const other = temporaryFolder();
  writeCorpus(other, { 'a.jsonl': all.filter((document) => lives((document as { _id: string })._id)) });
  await runJob(testProcess(), testJob(other, { parts: { rows: 7 } }));
  const fresh = await resolveVersion(openStore(join(other, 'out')), { dataset: 'test', selector: 'v1' });
  expect(await scoresById(await open())).toEqual(await scoresById(fresh));
});

/** Returns the BM25 score of every chunk for some queries, by its id. */
async function scoresById(version: ReadableVersion): Promise<Record<string, number[]>> {
  const index = await lexicalIndexOf(version);
  const scores: Record<string, number[]> = {};
  for (const query of ['word3 word50', 'doc', '5'])
    for (const part of version.parts) {
      const found = await index.scores(query);
      for (const [place, { chunkId }] of (await readLiveChunks(version, part)).entries()) {
        scores[chunkId] ??= [];
        scores[chunkId].push(found[part.firstRow + place]!);
      }
    }
  await index.close();
  return scores;
}
