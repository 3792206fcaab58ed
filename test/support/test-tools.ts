import { bucketRanges } from '../../core/buckets.js';
import { type JobRecord, vectorPrecisionOf } from '../../core/job-spec.js';
import type { Manifest } from '../../core/manifest.js';
import type { PinOwner } from '../../core/retention/pin.js';
import { needsRanges } from '../../core/vector-precision.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { chunkShard } from '../../engine/steps/chunk-shard.js';
import { embedShard } from '../../engine/steps/embed-shard.js';
import { findDuplicates } from '../../engine/steps/find-duplicates.js';
import { partGate } from '../../engine/steps/part-gate.js';
import { planVersion } from '../../engine/steps/plan-version.js';
import { quantiseShard } from '../../engine/steps/quantise-shard.js';
import { reduceRanges, removeFloat32 } from '../../engine/steps/reduce-ranges.js';
import { scanShard } from '../../engine/steps/scan-shard.js';
import type { PartEvent, StepRun, StepTools } from '../../engine/steps/step-context.js';
import { computeProbe, writeManifest } from '../../engine/steps/write-manifest.js';
import { openStore } from '../../engine/store/open-store.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import { createVersion } from '../../engine/version/create-version.js';
import { type OpenVersion, versionOpener } from '../../engine/version/open-version.js';
import { testEmbedder } from './test-embedder.js';
import { testTokenizer } from './test-tokenizer.js';

/** The tools that one worker process would have, and a record of what happened to parts. */
export interface TestProcess {
  tools: StepTools;
  events: PartEvent[];
  open(job: JobRecord, run?: string): Promise<OpenVersion>;
}

export function testProcess(
  options: { store?: StoreOpener; embedder?: Embedder; onPart?: (event: PartEvent) => void } = {},
): TestProcess {
  const { store = openStore, embedder = testEmbedder(), onPart } = options;
  const events: PartEvent[] = [];
  const opener = versionOpener(store);
  return {
    events,
    open: ({ spec }, run) =>
      opener({ output: spec.output, dataset: spec.dataset, version: spec.version }, run),
    tools: {
      openStore: store,
      withEmbedder: (_, use) => use(embedder),
      tokenizerOf: async () => testTokenizer,
      partGate: partGate(),
      logPart: (event) => {
        events.push(event);
        onPart?.(event);
      },
    },
  };
}

/** The owner of the pins of tests. */
export const TEST_OWNER: PinOwner = { host: 'test', process: 1 };

let attempts = 0;

/** Returns a run of a step with an attempt name of its own. */
export function testRun(signal: AbortSignal = new AbortController().signal): StepRun {
  attempts += 1;
  return { attempt: `test/${attempts}`, owner: TEST_OWNER, signal, onPosition: () => {} };
}

/** Claims and plans the version. */
export async function startVersion({ tools, open }: TestProcess, job: JobRecord): Promise<OpenVersion> {
  await createVersion(tools.openStore(job.spec.output), job);
  const version = await open(job);
  await planVersion(tools, version);
  return version;
}

/** Scans every shard and finds the duplicates; returns the ranges that have any. */
export async function scanVersion({ tools }: TestProcess, version: OpenVersion, run: StepRun) {
  let ids = 0;
  for (const { shard } of await version.plan())
    ids += (await scanShard(tools, version, shard, run)).documents;
  const ranges = bucketRanges(ids);
  const counts: number[] = [];
  for (const range of ranges) counts.push(await findDuplicates(version, range, run));
  return ranges.filter((_, index) => counts[index]! > 0);
}

/**
 * Runs the whole job as plain calls, one shard after the other. It continues what an earlier run
 * left.
 */
export async function runJob(
  process: TestProcess,
  job: JobRecord,
  run: StepRun = testRun(),
  finishedAt = 2000,
): Promise<Manifest> {
  const version = await startVersion(process, job);
  const duplicates = await scanVersion(process, version, run);
  for (const { shard } of await version.plan()) {
    await chunkShard(process.tools, version, { shard, duplicates }, run);
    await embedShard(process.tools, version, shard, run);
  }
  const isRanged = needsRanges(vectorPrecisionOf(job.spec));
  if (isRanged) {
    await reduceRanges(version, run);
    for (const { shard } of await version.plan()) await quantiseShard(process.tools, version, shard, run);
  }
  await computeProbe(process.tools, version);
  const { manifest } = await writeManifest(version, { startedAt: 1000, finishedAt }, run);
  if (isRanged) await removeFloat32(version, run);
  return manifest;
}
