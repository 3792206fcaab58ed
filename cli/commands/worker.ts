import { VectormillError } from '../../core/errors.js';
import { QUEUES, type Queue } from '../../core/workflow-api.js';
import { createLog } from '../../workers/log.js';
import { runWorker } from '../../workers/run-worker.js';
import { localModels } from '../../workers/worker-tools.js';
import type { CommandDefinition } from '../define-command.js';
import { temporalSettings } from '../environment.js';

export const workerCommand: CommandDefinition = {
  usage: 'worker',
  summary:
    'Serve task queues until told to stop; a first Ctrl-C finishes the part in hand, a second ends at once.',
  examples: ['vectormill worker', 'vectormill worker --queues chunk-cpu,embed-cpu'],
  options: [
    {
      flags: '--queues <names>',
      description: `task queues to serve, of ${QUEUES.join(', ')}`,
      fallback: QUEUES.join(','),
    },
  ],
  async run({ options }) {
    const queues = parseQueues(String(options.queues));
    const stop = new AbortController();
    const onSignal = () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    await runWorker({
      ...temporalSettings(),
      queues,
      models: localModels,
      log: createLog(),
      stop: stop.signal,
    });
    return 0;
  },
};

function parseQueues(text: string): Queue[] {
  return text.split(',').map((name) => {
    const queue = QUEUES.find((known) => known === name.trim());
    if (queue) return queue;
    throw new VectormillError('USAGE', `there is no queue \`${name.trim()}\``, {
      component: 'cli',
      remedy: `Name some of: ${QUEUES.join(', ')}.`,
    });
  });
}
