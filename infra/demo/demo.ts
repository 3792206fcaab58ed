import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { VectormillError } from '../../core/errors.js';
import { temporalNamespace } from '../dev-stack/configured-server.js';
import { BUCKET, type EphemeralStack, startEphemeralStack } from '../dev-stack/ephemeral-stack.js';
import { startWorker } from '../dev-stack/start-worker.js';
import { CLI, PROJECT, STATE_FOLDER } from '../project.js';
import { runProcess } from '../run-process.js';
import { runScript } from '../run-script.js';
import { selectDocuments } from './select-documents.js';
import { uploadDocuments } from './upload-documents.js';

const MODEL = 'all-MiniLM-L6-v2';
const DATASET = 'package-docs';
const QUERY = 'How do I run work in a pool of threads?';

/** This takes about a minute of embedding on two cores. */
const CORPUS_BYTES = 1_100_000;
const DEMO_FOLDER = join(STATE_FOLDER, 'demo');

/**
 * `make demo`: takes the documentation below node_modules through the whole pipeline. Nothing is
 * left running.
 */
await runScript(async () => {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());
  await rm(DEMO_FOLDER, { recursive: true, force: true });
  await mkdir(DEMO_FOLDER, { recursive: true });

  printTitle('The model');
  await vectormill(interrupt.signal, ['model', 'pull', MODEL], {});
  printTitle('The dev stack');
  const stack = await startEphemeralStack({
    log: console.log,
    install: true,
    dataDir: join(DEMO_FOLDER, 's3'),
  });
  try {
    await runPipeline(stack, interrupt.signal);
  } finally {
    printTitle('Stopping what was started');
    await stack.stop();
    if (interrupt.signal.aborted) process.exitCode = 130;
  }
});

async function runPipeline(stack: EphemeralStack, interrupted: AbortSignal): Promise<void> {
  const root = `s3://${BUCKET}/${stack.ownS3 ? 'demo' : `demo-${Date.now()}`}`;
  const environment = { ...process.env, ...stack.environment };
  const worker = await startWorker({
    address: environment.TEMPORAL_ADDRESS ?? '',
    namespace: temporalNamespace(environment),
    environment: stack.environment,
    logFile: join(DEMO_FOLDER, 'worker.log'),
    outlive: false,
  });
  try {
    printTitle('The corpus');
    const documents = await selectDocuments(join(PROJECT, 'node_modules'), CORPUS_BYTES);
    await uploadDocuments(documents, `${root}/corpus`, environment);
    const bytes = documents.reduce((sum, document) => sum + document.text.length, 0);
    console.log(
      `${documents.length} documentation files, ${(bytes / 1e6).toFixed(2)} MB, now in ${root}/corpus`,
    );

    const jobFile = join(DEMO_FOLDER, 'job.yaml');
    await writeFile(jobFile, jobText(root));
    printTitle(`vectormill run ${relative(PROJECT, jobFile)}`);
    await vectormill(interrupted, ['run', jobFile], stack.environment);
    printTitle(`vectormill search ${DATASET} "${QUERY}"`);
    const search = ['search', DATASET, QUERY, '--output', `${root}/output`, '--top', '3'];
    await vectormill(interrupted, search, stack.environment);
    if (stack.ownS3) printWhatRemains();
  } finally {
    await worker.stop();
  }
}

/** The S3 server keeps objects as plain files, which can be read and searched without it. */
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
 * Runs the built command in the foreground. The command itself says what went wrong. Errors:
 * CANCELLED, INTERNAL.
 */
async function vectormill(
  interrupted: AbortSignal,
  line: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const code = interrupted.aborted ? 0 : await runProcess(process.execPath, [CLI, ...line], { environment });
  if (interrupted.aborted) {
    throw new VectormillError('CANCELLED', 'the demo was interrupted', {
      component: 'demo',
      remedy: '`make demo` starts it afresh.',
    });
  }
  if (code === 0) return;
  throw new VectormillError('INTERNAL', `vectormill ${line[0]} ended with ${code}`, {
    component: 'demo',
    remedy: 'See what it said above, and the log of the worker.',
    file: join(DEMO_FOLDER, 'worker.log'),
  });
}

function printTitle(title: string): void {
  console.log(`\n── ${title}`);
}
