import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSchedule } from '../../cli/schedule/create-schedule.js';
import type { JobRecord } from '../../core/job-spec.js';
import type { Manifest } from '../../core/manifest.js';
import type { NightSummary } from '../../core/schedule/night.js';
import { nightWorkflowId, scheduleId, workflowId } from '../../core/workflow-api.js';
import { prepareJob } from '../../engine/job/prepare-job.js';
import { openEmbedder } from '../../engine/model/find/find-model.js';
import { readVectorFile } from '../../engine/parquet/vector-file.js';
import { prepareSchedule } from '../../engine/schedule/prepare-schedule.js';
import { openStore } from '../../engine/store/open-store.js';
import { verifyVersion } from '../../engine/verify/verify-version.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { localModels } from '../../workers/worker-tools.js';
import {
  changed,
  type EmbeddingServer,
  sendJson,
  startEmbeddingServer,
  status,
} from '../support/embedding-server.js';
import {
  eventually,
  failureOf,
  startJob,
  startWorkerWith,
  type TestNamespace,
  type TestWorker,
  testNamespace,
} from '../support/temporal.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { documents, writeCorpus } from '../support/test-job.js';

const KEY = 'sk-marker-Zq7vX2';
const VARIABLE = 'VECTORMILL_TEST_PROVIDER_KEY';

let namespace: TestNamespace;
let worker: TestWorker;
let server: EmbeddingServer;
let folder: string;

beforeAll(async () => {
  process.env[VARIABLE] = KEY;
  namespace = await testNamespace();
  worker = startWorkerWith(namespace, localModels());
  server = await startEmbeddingServer();
});

beforeEach(() => {
  folder = temporaryFolder();
  server.always = undefined;
  server.hold = undefined;
});

afterAll(async () => {
  delete process.env[VARIABLE];
  await worker?.stop();
  await namespace?.close();
  await server?.close();
});

/** Returns the content of a job file with a name of its own, over a corpus of some shards. */
function someJobFile(dataset: string, provider: Record<string, unknown> = {}): Record<string, unknown> {
  writeCorpus(folder, { 'a.jsonl': documents(30, 20, 'a'), 'b.jsonl': documents(10, 20, 'b') });
  return {
    dataset,
    input: './corpus',
    output: './out',
    model: {
      source: 'a-model',
      max_tokens: 128,
      provider: {
        url: server.url,
        key_env: VARIABLE,
        tokenizer: 'cl100k_base',
        max_batch_texts: 3,
        concurrency: 2,
        price_per_million_tokens: 20,
        ...provider,
      },
    },
    parts: { rows: 8 },
    shard_bytes: 2000,
    limits: { concurrency: 3 },
  };
}

/** Returns such a job as `vectormill run` would start it. */
async function someJob(dataset: string, provider: Record<string, unknown> = {}): Promise<JobRecord> {
  const file = join(folder, 'job.yaml');
  writeFileSync(file, JSON.stringify(someJobFile(dataset, provider)));
  return (await prepareJob(file, readFileSync(file, 'utf8'), openStore)).job;
}

function manifestOf({ spec }: JobRecord): Manifest {
  const path = join(folder, 'out', spec.dataset, 'versions', spec.version, 'manifest.json');
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

/**
 * Returns the tokens charged by the answers from the n-th request on, counting only requests for
 * documents.
 */
function charged(from: number): number {
  const texts = server.seen.slice(from).flatMap(({ body }) => body.input as string[]);
  return texts
    .filter((text) => /^[ab] \d/.test(text))
    .reduce((sum, text) => sum + text.split(/\s+/).length, 0);
}

/**
 * Returns everything that the test run has written anywhere, except in the provider's own memory.
 */
async function everythingWritten(job: JobRecord): Promise<string> {
  return everythingBelow(workflowId(job.spec));
}

/** Returns everything that was written by the workflows whose ids begin with one of these. */
async function everythingBelow(...ids: readonly string[]): Promise<string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  const histories: string[] = [];
  for await (const { workflowId: id, runId } of namespace.client.workflow.list()) {
    if (!ids.some((own) => id.startsWith(own))) continue;
    const handle = namespace.client.workflow.getHandle(id, runId);
    histories.push(historyToJSON(await handle.fetchHistory()));
    histories.push(JSON.stringify((await handle.describe()).raw, asText));
  }
  expect(histories.length).toBeGreaterThan(1);
  return [...files, ...histories, JSON.stringify(worker.log)].join('\n');
}

/** Returns a replacer of `JSON.stringify` that shows bytes as the text they hold. */
function asText(_: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: number[] };
  return type === 'Buffer' && data ? Buffer.from(data).toString('latin1') : value;
}

/**
 * Also searches the payloads of histories, which are in base64. The test that the variable's name
 * is found shows that they are read.
 */
function expectNoKey(text: string): void {
  const payloads = [...text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)].map(([found]) =>
    Buffer.from(found, 'base64').toString('latin1'),
  );
  expect(payloads.some((payload) => payload.includes(VARIABLE))).toBe(true);
  for (const one of [text, ...payloads]) expect(one.includes('Zq7vX2')).toBe(false);
}

