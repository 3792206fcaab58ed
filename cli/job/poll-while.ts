import { setTimeout } from 'node:timers/promises';

/** Between two questions, ms. */
const POLL_MS = 1000;

/**
 * The outcome of `work`, while `ask` is asked again and again how far it is; what `ask` throws is no news. The last answer
 * is waited for, because the client throws from a timer where its connection is closed under a question.
 */
export async function pollWhile<T>(work: Promise<T>, ask: () => Promise<void>): Promise<T> {
  const ended = new AbortController();
  const asking = (async () => {
    while (!ended.signal.aborted) {
      await setTimeout(POLL_MS, undefined, { signal: ended.signal }).catch(() => undefined);
      if (!ended.signal.aborted) await ask().catch(() => undefined);
    }
  })();
  try {
    return await work;
  } finally {
    ended.abort();
    await asking;
  }
}
