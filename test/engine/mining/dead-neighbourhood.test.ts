import { describe, expect, it } from 'vitest';
import type { HnswParameters } from '../../../core/index/index-options.js';
import { normsOf, scorerOf } from '../../../core/index/score.js';
import { rowsInVersion } from '../../../core/listed-rows.js';
import type { OpenGraph } from '../../../engine/index/graph-search.js';
import type { OpenIndex } from '../../../engine/index/open-index.js';
import { VersionVectors } from '../../../engine/index/version-vectors.js';
import { type CandidateRequest, exactCandidates } from '../../../engine/mining/exact-candidates.js';
import { indexedCandidates } from '../../../engine/mining/indexed-candidates.js';
import { openStore } from '../../../engine/store/open-store.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { firstNight, nightAfter } from '../index/nights.js';
import { randomRows } from '../index/random-rows.js';

const DIMENSIONS = 8;
const ROWS = 60;
const QUERIES = 70;
const parameters: HnswParameters = {
  metric: 'cosine',
  precision: 'float32',
  dimensions: DIMENSIONS,
  connectivity: 8,
  expansionAdd: 32,
};

/** Opens an index whose graph gives these rows to a query, however many are asked for. */
function indexThatGives(
  version: ReadableVersion,
  mask: OpenGraph['mask'],
  given: (query: Float32Array) => readonly bigint[],
): OpenIndex {
  const search: OpenGraph['graph']['search'] = (target, count) => {
    const keys = BigUint64Array.from(given(target as Float32Array).slice(0, count));
    return { keys, distances: Float32Array.from(keys, (_key, place) => place) };
  };
  const manifest = {
    kind: 'hnsw',
    graph: parameters,
    search: { oversampling: 1 },
    source: { rows: version.parts.rows },
  };
  return {
    manifest: manifest as OpenIndex['manifest'],
    graphs: [{ graph: { size: () => ROWS, search }, attached: new Map(), mask }],
    delta: undefined,
    source: new VersionVectors(version),
    worker: undefined,
    close: async () => {},
  };
}

const run = { signal: new AbortController().signal, onProgress: () => {} };

describe('a query near which most rows are dead', () => {
  it('has the candidates that a comparison with all rows gives, and so have those beside it', async () => {
    const vectors = randomRows(ROWS, DIMENSIONS);
    const parent = await firstNight(openStore(temporaryFolder()), DIMENSIONS, [vectors]);
    const version = await nightAfter(parent, { deadShare: 0.5, files: [] }, 1);
    const listed = [...parent.parts].map(({ vectors, live }) => ({ ...vectors, shard: 0, live }));
    const { living, dead } = rowsInVersion(listed, version.parts);
    const isDead = (key: bigint) => dead.some(({ first, end }) => key >= first && key < end);
    const keys = Array.from({ length: ROWS }, (_, row) => BigInt(row));
    const queries = randomRows(QUERIES, DIMENSIONS, 4);
    const request: CandidateRequest = {
      queries,
      k: 6,
      isCandidate: (row) => row % 4 !== 1,
      wanted: Array.from({ length: QUERIES }, (_, query) => (query % 2 === 0 ? [] : [query % 20, 3])),
    };
    const expected = await exactCandidates(version, request, run);
    const nearestFirst = (query: Float32Array) => {
      const score = scorerOf('cosine', query);
      const norms = normsOf(vectors, DIMENSIONS);
      const scores = keys.map((_, row) => score({ vectors, start: row * DIMENSIONS, norm: norms[row]! }));
      return [...keys].sort((a, b) => scores[Number(b)]! - scores[Number(a)]!);
    };
    // To half of the queries, the graph gives dead rows and one that lives.
    const few = [...keys.filter(isDead), keys.find((key) => !isDead(key))!];
    const index = indexThatGives(version, { living, isDead }, (query) =>
      query[0]! < 0 ? few : nearestFirst(query),
    );
    const progress: number[] = [];
    const watched = { ...run, onProgress: (done: number) => progress.push(done) };
    expect(await indexedCandidates(version, index, request, watched)).toEqual(expected);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    for (const candidates of expected.candidates) expect(candidates).toHaveLength(6);
  });

  it('has them also where no row is dead and the graph gives too few', async () => {
    const version = await firstNight(openStore(temporaryFolder()), DIMENSIONS, [
      randomRows(ROWS, DIMENSIONS),
    ]);
    const request: CandidateRequest = {
      queries: randomRows(3, DIMENSIONS, 4),
      k: 6,
      isCandidate: (row) => row >= 50,
      wanted: [[], [1], []],
    };
    const index = indexThatGives(version, undefined, () =>
      Array.from({ length: 55 }, (_, row) => BigInt(row)),
    );
    const expected = await exactCandidates(version, request, run);
    expect(await indexedCandidates(version, index, request, run)).toEqual(expected);
    expect(expected.candidates[0]).toHaveLength(6);
  });
});
