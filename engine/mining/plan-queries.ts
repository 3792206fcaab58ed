import { counted } from '../../core/counted.js';
import { refusalsAsFailures } from '../../core/errors.js';
import type {
  LeftOut,
  MiningPlan,
  PairCounts,
  PlannedQuery,
  QueriesRecord,
} from '../../core/mining/mining-records.js';
import type { MiningRecord, MiningSpec } from '../../core/mining/mining-spec.js';
import { resolveRangeMax } from '../../core/mining/selection-options.js';
import { SPLITS, type Split, splitDocuments } from '../../core/mining/split-documents.js';
import { sha256 } from '../files/hash.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { assignSides, readCatalogue, SIDE } from './catalogue.js';
import { cutShards } from './cut-shards.js';
import { miningError } from './mining-errors.js';
import { assertSameMining } from './mining-identity.js';
import { type Mining, type MiningRun, type MiningTools, readMiningPlan } from './open-mining.js';
import { readQueries } from './read-queries.js';
import { namesOf, resolvePositives } from './resolve-positives.js';
import { jsonLines } from './training-files.js';

/** An error names this many places of what is left out. */
const NAMED_PLACES = 5;

/** A plan that was made but not yet written. */
interface DraftPlan {
  plan: MiningPlan;
  leftOut: Uint8Array;
  shards: readonly QueriesRecord[];
  sides: Uint8Array;
}

/**
 * Reads and checks the input, claims the name and writes the shards of queries. It uses what an
 * earlier attempt has written. All refusals come before anything is written. Errors:
 * VERSION_CONFLICT where another job has the name; those of `readQueries`; INPUT_EMPTY for an empty
 * version and where no query has a positive; INPUT_UNSUPPORTED where too many pairs name unknown
 * documents; JOB_INVALID where the job asks for more than the version has.
 */
export async function planQueries(
  tools: Pick<MiningTools, 'openStore'>,
  mining: Mining,
  record: MiningRecord,
  run: MiningRun,
): Promise<MiningPlan> {
  const { store, layout } = mining;
  await assertSameMining(mining, record);
  if (await store.head(layout.plan)) return readMiningPlan(mining);
  const { plan, leftOut, shards, sides } = await draftPlan(tools, mining, run);
  await createOnce(store, layout.job, encodeJson(record));
  await assertSameMining(mining, record);
  return refusalsAsFailures(async () => {
    if (plan.leftOut) await createOnce(store, layout.leftOut, leftOut);
    await createOnce(store, layout.sides, sides);
    for (const [shard, queries] of shards.entries())
      await createOnce(store, layout.queries(shard), encodeJson(queries));
    await createOnce(store, layout.plan, encodeJson(plan));
    return readMiningPlan(mining);
  });
}