describe('a job whose model a provider runs', () => {
  test('makes a version that verifies, and says what it cost', async () => {
    const before = server.seen.length;
    const job = await someJob('whole');
    expect(job.spec.model.provider?.dimensions).toBe(8);
    const summary = await (await startJob(namespace, job)).result();
    const manifest = manifestOf(job);
    const billedTokens = charged(before);
    expect(manifest.cost).toEqual({ billedTokens, amount: (billedTokens * 20) / 1e6, currency: 'USD' });
    expect(summary.cost).toEqual(manifest.cost);
    const version = await resolveVersion(openStore(job.spec.output), {
      dataset: 'whole',
      selector: 'current',
    });
    expect([...version.parts].every(({ vectors }) => (vectors.billedTokens ?? 0) > 0)).toBe(true);
    const embedder = await openEmbedder(job.spec.model);
    expect(await verifyVersion(version, embedder)).toMatchObject({ differences: [], probeCosine: 1 });
    // The provider replaces the model behind the same name.
    server.always = changed((answer) => ({
      ...answer,
      data: answer.data.map((item) => ({ ...item, embedding: (item.embedding as number[]).toReversed() })),
    }));
    const report = await verifyVersion(version, embedder);
    expect(report.differences).toMatchObject([{ what: expect.stringContaining('probe') }]);
  });

  test('that is cancelled while the provider is silent ends, and resumes without paying again', async () => {
    const job = await someJob('resumed');
    const before = server.seen.length;
    let answers = 0;
    server.always = (response, request) => {
      answers += 1;
      // Some parts are made. After that, the provider does not answer.
      if (answers <= 12) changed(() => undefined)(response, request);
    };
    const handle = await startJob(namespace, job);
    await eventually(async () => answers > 12);
    await handle.cancel();
    expect((await failureOf(handle)).type).toBe('CancelledFailure');
    const kept = partsOf(job);
    expect(kept.length).toBeGreaterThan(0);
    const paidBefore = kept.reduce((sum, part) => sum + part.billed, 0);
    server.always = undefined;
    const resumedAt = server.seen.length;
    await (await startJob(namespace, job)).result();
    const { cost } = manifestOf(job);
    expect(resumedAt).toBeGreaterThan(before);
    expect(cost?.billedTokens).toBe(paidBefore + charged(resumedAt));
  });

  test('continues after temporary errors, and leaves the key nowhere', async () => {
    const job = await someJob('faults');
    const echo = (request: { headers: { authorization?: string | undefined } }) =>
      request.headers.authorization;
    server.misbehave(
      (response, request) =>
        sendJson(
          response,
          429,
          { error: { message: echo(request), code: echo(request) } },
          { 'retry-after-ms': '1' },
        ),
      (response, request) => sendJson(response, 500, `${echo(request)}`),
      (response) => response.destroy(),
      (response, request) => sendJson(response, 503, { error: { type: KEY, message: echo(request) } }),
    );
    await (await startJob(namespace, job)).result();
    expect(manifestOf(job).totals.documents).toBe(40);
    expectNoKey(await everythingWritten(job));
  });

  test('every night leaves the key nowhere, the schedule included', async () => {
    const file = join(folder, 'nightly.yaml');
    const nightly = { name: 'keyless', cron: '0 2 * * *', job: someJobFile('keyless'), index: {} };
    const readText = () => Promise.reject(new Error('no file is named'));
    const options = { openStore, readText };
    const { record } = await prepareSchedule(file, JSON.stringify(nightly), options);
    await createSchedule(namespace.client, record, { replace: false });
    const handle = namespace.client.schedule.getHandle(scheduleId('keyless'));
    await handle.trigger('BUFFER_ONE');
    await eventually(async () => {
      const { info } = await handle.describe();
      const night = namespace.client.workflow.getHandle(info.recentActions[0]!.action.workflow.workflowId);
      return ((await night.result()) as NightSummary).outcome === 'complete';
    });
    const { raw } = await handle.describe();
    const written = await everythingBelow(
      nightWorkflowId('keyless'),
      workflowId({ dataset: 'keyless', version: '' }),
    );
    expectNoKey(`${JSON.stringify(raw, asText)}\n${written}`);
    await handle.delete();
  });

  test('fails for good when the key is refused, with the variable and without the key', async () => {
    const job = await someJob('denied');
    server.always = (response, request) =>
      sendJson(response, 401, { error: { message: request.headers.authorization, code: KEY } });
    const handle = await startJob(namespace, job);
    expect(await failureOf(handle)).toMatchObject({ type: 'PROVIDER_DENIED' });
    const written = await everythingWritten(job);
    expectNoKey(written);
    server.always = undefined;
    expect((await (await startJob(namespace, job)).result()).totals.documents).toBe(40);
  });

  test.each([
    ['wrong numbers of vectors', changed(({ data }) => ({ data: data.slice(1) })), 'VECTOR_INVALID'],
    ['a request that no size mends', status(400), 'PROVIDER_REFUSED'],
  ])('fails for good with %s, and writes no vector of them', async (_, misbehaviour, code) => {
    const job = await someJob(`bad-${code.toLowerCase().replaceAll('_', '-')}`);
    server.always = misbehaviour;
    expect((await failureOf(await startJob(namespace, job))).type).toBe(code);
    expect(partsOf(job)).toEqual([]);
  });
});

/** Returns the vector parts on storage, with the cost in their footers. */
function partsOf({ spec }: JobRecord): { path: string; billed: number }[] {
  const root = join(folder, 'out', spec.dataset, 'versions', spec.version);
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.startsWith('vectors') && name.endsWith('.parquet'))
    .map((name) => {
      const path = join(root, name);
      return { path, billed: Number(readVectorFile(readFileSync(path), path).footer.billed_tokens) };
    });
}
