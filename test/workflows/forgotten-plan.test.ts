import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { COURSES } from '../../core/job-course.js';
import { withParent } from '../../core/job-spec.js';
import { orchestrationWorker, SHARD_TOTALS } from '../support/orchestration.js';
import { failureOf, startJob, type TestNamespace, testNamespace } from '../support/temporal.js';
import { testJob } from '../support/test-job.js';

const SHARDS = 2;

let namespace: TestNamespace;
let worker: Awaited<ReturnType<typeof orchestrationWorker>>;
/** The calls that ask for a plan, or work by one. */
let events: string[] = [];
/** The number of plans that another run still forgets. */
let forgets = 0;
let plans = 0;

const forgotten = () => ApplicationFailure.nonRetryable('is not the plan of this run', 'PLAN_FORGOTTEN');

beforeAll(async () => {
  namespace = await testNamespace();
  worker = await orchestrationWorker(namespace, SHARDS, {
    planVersion: async ({ forgottenPlans }) => {
      events.push(`plans, told of ${forgottenPlans}`);
      return { shards: SHARDS, inputObjects: 1, inputBytes: 200, forgottenPlans: plans };
    },
    scanShard: async ({ forgottenPlans }) => {
      events.push(`scans by plan ${forgottenPlans}`);
      return SHARD_TOTALS;
    },
    countDeletes: async () => ({ known: 20, deleted: { documents: 0, chunks: 0 }, deletedBelow: [] }),
    keepPlan: async ({ forgottenPlans }) => {
      if (forgets > 0) {
        forgets -= 1;
        plans += 1;
        throw forgotten();
      }
      events.push(`keeps plan ${forgottenPlans}`);
    },
    embedShard: async ({ forgottenPlans }) => {
      events.push(`embeds by plan ${forgottenPlans}`);
      return SHARD_TOTALS;
    },
  });
});

afterAll(async () => {
  await worker?.stop();
  await namespace?.close();
});

function jobOf(dataset: string) {
  events = [];
  plans = 0;
  return withParent(testJob(`/corpora/${dataset}`, { dataset }), { parent: 'v0' });
}

it('a job whose plan another run forgets plans again, and works by the new plan', async () => {
  forgets = 1;
  await (await startJob(namespace, jobOf('once'))).result();
  expect(events).toEqual([
    'plans, told of undefined',
    ...Array(SHARDS).fill('scans by plan 0'),
    'plans, told of undefined',
    ...Array(SHARDS).fill('scans by plan 1'),
    'keeps plan 1',
    ...Array(SHARDS).fill('embeds by plan 1'),
  ]);
});

it('a job whose plan is forgotten again and again fails with the code that says so', async () => {
  forgets = COURSES;
  expect(await failureOf(await startJob(namespace, jobOf('often')))).toMatchObject({
    type: 'PLAN_FORGOTTEN',
  });
  expect(events.filter((event) => event.startsWith('plans'))).toHaveLength(COURSES);
});
