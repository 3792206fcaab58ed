import { VectormillError } from '../../core/errors.js';
import { QUEUES, type Queue, queuesFor } from '../../core/queues.js';
import { readEncryptionKeys } from '../../engine/encryption/encryption-keys.js';
import { probeExecutionProvider } from '../../engine/model/session/probe-execution-provider.js';
import { createLog } from '../../workers/log.js';
import { runWorker } from '../../workers/run-worker.js';
import { localModels } from '../../workers/worker-tools.js';
import type { CommandDefinition } from '../define-command.js';
import { interruptible } from '../interruptible.js';
import { checkTemporal } from '../job/connect.js';
import { RESOURCE_OPTIONS, resourceChoice } from '../resource-options.js';
import { whileLetIn } from '../temporal/while-let-in.js';

export const workerCommand: CommandDefinition = {
  examples: [
    'vectormill worker',
    'vectormill worker --queues chunk-cpu,embed-cpu',
    'vectormill worker --queues embed-gpu --provider cuda --sessions 3',
  ],
  options: [
    {
      flags: '--queues <names>',
      description: `task queues to serve, out of ${QUEUES.join(', ')} (default: all but embed-gpu; with another provider than cpu, all but embed-cpu)`,
    },
    ...RESOURCE_OPTIONS,
  ],
  async run({ options }) {
    const resources = resourceChoice(options);
    const isGpu = resources.executionProvider !== 'cpu';
    const queues =
      options.queues === undefined
        ? queuesFor(isGpu ? 'embed-gpu' : 'embed-cpu')
        : parseQueues(String(options.queues));
    await probeExecutionProvider(resources.executionProvider);
    const encryption = readEncryptionKeys();
    const temporal = await checkTemporal();
    const log = createLog();
    await interruptible(({ signal }) =>
      whileLetIn(signal, (stop) =>
        runWorker({
          ...temporal,
          encryption,
          queues,
          models: localModels(resources, (line) => log.info({ model: line }, 'model.fetched')),
          log,
          stop,
        }),
      ),
    );
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
