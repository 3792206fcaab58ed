import { QUEUES, type Queue, queuesFor } from '../../core/queues.js';
import { probeConditionalWrites } from '../../engine/store/probe-conditional-writes.js';
import { storeCache } from '../../engine/store/store-cache.js';
import { withTemporal } from '../job/connect.js';
import { isServed } from '../job/served-queues.js';
import { type Check, note, ok } from './check.js';

export const workersCheck: Check = {
  name: 'workers',
  needs: 'namespace',
  run: async () =>
    withTemporal(async (client) => {
      const served = await Promise.all(QUEUES.map((queue) => isServed(client, queue)));
      const hasWorker = (queue: Queue) => served[QUEUES.indexOf(queue)];
      // Where workers compute on GPUs, none are needed on the CPU.
      const idle = queuesFor(hasWorker('embed-gpu') ? 'embed-gpu' : 'embed-cpu').filter(
        (queue) => !hasWorker(queue),
      );
      if (idle.length === 0) return ok(`every queue is served: ${QUEUES.filter(hasWorker).join(', ')}`);
      return note(
        `nobody serves ${idle.join(', ')}`,
        `Start a worker before a job: vectormill worker --queues ${idle.join(',')}`,
      );
    }),
};

/**
 * Checks the store to which jobs will write: it must be reachable and writable, and it must honour
 * conditional writes.
 */
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
