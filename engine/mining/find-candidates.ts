import type { CandidatesRecord, PlannedPositive, QueriesRecord } from '../../core/mining/mining-records.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import type { NegativeCandidate } from '../../core/mining/select-negatives.js';
import { assertSameSpace } from '../version/assert-same-space.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { reopenCandidateIndex } from './candidate-index.js';
import { SIDE } from './catalogue.js';
import { runUnlessWritten } from './checkpoints.js';
import { type CandidateRequest, type CandidateRows, exactCandidates } from './exact-candidates.js';
import { indexedCandidates } from './indexed-candidates.js';
import { type Mining, type MiningRun, type MiningTools, readMiningPlan } from './open-mining.js';

/**
 * Embeds the queries of a shard with the version's model and its query prompt, and stores the
 * nearest chunks of each. It does nothing if that is done already. Errors: FINGERPRINT_MISMATCH;
 * those of the model, of `exactCandidates` and of `reopenCandidateIndex`.
 */
export async function findCandidates(
  tools: Pick<MiningTools, 'withEmbedder'>,
  mining: Mining,
  shard: number,
  run: MiningRun,
): Promise<void> {
  await runUnlessWritten(mining, mining.layout.candidates(shard), run, () =>
    searchShard(tools, mining, shard, run),
  );
}

async function searchShard(
  tools: Pick<MiningTools, 'withEmbedder'>,
  mining: Mining,
  shard: number,
  run: MiningRun,
): Promise<void> {
  const { store, layout, version } = mining;
  const { window } = await readMiningPlan(mining);
  const { queries, split } = await readJsonRecord<QueriesRecord>(store, layout.queries(shard), 1);
  const sides = await store.get(layout.sides);
  const { vectors } = await tools.withEmbedder(version, (embedder) => {
    assertSameSpace(version, embedder);
    return embedder.embed(
      queries.map(({ text }) => text),
      { prompt: 'query', signal: run.signal },
    );
  });
  const request: CandidateRequest = {
    queries: vectors,
    k: window,
    isCandidate: (row) => sides[row] === SIDE[split],
    wanted: queries.map(({ positives }) => positives.flatMap(({ rows }) => rows)),
  };
  const { candidates, wantedScores } = await findRows(mining, request, run);
  const record: CandidatesRecord = {
    formatVersion: 1,
    queries: queries.map(({ positives }, query) => ({
      positives: bestChunks(positives, wantedScores[query]!),
      candidates: candidates[query]!,
    })),
  };
  await createOnce(store, layout.candidates(shard), encodeJson(record));
}

async function findRows(
  { store, layout, version }: Mining,
  request: CandidateRequest,
  run: MiningRun,
): Promise<CandidateRows> {
  const { index: noted } = await readJsonRecord<MiningRecord>(store, layout.job, 1);
  if (!noted) return exactCandidates(version, request, run);
  const index = await reopenCandidateIndex(version, noted);
  try {
    return await indexedCandidates(version, index, request, run);
  } finally {
    await index.close();
  }
}

/**
 * Returns, for each positive document, the chunk that the pair names, or otherwise the chunk
 * nearest to the query; of equally near ones, the first.
 */
function bestChunks(positives: readonly PlannedPositive[], scores: ArrayLike<number>): NegativeCandidate[] {
  let from = 0;
  return positives.map(({ rows, isExact }) => {
    const own = rows.map((row, index) => ({ row, score: scores[from + index]! }));
    from += rows.length;
    return isExact ? own[0]! : own.reduce((best, other) => (other.score > best.score ? other : best));
  });
}
