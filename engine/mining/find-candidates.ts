import type { CandidatesRecord, PlannedPositive, QueriesRecord } from '../../core/mining/mining-records.js';
import type { Candidate } from '../../core/mining/select-negatives.js';
import { assertSameSpace } from '../version/assert-same-space.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { readJson } from '../version/read-json.js';
import { SIDE } from './catalogue.js';
import { nearestRows } from './nearest-rows.js';
import { type Mining, type MiningRun, type MiningTools, readMiningPlan } from './open-mining.js';

/**
 * Embeds the queries of a shard with the version's model and its query prompt, and keeps the nearest chunks of each; does
 * nothing where that is done. Errors: FINGERPRINT_MISMATCH; those of the model and of `nearestRows`.
 */
export async function findCandidates(
  tools: Pick<MiningTools, 'withEmbedder'>,
  mining: Mining,
  shard: number,
  run: MiningRun,
): Promise<void> {
  const { store, layout, version } = mining;
  if (await store.head(layout.candidates(shard))) return;
  const { window } = await readMiningPlan(mining);
  const { queries, split } = await readJson<QueriesRecord>(store, layout.queries(shard), 1);
  const sides = await store.get(layout.sides);
  const { vectors } = await tools.withEmbedder(version, (embedder) => {
    assertSameSpace(version, embedder);
    return embedder.embed(
      queries.map(({ text }) => text),
      { prompt: 'query', signal: run.signal },
    );
  });
  const { candidates, wantedScores } = await nearestRows(
    version,
    {
      queries: vectors,
      k: window,
      isCandidate: (row) => sides[row] === SIDE[split],
      wanted: queries.map(({ positives }) => positives.flatMap(({ rows }) => rows)),
    },
    run,
  );
  const record: CandidatesRecord = {
    formatVersion: 1,
    queries: queries.map(({ positives }, query) => ({
      positives: bestChunks(positives, wantedScores[query]!),
      candidates: candidates[query]!,
    })),
  };
  await createOnce(store, layout.candidates(shard), encodeJson(record));
}

/** Of each positive document the chunk that is nearest to the query, the first of equally near ones. */
function bestChunks(positives: readonly PlannedPositive[], scores: readonly number[]): Candidate[] {
  let from = 0;
  return positives.map(({ rows }) => {
    const own = rows.map((row, index) => ({ row, score: scores[from + index]! }));
    from += rows.length;
    return own.reduce((best, other) => (other.score > best.score ? other : best));
  });
}
