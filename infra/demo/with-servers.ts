import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { mapConcurrently } from '../../engine/concurrency/map-concurrently.js';
import { openStore } from '../../engine/store/open-store.js';
import { BUCKET, type EphemeralStack, startEphemeralStack } from '../dev-stack/ephemeral-stack.js';
import type { RunningServer } from '../dev-stack/start-server.js';
import { startWorkerOn } from '../dev-stack/start-worker.js';
import { PROJECT } from '../project.js';
import { runScript } from '../run-script.js';
import { DEMO_FOLDER, type DemoCommand, MODEL, printTitle, runDemo } from './demo-command.js';
import type { SelectedDocument } from './select-documents.js';
import { selectDocuments } from './select-documents.js';

const DATASET = 'package-docs';
const QUERY = 'How do I run work in a pool of threads?';

/** This takes about a minute of embedding on two cores. */
const CORPUS_BYTES = 1_100_000;
/** The worker is killed once this many parts are written, of about 25. */
const PARTS_BEFORE_KILL = 6;
/** The time between two looks at the parts, in ms. */
const LOOK_MS = 500;
const CONCURRENT_UPLOADS = 16;

/**
 * The second part of `make demo`: takes the documentation below node_modules through the whole
 * pipeline, on Temporal and S3, and kills the worker in the middle. Nothing is left running.
 */
await runScript(() =>
  runDemo(async (command) => {
    printTitle('The dev stack');
    const stack = await startEphemeralStack({
      log: console.log,
      install: true,
      dataDir: join(DEMO_FOLDER, 's3'),
    });
    try {
      await runPipeline(stack, command);
    } finally {
      printTitle('Stopping what was started');
      await stack.stop();
    }
  }),
);

async function runPipeline(stack: EphemeralStack, command: DemoCommand): Promise<void> {
  const root = `s3://${BUCKET}/${stack.ownS3 ? 'demo' : `demo-${Date.now()}`}`;
  const environment = { ...process.env, ...stack.environment };
  printTitle('The corpus');
  const documents = await selectDocuments(join(PROJECT, 'node_modules'), CORPUS_BYTES);
  await uploadDocuments(documents, `${root}/corpus`, environment);
  const bytes = documents.reduce((sum, document) => sum + document.text.length, 0);
  console.log(
    `${documents.length} documentation files, ${(bytes / 1e6).toFixed(2)} MB, now in ${root}/corpus`,
  );

  const jobFile = join(DEMO_FOLDER, 'job.yaml');
  await writeFile(jobFile, jobText(root));
  printTitle(`npx vectormill run ${relative(PROJECT, jobFile)}`);
  const output = ['--output', `${root}/output`];
  let worker = await start(stack);
  try {
    const ended = new AbortController();
    [worker] = await Promise.all([
      killAndReplace(stack, worker, { output: `${root}/output`, ended: ended.signal }),
      command(['run', jobFile], stack.environment).finally(() => ended.abort()),
    ]);
    printTitle(`npx vectormill verify ${DATASET}`);
    await command(['verify', DATASET, ...output], stack.environment);
    printTitle(`npx vectormill search ${DATASET} "${QUERY}"`);
    await command(['search', DATASET, QUERY, ...output, '--top', '3'], stack.environment);
    if (stack.ownS3) printWhatRemains();
  } finally {
    await worker.stop();
  }
}

/**
 * Kills the worker in the middle of the job and starts another, unless the job has ended before.
 * Resolves to the worker that runs then.
 */
async function killAndReplace(
  stack: EphemeralStack,
  first: RunningServer,
  { output, ended }: { output: string; ended: AbortSignal },
): Promise<RunningServer> {
  const store = openStore(output, { ...process.env, ...stack.environment });
  try {
    while (!ended.aborted && (await partsIn(store)) < PARTS_BEFORE_KILL)
      await setTimeout(LOOK_MS, undefined, { signal: ended }).catch(() => undefined);
  } finally {
    await store.close();
  }
  if (ended.aborted) return first;
  process.kill(first.pid, 'SIGKILL');
  console.log(
    `\n── kill -9 ${first.pid}: the worker is gone in the middle of its parts, and another one starts`,
  );
  return start(stack);
}

function start(stack: EphemeralStack): Promise<RunningServer> {
  return startWorkerOn(stack, join(DEMO_FOLDER, 'worker.log'));
}

/** Returns the number of parts of vectors that the job has written so far. */
async function partsIn(store: ReturnType<typeof openStore>): Promise<number> {
  let parts = 0;
  for await (const _part of store.list(`${DATASET}/versions/v1/vectors/`)) parts += 1;
  return parts;
}

/**
 * Prints where the output is. The S3 server keeps objects as plain files, which can be read and
 * searched without it.
 */
function printWhatRemains(): void {
  const output = relative(PROJECT, join(DEMO_FOLDER, 's3', BUCKET, 'demo', 'output'));
  console.log(`
The files stay in ${join(output, DATASET)}. Ask them something else:
npx vectormill search ${DATASET} "your question" --output ${output}`);
}

function jobText(root: string): string {
  return `# The demo's job; every key is explained in the README.
dataset: ${DATASET}
input:
  uri: ${root}/corpus
  format: text
output: ${root}/output
model: ${MODEL}
chunking:
  strategy: recursive
# Small shards and parts, so that a minute's work shows what hours of work look like.
shard_bytes: 200000
parts:
  tokens: 16384
`;
}

/**
 * Stores every document below `uri` under its own path. The variables say how to reach the store.
 */
async function uploadDocuments(
  documents: readonly SelectedDocument[],
  uri: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const store = openStore(uri, environment);
  try {
    await mapConcurrently(documents, CONCURRENT_UPLOADS, ({ path, text }) => store.put(path, text));
  } finally {
    await store.close();
  }
}
