/**
 * A worker process like `vectormill worker`, but with the test embedder, so that the time of a
 * model is not measured.
 */
import { QUEUES } from '../../core/queues.js';
import { createLog } from '../../workers/log.js';
import { runWorker } from '../../workers/run-worker.js';
import { localModels } from '../../workers/worker-tools.js';
import { testEmbedder } from '../support/test-embedder.js';
import { testTokenizer } from '../support/test-tokenizer.js';

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
await runWorker({
  address: process.env.TEMPORAL_ADDRESS ?? '',
  namespace: 'default',
  queues: QUEUES,
  models: {
    ...localModels(),
    embedder: async ({ signature }) => testEmbedder(signature),
    tokenizer: async () => testTokenizer,
  },
  log: createLog(),
  stop: stop.signal,
});
