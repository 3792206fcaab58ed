import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../core/seeded-random.js';
import { type LivePart, type PartFiles, VersionParts } from '../../../core/version-parts.js';
import { lexicalIndexOf } from '../../../engine/search/lexical-index.js';
import { rowsByWords } from '../../../engine/search/lexical-scores.js';
import { openStore } from '../../../engine/store/open-store.js';
import { type ReadableVersion, resolveVersion } from '../../../engine/version/resolve-version.js';
import { rangesWhere } from '../../support/dead-rows.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';
import { useTemporaryFolder } from '../model/temporary-folder.js';

const PART_ROWS = 10;
const made = useTemporaryFolder();
let whole: ReadableVersion;
let parts: readonly LivePart[];
let before: string | undefined;

beforeAll(async () => {
  before = process.env.VECTORMILL_CACHE;
  // Many texts are equal, so that ids decide among them.
  const lines = [
    ...documents(150),
    ...documents(100, 20, 'same').map((line) => ({ ...(line as object), text: 'doc' })),
  ];
  writeCorpus(made.path, { 'a.jsonl': lines });
  await runJob(testProcess(), testJob(made.path, { shard_bytes: 1e6, parts: { rows: PART_ROWS } }));
  whole = await resolveVersion(openStore(join(made.path, 'out')), { dataset: 'test', selector: 'v1' });
  parts = [...whole.parts];
});

beforeEach(useEmptyCache);

afterEach(() => {
  if (before === undefined) delete process.env.VECTORMILL_CACHE;
  else process.env.VECTORMILL_CACHE = before;
});

function useEmptyCache(): void {
  process.env.VECTORMILL_CACHE = temporaryFolder();
}

const versionOf = (files: readonly PartFiles[]): ReadableVersion => ({
  ...whole,
  parts: VersionParts.of(files),
});

/** Kills a share of the rows of some parts. */
function killed(files: readonly PartFiles[], share: number, random: () => number): PartFiles[] {
  return files.map((part) => ({
    ...part,
    live: part.live.flatMap(({ start, end }) => rangesWhere(start, end, () => random() >= share)),
  }));
}

/** Returns what word search gives, and how many rows had to be indexed for it. */
async function answersOf(version: ReadableVersion): Promise<{ answers: unknown[]; indexed: number }> {
  let indexed = 0;
  const index = await lexicalIndexOf(version, (_, total) => {
    indexed = total;
  });
  const answers: unknown[] = [];
  for (const query of ['doc', 'word3 word50 doc', '7 11', 'nothing']) {
    const scores = await index.scores(query);
    answers.push([...scores], rowsByWords(scores, 30, { tieBreak: index.tieBreak }));
  }
  await index.close();
  return { answers, indexed };
}

describe('the segments of an index of words', () => {
  test('give after any nights what an index of the version alone gives, bit for bit', async () => {
    for (const seed of [1, 2, 3]) {
      useEmptyCache();
      const shared = process.env.VECTORMILL_CACHE;
      const random = seededRandom(seed, 7);
      let night: readonly PartFiles[] = parts.slice(0, 12);
      let added = 12;
      for (let count = 0; count < 8; count += 1) {
        const version = versionOf(night);
        const { answers } = await answersOf(version);
        useEmptyCache();
        const alone = await answersOf(version);
        expect(alone.indexed).toBe(version.parts.rows);
        expect(answers).toEqual(alone.answers);
        process.env.VECTORMILL_CACHE = shared;
        const next = Math.floor(random() * 3);
        night = [...killed(night, random() * 0.15, random), ...parts.slice(added, added + next)];
        added += next;
      }
    }
  });

  test('are searched on, so that a night indexes what it adds, and its version later nothing', async () => {
    const parent = versionOf(parts.slice(0, 18));
    expect((await answersOf(parent)).indexed).toBe(180);
    const random = seededRandom(4, 7);
    const child = versionOf([...killed(parts.slice(0, 18), 0.1, random), ...parts.slice(18, 20)]);
    expect((await answersOf(child)).indexed).toBe(20);
    expect((await answersOf(child)).indexed).toBe(0);
    expect((await answersOf(parent)).indexed).toBe(0);
    // The chunks of a small segment are indexed again with those of the next night.
    const third = versionOf([...child.parts, ...parts.slice(20, 21)]);
    expect((await answersOf(third)).indexed).toBe(30);
    const worn = versionOf(killed([...third.parts], 0.3, random));
    expect((await answersOf(worn)).indexed).toBe(worn.parts.rows);
  });

  test('are passed over where they are damaged, and made again', async () => {
    const parent = versionOf(parts.slice(0, 18));
    const child = versionOf(parts.slice(0, 20));
    await answersOf(parent);
    const expected = await answersOf(child);
    expect(expected.indexed).toBe(20);
    const folder = join(process.env.VECTORMILL_CACHE!, 'lexical');
    const [own] = readdirSync(folder);
    const files = readdirSync(join(folder, own!)).map((name) => join(folder, own!, name));
    for (const file of files) {
      const bytes = readFileSync(file);
      for (const at of [3, 20, 70, bytes.length >> 1, bytes.length - 1]) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 0x55;
        writeFileSync(file, changed);
        expect((await answersOf(child)).answers).toEqual(expected.answers);
        writeFileSync(file, changed.subarray(0, at));
        expect((await answersOf(child)).answers).toEqual(expected.answers);
      }
    }
    for (const noted of ['[]', '{}', '["../../x.segment"]', '[7]', `["${'0'.repeat(64)}.segment"]`, 'null']) {
      for (const file of files) if (file.endsWith('.json')) writeFileSync(file, noted);
      expect(await answersOf(child)).toEqual({ answers: expected.answers, indexed: 0 });
    }
  });
});
