/**
 * Takes one large JSONL object through the whole pipeline on S3, with the test embedder, and
 * measures MB/s and the worker's peak memory, for a quarter of the size and for all of it. Usage:
 * `npx tsx test/scale/large-corpus.ts [megabytes]`, by default 2,000.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { saveResult } from '../../bench/save-result.js';
import { EMBED_JOB, type JobSummary, workflowId } from '../../core/workflow-api.js';
import { completeJob, parseJob } from '../../engine/job/parse-job.js';
import { fingerprintOf } from '../../engine/model/fingerprint.js';
import { BUCKET, startEphemeralStack } from '../../infra/dev-stack/ephemeral-stack.js';
import { testSignature } from '../support/test-embedder.js';

const megabytes = Number(process.argv[2] ?? 2000);
const WORDS =
  'the corpus holds documents and each one is cut into chunks that are embedded as one unit 数据'.split(' ');

const folder = await mkdtemp(join(tmpdir(), 'large-corpus-'));
const dataDir = join(folder, 's3');
const stack = await startEphemeralStack({ log: console.log, install: true, dataDir });
const worker = spawn(
  process.execPath,
  ['--import', 'tsx', fileURLToPath(new URL('worker.ts', import.meta.url))],
  { env: { ...process.env, ...stack.environment, LOG_LEVEL: 'warn' }, stdio: 'inherit' },
);
try {
  Object.assign(process.env, stack.environment);
  const rows = [];
  for (const size of [megabytes / 4, megabytes]) rows.push(await measure(size));
  console.table(rows);
  console.log(`kept in ${await saveResult('large-corpus', { rows })}`);
} finally {
  worker.kill('SIGTERM');
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
}

async function measure(size: number) {
  const name = `corpus-${size}`;
  const documents = await writeCorpus(join(dataDir, BUCKET, name, 'corpus.jsonl'), size * 1e6);
  const draft = {
    dataset: name,
    input: `s3://${BUCKET}/${name}/corpus.jsonl`,
    output: `s3://${BUCKET}/out`,
    model: 'test-embedder',
  };
  const signature = { ...testSignature, maxTokens: 256, dimensions: 384 };
  const job = completeJob(
    parseJob(JSON.stringify(draft), join(folder, 'job.yaml')),
    { signature, fingerprint: fingerprintOf(signature) },
    'job.yaml',
  );
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? '' });
  const startedAt = performance.now();
  const summary: JobSummary = await new Client({ connection }).workflow.execute(EMBED_JOB, {
    workflowId: workflowId(job.spec),
    taskQueue: 'control',
    args: [{ job }],
  });
  const seconds = (performance.now() - startedAt) / 1000;
  await connection.close();
  if (summary.totals.documents !== documents)
    throw new Error(`${summary.totals.documents} of ${documents} documents`);
  return {
    inputMegabytes: size,
    documents,
    chunks: summary.totals.chunks,
    shards: summary.totals.shards,
    seconds: Math.round(seconds),
    megabytesPerSecond: Number((size / seconds).toFixed(2)),
    workerPeakMegabytes: Math.round(peakBytes(worker.pid ?? 0) / 1e6),
  };
}

/**
 * Writes directly into the S3 server's folder, because the upload of the corpus is not measured.
 */
async function writeCorpus(file: string, bytes: number): Promise<number> {
  await mkdir(dirname(file), { recursive: true });
  let documents = 0;
  function* lines(): Generator<string> {
    for (let written = 0; written < bytes; ) {
      const batch = Array.from({ length: 500 }, () => line(documents++)).join('');
      written += Buffer.byteLength(batch);
      yield batch;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file));
  return documents;
}

function line(row: number): string {
  const text = Array.from({ length: 160 }, (_, at) => WORDS[(row * 31 + at * 7) % WORDS.length]).join(' ');
  return `${JSON.stringify({ _id: `d${row}`, title: `Title ${row}`, text: `${row} ${text}` })}\n`;
}

/** Returns the high-water mark of resident memory on Linux. */
function peakBytes(pid: number): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? 0) * 1024;
}
