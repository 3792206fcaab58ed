import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CLI, STATE_FOLDER } from '../project.js';
import { runScript } from '../run-script.js';
import { checkConfiguredS3, checkConfiguredTemporal, temporalNamespace } from './configured-server.js';
import { BUCKET } from './ephemeral-stack.js';
import { findBinary } from './find-binary.js';
import { TEMPORAL, VERSITYGW } from './pinned-tools.js';
import { isRunning, stopProcess } from './process-identity.js';
import { readStack, type StackState, writeStack, writeStackEnvironment } from './stack-file.js';
import { NAMESPACE, startTemporal, temporalAnswers } from './start-temporal.js';
import { ensureBucket, s3Answers, s3Environment, startVersitygw } from './start-versitygw.js';
import { startWorker } from './start-worker.js';

const TEMPORAL_PORT = 7233;
const UI_PORT = 8233;
const S3_PORT = 7070;

const find = { log: console.log, install: true };
const logFile = (name: string) => join(STATE_FOLDER, 'logs', `${name}.log`);

/**
 * `make up`: starts the servers that are not running, keeps those that are, and says what to type
 * next.
 */
await runScript(async () => {
  const state = await readStack(STATE_FOLDER);
  const temporal = await temporalUp(state);
  const s3 = await s3Up(state);
  const environment = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ...s3.environment,
  };
  await writeStackEnvironment(STATE_FOLDER, environment);
  const worker = await workerUp(state, environment, temporal.fresh || s3.fresh);
  console.log(`
Temporal  ${temporal.address}${temporal.ui ? `   web interface ${temporal.ui}` : ''}
S3        ${s3.endpoint}   bucket ${BUCKET}
worker    ${worker}
logs      ${join(STATE_FOLDER, 'logs')}

\`vectormill\` finds these by itself in this folder and below it; for other tools: source .vectormill/stack.env
Next: npx vectormill doctor · npx vectormill run job.yaml · make down`);
});

async function temporalUp(state: StackState) {
  const { temporal: known } = state;
  if (known && (await isRunning(known)) && (await temporalAnswers(known.address).catch(() => false))) {
    console.log(`temporal: is up (process ${known.pid})`);
    return { ...known, namespace: NAMESPACE, fresh: false };
  }
  if (known) await stopProcess(known, 5_000);
  const tool = await findBinary(TEMPORAL, find);
  if (tool.kind === 'address') {
    await checkConfiguredTemporal(tool.address);
    return { address: tool.address, ui: undefined, namespace: temporalNamespace(), fresh: false };
  }
  const started = await startTemporal({
    path: tool.path,
    dataFile: join(STATE_FOLDER, 'temporal.db'),
    port: TEMPORAL_PORT,
    uiPort: UI_PORT,
    logFile: logFile('temporal'),
    outlive: true,
  });
  const { pid, startTime, address, ui } = started;
  state.temporal = { pid, startTime, address, ui };
  await writeStack(STATE_FOLDER, state);
  return { address, ui, namespace: NAMESPACE, fresh: true };
}

async function s3Up(state: StackState) {
  const { s3: known } = state;
  if (known && (await isRunning(known)) && (await s3Answers(known).catch(() => false))) {
    console.log(`versitygw: is up (process ${known.pid})`);
    return { endpoint: known.endpoint, environment: s3Environment(known), fresh: false };
  }
  if (known) await stopProcess(known, 5_000);
  const tool = await findBinary(VERSITYGW, find);
  if (tool.kind === 'address') {
    await checkConfiguredS3(tool.address, BUCKET);
    return { endpoint: tool.address, environment: { AWS_ENDPOINT_URL_S3: tool.address }, fresh: false };
  }
  const started = await startVersitygw({
    path: tool.path,
    dataDir: join(STATE_FOLDER, 's3'),
    port: S3_PORT,
    ...(known && { credentials: known.credentials }),
    logFile: logFile('versitygw'),
    outlive: true,
  });
  const { pid, startTime, endpoint, region, credentials } = started;
  state.s3 = { pid, startTime, endpoint, region, credentials };
  await writeStack(STATE_FOLDER, state);
  await ensureBucket(started, BUCKET);
  return { endpoint, environment: s3Environment(started), fresh: true };
}

/**
 * Makes sure that a worker runs. A worker is replaced when a server was replaced, and when it runs
 * an older build.
 */
async function workerUp(
  state: StackState,
  environment: Readonly<Record<string, string>> & { TEMPORAL_ADDRESS: string; TEMPORAL_NAMESPACE: string },
  serversChanged: boolean,
): Promise<string> {
  const build = (await stat(CLI)).mtimeMs;
  const { worker: known } = state;
  if (known && !serversChanged && known.build === build && (await isRunning(known))) {
    console.log(`worker: is up (process ${known.pid})`);
    return `process ${known.pid}`;
  }
  if (known) await stopProcess(known, 30_000);
  console.log('worker: starting one for all queues');
  const { pid, startTime } = await startWorker({
    address: environment.TEMPORAL_ADDRESS,
    namespace: environment.TEMPORAL_NAMESPACE,
    environment,
    logFile: logFile('worker'),
    outlive: true,
  });
  state.worker = { pid, startTime, build };
  await writeStack(STATE_FOLDER, state);
  return `process ${pid}`;
}
