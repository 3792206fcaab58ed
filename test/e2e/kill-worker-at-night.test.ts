import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lineage } from '../../core/schedule/lineage.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { runCli } from '../support/built-cli.js';
import { letterDocuments } from '../support/letter-documents.js';
import { eventually, testNamespace } from '../support/temporal.js';
import { writeCorpus } from '../support/test-job.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

let folder: string;
let environment: { TEMPORAL_NAMESPACE: string };
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vectormill-night-'));
  const { namespace, close } = await testNamespace();
  await close();
  environment = { TEMPORAL_NAMESPACE: namespace };
  await writeTinyModel(join(folder, 'model'));
  writeCorpus(folder, { 'a.jsonl': letterDocuments(400) });
  writeFileSync(
    join(folder, 'nightly.yaml'),
    JSON.stringify({
      name: 'nightly',
      cron: '0 2 * * *',
      job: {
        dataset: 'killed',
        input: './corpus',
        output: './out',
        model: './model',
        parts: { rows: 10 },
        shard_bytes: 4000,
      },
      mine: { mining: { num_negatives: 2, near_duplicate: 'off' } },
      index: { exact_below: 0, recall: 0.5, shard_rows: 100 },
    }),
  );
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  rmSync(folder, { recursive: true, force: true });
});

function worker(): WorkerProcess {
  const started = startWorkerProcess(environment);
  workers.push(started);
  return started;
}

async function vectormill(...line: readonly string[]) {
  const { code, stdout, stderr } = await runCli([...line, '--json'], environment);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** Returns the files below the dataset whose path ends like this. */
function filesThatEnd(end: string): string[] {
  const names = readdirSync(join(folder, 'out'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith(end));
}

test('a night whose workers are killed while they embed, mine and index makes one version that verifies', async () => {
  await vectormill('schedule', 'create', join(folder, 'nightly.yaml'));
  const night = runCli(['schedule', 'trigger', 'nightly', '--wait', '--json'], environment);
  // Each worker is killed once its step has begun, judging by what is on storage.
  for (const begun of [
    () => filesThatEnd('.parquet').some((name) => name.includes('/vectors/')),
    () => filesThatEnd('plan.json').length > 0,
    () => filesThatEnd('.usearch').length > 0,
  ]) {
    const doomed = worker();
    await eventually(async () => begun());
    await doomed.kill();
  }
  const last = worker();
  const { code, stdout } = await night;
  expect(code).toBe(0);
  const { version } = JSON.parse(stdout).night.night;
  await last.stop();
  const status = await vectormill('status', 'nightly');
  expect(status.last).toMatchObject({ state: 'complete', failure: null, night: { version } });
  const [manifest, ...others] = filesThatEnd('lineage.json');
  expect(others).toEqual([]);
  expect(manifest).toBe(`killed/versions/${version}/lineage.json`);
  const lineage = JSON.parse(readFileSync(join(folder, 'out', manifest!), 'utf8')) as Lineage;
  expect(lineage).toMatchObject({ version, schedule: 'nightly' });
  const output = join(folder, 'out');
  expect(await vectormill('verify', 'killed', '--output', output)).toMatchObject({ ok: true });
  expect(await vectormill('index', 'verify', 'killed', '--output', output)).toMatchObject({ verified: true });
}, 300_000);

test('the next night, which carries rows over, goes on with other workers when its own are killed', async () => {
  const before = new Set(filesThatEnd('lineage.json'));
  const [edited, ...others] = letterDocuments(400).slice(5);
  writeCorpus(folder, {
    'a.jsonl': [{ ...(edited as object), text: 'a b c' }, ...others],
    'b.jsonl': letterDocuments(100, 400),
  });
  const night = runCli(['schedule', 'trigger', 'nightly', '--wait', '--json'], environment);
  const isNew = (name: string) => ![...before].some((known) => name.startsWith(dirname(known)));
  for (const place of ['/carry/', '/vectors/']) {
    const doomed = worker();
    await eventually(async () => filesThatEnd('').some((name) => name.includes(place) && isNew(name)));
    await doomed.kill();
  }
  const last = worker();
  const { code, stdout } = await night;
  expect(code).toBe(0);
  await last.stop();
  const { version, steps } = JSON.parse(stdout).night.night;
  expect(steps[0].counts).toMatchObject({ added: 100, changed: 1, deleted: 5, carried: 394 });
  const output = join(folder, 'out');
  expect(await vectormill('verify', `killed@${version}`, '--output', output)).toMatchObject({ ok: true });
  expect(await vectormill('index', 'verify', 'killed', '--output', output)).toMatchObject({ verified: true });
}, 300_000);
