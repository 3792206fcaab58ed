/**
 * Times whole jobs (Temporal, S3, scanning, chunking, embedding, commits, manifest) beside a bare
 * onnxruntime-node loop over the same texts with the same graph, batches and threads, tokenising
 * included. The two take turns within each round, and ratios are taken within a round. Options:
 * --rounds N, --texts N, --precision float32|int8.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { PRECISIONS } from '../core/model-signature.js';
import { availableCores } from '../engine/concurrency/available-cores.js';
import { pullModel } from '../engine/model/fetch/pull.js';
import { findModel } from '../engine/model/find/find-model.js';
import { batchingOf } from '../engine/model/session/row-batches.js';
import { readModelFolder } from '../engine/model/transformer/model-folder.js';
import { ensureModelGraph } from '../engine/model/transformer/model-graph.js';
import { BUCKET, startEphemeralStack } from '../infra/dev-stack/ephemeral-stack.js';
import { startWorkerOn } from '../infra/dev-stack/start-worker.js';
import { CLI } from '../infra/project.js';
import { BareLoop } from './bare-loop.js';
import { benchTexts } from './bench-texts.js';
import { median } from './median.js';
import { saveResult } from './save-result.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    texts: { type: 'string', default: '16000' },
    precision: { type: 'string', default: 'int8' },
  },
});
const { folder } = await pullModel('all-MiniLM-L6-v2', { log: console.log });
const count = Number(values.texts);
const { origin, texts: different } = await benchTexts(count);
// The texts are repeated where there are too few, because the time of a short job would be mostly
// its start.
const texts = Array.from({ length: count }, (_, index) => different[index % different.length]!);
const sessions = availableCores();
const precision = PRECISIONS.find((name) => name === values.precision) ?? 'float32';
const { signature } = await findModel({ source: folder, precision });
const graphFile = await ensureModelGraph(await readModelFolder(folder), signature);
const bare = await BareLoop.open(
  { graphFile, folder, maxTokens: signature.maxTokens, batching: batchingOf(precision) },
  sessions,
);
const work = await mkdtemp(join(tmpdir(), 'pipeline-speed-'));
const corpus = join(work, 'corpus.jsonl');
await writeFile(corpus, texts.map((text, id) => `${JSON.stringify({ _id: `t${id}`, text })}\n`).join(''));
const stack = await startEphemeralStack({ log: console.log, install: true });
const worker = await startWorkerOn(stack, join(work, 'worker.log'));
try {
  const rounds = [];
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    const pipeline = await runJob(round);
    const loop = await runBare();
    // The first round is only a warm-up.
    if (round > 0) rounds.push({ pipeline, bareLoop: loop, ratio: pipeline / loop });
  }
  const ratio = median(rounds.map((round) => round.ratio));
  console.table(rounds);
  console.log(
    `whole pipeline, ${precision}: ${ratio.toFixed(3)} of the bare loop (${texts.length} texts: ${origin}; ${sessions} threads)`,
  );
  const file = await saveResult(`pipeline-speed-${precision}`, {
    texts: texts.length,
    origin,
    sessions,
    ratio,
    rounds,
  });
  console.log(`kept in ${file}`);
} finally {
  await worker.stop();
  await stack.stop();
  await bare.close();
  await rm(work, { recursive: true, force: true });
}

/**
 * Runs a whole job and returns its non-padding tokens per second, from its start to its manifest.
 */
async function runJob(round: number): Promise<number> {
  const job = join(work, `job-${round}.yaml`);
  await writeFile(
    job,
    `dataset: bench\nversion: v${round}\nparent: none\ninput: ${corpus}\noutput: s3://${BUCKET}/bench\nmodel: {source: all-MiniLM-L6-v2, precision: ${precision}}\nchunking: {strategy: none}\n`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'run', job, '--json'], {
    env: { ...process.env, ...stack.environment },
  });
  const { totals, elapsedMs } = JSON.parse(stdout) as { totals: { tokens: number }; elapsedMs: number };
  return Math.round(totals.tokens / (elapsedMs / 1000));
}

async function runBare(): Promise<number> {
  const startedAt = performance.now();
  const tokens = await bare.run(texts);
  return Math.round(tokens / ((performance.now() - startedAt) / 1000));
}
