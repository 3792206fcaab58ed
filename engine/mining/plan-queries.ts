import { canonicalJson } from '../../core/canonical-json.js';
import type {
  MiningPlan,
  PairCounts,
  PlannedPositive,
  PlannedQuery,
  QueriesRecord,
} from '../../core/mining/mining-records.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import { resolveRangeMax } from '../../core/mining/selection-options.js';
import { SPLITS, type Split, splitDocuments } from '../../core/mining/split-documents.js';
import { sha256 } from '../hash.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { parseRecord } from '../version/read-json.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { assignSides, type Catalogue, readCatalogue, SIDE } from './catalogue.js';
import { miningError } from './mining-errors.js';
import { type Mining, type MiningRun, type MiningTools, readMiningPlan } from './open-mining.js';
import { type NamedQuery, readQueries } from './read-queries.js';

/** Candidates of all queries of a shard, whose texts are held at a time. */
const SHARD_CANDIDATES = 400_000;
const MOST_SHARD_QUERIES = 10_000;

/** A plan that was made and not yet written. */
interface DraftPlan {
  plan: MiningPlan;
  shards: readonly QueriesRecord[];
  sides: Uint8Array;
}

/**
 * Reads and checks the input, claims the name and writes the shards of queries; finds what an earlier attempt wrote. All
 * refusals come before anything is written. Errors: VERSION_CONFLICT where another job has the name; those of `readQueries`;
 * INPUT_EMPTY for an empty version and where no query has a positive; INPUT_UNSUPPORTED where too many pairs name unknown
 * documents; JOB_INVALID where more is asked for than the version has.
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
  const { plan, shards, sides } = await draftPlan(tools, mining, run);
  const claimed = await createOnce(store, layout.job, encodeJson(record));
  assertSameRecord(mining, record, claimed.bytes);
  await createOnce(store, layout.sides, sides);
  for (const [shard, queries] of shards.entries())
    await createOnce(store, layout.queries(shard), encodeJson(queries));
  await createOnce(store, layout.plan, encodeJson(plan));
  return readMiningPlan(mining);
}

/** sha256, hex, of a version's manifest. */
export async function manifestSha256({ store, location }: ReadableVersion): Promise<string> {
  return sha256(await store.get(`${location.dataset}/versions/${location.version}/manifest.json`));
}

/** Errors: VERSION_CONFLICT where another job has claimed the name. */
export async function assertSameMining(mining: Mining, record: MiningRecord): Promise<void> {
  const { store, layout } = mining;
  if (await store.head(layout.job)) assertSameRecord(mining, record, await store.get(layout.job));
}

function assertSameRecord({ store, layout, spec }: Mining, record: MiningRecord, bytes: Uint8Array): void {
  const file = `${store.root}/${layout.job}`;
  const standing = parseRecord<MiningRecord>(bytes, 1, file);
  const fields = differingFields(standing, record);
  if (fields.length === 0) return;
  throw miningError(
    'VERSION_CONFLICT',
    `the triplets ${spec.name} of ${spec.dataset}@${spec.version} were started by a job with other values for: ${fields.join(', ')}`,
    'Give this job a `name` of its own, or restore the values of the first one.',
    file,
  );
}

