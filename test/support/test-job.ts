import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JobRecord } from '../../core/job-spec.js';
import type { ModelSignature } from '../../core/model-signature.js';
import { completeJob, parseJob } from '../../engine/job/parse-job.js';
import { fingerprintOf } from '../../engine/model/fingerprint.js';
import { testSignature } from './test-embedder.js';

/** One record of a JSONL corpus, or a line that is written as it is. */
export type CorpusLine = { _id?: string; text?: string; title?: string } | string;

/** Writes JSONL files below `folder/corpus`, by name. */
export function writeCorpus(folder: string, files: Record<string, readonly CorpusLine[]>): void {
  for (const [name, lines] of Object.entries(files)) {
    const path = join(folder, 'corpus', name);
    mkdirSync(dirname(path), { recursive: true });
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    writeFileSync(path, `${text.join('\n')}\n`);
  }
}

/** Makes `count` documents of about `words` words each, all different. */
export function documents(count: number, words = 20, prefix = 'doc'): CorpusLine[] {
  return Array.from({ length: count }, (_, index) => ({
    _id: `${prefix}-${index}`,
    text: `${prefix} ${index} ${Array.from({ length: words }, (_, word) => `word${(index * 7 + word) % 97}`).join(' ')}.`,
  }));
}

/**
 * Returns a job over `folder/corpus` with output in `folder/out`, with shards of 2,000 bytes and
 * parts of 4 rows. `more` changes it.
 */
export function testJob(
  folder: string,
  more: Record<string, unknown> = {},
  signature: ModelSignature = testSignature,
): JobRecord {
  const draft = {
    dataset: 'test',
    input: './corpus',
    output: './out',
    model: 'test-embedder',
    parts: { rows: 4 },
    shard_bytes: 2000,
    limits: { reject_share: 0.5, concurrency: 2 },
    ...more,
  };
  const file = join(folder, 'job.yaml');
  return completeJob(
    parseJob(JSON.stringify(draft), file),
    { signature, fingerprint: fingerprintOf(signature) },
    file,
  );
}
