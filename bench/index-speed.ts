/**
 * Times building and searching HNSW graphs beside hnswlib (Python): the same rows, M, ef construction and threads. Here a
 * graph a thread, kept as int8 and rescored with float32 rows in memory; there one graph of float32 that all threads
 * add to. Both take turns within each round, and ratios are taken within a round. Rows and queries are synthetic, clustered
 * and apart from each other. Latency is of one query at a time on one thread, at the least ef whose recall@10 is 0.95.
 * Options: --rows N, --rounds N, --precision NAME, --dimensions N, --graphs N (one a
 * thread; with fewer, threads share a graph), --json.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type GraphParameters, INDEX_PRECISIONS, searchParametersOf } from '../core/index/index-options.js';
import { recallOf } from '../core/index/neighbour.js';
import { normsOf } from '../core/index/score.js';
import { scoreRows, searchGraphs } from '../engine/index/graph-search.js';
import { IndexWorker } from '../engine/index/index-worker.js';
import { exactNearest, newGraph } from '../engine/index/usearch.js';
import type { VectorSource } from '../engine/index/version-vectors.js';
import { availableCores } from '../engine/model/available-cores.js';
import { ClusteredVectors } from './clustered-vectors.js';
import { median } from './median.js';
import { PythonProcess } from './python-peer.js';
import { saveResult } from './save-result.js';

const K = 10;
const TARGET = 0.95;
const QUERIES = 1000;
const BATCH_ROWS = 2000;
const LADDER = [10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 192, 256];

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '20000' },
    dimensions: { type: 'string', default: '384' },
    rounds: { type: 'string', default: '3' },
    precision: { type: 'string', default: 'int8' },
    graphs: { type: 'string', default: String(availableCores()) },
    json: { type: 'boolean', default: false },
  },
});
const say = (line: string) => {
  if (!values.json) console.log(line);
};
const precision = INDEX_PRECISIONS.find((known) => known === values.precision) ?? 'int8';
const count = Number(values.rows);
const dimensions = Number(values.dimensions);
const threads = availableCores();
const graphCount = Number(values.graphs);
const parameters: GraphParameters = {
  metric: 'cosine',
  precision,
  dimensions,
  connectivity: 16,
  expansionAdd: 100,
};

const generator = new ClusteredVectors(dimensions, Math.max(100, Math.round(count / 40)));
const rows = generator.rows(count);
const queries = generator.rows(QUERIES);
const norms = normsOf(rows, dimensions);
const source: VectorSource = {
  places: async (keys) =>
    keys.map((key) => {
      const row = Number(key);
      return { vectors: rows, start: row * dimensions, norm: norms[row]! };
    }),
};
const query = (index: number) => queries.subarray(index * dimensions, (index + 1) * dimensions);
say(`comparing ${QUERIES} queries with ${count} rows`);
const truths = await Promise.all(
  exactNearest(rows, queries, parameters, K).map(({ keys }, index) =>
    scoreRows([...keys], source, query(index), parameters),
  ),
);

const folder = mkdtempSync(join(tmpdir(), 'vectormill-bench-'));
try {
  await measure();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const job = {
    rows: join(folder, 'rows.f32'),
    queries: join(folder, 'queries.f32'),
    dimensions,
    m: parameters.connectivity,
    ef_construction: parameters.expansionAdd,
    threads,
  };
  writeFileSync(job.rows, rows);
  writeFileSync(job.queries, queries);
  const peer = await PythonProcess.open('hnswlib_peer', job, say);
  const { version } = peer.greeting as { version: string };
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const ourSeconds = await build();
    const { seconds: theirSeconds } = (await peer.ask('{"build": true}')) as { seconds: number };
    const ours = await leastEf(searchHere);
    const theirs = await leastEf((ef) => searchThere(peer, ef));
    // Once more in turns, at the ef that was found, so that both meet the machine in the same state.
    const latency = { ours: await searchHere(ours.ef), hnswlib: await searchThere(peer, theirs.ef) };
    rounds.push({
      build: { ours: count / ourSeconds, hnswlib: count / theirSeconds, ratio: theirSeconds / ourSeconds },
      ours: { ef: ours.ef, recall: latency.ours.recall, ...percentiles(latency.ours.milliseconds) },
      hnswlib: {
        ef: theirs.ef,
        recall: latency.hnswlib.recall,
        ...percentiles(latency.hnswlib.milliseconds),
      },
      recalls: { ours: ours.tried, hnswlib: theirs.tried },
    });
    const { build: speed, ours: here, hnswlib: there } = rounds.at(-1)!;
    say(
      `round ${round + 1}: build ${Math.round(speed.ours)} and ${Math.round(speed.hnswlib)} rows/s, ${speed.ratio.toFixed(2)}×; p99 ${here.p99} ms (ef ${here.ef}, recall ${here.recall.toFixed(4)}) and ${there.p99} ms (ef ${there.ef}, recall ${there.recall.toFixed(4)})`,
    );
  }
  peer.close();
  const result = {
    peer: version,
    rows: count,
    dimensions,
    data: 'synthetic, clustered',
    queries: QUERIES,
    threads,
    parameters,
    graphs: graphCount,
    buildRatio: median(rounds.map(({ build: { ratio } }) => ratio)),
    p99Ratio: median(rounds.map(({ ours, hnswlib }) => ours.p99 / hnswlib.p99)),
    p50Ratio: median(rounds.map(({ ours, hnswlib }) => ours.p50 / hnswlib.p50)),
    rounds,
  };
  const file = await saveResult(`index-speed-${count}-rows-${graphCount}-graphs`, result);
  if (values.json) console.log(JSON.stringify(result));
  else
    console.log(
      `building ${result.buildRatio.toFixed(2)}× hnswlib; p99 latency ${result.p99Ratio.toFixed(2)}, p50 ${result.p50Ratio.toFixed(2)} of hnswlib's; kept in ${file}`,
    );
}

interface Searched {
  recall: number;
  milliseconds: number[];
}

/** One graph a thread, all built side by side; seconds from the first row to the last. */
async function build(): Promise<number> {
  const workers = Array.from({ length: graphCount }, () => new IndexWorker());
  const size = Math.ceil(count / graphCount);
  try {
    for (const worker of workers) await worker.run({ kind: 'open', parameters });
    const startedAt = performance.now();
    await Promise.all(
      workers.map((worker, shard) => addRows(worker, shard * size, Math.min(count, (shard + 1) * size))),
    );
    const seconds = (performance.now() - startedAt) / 1e3;
    for (const [shard, worker] of workers.entries())
      await worker.run({ kind: 'save', file: join(folder, `${shard}.usearch`) });
    return seconds;
  } finally {
    for (const worker of workers) await worker.close();
  }
}

