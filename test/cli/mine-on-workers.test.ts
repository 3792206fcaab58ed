import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { localModels } from '../../workers/worker-tools.js';
import { eventually, startWorkerWith, type TestNamespace, testNamespace } from '../support/temporal.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const LINES = Array.from({ length: 30 }, (_, document) => ({
  _id: `d${document}`,
  title: `${LETTERS[document % 26]} ${LETTERS[(document * 3) % 26]} ${document}`,
  text: Array.from(
    { length: 8 },
    (_, word) => LETTERS[(document * 5 + word * (1 + (document % 7))) % 26],
  ).join(' '),
}));
const ID = 'vectormill/letters/v1/triplets/triplets';

let namespace: TestNamespace;

beforeAll(async () => {
  namespace = await testNamespace();
  vi.stubEnv('TEMPORAL_NAMESPACE', namespace.namespace);
});
afterEach(async () => {
  await namespace.client.workflow
    .getHandle(ID)
    .terminate()
    .catch(() => {});
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await namespace?.close();
});

async function minable(): Promise<string> {
  const folder = temporaryFolder();
  await tinyDataset(folder, { lines: LINES });
  writeFileSync(
    join(folder, 'mine.yaml'),
    'dataset: letters\noutput: ./out\nmining: {near_duplicate: off}\n',
  );
  return folder;
}

const runOf = () => namespace.client.workflow.getHandle(ID).describe();
const isRunning = async () => (await runOf()).status.name === 'RUNNING';

describe('vectormill mine --temporal', () => {
  it('lets workers mine the same as this process would, and a second call reports the same without them', async () => {
    const folder = await minable();
    const file = join(folder, 'mine.yaml');
    const worker = startWorkerWith(namespace, localModels({ sessions: 1 }));
    const { code, json } = await vectormillJson('mine', file, '--temporal').finally(() => worker.stop());
    expect({ code, error: json.error }).toEqual({ code: 0 });
    expect(json.totals).toMatchObject({ queries: 30, trainingRows: 90 });
    const files = await filesBelow(folder);
    const again = await vectormillJson('mine', file, '--temporal');
    expect(again.json).toEqual({ ...json, elapsedMs: expect.any(Number) });
    expect(await filesBelow(folder)).toEqual(files);
  });

  it('detaches at Ctrl-C, and attaches to mining that already runs', async () => {
    const file = join(await minable(), 'mine.yaml');
    const detached = vectormill('mine', file, '--temporal');
    await eventually(isRunning);
    process.emit('SIGINT');
    expect(await detached).toMatchObject({ code: 0, stderr: expect.stringContaining(`${ID} goes on`) });
    expect(await isRunning()).toBe(true);
    const { runId } = await runOf();
    const worker = startWorkerWith(namespace, localModels({ sessions: 1 }));
    const { code, json } = await vectormillJson('mine', file, '--temporal').finally(() => worker.stop());
    expect({ code, queries: json.totals?.queries }).toEqual({ code: 0, queries: 30 });
    expect((await runOf()).runId).toBe(runId);
  });

  it('is ended by `cancel`, and the same command mines again', async () => {
    const file = join(await minable(), 'mine.yaml');
    const detached = vectormill('mine', file, '--temporal');
    await eventually(isRunning);
    process.emit('SIGINT');
    expect((await detached).stderr).toContain('`vectormill cancel letters@v1 --triplets triplets` ends it');
    expect(await vectormillJson('cancel', 'letters@v1', '--triplets', 'triplets')).toMatchObject({
      code: 0,
      json: { job: 'letters@v1, triplets triplets', requested: 'cancel' },
    });
    const worker = startWorkerWith(namespace, localModels({ sessions: 1 }));
    try {
      await eventually(async () => (await runOf()).status.name === 'CANCELLED');
      expect(await vectormillJson('cancel', 'letters@v1', '--triplets', 'triplets')).toMatchObject({
        code: 2,
        json: { error: { code: 'JOB_NOT_FOUND' } },
      });
      const { code, json } = await vectormillJson('mine', file, '--temporal');
      expect({ code, queries: json.totals?.queries }).toEqual({ code: 0, queries: 30 });
    } finally {
      await worker.stop();
    }
  });

  it('is refused where triplets of this name are being mined to another output', async () => {
    const [one, other] = [await minable(), await minable()];
    const detached = vectormill('mine', join(one, 'mine.yaml'), '--temporal');
    await eventually(isRunning);
    process.emit('SIGINT');
    await detached;
    const { code, json } = await vectormillJson('mine', join(other, 'mine.yaml'), '--temporal');
    expect({ code, error: json.error.code }).toEqual({ code: 2, error: 'VERSION_CONFLICT' });
    expect(json.error.message).toContain('output');
  });

  it('says why the workflow failed', async () => {
    const folder = await minable();
    const detached = vectormill('mine', join(folder, 'mine.yaml'), '--temporal');
    await eventually(isRunning);
    const waiting = namespace.client.workflow.getHandle(ID);
    await waiting.cancel();
    const worker = startWorkerWith(namespace, localModels({ sessions: 1 }));
    const { code, stderr } = await detached.finally(() => worker.stop());
    expect(code).toBe(1);
    expect(stderr).toContain('CANCELLED');
  });
});
