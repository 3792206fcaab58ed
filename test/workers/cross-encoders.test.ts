import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MINE_JOB, type MineJobInput, miningWorkflowId } from '../../core/workflow-api.js';
import { parseMiningJob } from '../../engine/job/parse-mining-job.js';
import { readMiningPlan } from '../../engine/mining/open-mining.js';
import { prepareMining } from '../../engine/mining/prepare-mining.js';
import { openCrossEncoder } from '../../engine/model/cross-encoder/find-cross-encoder.js';
import { openStore } from '../../engine/store/open-store.js';
import type { ModelOpener } from '../../workers/worker-tools.js';
import { pairsOf, versionOf, writePairs } from '../engine/mining/mining-support.js';
import { startWorkerWith, type TestNamespace, testModels, testNamespace } from '../support/temporal.js';
import { documents } from '../support/test-job.js';

const CROSS_ENCODER = fileURLToPath(new URL('../fixtures/cross-encoders/saved', import.meta.url));

let namespace: TestNamespace;

beforeAll(async () => {
  namespace = await testNamespace();
});

afterAll(() => namespace?.close());

/**
 * Prepares triplets of several shards, whose candidates a cross-encoder scores. Nothing is started.
 */
async function prepared(folder: string, name: string) {
  const job = {
    dataset: 'test',
    output: './out',
    name,
    pairs: writePairs(folder, pairsOf(12)),
    split: { dev_share: 0.5, seed: 1 },
    cross_encoder: { model: CROSS_ENCODER, top: 10, max_cross_score: 1 },
  };
  const file = join(folder, 'mine.yaml');
  return prepareMining(parseMiningJob(JSON.stringify(job), file), openStore, file);
}

/** Opens cross-encoders as a worker does, and counts how many are opened and closed. */
function countedModels(): { models: ModelOpener; counts: { opened: number; closed: number } } {
  const counts = { opened: 0, closed: 0 };
  const models: ModelOpener = {
    ...testModels(),
    crossEncoder: async ({ model }) => {
      counts.opened += 1;
      const encoder = await openCrossEncoder({ source: model, sessions: 1 });
      const close = async () => {
        counts.closed += 1;
        await encoder.close();
      };
      return { ...encoder, close };
    },
  };
  return { models, counts };
}

it('a worker opens a cross-encoder once for all shards and jobs, and closes it when it stops', async () => {
  const folder = await versionOf(documents(24));
  const { models, counts } = countedModels();
  const worker = startWorkerWith(namespace, models);
  try {
    for (const name of ['first', 'second']) {
      const { mining, record } = await prepared(folder, name);
      const input: MineJobInput = { record, concurrency: 2 };
      const workflowId = miningWorkflowId(record.spec);
      await namespace.client.workflow.execute(MINE_JOB, { workflowId, taskQueue: 'control', args: [input] });
      const { counts: planned } = await readMiningPlan(mining);
      expect(planned.shards).toBeGreaterThan(1);
    }
    expect(counts).toEqual({ opened: 1, closed: 0 });
  } finally {
    await worker.stop();
  }
  expect(counts).toEqual({ opened: 1, closed: 1 });
});
