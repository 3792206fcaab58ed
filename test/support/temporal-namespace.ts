import { setTimeout } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

const DAY_SECONDS = 86_400;

/** Registers a namespace of a test's own, so that test files do not take each other's tasks. */
export async function createNamespace(name: string): Promise<string> {
  const namespace = `${name}-${process.pid}-${Date.now()}`;
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: DAY_SECONDS as unknown as Long },
    });
    // The server's caches learn of a new namespace a moment later.
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const known = await connection.workflowService
        .listOpenWorkflowExecutions({ namespace })
        .then(() => true)
        .catch(() => false);
      if (known) return namespace;
      await setTimeout(100);
    }
    throw new Error(`namespace ${namespace} did not become known`);
  } finally {
    await connection.close();
  }
}

type Long = NonNullable<
  NonNullable<
    Parameters<Connection['workflowService']['registerNamespace']>[0]['workflowExecutionRetentionPeriod']
  >['seconds']
>;
