import type { Client } from '@temporalio/client';
import { QUEUES, type Queue, queuesFor } from '../../core/workflow-api.js';
import { probeConditionalWrites } from '../../engine/store/probe-conditional-writes.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { temporalSettings } from '../environment.js';
import { withTemporal } from '../job/connect.js';
import { type Check, note, ok } from './check.js';

/** Temporal's numbers for what a task queue holds. */
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;

export const temporalCheck: Check = {
  name: 'temporal',
  run: async () => {
    const { address, namespace } = temporalSettings();
    return withTemporal(async (client) => {
      await client.workflowService.describeNamespace({ namespace });
      return ok(`${address} answers, namespace ${namespace}`);
    });
  },
};

export const workersCheck: Check = {
  name: 'workers',
  needs: 'temporal',
  run: async () =>
    withTemporal(async (client) => {
      const served = await Promise.all(QUEUES.map((queue) => isPolled(client, queue)));
      const isServed = (queue: Queue) => served[QUEUES.indexOf(queue)];
      // Where GPUs compute, nobody need do so on the CPU.
      const idle = queuesFor(isServed('embed-gpu') ? 'embed-gpu' : 'embed-cpu').filter(
        (queue) => !isServed(queue),
      );
      if (idle.length === 0) return ok(`every queue is served: ${QUEUES.filter(isServed).join(', ')}`);
      return note(
        `nobody serves ${idle.join(', ')}`,
        `Start a worker before a job: vectormill worker --queues ${idle.join(',')}`,
      );
    }),
};

/** The store that jobs will write to: reachable, writable, with honest conditional writes. */
export function storeCheck(output: string | undefined): Check {
  return {
    name: 'store',
    run: async () => {
      if (output === undefined)
        return note('no store was named', 'Give --output s3://bucket/prefix to check one.');
      const stores = storeCache();
      try {
        const store = stores.open(output);
        await probeConditionalWrites(store);
        return ok(`${store.root} is writable, with honest conditional writes`);
      } finally {
        await stores.close();
      }
    },
  };
}

async function isPolled(client: Client, queue: Queue): Promise<boolean> {
  const { namespace } = temporalSettings();
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: queue },
    taskQueueType: queue === 'control' ? WORKFLOW_TASKS : ACTIVITY_TASKS,
  });
  return (pollers ?? []).length > 0;
}
