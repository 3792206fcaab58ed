/**
 * Times building and searching HNSW graphs beside hnswlib (Python): with the same rows, M, ef
 * construction and threads. Our side builds what `vectormill index build` builds, kept as int8 and
 * rescored with the version's float32 rows. The peer builds one graph of float32. Both take turns
 * in every round, and ratios are taken within a turn. Rows and queries are synthetic, clustered,
 * and different from each other. Latency is that of one query at a time on one thread, at the least
 * ef of one ladder whose recall@10 is 0.95. On both sides, the same queries choose ef and are
 * timed. Our side is timed twice: with graphs mapped from their files, as `search` does for its one
 * query, and with graphs in memory, as the peer's. Options: --rows N, --rounds N, --turns N (of
 * searching, in each round), --precision NAME, --dimensions N, --shard-rows N (default: one graph),
 * --threads N, --json.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { indexLayout } from '../core/index/index-layout.js';
import { type HnswParameters, INDEX_PRECISIONS, searchParametersOf } from '../core/index/index-options.js';
import { type Neighbour, recallOf } from '../core/index/neighbour.js';
import { planIndexShards } from '../core/index/plan-index-shards.js';
import { availableCores } from '../engine/concurrency/available-cores.js';
import { buildGraph } from '../engine/index/build-graph.js';
import { searchExactly } from '../engine/index/exact-search.js';
import { scoreRows, searchHnswGraphs } from '../engine/index/graph-search.js';
import { IndexWorker } from '../engine/index/index-worker.js';
import { type LocalGraph, localGraphs, openGraphs } from '../engine/index/open-index.js';
import { VersionVectors } from '../engine/index/version-vectors.js';
import { ClusteredVectors } from './clustered-vectors.js';
import { writeIndexVersion } from './index-version.js';
import { median } from './median.js';
import { PythonProcess } from './python-peer.js';
import { saveResult } from './save-result.js';

const K = 10;
const TARGET = 0.95;
const QUERIES = 1000;
const LADDER = [10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 128, 192, 256];

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '20000' },
    dimensions: { type: 'string', default: '384' },
    rounds: { type: 'string', default: '3' },
    turns: { type: 'string', default: '5' },
    precision: { type: 'string', default: 'int8' },
    'shard-rows': { type: 'string' },
    threads: { type: 'string', default: String(availableCores()) },
    json: { type: 'boolean', default: false },
  },
});
const say = (line: string) => {
  if (!values.json) console.log(line);
};
const precision = INDEX_PRECISIONS.find((known) => known === values.precision) ?? 'int8';
const rows = Number(values.rows);
const dimensions = Number(values.dimensions);
const threads = Number(values.threads);
const parameters: HnswParameters = {
  metric: 'cosine',
  precision,
  dimensions,
  connectivity: 16,
  expansionAdd: 100,
};

const folder = mkdtempSync(join(tmpdir(), 'vectormill-bench-'));
try {
  await measure();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const generator = new ClusteredVectors(dimensions, Math.max(100, Math.round(rows / 40)));
  const version = await writeIndexVersion(folder, generator, { rows, dimensions });
  const matrix = generator.rows(QUERIES);
  const queries = Array.from({ length: QUERIES }, (_, index) =>
    matrix.subarray(index * dimensions, (index + 1) * dimensions),
  );
  const source = new VersionVectors(version);
  const shards = planIndexShards(version.parts, Number(values['shard-rows'] ?? rows));
  say(`comparing ${QUERIES} queries with ${rows} rows`);
  const truths = await exactly(matrix);
  const peer = await openPeer(matrix);

  const rounds: Round[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const { graphs, ...ours } = await build(`round-${round}`);
    const theirs = (await peer.ask('{"build": true}')) as Built;
    const ef = {
      ours: await minEf(searchHere(graphs, { mapped: false })),
      hnswlib: await minEf(searchThere),
    };
    const turns = [];
    for (let turn = 0; turn < Number(values.turns); turn += 1) {
      turns.push({
        mapped: percentiles(await searchHere(graphs, { mapped: true })(ef.ours.ef)),
        inMemory: percentiles(await searchHere(graphs, { mapped: false })(ef.ours.ef)),
        hnswlib: percentiles(await searchThere(ef.hnswlib.ef)),
      });
    }
    const ratios = {
      build: theirs.seconds / ours.seconds,
      buildCpu: theirs.cpuSeconds / ours.cpuSeconds,
      mapped: latencyRatios(turns.map(({ mapped, hnswlib }) => [mapped, hnswlib])),
      inMemory: latencyRatios(turns.map(({ inMemory, hnswlib }) => [inMemory, hnswlib])),
    };
    rounds.push({ ratios, build: { ours, hnswlib: theirs }, ef, turns });
    const { mapped, inMemory } = ratios;
    say(
      `round ${round + 1}: build ${ours.seconds.toFixed(1)} s and ${theirs.seconds.toFixed(1)} s, ${ratios.build.toFixed(2)}× (${ratios.buildCpu.toFixed(2)}× by CPU time); latency p50 ${inMemory.p50.toFixed(2)} and p99 ${inMemory.p99.toFixed(2)} of hnswlib's, mapped ${mapped.p50.toFixed(2)} and ${mapped.p99.toFixed(2)} (ef ${ef.ours.ef}, recall ${ef.ours.recall.toFixed(4)}; ef ${ef.hnswlib.ef}, recall ${ef.hnswlib.recall.toFixed(4)})`,
    );
  }
  peer.close();
  const medianOf = (ratio: (ratios: Round['ratios']) => number) =>
    median(rounds.map(({ ratios }) => ratio(ratios)));
  const result = {
    peer: (peer.greeting as { version: string }).version,
    rows,
    dimensions,
    data: 'synthetic, clustered',
    queries: QUERIES,
    threads,
    parameters,
    graphs: shards.length,
    buildRatio: medianOf(({ build: ratio }) => ratio),
    buildCpuRatio: medianOf(({ buildCpu }) => buildCpu),
    mappedP50Ratio: medianOf(({ mapped }) => mapped.p50),
    mappedP99Ratio: medianOf(({ mapped }) => mapped.p99),
    p50Ratio: medianOf(({ inMemory }) => inMemory.p50),
    p99Ratio: medianOf(({ inMemory }) => inMemory.p99),
    rounds,
  };
  const file = await saveResult(`index-speed-${rows}-rows-${shards.length}-graphs`, result);
  if (values.json) console.log(JSON.stringify(result));
  else
    console.log(
      `building ${result.buildRatio.toFixed(2)}× hnswlib; latency p50 ${result.p50Ratio.toFixed(2)}, p99 ${result.p99Ratio.toFixed(2)} of hnswlib's, mapped ${result.mappedP50Ratio.toFixed(2)} and ${result.mappedP99Ratio.toFixed(2)}; kept in ${file}`,
    );

  async function exactly(all: Float32Array): Promise<Neighbour[][]> {
    const worker = new IndexWorker();
    try {
      return await searchExactly(
        { worker, parts: version.parts, read: (part) => source.read(part) },
        all,
        parameters,
        K,
      );
    } finally {
      await worker.close();
    }
  }

  function openPeer(all: Float32Array): Promise<PythonProcess> {
    const job = {
      rows: join(folder, 'rows.f32'),
      queries: join(folder, 'queries.f32'),
      dimensions,
      m: parameters.connectivity,
      ef_construction: parameters.expansionAdd,
      threads,
    };
    writeFileSync(job.queries, all);
    return PythonProcess.open('hnswlib_peer', job, say);
  }

  /**
   * Builds the index and measures the seconds of adding rows, which the peer counts, too. Reading
   * files and storing the graph are not included.
   */
  async function build(name: string): Promise<Built & { graphs: LocalGraph[] }> {
    const { dataset, version: own } = version.location;
    const layout = indexLayout(dataset, own, name);
    const before = process.cpuUsage();
    const records = [];
    for (const shard of shards) {
      const { record } = await buildGraph(
        version,
        { layout, reuseFrom: [], parameters, shard },
        { threads, signal: new AbortController().signal, onRows: () => {} },
      );
      records.push({ ...record, key: layout.shard(record.content), liveRows: record.rows, rowList: null });
    }
    const { user, system } = process.cpuUsage(before);
    return {
      graphs: await localGraphs(version, { shards: records, graph: parameters }),
      seconds: records.reduce((sum, record) => sum + (record.build?.seconds ?? 0), 0),
      cpuSeconds: (user + system) / 1e6,
    };
  }

  function searchHere(
    local: readonly LocalGraph[],
    options: { mapped: boolean },
  ): (ef: number) => Promise<Searched> {
    return async (ef) => {
      const search = searchParametersOf(ef, precision);
      const graphs = await openGraphs(local, { graph: parameters, search }, options);
      const set = { graphs, parameters };
      const milliseconds: number[] = [];
      let sum = 0;
      for (const [index, query] of queries.entries()) {
        const startedAt = performance.now();
        const found = await searchHnswGraphs(set, source, query, { k: K, oversampling: search.oversampling });
        milliseconds.push(performance.now() - startedAt);
        sum += recallOf(found, truths[index]!);
      }
      return { recall: sum / QUERIES, milliseconds };
    };
  }

  async function searchThere(ef: number): Promise<Searched> {
    const { keys, milliseconds } = (await peer.ask(JSON.stringify({ ef }))) as {
      keys: number[][];
      milliseconds: number[];
    };
    let sum = 0;
    for (const [index, found] of keys.entries()) {
      const scored = await scoreRows(BigUint64Array.from(found, BigInt), source, queries[index]!, parameters);
      sum += recallOf(scored, truths[index]!);
    }
    return { recall: sum / QUERIES, milliseconds };
  }
}

