import type { CorpusRecord } from '../../core/document.js';
import { shardOf } from '../../core/plan.js';
import { readShard } from '../corpus/read-shard.js';
import type { OpenVersion } from '../version/open-version.js';
import type { StepTools } from './step-context.js';

/**
 * Yields a shard's records in corpus order, the same ones each time it is read. Records that were
 * read together come together.
 */
export async function* recordsOf(
  tools: Pick<StepTools, 'openStore'>,
  version: OpenVersion,
  shard: number,
  signal: AbortSignal,
): AsyncIterable<readonly CorpusRecord[]> {
  const { input } = version.job.spec;
  const planned = shardOf(await version.plan(), shard);
  yield* readShard(planned, {
    inputUri: input.uri,
    format: input.format,
    columns: input.columns,
    csv: input.csv,
    maxDocumentBytes: input.maxDocumentBytes,
    openStore: tools.openStore,
    signal,
  });
}