async function draftPlan(
  tools: Pick<MiningTools, 'openStore'>,
  { version, spec, layout }: Mining,
  run: MiningRun,
): Promise<DraftPlan> {
  const { dataset, version: name, selection, crossEncoder } = spec;
  if (version.manifest.totals.chunks === 0)
    throw miningError(
      'INPUT_EMPTY',
      `${dataset}@${name} has no chunks`,
      'Mine a version that has documents.',
    );
  const input = await readQueries(spec.source, version, tools.openStore);
  const catalogue = await readCatalogue(version, namesOf(input.queries), run);
  const found = resolvePositives(input.queries, catalogue);
  const unknown = found.leftOut.filter(({ reason }) => reason === 'unknown-document');
  assertKnown(input.counts.pairs, unknown, spec);
  if (found.queries.length === 0)
    throw miningError(
      'INPUT_EMPTY',
      `no query has a positive in ${dataset}@${name}`,
      'Check that the pairs name documents of this version by id, or give texts of its chunks; title → body pairs need documents with titles.',
    );
  const { sides, distinctRows, contentOfDocument } = catalogue;
  const contentsOf = ({ positives }: PlannedQuery) =>
    positives.map(({ documentId }) => contentOfDocument.get(documentId)!);
  const splitOf = splitDocuments(found.queries.map(contentsOf), spec.split);
  if (spec.split.devShare > 0) await assignSides(version, sides, splitOf, run);
  const chunksOf = countSides(sides);
  const ruled = resolveRangeMax(selection, input.maxPositives);
  const rangeMax = selection.rangeMax ?? Math.max(ruled, crossEncoder?.top ?? 0);
  const maxPositiveChunks = found.queries.reduce(
    (most, { positives }) =>
      Math.max(
        most,
        positives.reduce((sum, { rows }) => sum + rows.length, 0),
      ),
    0,
  );
  // A query that is a document has at least one chunk of its own, with or without its id.
  const maxOwnChunks = found.queries.reduce((most, { own = [] }) => Math.max(most, own.length), 1);
  const window = Math.min(
    Math.max(rangeMax, crossEncoder?.top ?? 0) + maxPositiveChunks + maxOwnChunks,
    distinctRows,
  );
  const bySplit = SPLITS.map((split) => ({
    split,
    queries: found.queries.filter((query) => splitOf(contentsOf(query)[0]!) === split),
  })).filter(({ queries }) => queries.length > 0);
  for (const { split } of bySplit)
    assertEnough(chunksOf[split], split, { ...selection, crossTop: crossEncoder?.top });
  const shards = cutShards(bySplit, { window, numNegatives: selection.numNegatives });
  const counts: PairCounts = {
    ...input.counts,
    queries: found.queries.length,
    unknownDocuments: unknown.length,
    queriesWithoutPositive: input.queries.length - found.queries.length,
    shards: shards.length,
  };
  const lines = [...input.leftOut, ...found.leftOut];
  const bytes = jsonLines(lines);
  const leftOut = {
    key: layout.leftOut,
    sha256: sha256(bytes),
    bytes: bytes.byteLength,
    rows: lines.length,
  };
  const plan: MiningPlan = {
    formatVersion: 1,
    queryFiles: input.files,
    rangeMax,
    window,
    counts,
    leftOut: lines.length === 0 ? null : leftOut,
    chunks: sides.length,
    distinctChunks: distinctRows,
    chunksOf,
    rejectsQueries: true,
  };
  return { plan, leftOut: bytes, shards, sides };
}

function assertKnown(
  pairs: number,
  unknown: readonly LeftOut[],
  { unknownShare, source }: Pick<MiningSpec, 'unknownShare' | 'source'>,
): void {
  if (unknown.length <= unknownShare * pairs) return;
  // A pair may name its positive by a text, which no error may show, so that the error names its
  // line.
  const places = unknown
    .slice(0, NAMED_PLACES)
    .map(({ row, query_id, positive }) =>
      row === undefined ? `${positive} of the query ${query_id}` : `line ${row}`,
    );
  throw miningError(
    'INPUT_UNSUPPORTED',
    `${unknown.length} of ${counted(pairs, 'pair')} name documents that the version does not have, over the share of ${unknownShare}; the first: ${places.join(', ')}`,
    'Check that the pairs belong to this version and name documents by id, or raise `limits.unknown_share`.',
    source.kind === 'pairs' ? source.uri : undefined,
  );
}

function countSides(sides: Uint8Array): Record<Split, number> {
  const counts = { train: 0, dev: 0 };
  for (const side of sides) {
    if (side === SIDE.train) counts.train += 1;
    else if (side === SIDE.dev) counts.dev += 1;
  }
  return counts;
}

function assertEnough(
  chunks: number,
  split: Split,
  {
    rangeMin,
    rangeMax,
    numNegatives,
    crossTop,
  }: {
    rangeMin: number;
    rangeMax?: number | undefined;
    numNegatives: number;
    crossTop: number | undefined;
  },
): void {
  const asked = [
    ['mining.range_max', rangeMax ?? 0],
    ['mining.range_min and mining.num_negatives together', rangeMin + numNegatives],
    ['cross_encoder.top', crossTop ?? 0],
  ] as const;
  const over = asked.find(([, count]) => count > chunks);
  if (!over) return;
  throw miningError(
    'JOB_INVALID',
    `${over[0]} asks for ${counted(over[1], 'chunk')}, and there are ${chunks} different ones for ${split}`,
    'Ask for fewer, or mine a larger version.',
  );
}
