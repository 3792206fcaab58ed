import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilAborted } from '../../../cli/job/until-aborted.js';
import { type TestNamespace, testNamespace } from '../../support/temporal.js';

let namespace: TestNamespace;
let handle: WorkflowHandle;

beforeAll(async () => {
  namespace = await testNamespace();
  handle = await namespace.client.workflow.start('unserved', { taskQueue: 'unserved', workflowId: 'waits' });
});
afterAll(async () => {
  await namespace?.close();
});

/** The error of a request that the client ended: gRPC's status 1, CANCELLED. */
const ENDED = { cause: { code: 1 } };

/** Waits for the end of a workflow that never ends. */
const wait = (signal: AbortSignal) => untilAborted(namespace.client, signal, () => handle.result());

describe('a wait for a workflow', () => {
  test('ends where its signal is aborted meanwhile', async () => {
    const interruption = new AbortController();
    const waiting = wait(interruption.signal);
    setTimeout(() => interruption.abort(), 100);
    await expect(waiting).rejects.toMatchObject(ENDED);
  });

  test('ends where its signal was aborted before it began', async () => {
    await expect(wait(AbortSignal.abort())).rejects.toMatchObject(ENDED);
  });

  test('ends where its signal is aborted between two requests', async () => {
    const interruption = new AbortController();
    const waiting = untilAborted(namespace.client, interruption.signal, async () => {
      await handle.describe();
      interruption.abort();
      return handle.result();
    });
    await expect(waiting).rejects.toMatchObject(ENDED);
  });

  test('gives what the requests gave where its signal is aborted afterwards', async () => {
    const interruption = new AbortController();
    const description = await untilAborted(namespace.client, interruption.signal, () => handle.describe());
    interruption.abort();
    expect(description.workflowId).toBe('waits');
  });
});
