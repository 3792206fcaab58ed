import { createHash } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Filter } from '../../core/search/filter.js';
import { openIndex } from '../../engine/index/open-index.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { allowedRows } from '../../engine/search/allowed-rows.js';
import { denseStage } from '../../engine/search/dense-stage.js';
import { lexicalIndexOf } from '../../engine/search/lexical-index.js';
import { type Retrieval, searchStages } from '../../engine/search/search-stages.js';
import { openStore } from '../../engine/store/open-store.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { runJobLocally } from '../../local/run-job.js';
import { build } from '../engine/index/build.js';
import { mineBelow, readTable, writePairs } from '../engine/mining/mining-support.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { testEmbedder } from '../support/test-embedder.js';
import { testJob, writeCorpus } from '../support/test-job.js';
import { testProcess } from '../support/test-tools.js';

beforeEach(() => {
  process.env.VECTORMILL_CACHE = temporaryFolder();
});

/** Texts of the same class have the same vector, so that many scores are equal. */
const CLASSES = 5;

const embedder: Embedder = {
  ...testEmbedder(),
  embed: (texts, options) => testEmbedder().embed(texts.map(classOf), options),
};

function classOf(text: string): string {
  return `class ${createHash('sha256').update(text).digest()[0]! % CLASSES}`;
}

interface Page {
  _id: string;
  title: string;
  text: string;
}

/** The same documents in an order of their own, in objects, shards and parts of their own. */
interface Layout {
  pages: readonly Page[];
  objects: number;
  shardBytes: number;
  partRows: number;
}

const word = fc.constantFrom('mill', 'grain', 'stone', 'water', 'wheel');
const texts = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
const pages = fc.uniqueArray(
  fc.record({
    // Ids whose order is neither that of their numbers nor that of UTF-16.
    _id: fc.oneof(
      fc.integer({ min: 0, max: 120 }).map((number) => `doc-${number}`),
      fc.constantFrom('\u{1f600}', '\uffee', 'ä', 'z'),
    ),
    title: fc.constantFrom('Mills', 'Wheels', ''),
    // Several sentences make several chunks.
    text: fc.array(texts, { minLength: 1, maxLength: 3 }).map((sentences) => `${sentences.join('. ')}.`),
  }),
  { selector: ({ _id }) => _id, minLength: 10, maxLength: 18, size: 'max' },
);
/** Different texts and titles, so that there is enough to choose from on both sides of a split. */
const different = Array.from({ length: 16 }, (_, number): Page => {
  return { _id: `other-${number}`, title: `Title ${number}`, text: `grain ${number}.` };
});

const layouts = pages.chain((some) => {
  const layout = fc.record({
    pages: fc.shuffledSubarray([...some, ...different], { minLength: some.length + different.length }),
    objects: fc.integer({ min: 1, max: 4 }),
    shardBytes: fc.constantFrom(300, 900, 100_000),
    partRows: fc.integer({ min: 3, max: 12 }),
  });
  return fc.tuple(layout, layout);
});

/** Writes a version by the local executor. */
async function versionOf({ pages: some, objects, shardBytes, partRows }: Layout) {
  const folder = temporaryFolder();
  const names = Array.from({ length: objects }, (_, index) => `${index}.jsonl`);
  writeCorpus(
    folder,
    Object.fromEntries(
      names.map((name, index) => [name, some.filter((_, place) => place % objects === index)]),
    ),
  );
  const job = testJob(folder, {
    shard_bytes: shardBytes,
    parts: { rows: partRows },
    chunking: { strategy: 'sentence', max_tokens: 8 },
  });
  await runJobLocally(job, testProcess({ embedder }).tools, new AbortController().signal).done;
  const store = openStore(join(folder, 'out'));
  return { folder, ...(await resolveVersion(store, { dataset: 'test', selector: 'current' })) };
}

const QUERIES = ['grain mill', 'a stone wheel of a mill'];
const TITLED: Filter = { key: 'title', operator: '=', value: 'Mills' };

/** Returns the hits of all kinds of search. */
async function answersOf(version: ReadableVersion): Promise<unknown[]> {
  const lexical = await lexicalIndexOf(version);
  await build(version, 'exact', { metric: 'l2', recallTarget: 0.9, exactBelow: 1e6, shardRows: 100 });
  const index = await openIndex(version, 'exact');
  const dense = denseStage(version, embedder);
  const retrievals: Retrieval[] = [
    { mode: 'dense', dense },
    { mode: 'dense', dense: denseStage(version, embedder, index) },
    { mode: 'bm25', lexical },
    { mode: 'hybrid', dense, lexical, fusion: { kind: 'rrf' } },
    { mode: 'hybrid', dense, lexical, fusion: { kind: 'alpha', alpha: 0.7 } },
  ];
  const { allowed } = await allowedRows(version, [TITLED]);
  const answers: unknown[] = [];
  for (const query of QUERIES)
    for (const retrieval of retrievals)
      for (const top of [1, 9])
        for (const filtered of [undefined, allowed]) {
          const search = { query, retrieval, top, candidates: 10, allowed: filtered };
          answers.push((await searchStages(version, search)).hits);
        }
  await lexical.close();
  await index.close();
  return answers;
}

/** Returns what was mined from titles and from pairs, without what belongs to rows and files. */
async function minedFrom(folder: string, some: readonly Page[]): Promise<unknown[]> {
  const ids = some.map(({ _id }) => _id).sort();
  const pairs = ids.map((positive, index) => ({
    query: `question ${index}`,
    positive,
    query_id: `q${index}`,
  }));
  const jobs = [
    { name: 'titles', mining: { sampling: 'random', seed: 3 } },
    { name: 'pairs', pairs: writePairs(folder, pairs), mining: { sampling: 'top' } },
  ];
  const mined: unknown[] = [];
  for (const { mining, ...job } of jobs) {
    const { folder: place, report } = await mineBelow(
      folder,
      {
        ...job,
        split: { dev_share: 0.3, seed: 5 },
        mining: { ...mining, num_negatives: 1, near_duplicate: 'off' },
      },
      { embedder },
    );
    for (const split of ['train', 'dev'])
      for (const kind of ['parquet', 'lineage'])
        mined.push(
          readTable(join(place, kind), split).map(({ row_keys: _, vector_files: __, ...row }) => row),
        );
    mined.push(report.totals);
  }
  return mined;
}

describe('the same chunks in other rows, files and shards', () => {
  it('are found in the same order, and give the same triplets', async () => {
    const all = async (layout: Layout) => {
      const version = await versionOf(layout);
      return {
        answers: await answersOf(version),
        mined: await minedFrom(version.folder, layout.pages),
      };
    };
    await fc.assert(
      fc.asyncProperty(layouts, async ([one, other]) => {
        expect(await all(one)).toEqual(await all(other));
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
});
