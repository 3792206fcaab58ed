import { beforeEach, describe, expect, it } from 'vitest';
import type { JobRecord } from '../../../core/job-spec.js';
import type { Manifest } from '../../../core/manifest.js';
import { openStore } from '../../../engine/store/open-store.js';
import { CrashPlan, type CrashPoint, failingStore, SimulatedCrash } from '../../support/failing-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { documents, testJob, writeCorpus } from '../../support/test-job.js';
import { runJob, testProcess } from '../../support/test-tools.js';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  // One shard of two parts with a duplicate and a reject, so that every kind of file that a job
  // writes occurs.
  writeCorpus(folder, {
    'a.jsonl': [...documents(5, 12, 'a'), '{"broken"', { _id: 'a-1', text: 'a duplicate' }],
  });
});

/** Runs the job in a process that dies where `dies` says. */
async function runAndCrash(
  job: JobRecord,
  dies: (point: CrashPoint, index: number) => boolean,
): Promise<{ points: CrashPoint[]; manifest?: Manifest }> {
  const plan = new CrashPlan(dies);
  const process = testProcess({ store: (root) => failingStore(openStore(root), plan) });
  try {
    return { points: plan.points, manifest: await runJob(process, job) };
  } catch (error) {
    if (!(error instanceof SimulatedCrash)) throw error;
    return { points: plan.points };
  }
}

describe('a process that dies', () => {
  it.each(['float32', 'int8'])(
    'around any one of its writes leaves a state that a healthy process completes to the same manifest (%s)',
    async (precision) => {
      const vectors = { precision };
      const { points, manifest } = await runAndCrash(testJob(folder, { vectors }), () => false);
      const writes = points.flatMap((point, index) => (/^(put|delete):/.test(point) ? [index] : []));
      expect(writes.length).toBeGreaterThan(20);
      for (const at of writes) {
        const job = testJob(folder, { output: `./crashed-${at}`, vectors });
        expect(await runAndCrash(job, (_, index) => index === at), points[at]).not.toHaveProperty('manifest');
        expect(await runJob(testProcess(), job), points[at]).toEqual(manifest);
      }
    },
  );

  it.each(['float32', 'int8'])(
    'at each of its operations in turn, one process after the other, still completes the job (%s)',
    async (precision) => {
      const vectors = { precision };
      const expected = await runJob(testProcess(), testJob(folder, { vectors }));
      const job = testJob(folder, { output: './crashing', vectors });
      // The n-th process dies at its n-th operation.
      for (let life = 0; ; life += 1) {
        const { manifest } = await runAndCrash(job, (_, index) => index === life);
        if (!manifest) continue;
        expect(life).toBeGreaterThan(30);
        expect(manifest).toEqual(expected);
        break;
      }
    },
  );
});
