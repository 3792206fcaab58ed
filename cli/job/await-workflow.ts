import { setTimeout } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { jobFailure } from './job-failure.js';
import { untilAborted } from './until-aborted.js';

/** The time between two questions, in ms. */
const POLL_MS = 1000;
/** The time that a worker may take to answer a question, in ms. */
const ANSWER_MS = 3000;

/**
 * Waits for the result of a workflow, and meanwhile asks for its progress with `ask` again and
 * again; errors of `ask` are ignored. Undefined where the signal ended the wait; the workflow then
 * goes on. The last answer is waited for, because the client throws from a timer if its connection
 * is closed during a question. Errors: the error with which the workflow failed.
 */
export async function awaitWorkflow<T>(
  client: Client,
  handle: WorkflowHandle,
  { signal, ask }: { signal: AbortSignal; ask: () => Promise<void> },
): Promise<{ result: T } | undefined> {
  const ended = new AbortController();
  const noMore = AbortSignal.any([signal, ended.signal]);
  const asking = (async () => {
    while (!noMore.aborted) {
      await setTimeout(POLL_MS, undefined, { signal: noMore }).catch(() => undefined);
      if (noMore.aborted) return;
      await untilAborted(client, signal, () => client.withDeadline(Date.now() + ANSWER_MS, ask)).catch(
        () => undefined,
      );
    }
  })();
  try {
    return { result: (await untilAborted(client, signal, () => handle.result())) as T };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw jobFailure(error);
  } finally {
    ended.abort();
    await asking;
  }
}
