import type { CandidatesRecord, CrossScoresRecord, QueriesRecord } from '../../core/mining/mining-records.js';
import type { CrossEncoderStage } from '../../core/mining/mining-spec.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { runUnlessWritten } from './checkpoints.js';
import { loadChunks } from './load-chunks.js';
import type { Mining, MiningRun, MiningTools } from './open-mining.js';

/**
 * The model gets this many pairs at once, which are enough to sort by length, and few enough to
 * hold in memory.
 */
const GROUP_PAIRS = 4096;

/**
 * Scores the best candidates of each query of a shard with the cross-encoder. It leaves out chunks
 * of the query's positive documents and of its own document, and candidates whose score is at or
 * below `minBiScore`. It does nothing if that is done already, or if the job has no cross-encoder.
 * Errors: those of the model and of reading the version's files.
 */
export async function rescoreShard(
  tools: Pick<MiningTools, 'withCrossEncoder'>,
  mining: Mining,
  shard: number,
  run: MiningRun,
): Promise<void> {
  const stage = mining.spec.crossEncoder;
  if (stage)
    await runUnlessWritten(mining, mining.layout.crossScores(shard), run, () =>
      scoreShard(tools, mining, { shard, stage }, run),
    );
}

async function scoreShard(
  tools: Pick<MiningTools, 'withCrossEncoder'>,
  { store, layout, version }: Mining,
  { shard, stage }: { shard: number; stage: CrossEncoderStage },
  run: MiningRun,
): Promise<void> {
  const { queries } = await readJsonRecord<QueriesRecord>(store, layout.queries(shard), 1);
  const found = await readJsonRecord<CandidatesRecord>(store, layout.candidates(shard), 1);
  const minBiScore = stage.minBiScore ?? Number.NEGATIVE_INFINITY;
  const asked = queries.flatMap(({ positives, own: ownRows = [] }, query) => {
    const own = new Set([...positives.flatMap(({ rows }) => rows), ...ownRows]);
    return found.queries[query]!.candidates.slice(0, stage.top).flatMap(({ row, score }, place) =>
      own.has(row) || score <= minBiScore ? [] : [{ query, place, row }],
    );
  });
  const chunks = await loadChunks(version, new Set(asked.map(({ row }) => row)), {
    ...run,
    onProgress: () => {},
  });
  const scores = found.queries.map(({ candidates }) =>
    new Array<number | null>(Math.min(stage.top, candidates.length)).fill(null),
  );
  await tools.withCrossEncoder(stage, async (encoder) => {
    for (let from = 0; from < asked.length; from += GROUP_PAIRS) {
      const group = asked.slice(from, from + GROUP_PAIRS);
      let done = from;
      const groupScores = await encoder.score(
        group.map(({ query, row }) => [queries[query]!.text, chunks.get(row)!.text]),
        {
          signal: run.signal,
          onProgress: ({ rows }) => {
            done += rows;
            run.onProgress(done, asked.length);
          },
        },
      );
      for (const [index, { query, place }] of group.entries()) scores[query]![place] = groupScores[index]!;
    }
  });
  const record: CrossScoresRecord = { formatVersion: 1, queries: scores };
  await createOnce(store, layout.crossScores(shard), encodeJson(record));
}