async function addRows(worker: IndexWorker, from: number, to: number): Promise<void> {
  for (let row = from; row < to; row += BATCH_ROWS) {
    const end = Math.min(row + BATCH_ROWS, to);
    await worker.run({
      kind: 'add',
      keys: BigUint64Array.from({ length: end - row }, (_, index) => BigInt(row + index)),
      vectors: rows.slice(row * dimensions, end * dimensions),
      threads: Math.max(1, Math.floor(threads / graphCount)),
    });
  }
}

async function searchHere(ef: number): Promise<Searched> {
  const { oversampling } = searchParametersOf(ef, precision);
  const graphs = Array.from({ length: graphCount }, (_, shard) => {
    const graph = newGraph(parameters, ef);
    graph.view(join(folder, `${shard}.usearch`));
    return graph;
  });
  const milliseconds: number[] = [];
  let sum = 0;
  for (let index = 0; index < QUERIES; index += 1) {
    const startedAt = performance.now();
    const found = await searchGraphs({ graphs, parameters }, source, query(index), { k: K, oversampling });
    milliseconds.push(performance.now() - startedAt);
    sum += recallOf(found, truths[index]!);
  }
  return { recall: sum / QUERIES, milliseconds };
}

async function searchThere(peer: PythonProcess, ef: number): Promise<Searched> {
  const { keys, milliseconds } = (await peer.ask(JSON.stringify({ ef }))) as {
    keys: number[][];
    milliseconds: number[];
  };
  let sum = 0;
  for (const [index, found] of keys.entries()) {
    const scored = await scoreRows(found.map(BigInt), source, query(index), parameters);
    sum += recallOf(scored, truths[index]!);
  }
  return { recall: sum / QUERIES, milliseconds };
}

async function leastEf(
  search: (ef: number) => Promise<Searched>,
): Promise<{ ef: number; tried: { ef: number; recall: number }[] }> {
  const tried: { ef: number; recall: number }[] = [];
  for (const ef of LADDER) {
    const { recall } = await search(ef);
    tried.push({ ef, recall });
    if (recall >= TARGET) break;
  }
  return { ef: tried.at(-1)!.ef, tried };
}

function percentiles(milliseconds: readonly number[]): { p50: number; p99: number } {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))]! * 1000) / 1000;
  return { p50: at(0.5), p99: at(0.99) };
}
