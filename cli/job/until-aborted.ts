import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';

/**
 * Asks the server until a signal is aborted, which ends the calls in flight. The client listens to
 * the signal of each call and never stops listening, so that calls of one signal, over hours, would
 * pile up; each use gets one of its own.
 */
export function untilAborted<T>(client: Client, signal: AbortSignal, use: () => Promise<T>): Promise<T> {
  const own = AbortSignal.any([signal]);
  setMaxListeners(0, own);
  return client.withAbortSignal(own, use);
}
