import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';

/**
 * Makes requests to the server until a signal is aborted, which also ends the requests in flight.
 * A request that is made after that ends at once. Errors: that of the request that was ended.
 *
 * The client listens to the signal of each request and never stops listening. If all requests used
 * one signal, listeners would pile up over hours, so each call of this function makes a signal of
 * its own. The client does not look whether a signal is aborted already, and no event follows then,
 * so that a request between two others would be waited for without end; this signal tells it.
 */
export function untilAborted<T>(client: Client, signal: AbortSignal, use: () => Promise<T>): Promise<T> {
  const own = AbortSignal.any([signal]);
  setMaxListeners(0, own);
  const listen = own.addEventListener.bind(own);
  own.addEventListener = (...call: Parameters<typeof listen>) => {
    listen(...call);
    if (own.aborted) own.dispatchEvent(new Event('abort'));
  };
  return client.withAbortSignal(own, use);
}
