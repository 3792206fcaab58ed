import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';

/**
 * Makes requests to the server until a signal is aborted, which also ends the requests in flight.
 * The client listens to the signal of each request and never stops listening. If all requests used
 * one signal, listeners would pile up over hours, so each call of this function makes a signal of
 * its own.
 */
export function untilAborted<T>(client: Client, signal: AbortSignal, use: () => Promise<T>): Promise<T> {
  const own = AbortSignal.any([signal]);
  setMaxListeners(0, own);
  return client.withAbortSignal(own, use);
}