/** The names of what two jobs differ in; how many unknown documents are borne changes nothing of the result. */
function differingFields(standing: MiningRecord, record: MiningRecord): string[] {
  const membersOf = ({ spec, ...others }: MiningRecord): Record<string, unknown> => ({
    ...spec,
    ...others,
    unknownShare: 0,
  });
  const [left, right] = [membersOf(standing), membersOf(record)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(
    (name) => canonicalJson({ value: left[name] }) !== canonicalJson({ value: right[name] }),
  );
}

async function draftPlan(
  tools: Pick<MiningTools, 'openStore'>,
  { version, spec }: Mining,
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
  const wanted = wantedBy(input.queries);
  const catalogue = await readCatalogue(version, wanted, run);
  const found = resolvePositives(input.queries, catalogue);
  assertKnown(input.counts.pairs, found.unknown, spec.unknownShare);
  if (found.queries.length === 0)
    throw miningError(
      'INPUT_EMPTY',
      `no query has a positive in ${dataset}@${name}`,
      'Check that the pairs name documents of this version by id, or give texts of its chunks; title → body pairs need documents with titles.',
    );
  const { sides, distinctRows } = catalogue;
  const splitOf = splitDocuments(
    found.queries.map(({ positives }) => positives.map(({ documentId }) => documentId)),
    spec.split,
  );
  if (spec.split.devShare > 0) await assignSides(version, sides, splitOf, run);
  const chunksOf = countSides(sides);
  const ruled = resolveRangeMax(selection, input.mostPositives);
  const rangeMax = selection.rangeMax ?? Math.max(ruled, crossEncoder?.top ?? 0);
  const mostChunks = found.queries.reduce(
    (most, { positives }) =>
      Math.max(
        most,
        positives.reduce((sum, { rows }) => sum + rows.length, 0),
      ),
    0,
  );
  const window = Math.min(Math.max(rangeMax, crossEncoder?.top ?? 0) + mostChunks, distinctRows);
  const bySplit = SPLITS.map((split) => ({
    split,
    queries: found.queries.filter(({ positives }) => splitOf(positives[0]!.documentId) === split),
  })).filter(({ queries }) => queries.length > 0);
  for (const { split } of bySplit)
    assertEnough(chunksOf[split], split, { ...selection, crossTop: crossEncoder?.top });
  const shards = cutShards(bySplit, window);
  const counts: PairCounts = {
    ...input.counts,
    queries: found.queries.length,
    unknownDocuments: found.unknown,
    queriesWithoutPositive: input.queries.length - found.queries.length,
    shards: shards.length,
  };
  const chunks = sides.length;
  return {
    plan: { formatVersion: 1, rangeMax, window, counts, chunks, distinctChunks: distinctRows, chunksOf },
    shards,
    sides,
  };
}

function wantedBy(queries: readonly NamedQuery[]) {
  const names = new Set(queries.flatMap(({ positives }) => positives));
  const texts = new Set(
    queries.filter(({ areIds }) => !areIds).flatMap(({ positives }) => positives.map((text) => sha256(text))),
  );
  return {
    wantsDocument: (id: string) => names.has(id),
    wantsText: (hash: string) => texts.has(hash),
  };
}

/** Documents by id first, then chunks by their text, whose document is then the positive. */
function resolvePositives(
  queries: readonly NamedQuery[],
  { rowsOfDocument, rowOfText }: Catalogue,
): { queries: PlannedQuery[]; unknown: number } {
  let unknown = 0;
  const planned = queries.flatMap(({ id, text, positives: named, areIds }): PlannedQuery[] => {
    const positives: PlannedPositive[] = [];
    for (const name of named) {
      const rows = rowsOfDocument.get(name);
      const chunk = rows || areIds ? undefined : rowOfText.get(sha256(name));
      if (rows) positives.push({ documentId: name, rows, isExact: false });
      else if (chunk) positives.push({ documentId: chunk.documentId, rows: [chunk.row], isExact: true });
      else unknown += 1;
    }
    return positives.length === 0 ? [] : [{ id, text, positives }];
  });
  return { queries: planned, unknown };
}

function assertKnown(pairs: number, unknown: number, share: number): void {
  if (unknown <= share * pairs) return;
  throw miningError(
    'INPUT_UNSUPPORTED',
    `${unknown} of ${pairs} pairs name documents that the version does not have, over the share of ${share}`,
    'Check that the pairs belong to this version and name documents by id, or raise `limits.unknown_share`.',
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
    `${over[0]} asks for ${over[1]} chunks, and there are ${chunks} different ones for ${split}`,
    'Ask for fewer, or mine a larger version.',
  );
}

function cutShards(
  bySplit: readonly { split: Split; queries: readonly PlannedQuery[] }[],
  window: number,
): QueriesRecord[] {
  const size = Math.max(1, Math.min(MOST_SHARD_QUERIES, Math.floor(SHARD_CANDIDATES / window)));
  let first = 0;
  return bySplit.flatMap(({ split, queries }) =>
    Array.from({ length: Math.ceil(queries.length / size) }, (_, index): QueriesRecord => {
      const own = queries.slice(index * size, (index + 1) * size);
      first += own.length;
      return { formatVersion: 1, split, first: first - own.length, queries: own };
    }),
  );
}