interface Built {
  seconds: number;
  cpuSeconds: number;
}

interface Round {
  ratios: { build: number; buildCpu: number; mapped: Latency; inMemory: Latency };
  build: { ours: Built; hnswlib: Built };
  ef: { ours: MinEf; hnswlib: MinEf };
  turns: object[];
}

interface Latency {
  p50: number;
  p99: number;
}

interface MinEf {
  ef: number;
  recall: number;
  tried: readonly { ef: number; recall: number }[];
}

interface Searched {
  recall: number;
  milliseconds: number[];
}

async function minEf(search: (ef: number) => Promise<Searched>): Promise<MinEf> {
  const tried: { ef: number; recall: number }[] = [];
  for (const ef of LADDER) {
    const { recall } = await search(ef);
    tried.push({ ef, recall });
    if (recall >= TARGET) break;
  }
  return { ...tried.at(-1)!, tried };
}

/** Returns the median over the turns of the ratio between the two sides. */
function latencyRatios(turns: readonly (readonly [Latency, Latency])[]): Latency {
  return {
    p50: median(turns.map(([ours, theirs]) => ours.p50 / theirs.p50)),
    p99: median(turns.map(([ours, theirs]) => ours.p99 / theirs.p99)),
  };
}

function percentiles({ milliseconds }: Searched): Latency {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))]! * 1000) / 1000;
  return { p50: at(0.5), p99: at(0.99) };
}
